import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { formatDate, formatNumber, formatSize, formatTime, LANGUAGES, locale, MESSAGES, nameFacet, nameFacetWithin, nameFlag, nameKind, nameLanguage, nameValue, pickLanguage, say, sayParts, speak } from '../../www/messages.js';
import { STATIC } from '../../www/static.js';
import { explainFlag, formatDuration, WORDS } from '../../www/words.js';

const WWW = new URL('../../www/', import.meta.url);
const SOURCES = ['app.js', 'view.js', 'room.js', 'desk.js', 'messages.js', 'words.js', 'language.js', ...readdirSync(new URL('view/', WWW)).map((name) => `view/${name}`)].map((name) => readFileSync(new URL(name, WWW), 'utf8'));

test('no message stands in both tables', () => {
  const text = readFileSync(new URL('messages.js', WWW), 'utf8').split('export const MESSAGES = {')[1].split('\n};')[0];
  for (const key of Object.keys(WORDS)) assert.doesNotMatch(text, new RegExp(`^  ${key}: `, 'm'));
});

test('every message that is asked for exists, and every message is asked for', () => {
  const asked = new Set(SOURCES.flatMap((text) => [...text.matchAll(/say(?:Parts)?\(\s*(?:[^'()]*\? *)?'(\w+)'(?: *: *'(\w+)')?/g)].flatMap((match) => [match[1], match[2]]).filter(Boolean)));
  for (const key of asked) assert.ok(Object.hasOwn(MESSAGES, key), `no message "${key}"`);
  const words = new Set(SOURCES.flatMap((text) => text.replace(/^ {2}\w+: /gm, '').match(/\w+/g) ?? []));
  // Names of the sources' own are looked up by their kind.
  const named = Object.keys(MESSAGES).filter((key) => /^(dc|facet|field|is|kind|flag|explain)_/.test(key));
  assert.ok(named.length > 30);
  for (const key of Object.keys(MESSAGES)) assert.ok(words.has(key) || named.includes(key), `nobody says "${key}"`);
});

const holes = (text) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();
const forms = (entry) => (typeof entry === 'string' ? [entry] : Object.values(entry));
const tables = new Map(await Promise.all(LANGUAGES.map(async (code) => [code, code === 'en' ? { ...MESSAGES, ...STATIC } : (await import(`../../www/languages/${code}.js`)).default])));

for (const [code, table] of tables) {
  test(`${code} says everything that English says, with the same values`, () => {
    const said = { ...MESSAGES, ...STATIC };
    assert.deepEqual(Object.keys(table).sort(), Object.keys(said).sort());
    for (const [key, english] of Object.entries(said)) {
      const entry = table[key];
      assert.equal(typeof entry, typeof english, key);
      // A form for one or two may say its number in a word.
      const asked = (template) => holes(template).filter((hole) => hole !== '{count}' || typeof entry === 'string');
      for (const template of forms(entry)) {
        assert.deepEqual(asked(template), asked(forms(english).at(-1)), key);
        assert.ok(template.trim() !== '' && template.normalize('NFC') === template, key);
        for (const [open, close] of ['«»', code === 'de' ? '„“' : '“”', '()', '（）', '\u2066\u2069']) assert.equal(template.split(open).length, template.split(close).length, `${key}: ${open}${close}`);
      }
    }
  });

  test(`${code} has a form for every number`, () => {
    speak(code, table);
    const categories = [...new Intl.PluralRules(locale()).resolvedOptions().pluralCategories].sort();
    for (const [key, entry] of Object.entries(table)) if (typeof entry !== 'string') assert.deepEqual(Object.keys(entry).sort(), categories, key);
    for (const n of [0, 1, 2, 3, 5, 11, 21, 22, 25, 100, 101, 111, 1234, 1e6]) assert.doesNotMatch(say('posts', { n }), /undefined|[{}]/);
    speak('en', {});
  });
}

const ROOT = new URL('../../', import.meta.url);
const rust = (path) => readFileSync(new URL(path, ROOT), 'utf8').split('#[cfg(test)]')[0];
const readers = ['src/ingest', 'src/gather'].flatMap((room) => readdirSync(new URL(room, ROOT), { recursive: true }).filter((name) => /\.rs$/.test(name)).map((name) => `${room}/${name}`));
const words = (text, pattern) => [...text.matchAll(pattern)].map(([, word]) => word);

/** Where readers mark posts with what does not stand beside the mark, and how it is written there. */
const ELSEWHERE = {
  'src/ingest/reddit.rs': /\("\w+", "(\w+)"\)|(?<=\["|", ")(\w+)(?="[^\]]*\]\.into_iter\(\)\.find)/g,
  'src/ingest/scrape.rs': /\bflag\("(\w+)", /g,
  'src/ingest/telegram/album.rs': /const FLAG: &str = "(\w+)"/g,
  'src/ingest/telegram/desktop_html.rs': null,
  'src/ingest/telegram/message.rs': null,
  'src/ingest/telegram.rs': /\("[\w ]+", "(media_\w+)"\)/g,
};

/** What stands between brackets from here on. @param {string} text */
function within(text) {
  let depth = 1;
  const end = [...text].findIndex((sign) => (depth += '(['.includes(sign) ? 1 : ')]'.includes(sign) ? -1 : 0) === 0);
  return text.slice(0, end);
}

/** The marks that a reader gives to posts. */
function flagsOf(path) {
  const text = rust(path);
  const given = [...text.matchAll(/\bflags(?:\.push\(|\.extend\(|\.insert\(|: vec!\[| = vec!\[)/g)].map(({ 0: { length }, index }) => words(within(text.slice(index + length)), /"(\w+)"/g));
  if (given.some((marks) => marks.length === 0)) assert.ok(Object.hasOwn(ELSEWHERE, path), `${path} marks posts in a way that this test does not know`);
  const pattern = ELSEWHERE[path];
  const others = pattern ? [...text.matchAll(pattern)].map((match) => match.slice(1).find(Boolean)) : [];
  if (pattern) assert.ok(others.length > 0, `${path} marks posts in another way than this test knows`);
  return [...given.flat(), ...others];
}

test('every flag that the readers give has a word in every language, and no other has', () => {
  const given = [...new Set(readers.flatMap(flagsOf))].sort();
  for (const flag of ['album_inferred', 'locked', 'media_too_large', 'pinned', 'read_more', 'redacted', 'removed', 'unsent']) assert.ok(given.includes(flag), `${flag} is not found in the sources`);
  for (const [code, table] of tables) {
    assert.deepEqual(Object.keys(table).filter((key) => key.startsWith('flag_')).map((key) => key.slice('flag_'.length)).sort(), given, code);
  }
});

test('kinds of posts and media, and what a post is and has, have words in every language', () => {
  const texts = readers.map(rust);
  const posts = texts.flatMap((text) => [...words(text, /Record \{[^}]*?\bkind: "(\w+)"/g), ...words(text, /"(\w+)"(?: \})?\.clone_into\(&mut record\.kind\)/g)]);
  const media = words(/Kinds of attachments are (.*)/.exec(readFileSync(new URL('docs/FORMAT.md', ROOT), 'utf8'))[1].split('.')[0], /`(\w+)`/g);
  const marks = words(/fn marks\(.*?\n\}/s.exec(rust('src/builder.rs'))[0], /\("(\w+)", !?record\./g);
  for (const [kinds, known] of [[posts, ['commit', 'message', 'page', 'post', 'service', 'tag', 'unsupported']], [media, ['photo', 'contact']], [marks, ['edited', 'title']]]) {
    for (const kind of known) assert.ok(kinds.includes(kind), `${kind} is not found in the sources`);
  }
  const isSaid = (table, value, of) => of.some((kind) => Object.hasOwn(table, `${kind}_${value}`));
  for (const [code, table] of tables) {
    for (const kind of [...posts, ...media, 'comment']) assert.ok(isSaid(table, kind, ['kind']), `${code}: ${kind}`);
    for (const mark of marks) assert.ok(isSaid(table, mark, ['is', 'kind', 'flag']), `${code}: ${mark}`);
  }
});

test('what a post is and has is said as what it is', () => {
  assert.deepEqual(['title', 'tag', 'poll', 'photo', 'edited', 'date_of_delivery', 'berth'].map((value) => nameValue('is', value)), ['with a title', 'with a tag', 'poll', 'photo', 'edited', 'date of delivery', 'berth']);
  assert.equal(nameValue('kind', 'service'), 'notice');
  speak('de', tables.get('de'));
  assert.deepEqual(['title', 'pinned', 'photo'].map((value) => nameValue('is', value)), ['mit Titel', 'angeheftet', 'Foto']);
  speak('en', {});
});

test('tables but the English are written in their own letters', () => {
  for (const [code, letters] of [['ru', /\p{Script=Cyrillic}/u], ['ar', /\p{Script=Arabic}/u], ['zh', /\p{Script=Han}/u]]) {
    for (const [key, entry] of Object.entries(tables.get(code))) for (const template of forms(entry)) {
      if (template.replace(/\{\w+\}/g, '').match(/\p{L}/u)) assert.match(template, letters, `${code} ${key}`);
    }
  }
});

test('the query language is the same in every language', () => {
  const fields = ['from:', 'channel:', 'site:example.org', 'has:photo', 'is:edited', 'on:2024-06', 'before:2024', 'date:2024-06..2024-07', 'about:2024-06', 'views:>1000', 'copies:>1', 'sort:old', 'sort:views', 'match:any', ' OR '];
  for (const [code, { helpSigns, facetNot, helpExclude }] of tables) {
    for (const field of fields) assert.ok(helpSigns.includes(field), `${code}: ${field}`);
    assert.ok(helpExclude.includes(facetNot), `${code}: the button is called ${facetNot}`);
  }
});

test('numbers, dates and sizes are those of the language', () => {
  const spoken = (code, words) => {
    speak(code, tables.get(code));
    const said = words();
    speak('en', {});
    return said;
  };
  assert.deepEqual([1, 3, 5, 21, 1204].map((n) => spoken('ru', () => say('posts', { n }).replace(/\s/g, ' '))), ['1 запись', '3 записи', '5 записей', '21 запись', '1 204 записи']);
  assert.deepEqual([0, 1, 2, 3, 11, 100].map((n) => spoken('ar', () => say('posts', { n }))), ['لا منشورات', 'منشور واحد', 'منشوران', '3 منشورات', '11 منشورًا', '100 منشور']);
  assert.equal(spoken('de', () => formatDate('2024-06-24', 'UTC')), '24. Juni 2024');
  assert.equal(spoken('es', () => formatDate('2024-06', 'UTC')), 'junio de 2024');
  assert.equal(spoken('zh', () => formatDate('2024-06-24', 'UTC')), '2024年6月24日');
  assert.match(spoken('ar', () => formatDate('2024-06-24', 'UTC')), /^24 \p{Script=Arabic}+ 2024$/u);
  assert.equal(spoken('de', () => formatNumber(52310)), '52.310');
  assert.match(spoken('ru', () => formatSize(348211)), /^348\sкБ$/u);
  assert.equal(spoken('de', () => nameFacetWithin('tag')), 'Schlagwort');
  assert.equal(spoken('ru', () => nameFacetWithin('tag')), 'тег');
  assert.equal(spoken('es', () => nameLanguage('de')), 'alemán');
});

test('what a table lacks is said in English', () => {
  speak('de', { posts: 'nur dies' });
  assert.deepEqual([say('posts', { n: 2 }), say('basket'), nameKind('photo'), explainFlag('elided')], ['nur dies', 'Basket', 'photo', 'shortened at the source']);
  speak('en', {});
});

test('the first language that the page speaks is taken', () => {
  for (const [wanted, code] of [[['fr', 'de-AT', 'en'], 'de'], [['en-US', 'ru'], 'en'], [['zh-Hant-TW'], 'zh'], [['AR_eg'], 'ar'], [['eo', 'tlh'], 'en'], [[''], 'en'], [[], 'en'], [['__proto__', 'rus'], 'en']]) assert.equal(pickLanguage(wanted), code, wanted.join());
});

test('a value of another direction does not reorder its sentence', () => {
  assert.equal(say('thread', { id: 'a/1' }), 'thread a/1');
  assert.equal(say('thread', { id: 'ميناء/1' }), 'thread \u2068ميناء/1\u2069');
  speak('ar', tables.get('ar'));
  assert.equal(say('thread', { id: 'a/1' }), 'سلسلة \u2068a/1\u2069');
  speak('en', {});
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
  // A year is never of this century by its last two digits alone.
  assert.equal(formatDate('0044-03-15', 'UTC'), '15 March 44');
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
  assert.equal(formatSize(768), '0.768 kB');
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

test('every field that has words is one that a reader writes, or hands on', () => {
  const golden = new URL('tests/golden/', ROOT);
  const records = readdirSync(golden, { recursive: true }).filter((name) => name.endsWith('records.jsonl')).map((name) => readFileSync(new URL(name, golden), 'utf8'));
  const members = records.flatMap((text) => text.split('\n').filter(Boolean).flatMap((line) => Object.keys(JSON.parse(line))));
  // As a field, as the name beside a value, or as a name that has one itself.
  const written = new Set([...members, ...readers.map(rust).flatMap((text) => words(text, /(?:\bfield\(\s*|&str = |\((?="\w+"\.to_owned\(\)))"(\w+)"/g))]);
  for (const key of Object.keys(WORDS)) if (key.startsWith('field_')) assert.ok(written.has(key.slice('field_'.length)), key);
});
