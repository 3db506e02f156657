import assert from 'node:assert/strict';
import { test } from 'node:test';
import '../../www/words.js';
import { Basket, parseKept, toCsv, toJson, toMarkdown } from '../../www/basket.js';
import { FORMS, titleOf } from '../../www/cite.js';
import { passageRange } from '../../www/view/post.js';
import { HOSTILE } from './random.mjs';

const POST = {
  uid: 'Harbour/593', author: 'Лидия Северцева', channel: 'Harbour', date: '2024-06-24T20:00:00+02:00', title: null, text: 'Two years after the storm\nlamps again', url: 'https://t.example/harbour/593',
  tags: ['Storm'], damaged: null, source: { file: 'posts.jsonl', place: null, copies: [] },
};
const cited = (post = {}) => ({ post: { ...POST, ...post }, archive: 'Harbour Bulletin', hash: '0123456789abcdef', link: 'file:///a/index.html#m=Harbour/593', licence: null, when: '24 June 2024', within: 'In:' });
const ABOUT = { archive: 'Harbour Bulletin', hash: '0123456789abcdef', link: (/** @type {string} */ uid) => `#m=${uid}` };

test('a citation names author, date, original, archive and its hash, in every form', () => {
  for (const [name, form] of Object.entries(FORMS)) {
    const text = form(cited());
    for (const part of ['Лидия Северцева', '2024', 'https://t.example/harbour/593', 'Harbour Bulletin', '0123456789abcdef', 'Two years after the storm']) assert.ok(text.includes(part), `${name} lacks ${part}: ${text}`);
  }
  assert.equal(FORMS.wiki(cited()), '{{cite web |url=https://t.example/harbour/593 |title=Two years after the storm |author=Лидия Северцева |date=2024-06-24 |website=Harbour |via=Harbour Bulletin, Harbour/593, SHA-256 0123456789abcdef}}');
});

test('what the source did not say is left out, and nothing is said twice', () => {
  const bare = cited({ author: null, channel: null, date: null, url: null });
  for (const form of Object.values(FORMS)) assert.doesNotMatch(form({ ...bare, when: null }), /null|undefined/);
  const [item] = JSON.parse(FORMS['CSL-JSON'](cited({ author: 'Harbour' })));
  assert.equal(item['container-title'], undefined);
  assert.deepEqual(item.issued, { 'date-parts': [[2024, 6, 24]] });
  assert.deepEqual(JSON.parse(FORMS['CSL-JSON'](cited({ date: '1963' })))[0].issued, { 'date-parts': [[1963]] });
});

test('terms of use are named where a form has a place for them', () => {
  for (const name of ['plain', 'Markdown', 'BibTeX', 'CSL-JSON']) assert.match(FORMS[name]({ ...cited(), licence: 'CC-BY-4.0' }), /CC-BY-4\.0/, name);
  assert.equal(JSON.parse(FORMS['CSL-JSON']({ ...cited(), licence: 'CC-BY-4.0' }))[0].license, 'CC-BY-4.0');
});

test('a hostile text cannot leave its field', () => {
  for (const text of [...HOSTILE, '}, url = {x', '|x=y}}', '](http://evil.example) [', 'a\\b']) {
    const hostile = cited({ title: text, author: text, uid: text });
    assert.equal(JSON.parse(FORMS['CSL-JSON'](hostile))[0].id, text);
    const depth = [...FORMS.BibTeX(hostile).replace(/\\[\s\S]/g, '')].reduce((sum, sign) => sum + (sign === '{' ? 1 : sign === '}' ? -1 : 0), 0);
    assert.equal(depth, 0, FORMS.BibTeX(hostile));
    assert.equal(FORMS.wiki(hostile).slice(2, -2).match(/[{}]/), null);
  }
  assert.ok(FORMS.Markdown(cited({ title: '](http://evil.example) [' })).startsWith('Лидия Северцева, [\\](http://evil.example) \\['));
});

test('a long beginning is cut between words', () => {
  assert.equal(titleOf({ ...POST, text: 'word '.repeat(40) }), `${'word '.repeat(15)}word …`);
  assert.equal(titleOf({ ...POST, text: '' }), 'Harbour/593');
});

test('a basket survives storage that throws, holds nothing, or holds something else', () => {
  const denied = () => {
    throw new DOMException('denied', 'SecurityError');
  };
  const basket = new Basket('a', denied);
  assert.equal(basket.add([{ uid: 'x', note: '' }]), false);
  assert.ok(basket.has('x') && basket.size === 1);
  for (const stored of ['', 'null', '{}', '{"posts":7}', '[1,null,{"uid":7},{"uid":"ok","note":3}]', 'nonsense']) {
    const read = new Basket('a', () => ({ getItem: () => stored, setItem() {} }));
    assert.deepEqual(read.kept.filter(({ uid }) => uid !== 'ok'), [], stored);
  }
});

test('a basket is keyed by its archive, and a note outlives a second marking', () => {
  const stored = new Map();
  const storage = () => ({ getItem: (/** @type {string} */ key) => stored.get(key) ?? null, setItem: (/** @type {string} */ key, /** @type {string} */ value) => void stored.set(key, value) });
  assert.equal(new Basket('one', storage).add([{ uid: 'x', note: 'why' }, { uid: 'y', note: '' }]), true);
  const again = new Basket('one', storage);
  again.add([{ uid: 'x', note: '' }]);
  again.remove('y');
  assert.deepEqual(new Basket('one', storage).kept, [{ uid: 'x', note: 'why' }]);
  assert.equal(new Basket('two', storage).size, 0);
});

test('what is saved as JSON can be added again', () => {
  const rows = [{ post: /** @type {any} */ (POST), uid: POST.uid, note: 'why "so"' }, { post: null, uid: 'gone', note: '' }];
  assert.deepEqual(parseKept(toJson(rows, ABOUT)), rows.map(({ uid, note }) => ({ uid, note })));
});

test('a table has as many cells in every line, and no cell is a formula', () => {
  const rows = HOSTILE.concat('=1+1', '@sum').map((text) => ({ post: /** @type {any} */ ({ ...POST, text, title: text, author: text }), uid: text || 'x', note: text }));
  const lines = readCsv(toCsv(rows, ABOUT));
  assert.equal(lines.length, rows.length + 1);
  for (const line of lines) assert.equal(line.length, 10);
  assert.equal(lines.at(-2)?.[5], "'=1+1");
  for (const cell of lines.flat()) assert.doesNotMatch(cell, /^[=+@-]/);
});

test('Markdown of a basket quotes every line of a post', () => {
  assert.match(toMarkdown([{ post: /** @type {any} */ (POST), uid: POST.uid, note: 'my *note*' }], ABOUT), /> Two years after the storm\n> lamps again\n\nmy \\\*note\\\*\n\n<#m=Harbour\/593>/);
});

test('a passage is found whatever its white space', () => {
  assert.deepEqual(passageRange(POST.text, 'storm lamps'), [[20, 31]]);
  assert.deepEqual(passageRange('a (b) c', '(b)'), [[2, 5]]);
  for (const none of [null, '', ' ', 'fog']) assert.deepEqual(passageRange(POST.text, none), []);
});

/** A reader of RFC 4180, so that the writer is not checked by itself. @param {string} text */
function readCsv(text) {
  /** @type {string[][]} */
  const lines = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,"\r\n]*))(,|\r\n)/g)) {
    lines.at(-1)?.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end !== ',') lines.push([]);
  }
  return lines.slice(0, -1);
}
