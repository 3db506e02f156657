/**
 * What the tests open: archives that the program under test publishes once per run, and copies of them that are damaged.
 *
 * The program is FONDS_BIN, else target/release/fonds. Without it nothing can be tested, so its absence is an error and
 * not a skip. The seed lies outside the repository; where it is absent its tests are skipped with the reason.
 */

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { inflateRawSync } from 'node:zlib';
import { watchedTwin } from './engines.mjs';
import { serve } from './server.mjs';

/** @typedef {{uid: string, date?: string, lang?: string, title?: string, text: string, tags?: string[]} & Record<string, unknown>} FondsRecord */
/** @typedef {{query: string, total: number, exact: boolean, hits: {uid: string}[]}} SearchAnswer */

const here = fileURLToPath(new URL('.', import.meta.url));
const repository = resolve(here, '../..');
export const program = resolve(process.env.FONDS_BIN ?? join(repository, 'target/release/fonds'));
const seed = resolve(process.env.FONDS_SHARED ?? join(repository, '../shared'), 'seed/channel-scrape.txt');
const sample = resolve(process.env.FONDS_SAMPLE ?? join(repository, 'tests/samples/harbour/posts.jsonl'));

/** @param {string} name @returns {string} The path of a file of the sample. */
export const samplePath = (name) => join(repository, 'tests/samples/harbour', name);

/** Why the tests of the seed cannot run, or false. */
export const seedMissing = existsSync(seed) ? false : 'the seed is not here (FONDS_SHARED names its folder)';

/** Runs from the runner share one folder; a test file run by itself makes and removes its own. */
const root = process.env.FONDS_FIXTURES ?? mkdtempSync(join(tmpdir(), 'fonds-browser-'));
if (!process.env.FONDS_FIXTURES) process.on('exit', () => rmSync(root, { recursive: true, force: true }));

/**
 * @param {string[]} args @param {number[]} [accepted] Exit codes that are answers.
 * @returns {string} What it printed.
 */
export function fonds(args, accepted = [0]) {
  if (!existsSync(program)) throw new Error(`there is no program at ${program}: build it first, or let FONDS_BIN name it`);
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 30 });
  if (!accepted.includes(status ?? -1)) throw new Error(`fonds ${args.join(' ')} ended with ${status}: ${stderr}`);
  return stdout;
}

/** One source, published in every form. */
export class Published {
  /** @type {FondsRecord[] | null} */
  #records = null;
  /** @type {Map<string, SearchAnswer>} */
  #answers = new Map();

  /** @param {string} root */
  constructor(root) {
    this.root = root;
    this.folder = join(root, 'folder');
    this.single = join(root, 'single.html');
    this.unzipped = join(root, 'unzipped');
  }

  /** Every record as `extract` gives it back. */
  get records() {
    this.#records ??= fonds(['extract', this.folder, '--format', 'jsonl']).split('\n').filter(Boolean).map((line) => JSON.parse(line));
    return /** @type {FondsRecord[]} */ (this.#records);
  }

  get longest() {
    return this.records.reduce((a, b) => ((a.text ?? '').length > (b.text ?? '').length ? a : b));
  }

  /** How the newest post that has a text begins. */
  get newestWords() {
    const dated = this.records.filter(({ date, text }) => date && text);
    if (dated.length === 0) throw new Error('no record has a date and a text');
    const newest = dated.reduce((a, b) => (Date.parse(String(a.date)) > Date.parse(String(b.date)) ? a : b));
    // By code points, since half an emoji is nowhere on the page.
    return [...newest.text].slice(0, 60).join('');
  }

  /** @param {string} query @returns {SearchAnswer} What the program answers, which the page must answer too. */
  search(query) {
    let answer = this.#answers.get(query);
    if (!answer) this.#answers.set(query, (answer = JSON.parse(fonds(['search', this.folder, query, '--json'], [0, 1]))));
    return /** @type {SearchAnswer} */ (answer);
  }

  /** @param {string} path Under the root. */
  fileUrl(path) {
    return pathToFileURL(join(this.root, path)).href;
  }

  /** Where the unzipped archive's page is, whether or not the zip has a folder of its own inside. */
  get unzippedPage() {
    return find(this.unzipped, 'index.html').slice(this.root.length + 1);
  }

  /**
   * A copy of the folder that a test may damage.
   *
   * @param {string} name
   * @returns {Copy}
   */
  copy(name) {
    const path = join(this.root, `copy-${name}`);
    rmSync(path, { recursive: true, force: true });
    cpSync(this.folder, path, { recursive: true });
    return new Copy(path);
  }
}

/** A folder of its own that may be damaged. */
export class Copy {
  /** @param {string} path */
  constructor(path) {
    this.path = path;
  }

  get url() {
    return pathToFileURL(join(this.path, 'index.html')).href;
  }

  /** Names of the shards that hold the posts themselves, oldest first. */
  get storeShards() {
    return this.shards('store-').filter((name) => !name.startsWith('store-dictionary-'));
  }

  /** @param {string} prefix Of their names. */
  shards(prefix) {
    return readdirSync(join(this.path, 'archive')).filter((name) => name.startsWith(prefix)).sort();
  }

  /** @param {string} file Relative to the folder. */
  remove(file) {
    if (!existsSync(join(this.path, file))) throw new Error(`${file} is not there to be removed`);
    rmSync(join(this.path, file));
  }

  /** Leaves index.html alone, as when it is opened from within a zip. */
  keepPageOnly() {
    for (const name of readdirSync(this.path)) {
      if (!/^index(\.watched)?\.html$/.test(name)) rmSync(join(this.path, name), { recursive: true });
    }
  }

  /**
   * Changes one character of a shard's base64 payload, within the first block of posts: 48 bytes from its start.
   *
   * @param {string} file Relative to the folder.
   * @param {string} [character] `!` makes the payload no base64 at all; without one it stays well formed.
   */
  corrupt(file, character) {
    const path = join(this.path, file);
    const text = readFileSync(path, 'latin1');
    const payload = /[A-Za-z0-9+/]{200,}={0,2}/.exec(text);
    if (!payload) throw new Error(`${file} has no base64 payload`);
    const at = payload.index + 64;
    writeFileSync(path, text.slice(0, at) + (character ?? (text[at] === 'A' ? 'B' : 'A')) + text.slice(at + 1), 'latin1');
  }
}

/** What this process has opened already. @type {Map<string, Published>} */
const opened = new Map();

/**
 * @param {string} name @param {string} source @param {string[]} [options] Of `fonds build`.
 * @returns {Published}
 */
function publish(name, source, options = []) {
  const known = opened.get(name);
  if (known) return known;
  const base = join(root, name);
  const published = new Published(base);
  opened.set(name, published);
  if (existsSync(join(base, 'complete'))) return published;
  rmSync(base, { recursive: true, force: true });
  mkdirSync(base, { recursive: true });
  const zip = join(base, 'archive.zip');
  fonds(['build', source, '-o', published.folder, '--quiet', ...options]);
  fonds(['build', source, '--single', published.single, '--quiet', ...options]);
  fonds(['build', source, '--zip', zip, '--quiet', ...options]);
  return completed(published, zip, base);
}

/** Unpacks the zip, adds the twins that watch what is loaded, and marks the whole as done. @param {Published} published @param {string} zip @param {string} base */
function completed(published, zip, base) {
  unzip(zip, published.unzipped);
  watchedTwin(join(published.folder, 'index.html'));
  watchedTwin(published.single);
  watchedTwin(find(published.unzipped, 'index.html'));
  writeFileSync(join(base, 'complete'), '');
  return published;
}

/** Posts of three channels that say the same, or nearly. */
export const publishCopies = () => publish('copies', join(repository, 'tests/samples/copies/posts.jsonl'));

/** Two channels that say the same in every post, more than a screen holds. */
export function publishEchoes() {
  const source = join(root, 'echoes.jsonl');
  const text = (/** @type {number} */ i) => Array.from({ length: 12 }, (_, k) => `w${i}x${(i * 31 + k * 7) % 97}`).join(' ');
  const lines = Array.from({ length: 48 }, (_, i) => ['Mole', 'Quay'].map((channel, k) => JSON.stringify({ id: `${channel}/${i}`, date: new Date(Date.UTC(2024, 0, 1 + i, k)).toISOString(), channel, text: text(i) })));
  writeFileSync(source, `${lines.flat().join('\n')}\n`);
  return publish('echoes', source);
}

/** A chat as Telegram exports it, of which a reader makes fields of its own. */
export const publishTelegram = () => publish('telegram', join(repository, 'tests/golden/telegram-json/input.json'));

/** A table with a column of dates beside that of the posts. */
export const publishWorks = () => publish('works', join(repository, 'tests/samples/works/works.csv'), ['--facet', 'Finish by']);

/** A talk with answers, an album and a thread. */
export const publishReplies = () => publish('replies', join(repository, 'tests/samples/replies/posts.jsonl'));

/** Two talks of one name. */
export const publishChats = () => publish('chats', join(repository, 'tests/samples/replies/chats.jsonl'));

/** A post that hides how a novel ends, between two others. */
export const publishSpoilers = () => publish('spoilers', join(repository, 'tests/samples/spoilers/posts.jsonl'));

/** A word that one post of the grown sample has since it was edited. */
export const EDITED = 'zanzibar';

/** The sample as an archive that grew, in every form: half of it was built, the other half added, and then a post was edited. */
export function publishGrown() {
  const known = opened.get('grown');
  if (known) return known;
  const base = join(root, 'grown');
  const published = new Published(base);
  opened.set('grown', published);
  if (existsSync(join(base, 'complete'))) return published;
  rmSync(base, { recursive: true, force: true });
  mkdirSync(base, { recursive: true });
  const lines = readFileSync(sample, 'utf8').split('\n').filter(Boolean);
  const half = lines.length >> 1;
  const post = JSON.parse(/** @type {string} */ (lines[half - 1]));
  const edited = JSON.stringify({ ...post, text: `${post.text} ${EDITED}` });
  const [first, second, third] = [lines.slice(0, half), lines.slice(half), [edited]].map((lines, i) => {
    const source = join(base, `part-${i}.jsonl`);
    writeFileSync(source, `${lines.join('\n')}\n`);
    return source;
  });
  const zip = join(base, 'archive.zip');
  for (const [form, path] of [['-o', published.folder], ['--single', published.single], ['--zip', zip]]) {
    fonds(['build', first, form, path, '--quiet']);
    fonds(['add', path, second, '--quiet']);
    fonds(['add', path, third, '--quiet']);
  }
  return completed(published, zip, base);
}

/** Texts that would do something if they were taken for more than text. @returns {{kind: string, text: string}[]} */
export const payloads = () => JSON.parse(readFileSync(join(repository, 'tests/samples/hostile/payloads.json'), 'utf8'));

/** A file of the data that lies outside the repository, or null. @param {string} name */
export function sharedFile(name) {
  const path = resolve(process.env.FONDS_SHARED ?? join(repository, '../shared'), name);
  return existsSync(path) ? path : null;
}

/** What a page calls itself that has no policy: whatever runs in it is told. */
const CANARY = `<script>globalThis.ran = []; for (const name of ['alert', 'prompt', 'confirm', 'print', 'open', 'eval']) globalThis[name] = (...values) => { ran.push(name + ' ' + values.join()); };</script>`;

/** Whether a file may have this name and an ending; no system takes longer ones, and none these characters. @param {string} text */
const isFileName = (text) => !/[/\0\r\n]/.test(text) && Buffer.byteLength(text) < 200 && text.trim() === text && text !== '' && !text.includes('\\');

/**
 * An archive that has each text in every field of a post, and as the name of its source where a file can be called so; it is called by
 * the first of them. As it is published (`folder`), and with no policy at all (`bare`), where everything that could run would; and as a
 * single html that is called by all of them, with a policy and with none (`bare.html`).
 *
 * @param {string} name @param {string[]} texts
 */
export function publishHostile(name, texts) {
  const known = opened.get(name);
  if (known) return known;
  const base = join(root, name);
  const published = new Published(base);
  opened.set(name, published);
  rmSync(base, { recursive: true, force: true });
  mkdirSync(base, { recursive: true });
  const other = `"><img src=x onerror=alert('file')>&amp;`;
  const line = (/** @type {string} */ text, /** @type {number} */ index) => JSON.stringify({
    id: String(index), date: '2024-06-01', channel: text, author: `${text} `, title: text, text, url: text, reply_to: text, thread: text,
    forwarded_from: { name: text, url: text }, tags: [text], mentions: [text], links: [text], flags: [text], lang: text,
    spans: [{ start: 0, end: 1, kind: 'link', href: text }, { start: 0, end: 1, kind: text }],
    media: [{ kind: 'file', name: text, path: text }, { kind: text, name: text }],
    poll: { question: `${text}?`, answers: [{ text, votes: 1 }], voters: 1 }, reactions: [{ emoji: text, count: 2 }], [`own ${text}`]: text,
  });
  /** @type {Map<string, string[]>} */
  const sources = new Map();
  texts.forEach((text, index) => {
    const source = join(base, 'in', `${isFileName(text) ? text : other}.jsonl`);
    sources.set(source, [...sources.get(source) ?? [], line(text, index)]);
  });
  mkdirSync(join(base, 'in'));
  for (const [source, lines] of sources) writeFileSync(source, lines.join('\n'));
  const build = (/** @type {string[]} */ ...rest) => fonds(['build', ...sources.keys(), '--format', 'jsonl', '--quiet', '--pages', 'yes', ...rest]);
  // No system takes a null character in an argument.
  build('-o', published.folder, '--title', texts[0].replaceAll('\0', ''));
  build('--single', published.single, '--title', texts.join(' ').replaceAll('\0', ''));
  const bare = join(base, 'bare');
  cpSync(published.folder, bare, { recursive: true });
  const alone = join(base, 'bare.html');
  cpSync(published.single, alone);
  for (const file of [alone, join(bare, 'index.html'), ...readdirSync(join(bare, 'posts')).filter((file) => file.endsWith('.html')).map((file) => join(bare, 'posts', file))]) {
    const html = readFileSync(file, 'utf8');
    const without = html.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, '');
    if (without === html) throw new Error(`${file} has no policy`);
    writeFileSync(file, without.replace(/<meta charset="?utf-8"?>/i, (charset) => charset + CANARY));
    watchedTwin(file);
  }
  watchedTwin(join(published.folder, 'index.html'));
  watchedTwin(published.single);
  return published;
}

export const publishSeed = () => publish('seed', seed);
export const publishSample = () => publish('sample', sample);

/** How many posts `publishMany` has: enough for several shards of posts, which the damage tests need. */
export const MANY = 1600;

/** @param {number} index @returns {string} A word that stands in one post only. */
export const markerOf = (index) => `marker${String(index).padStart(5, '0')}`;

/** An archive with several shards of posts. Post 0 is the oldest; each has its own marker, and all have the word `lantern`. */
export function publishMany() {
  const source = join(root, 'many.jsonl');
  if (!existsSync(source)) writeFileSync(source, manyPosts());
  return publish('many', source);
}

/** How many posts `publishDay` has, each of a keeper of its own: more names than a list is asked for at first. */
export const KEEPERS = 1200;

/** The talk of one day, whose facets are long. */
export function publishDay() {
  const source = join(root, 'day.jsonl');
  const post = (/** @type {number} */ i) => JSON.stringify({ id: String(i), date: new Date(Date.UTC(2024, 5, 24, 6) + i * 30_000).toISOString(), author: `Keeper ${i}`, title: 'All is well', text: `All is well at light ${i}. All is well.`, tags: [`light${i}`], links: [`https://light${i}.example/`] });
  if (!existsSync(source)) writeFileSync(source, Array.from({ length: KEEPERS }, (_, i) => post(i)).join('\n'));
  return publish('day', source);
}

/** Words of random syllables, from a fixed seed, so that they hardly compress: a shard holds what it holds after compression. */
function manyPosts() {
  let state = 20240624;
  const next = (/** @type {number} */ below) => {
    // Numerical Recipes' linear congruential generator; its high bits are good enough for syllables.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const syllables = 'ba be bi bo bu da de di do du ka ke ki ko ku la le li lo lu ma me mi mo mu na ne ni no nu ra re ri ro ru sa se si so su'.split(' ');
  let lines = '';
  for (let index = 0; index < MANY; index += 1) {
    const words = Array.from({ length: 60 }, () => Array.from({ length: 2 + next(3) }, () => syllables[next(syllables.length)]).join(''));
    const date = new Date(Date.UTC(2020, 0, 1) + index * 6 * 3_600_000).toISOString().replace('.000', '');
    lines += `${JSON.stringify({ id: String(index), date, author: 'Keeper', text: `${markerOf(index)} lantern ${words.join(' ')}.` })}\n`;
  }
  return lines;
}

/**
 * The ways in which a reader meets an archive.
 *
 * @param {() => Published} published Asked for when a test runs, since building takes a while.
 * @returns {{name: string, open: () => Promise<{url: string, base: string, close: () => Promise<void>}>}[]} `base` is
 *   what every address that the page asks for must start with.
 */
export function ways(published) {
  /** @param {(archive: Published) => string} path */
  const asFile = (path) => async () => {
    const archive = published();
    return { url: archive.fileUrl(path(archive)), base: pathToFileURL(`${archive.root}/`).href, close: async () => {} };
  };
  /** @param {string} path @param {import('./server.mjs').ServerOptions} [options] */
  const overHttp = (path, options = {}) => async () => {
    const server = await serve(published().root, options);
    return { url: server.url(path), base: `${server.origin}/`, close: server.close };
  };
  return [
    { name: 'the folder from a file', open: asFile(() => 'folder/index.html') },
    { name: 'the folder over http', open: overHttp('folder/index.html') },
    { name: 'the single page from a file', open: asFile(() => 'single.html') },
    { name: 'the single page over http', open: overHttp('single.html') },
    { name: 'the unzipped zip from a file', open: asFile((archive) => archive.unzippedPage) },
  ];
}

/** Hosts as poor as they come; the archive must not notice. */
export const POOR_HOSTS = /** @type {Record<string, import('./server.mjs').ServerOptions>} */ ({
  'in a sub-folder': { prefix: '/people/ana' },
  'on a host that ignores Range': { range: false },
  'on a host that compresses everything': { gzip: true },
  'on a host with wrong types': { wrongTypes: true },
  'on a host that strips queries from addresses': { stripsQuery: true },
});

/** @param {string} folder @param {string} name @returns {string} The path of the first such file, nearest to the top. */
function find(folder, name) {
  if (existsSync(join(folder, name))) return join(folder, name);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory() && existsSync(join(folder, entry.name, name))) return join(folder, entry.name, name);
  }
  throw new Error(`${folder} holds no ${name}`);
}

/**
 * Unpacks a zip by its central directory (APPNOTE.TXT 4.3.12), stored and deflated entries only, without any tool that a
 * machine may lack.
 *
 * @param {string} path @param {string} into
 */
function unzip(path, into) {
  const zip = readFileSync(path);
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end < 0) throw new Error(`${path} is no zip`);
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const method = zip.readUInt16LE(at + 10);
    const packedLen = zip.readUInt32LE(at + 20);
    const nameLen = zip.readUInt16LE(at + 28);
    const local = zip.readUInt32LE(at + 42);
    const name = zip.toString('utf8', at + 46, at + 46 + nameLen);
    at += 46 + nameLen + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
    if (name.endsWith('/')) continue;
    const target = resolve(into, name);
    if (!target.startsWith(resolve(into))) throw new Error(`${name} would leave the folder`);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const packed = zip.subarray(start, start + packedLen);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, method === 0 ? packed : inflateRawSync(packed));
  }
}
