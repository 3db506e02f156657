import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { formatDate, formatDuration, formatSize, formatTime, MESSAGES, nameFacet, nameFlag, nameLanguage, nameValue, say, sayParts } from '../../www/messages.js';
import { WORDS } from '../../www/words.js';

const WWW = new URL('../../www/', import.meta.url);
const SOURCES = ['app.js', 'view.js', 'room.js', 'desk.js', 'messages.js', ...readdirSync(new URL('view/', WWW)).map((name) => `view/${name}`)].map((name) => readFileSync(new URL(name, WWW), 'utf8'));

test('no message stands in both tables', () => {
  const text = readFileSync(new URL('messages.js', WWW), 'utf8').split('export const MESSAGES = {')[1].split('\n};')[0];
  for (const key of Object.keys(WORDS)) assert.doesNotMatch(text, new RegExp(`^  ${key}: `, 'm'));
});

test('every message that is asked for exists, and every message is asked for', () => {
  const asked = new Set(SOURCES.flatMap((text) => [...text.matchAll(/say(?:Parts)?\(\s*(?:[^'()]*\? *)?'(\w+)'(?: *: *'(\w+)')?/g)].flatMap((match) => [match[1], match[2]]).filter(Boolean)));
  for (const key of asked) assert.ok(Object.hasOwn(MESSAGES, key), `no message "${key}"`);
  const words = new Set(SOURCES.flatMap((text) => text.replace(/^ {2}\w+: /gm, '').match(/\w+/g) ?? []));
  for (const key of Object.keys(MESSAGES)) assert.ok(words.has(key), `nobody says "${key}"`);
});

test('both plural forms of a message take the same values', () => {
  const holes = (text) => [...new Set(text.match(/\{\w+\}/g) ?? [])].filter((hole) => hole !== '{count}').sort();
  for (const [key, entry] of Object.entries(MESSAGES)) if (typeof entry !== 'string') assert.deepEqual(holes(entry.one), holes(entry.other), key);
});

test('numbers are counted in words', () => {
  assert.equal(say('posts', { n: 1 }), '1 post');
  assert.equal(say('posts', { n: 0 }), '0 posts');
  assert.equal(say('posts', { n: 52310 }), '52,310 posts');
});

test('a value is put in as it stands, also when it looks like a hole', () => {
  assert.equal(say('statusIn', { facet: '{value}', value: '$& <b>' }), 'in {value} $& <b>');
  assert.deepEqual(sayParts('statusIn', { facet: 'tag', value: [1] }), ['in ', 'tag', ' ', [1]]);
  assert.throws(() => say('statusIn', { facet: 'tag' }), /statusIn.*value/);
});

test('dates keep the precision and the zone that they have', () => {
  assert.equal(formatDate('1963', 'UTC'), '1963');
  assert.equal(formatDate('1963-01', 'Pacific/Honolulu'), 'January 1963');
  assert.equal(formatDate('1963-01-04', 'Pacific/Honolulu'), '4 January 1963');
  assert.equal(formatDate('2024-06-24T23:30:00Z', 'Europe/Minsk'), '25 June 2024');
  assert.match(formatDate('2024-06-24T23:30:00Z', 'Europe/Minsk', 'long'), /^25 June 2024.*02:30$/);
  assert.match(formatDate('2024-06-24T23:30:00', 'Asia/Tokyo', 'long'), /^24 June 2024.*23:30, local time$/);
  for (const odd of ['', 'soon', '2024-13', '2024-99-99', '20245', '__proto__']) assert.equal(typeof formatDate(odd, 'UTC'), 'string');
  assert.equal(formatDate('2024-06-24T23:30:00Z', 'Nowhere/Land'), '24 June 2024');
});

test('a time of day is said only where the source has one', () => {
  assert.equal(formatTime('2024-06-24T23:30:00Z', 'Europe/Minsk'), '02:30');
  assert.equal(formatTime('2024-06-24T23:30:00', 'Asia/Tokyo'), '23:30');
  for (const none of ['2024', '2024-06', '2024-06-24', 'Tuesday', '']) assert.equal(formatTime(none, 'UTC'), '');
});

test('sizes and durations', () => {
  assert.equal(formatSize(768), '768 B');
  assert.equal(formatSize(348211), '348 kB');
  assert.equal(formatSize(16_400_000), '16.4 MB');
  assert.equal(formatDuration(61), '1:01');
  assert.equal(formatDuration(3661), '1:01:01');
});

test('facets and values of any name have one', () => {
  assert.equal(nameFacet('forwarded_from'), 'Forwarded from');
  for (const odd of ['berth', '__proto__', 'constructor', 'toString', '']) {
    assert.equal(nameFacet(odd), odd);
    assert.equal(nameValue(odd, 'v'), 'v');
    assert.equal(typeof nameFlag(odd), 'string');
    assert.equal(typeof nameLanguage(odd), 'string');
  }
  assert.equal(nameValue('tag', 'union'), '#union');
  assert.equal(nameValue('lang', 'ar'), 'Arabic');
});
