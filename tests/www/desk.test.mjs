import assert from 'node:assert/strict';
import { test } from 'node:test';
import '../../www/words.js';
import { Basket, KEPT_MAX, parseKept } from '../../www/basket.js';
import { FORMS, dayOf, titleOf } from '../../www/cite.js';
import { FORMS as FILES, written } from '../../www/exports.js';
import { passageAt, passageRange } from '../../www/view/post.js';
import { HOSTILE } from './random.mjs';

const POST = {
  uid: 'Harbour/593', author: 'Лидия Северцева', channel: 'Harbour', date: '2024-06-24T20:00:00+02:00', title: null, text: 'Two years after the storm\nlamps again', url: 'https://t.example/harbour/593',
  forwarded_from: null, spans: [], tags: ['Storm'], damaged: null, source: { file: 'posts.jsonl', place: null, copies: [] },
};
const cited = (post = {}) => ({ post: { ...POST, ...post }, day: dayOf({ ...POST, ...post }.date ?? '', 'UTC'), archive: 'Harbour Bulletin', hash: '0123456789abcdef', link: 'file:///a/index.html#m=Harbour/593', licence: null, when: '24 June 2024', within: 'In:', forwarded: null });
const ABOUT = { archive: 'Harbour Bulletin', hash: '0123456789abcdef', link: (/** @type {string} */ uid) => `#m=${uid}` };

test('a citation names author, date, original, archive and its hash, in every form', () => {
  for (const [name, form] of Object.entries(FORMS)) {
    const text = form(cited());
    for (const part of ['Лидия Северцева', '2024', 'https://t.example/harbour/593', 'Harbour Bulletin', '0123456789abcdef', 'Two years after the storm']) assert.ok(text.includes(part), `${name} lacks ${part}: ${text}`);
  }
  assert.equal(FORMS.wiki(cited()), '{{cite web |url=https://t.example/harbour/593 |title=Two years after the storm |author=Лидия Северцева |date=2024-06-24 |website=Harbour |via=Harbour Bulletin, Harbour/593, file:///a/index.html#m=Harbour/593, SHA-256 0123456789abcdef}}');
});

test('a citation leads to the archive too, where the post has an address of its own, and says a hash as it is given', () => {
  for (const [name, form] of Object.entries(FORMS)) {
    const text = form(cited());
    assert.ok(text.includes('file:///a/index.html#m=Harbour/593'), `${name}: ${text}`);
    assert.doesNotMatch(text, /0123456789abcdef…/, name);
    const link = form(cited({ url: null })).split('file:///a/index.html#m=Harbour/593').length - 1;
    assert.equal(link, 1, `${name} names the link ${link} times`);
  }
});

test('the day of a citation is that of its words: in the zone of the archive where it is a moment', () => {
  assert.equal(dayOf('2024-01-01T00:30:00+03:00', 'UTC'), '2023-12-31');
  assert.equal(dayOf('2024-06-24T23:30:00Z', 'Asia/Tokyo'), '2024-06-25');
  assert.equal(dayOf('0044-03-15T12:00:00Z', 'UTC'), '0044-03-15');
  for (const date of ['1963', '1963-01', '1963-01-04']) assert.equal(dayOf(date, 'Asia/Tokyo'), date);
  // Without an offset nobody knows where it was.
  assert.equal(dayOf('2024-06-24T23:30', 'Asia/Tokyo'), '2024-06-24');
  assert.equal(dayOf('unknown', 'UTC'), null);
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
  for (const name of Object.keys(FORMS)) assert.match(FORMS[name]({ ...cited(), licence: 'CC-BY-4.0' }), /CC-BY-4\.0/, name);
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

test('what a spoiler hides is not told by a citation; a file keeps it with its place', () => {
  const post = { ...POST, text: 'The end: he lit the lamp.', spans: [{ start: 9, end: 24, kind: 'spoiler', href: null }] };
  for (const [name, form] of Object.entries(FORMS)) {
    assert.ok(form(cited(post)).includes('The end: ▒▒ ▒▒▒ ▒▒▒ ▒▒▒▒.'), name);
    assert.ok(!form(cited(post)).includes('lamp'), name);
  }
  const rows = [{ post: /** @type {any} */ (post), uid: POST.uid, note: '' }];
  assert.deepEqual(JSON.parse(written(FILES.json, rows, ABOUT)).posts[0].spans, post.spans);
  const [head, line] = readCsv(written(FILES.csv, rows, ABOUT));
  assert.deepEqual(JSON.parse(line?.[head?.indexOf('spans') ?? -1] ?? ''), post.spans);
  assert.match(written(FILES.md, rows, ABOUT), /> The end: \|\|he lit the lamp\|\|\./);
});

test('from whom a post was forwarded is said by citations and files', () => {
  for (const [name, form] of Object.entries(FORMS)) assert.ok(form({ ...cited(), forwarded: 'forwarded from Quay Wardens' }).includes('forwarded from Quay Wardens'), name);
  const forwarded_from = { name: 'Quay Wardens', id: 'channel9', url: 'https://t.example/quay' };
  const rows = [{ post: /** @type {any} */ ({ ...POST, forwarded_from }), uid: POST.uid, note: '' }];
  assert.deepEqual(JSON.parse(written(FILES.json, rows, ABOUT)).posts[0].forwarded_from, forwarded_from);
  const [head, line] = readCsv(written(FILES.csv, rows, ABOUT));
  assert.equal(line?.[head?.indexOf('forwarded_from') ?? -1], 'Quay Wardens');
  assert.match(written(FILES.md, rows, ABOUT), /· forwarded from Quay Wardens\n/);
});

test('a table says that it is UTF-8, and other files do not need to', () => {
  assert.ok(written(FILES.csv, [], ABOUT).startsWith('\uFEFFuid,date,'));
  for (const ending of ['json', 'md']) assert.doesNotMatch(written(FILES[ending], [], ABOUT), /\uFEFF/);
});

test('a basket survives storage that throws, holds nothing, or holds something else', () => {
  const denied = () => {
    throw new DOMException('denied', 'SecurityError');
  };
  const basket = new Basket('a', denied);
  basket.add([{ uid: 'x', note: '' }]);
  assert.ok(basket.isFleeting && basket.has('x') && basket.size === 1);
  basket.setNote('x', 'why');
  basket.add([{ uid: 'y', note: '' }]);
  assert.ok(basket.isFleeting);
  assert.deepEqual(basket.kept, [{ uid: 'x', note: 'why' }, { uid: 'y', note: '' }]);
  for (const stored of ['', 'null', '{}', '{"posts":7}', '[1,null,{"uid":7},{"uid":"ok","note":3}]', 'nonsense']) {
    const read = new Basket('a', () => ({ getItem: () => stored, setItem() {} }));
    assert.deepEqual(read.kept.filter(({ uid }) => uid !== 'ok'), [], stored);
  }
});

test('a basket is keyed by its archive, and a note outlives a second marking', () => {
  const storage = shelf();
  const first = new Basket('one', storage);
  first.add([{ uid: 'x', note: 'why' }, { uid: 'y', note: '' }]);
  assert.equal(first.isFleeting, false);
  const again = new Basket('one', storage);
  again.add([{ uid: 'x', note: '' }]);
  again.remove('y');
  assert.deepEqual(new Basket('one', storage).kept, [{ uid: 'x', note: 'why' }]);
  assert.equal(new Basket('two', storage).size, 0);
});

test('two tabs with one basket take nothing from each other', () => {
  const storage = shelf();
  const [one, two] = [new Basket('a', storage), new Basket('a', storage)];
  one.add([{ uid: 'x', note: '' }]);
  two.add([{ uid: 'y', note: '' }]);
  one.setNote('x', 'mine');
  two.remove('y');
  one.add([{ uid: 'z', note: '' }]);
  assert.deepEqual(new Basket('a', storage).kept, [{ uid: 'x', note: 'mine' }, { uid: 'z', note: '' }]);
});

test('a note is written where its post stands', () => {
  const basket = new Basket('a', shelf());
  basket.add(['x', 'y', 'z'].map((uid) => ({ uid, note: '' })));
  basket.setNote('x', 'first');
  assert.deepEqual(basket.kept.map(({ uid, note }) => uid + note), ['xfirst', 'y', 'z']);
});

test('what has no room in a basket, and what names no post, is counted', () => {
  const basket = new Basket('a', shelf());
  const many = Array.from({ length: KEPT_MAX + 3 }, (_, i) => ({ uid: `p/${i}`, note: '' }));
  const { kept, unread } = parseKept(JSON.stringify([...many, null, { uid: '' }]));
  assert.deepEqual([kept.length, unread], [KEPT_MAX + 3, 2]);
  assert.equal(basket.add(kept), 3);
  assert.equal(basket.add([{ uid: 'p/0', note: 'again' }, { uid: 'new', note: '' }]), 1);
  assert.equal(basket.size, KEPT_MAX);
});

test('a file without posts, and one that names its question, are whole', () => {
  for (const about of [ABOUT, { ...ABOUT, question: 'file:///a/#q=storm' }]) for (const rows of [[], [{ post: /** @type {any} */ (POST), uid: POST.uid, note: '' }]]) {
    const value = JSON.parse(written(FILES.json, rows, about));
    assert.deepEqual([value.posts.length, value.sha256, value.search], [rows.length, about.hash, about.question]);
    assert.equal(written(FILES.md, rows, about).includes('<file:///a/#q=storm>'), about.question !== undefined);
  }
});

test('what is saved as JSON can be added again', () => {
  const rows = [{ post: /** @type {any} */ (POST), uid: POST.uid, note: 'why "so"' }, { post: null, uid: 'gone', note: '' }];
  assert.deepEqual(parseKept(written(FILES.json, rows, ABOUT)).kept, rows.map(({ uid, note }) => ({ uid, note })));
});

test('what is saved as a table can be added again, also after a spreadsheet has written it', () => {
  const rows = [{ post: /** @type {any} */ (POST), uid: POST.uid, note: 'why "so",\nand =how' }, { post: null, uid: '=gone', note: '-1' }];
  const kept = rows.map(({ uid, note }) => ({ uid, note }));
  assert.deepEqual(parseKept(written(FILES.csv, rows, ABOUT)), { kept, unread: 0, archive: null, hash: null });
  for (const sign of [';', '\t']) assert.deepEqual(parseKept(`note${sign}"uid"\n"a${sign}b"${sign}x/1\n${sign}\nlost${sign}\n`), { kept: [{ uid: 'x/1', note: `a${sign}b` }], unread: 1, archive: null, hash: null });
  for (const none of ['', 'a,b\n1,2', 'prose about uids', '{}', 'null']) assert.throws(() => parseKept(none), none);
});

test('a file of a basket says of which archive it is', () => {
  const { archive, hash } = parseKept(written(FILES.json, [], ABOUT));
  assert.deepEqual([archive, hash], [ABOUT.archive, ABOUT.hash]);
});

test('a basket that was emptied says what it held', () => {
  const basket = new Basket('a', shelf());
  const kept = [{ uid: 'x', note: 'why' }, { uid: 'y', note: '' }];
  basket.add(kept);
  assert.deepEqual(basket.clear(), kept);
  assert.equal(basket.size, 0);
  basket.add(kept);
  assert.deepEqual(basket.kept, kept);
});

test('a table has as many cells in every line, and no cell is a formula', () => {
  const rows = HOSTILE.concat('=1+1', '@sum').map((text) => ({ post: /** @type {any} */ ({ ...POST, text, title: text, author: text }), uid: text || 'x', note: text }));
  const lines = readCsv(written(FILES.csv, rows, ABOUT));
  assert.equal(lines.length, rows.length + 1);
  for (const line of lines) assert.equal(line.length, 12);
  assert.equal(lines.at(-2)?.[6], "'=1+1");
  for (const cell of lines.flat()) assert.doesNotMatch(cell, /^[=+@-]/);
});

test('Markdown of a basket quotes every line of a post', () => {
  assert.match(written(FILES.md, [{ post: /** @type {any} */ (POST), uid: POST.uid, note: 'my *note*' }], ABOUT), /> Two years after the storm\n> lamps again\n\nmy \\\*note\\\*\n\n<#m=Harbour\/593>/);
});

test('words that stand more than once are told apart by those before them', () => {
  const text = 'lamps out.\nThe lamps, and\nthe lamps again: lamps';
  for (const found of text.matchAll(/lamps/g)) {
    const passage = passageAt(text, text.slice(0, found.index), 'lamps');
    assert.deepEqual(passageRange(text, passage), [[found.index, found.index + 5]], passage);
  }
  assert.equal(passageAt(text, '', 'lamps'), 'lamps');
  assert.equal(passageAt(text, 'lamps out.\nThe ', 'lamps'), 'The-,lamps');
  const refrain = 'line heron '.repeat(400);
  const at = (/** @type {number} */ times) => passageAt(refrain, refrain.slice(0, times * 11), 'line heron');
  assert.deepEqual(passageRange(refrain, at(49)), [[539, 549]]);
  assert.equal(at(399), null, 'a link would be too long');
  // Signs of ours may stand in a text.
  assert.deepEqual(passageRange('a b-,c b', 'b-,c'), [[2, 6]]);
  for (const none of ['-,', '-,x', 'x-,', 'lamps-,fog']) assert.deepEqual(passageRange(text, none), []);
});

test('a passage is found whatever its white space', () => {
  assert.deepEqual(passageRange(POST.text, 'storm lamps'), [[20, 31]]);
  assert.deepEqual(passageRange('a (b) c', '(b)'), [[2, 5]]);
  for (const none of [null, '', ' ', 'fog']) assert.deepEqual(passageRange(POST.text, none), []);
});

/** A storage of its own. */
function shelf() {
  const stored = new Map();
  return () => ({ getItem: (/** @type {string} */ key) => stored.get(key) ?? null, setItem: (/** @type {string} */ key, /** @type {string} */ value) => void stored.set(key, value) });
}

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
