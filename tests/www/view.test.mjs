import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { explainFlag } from '../../www/words.js';
import { emptyAddress, parseAddress } from '../../www/query.js';
import { statusParts } from '../../www/view.js';
import { looser } from '../../www/view/advice.js';
import { isListed, isUseful } from '../../www/view/facets.js';
import { archiveCitation, zoneWords } from '../../www/view/portrait.js';
import { fieldRows, nameField, TECHNICAL } from '../../www/view/fields.js';
import { sourceLine } from '../../www/view/place.js';
import { LEFT_OUT, leftOut } from '../../www/view/post.js';
import { findToday } from '../../www/view/today.js';

const PAGE = { total: 37, exact: true, sort: 'new' };

/** The whole sentence, as a screen reader says it. */
function sentence(page, address, dated = true) {
  const { found, conditions } = statusParts(page, address, { first_date: dated ? '2020' : null, dates: ['due'] });
  return [...found, ...conditions].map((part) => (typeof part === 'string' ? part : part.text)).join('');
}

test('the status line is a sentence', () => {
  assert.equal(sentence(PAGE, parseAddress('#q=minsk%20agreement&f.tag=UnionState')), '37 posts for minsk agreement, in tag #UnionState, newest first');
  assert.equal(sentence({ ...PAGE, total: 1, exact: false }, emptyAddress()), 'at least 1 post');
  assert.equal(sentence({ ...PAGE, sort: 'old' }, parseAddress('#sort=old&from=2024&to=2024'), false), '37 posts, in 2024, in the order of the source');
  assert.equal(sentence(PAGE, parseAddress('#f.-author=Pilots&from=2024-06')), '37 posts, not in author Pilots, since June 2024, newest first');
});

test('the status line says the order that the answer has', () => {
  assert.equal(sentence({ ...PAGE, sort: 'relevance' }, parseAddress('#q=fog%20zebra')), '37 posts for fog zebra, best match first');
  assert.equal(sentence({ ...PAGE, sort: 'views' }, parseAddress('#q=fog')), '37 posts for fog, most views first');
  assert.equal(sentence({ ...PAGE, sort: '-due' }, parseAddress('#q=fog')), '37 posts for fog, oldest first (due)');
  assert.equal(sentence({ ...PAGE, sort: '-views' }, parseAddress('#q=fog'), false), '37 posts for fog, fewest views first');
});

test('the status line says a query as it was typed', () => {
  assert.equal(sentence(PAGE, parseAddress('#q=%22fog%20bell%22%20OR%20-mist%20')), '37 posts for "fog bell" OR -mist, newest first');
});

test('every way out of an empty answer drops exactly one condition', () => {
  const ways = looser(parseAddress('#q=union%20zebra&f.tag=fog&from=2024'));
  assert.deepEqual(ways.map(({ label }) => label), ['union', 'zebra', '#fog', 'since 2024']);
  assert.equal(ways[0].address.q, 'zebra');
  assert.deepEqual(ways[2].address.filters, []);
  assert.equal(ways[3].address.from, null);
  assert.deepEqual(looser(parseAddress('#q=' + encodeURIComponent('"fog bell" storm'))).map(({ label, address }) => [label, address.q]), [['"fog bell"', 'storm'], ['storm', '"fog bell"']]);
  assert.deepEqual(looser(parseAddress('#q=' + encodeURIComponent('fog OR storm'))), [], 'a part of an alternative is no condition');
  assert.deepEqual(looser(parseAddress('#q=zebra')), []);
});

test('a facet with one value is shown only when that value is chosen', () => {
  const value = { value: 'x', count: 3, chosen: false, excluded: false };
  assert.equal(isUseful({ name: 'tag', values: [value], num_values: 1 }), false);
  assert.equal(isUseful({ name: 'tag', values: [{ ...value, excluded: true }], num_values: 0 }), true);
  assert.equal(isUseful({ name: 'tag', values: [value], num_values: 2 }), true);
});

test('single values of a number are listed where no answer had many of them', () => {
  const value = { value: '5', count: 3, chosen: false, excluded: false };
  const grades = { name: 'grade', values: [value], num_values: 5 };
  assert.equal(isListed(grades, 5), true);
  assert.equal(isListed(grades, 8), true);
  // A query narrows what has thousands to five.
  assert.equal(isListed(grades, 4000), false);
  assert.equal(isListed({ ...grades, values: [{ ...value, chosen: true }] }, 4000), true);
});

test('a field is called in words where a reader has named it, and as its column where its owner has', () => {
  assert.deepEqual(nameField('guild', 'discord'), { words: 'Server', isTechnical: false });
  assert.deepEqual(nameField('webpage', 'bluesky'), { words: 'Linked page', isTechnical: false });
  assert.deepEqual(nameField('from_id', 'telegram-json'), { words: 'Number of the sender', isTechnical: true });
  for (const key of ['aliases', 'published', 'parent', 'from', 'action', 'height']) assert.deepEqual(nameField(key, 'markdown'), { words: null, isTechnical: false });
  assert.deepEqual(nameField('front_matter', 'markdown'), { words: 'Head of the file', isTechnical: false });
  assert.deepEqual(nameField('folder', 'markdown'), { words: 'Folder', isTechnical: false });
  // Of what nobody knows the reader nobody knows what it means.
  assert.deepEqual(nameField('published', null), { words: null, isTechnical: false });
  assert.deepEqual(nameField('date_written', null), { words: 'Date as written', isTechnical: false });
  for (const format of ['csv', 'tsv', 'json', 'jsonl']) {
    assert.deepEqual(nameField('category', format), { words: null, isTechnical: false });
    assert.deepEqual(nameField('user_id', format), { words: null, isTechnical: false });
    assert.deepEqual(nameField('also_in', format), { words: 'Also stands in', isTechnical: true });
  }
});

test('everything technical is called in words', () => {
  for (const name of TECHNICAL) assert.deepEqual(nameField(name, 'telegram-json').isTechnical, true, name);
});

/** Enough of a document for elements that nothing but their text and their tags is asked of. @param {(value: (fields: { name: string, value: string }[], format?: string) => string[]) => void} run */
function withElements(run) {
  class Node {}
  class Element extends Node {
    #parts = [];
    constructor(tag) {
      super();
      this.tagName = tag;
    }
    append(part) {
      this.#parts.push(part);
    }
    setAttribute() {}
    get textContent() {
      return this.tagName === 'br' ? '\n' : this.#parts.map((part) => part.textContent ?? part).join('');
    }
    get tags() {
      return [this.tagName, ...this.#parts.flatMap((part) => part.tags ?? [])];
    }
  }
  Object.assign(globalThis, { Node, document: { createElement: (tag) => new Element(tag) } });
  try {
    run((fields, format = 'telegram-json') => Object.values(fieldRows({ fields }, format, 'UTC')).flat().map(({ value }) => {
      assert.ok(!value.tags.includes('p'), 'a paragraph within a line');
      return `${value.tags.includes('time') ? 'time ' : ''}${value.textContent}`;
    }));
  } finally {
    delete globalThis.Node;
    delete globalThis.document;
  }
}

test('a moment is told in words where it is one, and what was written stands as it was', () => {
  withElements((shown) => {
    const said = (value, name = 'forwarded_date', format = undefined) => shown([{ name, value: JSON.stringify(value) }], format)[0];
    assert.match(said('2024-02-29T10:00:00Z'), /^time 29 February 2024/);
    assert.match(said('2024-02-29T10:00:00.5+02:00'), /^time 29 February 2024/);
    for (const odd of ['2024-02-30T10:00:00Z', '2023-02-29T10:00:00Z', '2024-02-29T24:00:00Z', '2024-13-01T10:00:00Z', '2024-02-29T10:00', '2024-02-29T10:00:00', '2024-02-29T10:00:00Z, or later', '2024-02-29T10:00:00+99:99']) assert.equal(said(odd), odd);
    for (const text of ['2024-02-30T10:00:00Z', '2024-02-29T10:00:00Z']) assert.equal(said(text, 'date_written', 'csv'), text);
  });
});

test('what a field of the name of one of ours says is shown whole', () => {
  withElements((shown) => {
    const said = (value) => shown([{ name: 'also_in', value: JSON.stringify(value) }], 'csv')[0];
    assert.equal(said([{ file: 'a.csv', lines: [3, 3] }, { file: 'b.csv', lines: [4, 5], differs: { text: 'x' }, gave: ['tags'] }]), 'line 3 of a.csv\nlines 4–5 of b.csv\nthere: text x\ntaken from there: tags');
    assert.equal(said(['x', 'y']), 'x\ny');
    assert.equal(said([{ place: 'Pier' }, { file: 7 }]), 'place Pier\nfile 7');
    assert.equal(said([{ file: 'a.csv', differs: {}, gave: [], page: 9 }]), 'a.csv\npage 9');
    assert.equal(said([{ file: 'a.csv', gave: 'all' }]), 'a.csv\ntaken from there: all');
    assert.equal(said([]), '–');
    assert.equal(said('the other pier'), 'the other pier');
  });
});

test('how times are to be read is said of those with a zone and of those without', () => {
  const said = (first_date, last_date) => zoneWords({ first_date, last_date, time_zone: 'Europe/Berlin' });
  const zoned = 'Times are given in Europe/Berlin; where the source names no time zone, as it has them.';
  assert.equal(said('2022-01-01T12:40:54+01:00', '2023-01-01T12:40:54Z'), zoned);
  assert.equal(said('2022-01-01', '2023-01-01T12:40'), zoned);
  assert.equal(said('2022-01-01T12:40', '2023-01-01T12:40:54.5'), 'Times are given as the source has them; where it names a time zone, in Europe/Berlin.');
});

test('where a post stood is said in words', () => {
  const file = 'channel-scrape.txt';
  const line = (source) => sourceLine({ source });
  assert.equal(line({ file, place: { lines: [13, 22] }, copies: [{ lines: [19, 22] }] }), 'lines 13–22 of channel-scrape.txt; a second copy at lines 19–22 folded in');
  assert.equal(line({ file, place: { lines: [7, 7] }, copies: [] }), 'line 7 of channel-scrape.txt');
  assert.equal(line({ file, place: { bytes: [0, 1200] }, copies: [] }), 'bytes 0–1,200 of channel-scrape.txt');
  assert.equal(line({ file, place: null, copies: [] }), file);
});

test('a medium that the source left out is told the reason, unless that may be another’s', () => {
  const photo = { kind: 'photo', name: null, size: null, duration: null, path: null };
  const flags = ['album_inferred', 'media_too_large'];
  assert.equal(leftOut(photo, { flags }), 'media_too_large');
  assert.equal(leftOut({ ...photo, path: 'media/a.jpg' }, { flags }), null);
  assert.equal(leftOut({ ...photo, kind: 'contact' }, { flags }), null);
  assert.equal(leftOut(photo, { flags: [...flags, 'media_unavailable'] }), null);
  assert.equal(leftOut(photo, { flags: ['edited'] }), null);
});

test('the page knows each reason that the readers give for a medium left out, and has words for it', () => {
  const rust = readFileSync(new URL('../../src/ingest/telegram.rs', import.meta.url), 'utf8');
  const given = [.../const LEFT_OUT[^;]*; 3\] = \[([^;]*)\];/.exec(rust)[1].matchAll(/"(media_\w+)"/g)].map(([, flag]) => flag);
  assert.deepEqual(given.sort(), [...LEFT_OUT].sort());
  for (const flag of given) assert.notEqual(explainFlag(flag), flag.replaceAll('_', ' '));
});

test('an archive is cited with what is known of it alone', () => {
  globalThis.document = { documentElement: { dataset: { archive: '21ba152c5eebe357' } } };
  const info = { title: 'Pier', first_date: '2022-01-01', last_date: '2024-12-31', num_docs: 370, time_zone: 'UTC' };
  assert.equal(archiveCitation(info, null, 'file:///home/ana/pier/index.html#q=x'), 'Pier, 1 January 2022 – 31 December 2024, 370 posts, SHA-256 21ba152c5eebe357…');
  assert.equal(archiveCitation({ ...info, first_date: null, num_docs: 1 }, { metadata: { creator: ['Ana', 'Bo'] }, licence: { text: 'CC0-1.0' } }, 'https://example.org/pier/?x#q=y'), 'Ana, Bo, Pier, 1 post, SHA-256 21ba152c5eebe357…, https://example.org/pier/, CC0-1.0');
  assert.match(archiveCitation(info, { address: 'https://example.org/' }, 'http://localhost/'), /, https:\/\/example\.org\/$/);
  const whole = 'ab'.repeat(32);
  document.documentElement.dataset.sha256 = whole;
  assert.match(archiveCitation(info, null, 'file:///x'), new RegExp(`SHA-256 ${whole}$`), 'whole where the page has it whole');
  delete document.documentElement.dataset.sha256;
  delete globalThis.document;
});

test('the years of today are those that have posts, the latest first', async () => {
  const now = new Date();
  const day = `${String(now.getMonth() + 1).padStart(2, '0')}-${String(now.getDate()).padStart(2, '0')}`;
  const asked = [];
  const count = async (key) => asked.push(key) && (key.startsWith('2020') ? 0 : Number(key.slice(3, 4)));
  assert.deepEqual(await findToday('2019-05', '2022-02', count), [{ key: `2022-${day}`, count: 2 }, { key: `2021-${day}`, count: 1 }, { key: `2019-${day}`, count: 9 }]);
  assert.equal(asked.length, 4);
  assert.equal((await findToday('0001-01', '9999-01', count)).length > 0 && asked.length, 44);
  assert.equal(await findToday('2019-05', '2022-02', async () => null), null);
});
