import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { LANGUAGES } from '../../www/messages.js';
import { teller } from '../../www/view/told.js';

const ROOT = new URL('../../', import.meta.url);
const read = (path) => readFileSync(new URL(path, ROOT), 'utf8');

const GROUPS = JSON.parse(read('www/languages/accounts.json'));
const SENTENCES = Object.values(GROUPS).flat();
const OTHERS = LANGUAGES.filter((code) => code !== 'en');
const ENGLISH = SENTENCES.map(({ en }) => en);
const tellerIn = (code) => teller(ENGLISH, SENTENCES.map((sentence) => sentence[code]), (n) => `<${n}>`);
const german = tellerIn('de');

/** What is told, with what stays English in ‹›. */
const shown = (told) => told && told.map((part) => (typeof part === 'string' ? part : part.value ?? `‹${part.english}›`)).join('');

const files = (folder, pattern) => readdirSync(new URL(folder, ROOT), { recursive: true }).map(String).filter((name) => pattern.test(name)).map((name) => folder + name);

/** Rust without its tests and comments. */
const rust = (path) => read(path).split(/^#\[cfg\(test\)\]/m)[0].replace(/^\s*\/\/.*$/gm, '').replace(/^\s*#!?\[expect\([^\]]*\)\]/gm, '');

/** The text of a literal of Rust. */
const literal = (text) => text.replace(/\\\n\s*/g, '').replace(/\\(["'\\])/g, '$1').replace(/\\u\{(\w+)\}/g, (_, code) => String.fromCodePoint(parseInt(code, 16)));

/** Sentences of the accounts that the golden cases hold, each with its case. */
function golden() {
  const found = new Map();
  for (const path of files('tests/golden/', /^[^/]+\/records\.jsonl$/)) {
    for (const line of read(path).split('\n').filter(Boolean)) {
      const { note, skipped, removed, reason } = JSON.parse(line);
      if (typeof note === 'string' && Object.keys(JSON.parse(line)).length === 1) found.set(note, path);
      if (skipped !== undefined) found.set(reason, path);
      if (removed !== undefined) found.set(`${removed} records left out: ${reason}`, path);
    }
  }
  return found;
}

/** What other programs say that has no words. */
const FOREIGN = /^(unable to parse XML: .*|ill-formed document: .*)$/;

/** @param {string} sentence @param {string} where */
function isTold(sentence, where) {
  for (const code of OTHERS) {
    const told = tellerIn(code)(sentence);
    assert.ok(told, `${where} says “${sentence}”, which www/languages/accounts.json does not know`);
    for (const part of told) if (part.english !== undefined) assert.match(part.english, FOREIGN, `${where} says “${sentence}”, of which www/languages/accounts.json does not know “${part.english}”`);
  }
}

test('every format is recognised by something that has words in every language', () => {
  const formats = [...rust('src/ingest/formats.rs').matchAll(/recognised_by: "((?:[^"\\]|\\.)*)"/gs)].map(([, text]) => literal(text));
  assert.equal(formats.length, rust('src/ingest/formats.rs').match(/^ {8}name: /gm).length);
  for (const sentence of formats) isTold(sentence, 'src/ingest/formats.rs');
});

test('every note, and every reason to skip or to leave out, of the golden cases has words in every language', () => {
  const sentences = golden();
  assert.ok(sentences.size > 90, `${sentences.size} found`);
  for (const [sentence, path] of sentences) isTold(sentence, path);
});

/** How a source says that something is skipped, left out or noted, before the words themselves. */
const SAYS = [
  /\bskipped\(\s*(?:format!\(\s*)?/, /\breason(?::|(?:: [^=;]+)? =)\s*(?:format!\(\s*)?/, /\brefused\((?:format!\(\s*)?/, /\bEntry::Note\(\s*(?:format!\(\s*)?/, /\bnotes?(?:\s*\.push\(|: String =| =)\s*(?:format!\(\s*)?/,
  /\b(?:Fault::Other|NoValue|invalid|Found::Other)\((?:format!\(\s*)?/, /\b(?:ok_or|Err)\((?:format!\(\s*)?/, /\bself\.left\.entry\((?:format!\(\s*)?/, /\bwrite!\(f, /, /\b(?:num_\w+|sum\(\)), /, /\(Reach::\w+, /,
].map((pattern) => new RegExp(`${pattern.source}"((?:[^"\\\\]|\\\\[^])*)"`, 'gm'));

/** Sources that say what a whole input is refused for, which stands in no account. */
const REFUSING = /^src\/ingest\/(error|reach|date|front_matter|format|chosen|date\/.*|table\/.*|files\/zip|html\/conversations)\.rs$/;

/** What whoever builds is told, and parts of sentences. */
const NO_SENTENCES = /whoever gets the archive|`--chat` takes|^direct messages with$|^messages of the private thread$|^(posts?|files?) \w+$/;

test('what readers say in their sources has words, whether or not a golden case has it', () => {
  const paths = [...files('src/ingest/', /\.rs$/), 'src/gather.rs', 'src/cli/source.rs', 'src/cli/overrides.rs', 'src/cli/media.rs'].filter((path) => !REFUSING.test(path));
  const said = paths.flatMap((path) => SAYS.flatMap((pattern) => [...rust(path).matchAll(pattern)].map(([, text]) => ({ path, text: literal(text) }))));
  const sentences = said.filter(({ text }) => /\p{L} \p{L}/u.test(text) && !NO_SENTENCES.test(text));
  assert.ok(sentences.length > 110, `${sentences.length} found`);
  assert.deepEqual(sentences.filter(({ text }) => !isKnown(text)).map(({ path, text }) => `${path} says “${text}”, which www/languages/accounts.json does not know`), []);
});

/** Whether a template of the program is told, with something in its holes. @param {string} template */
function isKnown(template) {
  const [first, ...others] = template.split(/\{[^{}]*\}/);
  let filled = [first];
  for (const text of others) filled = filled.flatMap((start) => ['7', 'a name', 'commas', '7 posts', '7 posts are', ' and 7 more', 'the', 'o.csv (SHA-256 00)', ''].map((value) => start + value + text));
  return filled.some((sentence) => german(sentence));
}

test('every sentence that is looked for is said somewhere', () => {
  const sources = [...files('src/ingest/', /\.rs$/), ...files('src/cli/', /\.rs$/), 'src/gather.rs', 'src/record.rs'].map((path) => literal(rust(path))).join('\n');
  // Words of other programs: the library that reads JSON, and the states of posts of WordPress.
  const quoted = new Set(GROUPS.quoted);
  for (const sentence of SENTENCES.filter((sentence) => !quoted.has(sentence))) {
    const longest = sentence.en.split(/\{\d[.#…!-]?\}/).reduce((a, b) => (b.length > a.length ? b : a)).trim().replace(/[;:,]$/, '');
    assert.ok(longest.length < 5 || sources.includes(longest), `nobody says “${longest}”`);
  }
});

test('the first template that fits a sentence is its own', () => {
  for (const [i, { en }] of SENTENCES.entries()) {
    const filled = en.replace(/\{\d#\}/g, '7').replace(/\{\d-\}/g, 'posts are').replace(/\{\d…\}/g, 'commas').replace(/\{\d[.!]?\}/g, 'name');
    const told = teller(ENGLISH, ENGLISH.map((_, at) => `template ${at}`), String)(filled);
    assert.deepEqual(told, [`template ${i}`], en);
  }
});

for (const code of OTHERS) {
  test(`${code} says every sentence, with what is in it and in its own letters`, () => {
    const holes = (template) => (template.match(/\{\d[.#…!]?\}/g) ?? []).sort();
    const letters = { ru: /\p{Script=Cyrillic}/u, ar: /\p{Script=Arabic}/u, zh: /\p{Script=Han}/u }[code];
    const codes = (template) => (template.match(/`[^`]*`/g) ?? []).map((text) => text.replace(/\{\d.?\}/, '{}')).sort();
    for (const { en, [code]: said } of SENTENCES) {
      assert.deepEqual(holes(said), holes(en), en);
      assert.ok(said.trim() === said && said !== '' && said.normalize('NFC') === said, en);
      for (const [open, close] of ['«»', '()', '（）']) assert.equal(said.split(open).length, said.split(close).length, `${en}: ${open}${close}`);
      // Names of fields and commands stay as they are; English does not mark each of them.
      for (const name of codes(en)) assert.ok(codes(said).includes(name), `${code}: ${name} in ${said}`);
      if (letters && /\p{L}/u.test(said.replace(/\{\d.?\}|`[^`]*`|UTF-8|commas/g, ''))) assert.match(said, letters, en);
    }
  });
}

test('numbers are written as the language does, names stay, and what has no words is English', () => {
  assert.equal(shown(german('the row has 8 cells, and there are 6 columns')), 'Zellen in der Zeile: <8>, Spalten aber: <6>');
  assert.equal(shown(german('12 records left out: of private chats')), 'ausgelassene Datensätze: <12>, aus privaten Chats');
  assert.equal(shown(german('12 records left out: of a kind that came later')), 'ausgelassene Datensätze: <12>, ‹of a kind that came later›');
  assert.equal(shown(german('columns: text is `the body`, date is `when`')), 'Spalten: text ist `the body`, date ist `when`');
  assert.equal(german('this is said by a later program'), null);
  assert.equal(german(''), null);
  assert.deepEqual(german('`a/b.html` is cut at byte 7644: it ends within the page, and what followed is lost')?.[0], { value: '`a/b.html`' });
  // A number that no script counts to stands as it is.
  assert.deepEqual(german('the server answered 404'), ['der Server antwortete ', { value: '404' }]);
  assert.deepEqual(german(`the row has more than ${'9'.repeat(30)} cells`)?.[1], { value: '9'.repeat(30) });
});

test('no sentence takes long, whatever it holds', () => {
  const start = performance.now();
  for (const text of ['columns: ' + 'a is `b`, '.repeat(20000), 'line 1, '.repeat(20000), 'not JSON: '.repeat(20000), '`'.repeat(200000), '; '.repeat(50000) + ' which no page needs']) german(text);
  assert.ok(performance.now() - start < 5000, `${performance.now() - start} ms`);
});
