/**
 * How long does a reader wait? Opens an archive of 100,000 posts from a disk and over http, types queries key by key, and prints when the
 * box was there, when the first hit, how long each key waited for its answer, and what kept the page's own thread busy longest.
 *
 *     ./build.sh bench page [--posts 100000] [--slow 4] [--runs 3] [--engine chromium]… [--archive FOLDER] [--tasks]
 *
 * Chromium's thread of the page is slowed four times by its own means (Emulation.setCPUThrottlingRate), which leaves its worker as fast
 * as it is. The other engines cannot be slowed. A key counts from the moment the browser took it to the frame after its answer stood in the
 * document; the next is pressed once that is there, and no sooner than PACE_MS. Every query is typed once, so that each of its words
 * is new to the page. Before, the browser has shown a page of text. The median of the runs is printed; keys and tasks are of all of them. The browser's cache is empty each time.
 *
 * The browsers are those of tests/browser (tests/browser/install.sh). Where an engine tells of no long tasks, a clock in the page does.
 */

import { execFileSync } from 'node:child_process';
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { ENGINES, launch, missing } from '../../browser/engines.mjs';
import { serve } from '../../browser/server.mjs';
import { LANGUAGES, probeWord, stem } from '../growth/generate.mjs';
import { fonds, scratch, table } from '../program.mjs';

/** Between two keys at least: a fast typist. */
const PACE_MS = 120;
/** No key waits so long unless something is broken. */
const PATIENCE_MS = 20_000;
/** What the page aims at, in milliseconds. */
const AIMS = { shell: 500, first: 1500, p95: 100, longest: 200 };

/** @typedef {import('../../browser/engines.mjs').EngineName} EngineName */
/** @typedef {{ seen: { shell: number, first: number }, keys: { text: string, ms: number }[], tasks: { start: number, ms: number }[] }} Seen */

const { values } = parseArgs({
  options: {
    posts: { type: 'string', default: '100000' }, slow: { type: 'string', default: '4' }, runs: { type: 'string', default: '3' },
    engine: { type: 'string', multiple: true }, archive: { type: 'string' }, tasks: { type: 'boolean' },
  },
});
const engines = /** @type {EngineName[]} */ (values.engine ?? ENGINES);
const folder = values.archive ? resolve(values.archive) : build(Number(values.posts));
measured(join(folder, 'index.html'));

/** Words of all lengths and frequencies, as they are typed: whole, in pairs, misspelt, as a phrase, and none at all. @returns {string[]} */
function queries() {
  // Of the languages that every keyboard has keys for: a character without a key comes without an event of one.
  const [english, german] = /** @type {import('../growth/generate.mjs').Language[]} */ (LANGUAGES);
  const pick = (/** @type {typeof english} */ language, /** @type {number[]} */ ranks) => ranks.map((rank) => {
    let word = '';
    for (; !/^[a-z]+$/.test(word); rank++) word = stem(/** @type {NonNullable<typeof english>} */ (language), rank);
    return word;
  });
  const words = [...pick(english, [3, 40, 150, 700, 3000, 9000]), ...pick(german, [10, 90, 300, 2000, 7000])];
  const pairs = [pick(english, [12, 90]), pick(german, [5, 60])].map((pair) => pair.join(' '));
  return [...words, ...pairs, probeWord(4).slice(0, 8), `${words[3]}zq`, `"${pick(english, [7, 9]).join(' ')}"`];
}

const site = await serve(folder);
try {
  const rows = [];
  for (const name of engines) {
    const absent = missing(name);
    if (absent) console.error(`skipped: ${absent}`);
    else for (const url of [pathToFileURL(join(folder, 'measured.html')).href, site.url('measured.html')]) rows.push(await measure(name, url));
  }
  const late = (/** @type {number} */ ms, /** @type {number} */ aim) => `${Math.round(ms)}${ms > aim ? ' (late)' : ''}`;
  console.log(`\n${table(
    ['engine, from', 'slowed', 'box, ms', 'first hit, ms', 'key, p50', 'key, p95', 'slowest key', 'longest task, ms'],
    rows.map(({ name, from, slowed, shell, first, ms, longest }) => [
      `${name}, ${from}`, slowed, late(shell, AIMS.shell), late(first, AIMS.first), Math.round(quantile(ms, 0.5)), late(quantile(ms, 0.95), AIMS.p95), Math.round(quantile(ms, 1)), late(longest, AIMS.longest),
    ]),
  )}`);
  console.log(`\n${rows[0]?.ms.length ?? 0} keys each; aims: box ${AIMS.shell}, first hit ${AIMS.first}, key p95 ${AIMS.p95}, longest task ${AIMS.longest} ms`);
} finally {
  await site.close();
}

/** @param {number} posts @returns {string} the folder that was published. */
function build(posts) {
  const base = scratch();
  const source = join(base, 'posts.jsonl');
  execFileSync(process.execPath, [fileURLToPath(new URL('../growth/generate.mjs', import.meta.url)), String(posts)], { stdio: ['ignore', openSync(source, 'w'), 'inherit'] });
  fonds(['build', source, '-o', join(base, 'archive'), '--quiet']);
  return join(base, 'archive');
}

/** Writes the page once more, with the probe as its first script. @param {string} path */
function measured(path) {
  const probe = readFileSync(fileURLToPath(new URL('probe.js', import.meta.url)), 'utf8');
  const html = readFileSync(path, 'utf8');
  writeFileSync(path.replace(/index\.html$/, 'measured.html'), html.replace(/<head>/, () => `<head><script>${probe}</script>`));
}

/** @param {EngineName} name @param {string} url */
async function measure(name, url) {
  const slow = name === 'chromium' ? Number(values.slow) : 1;
  /** @type {Seen[]} */
  const all = [];
  for (let run = 0; run < Number(values.runs); run++) all.push(await once(name, url, slow));
  const tasks = all.flatMap(({ tasks }) => tasks);
  if (values.tasks) for (const { start, ms } of tasks.sort((a, b) => b.ms - a.ms).slice(0, 10)) console.error(`${name} ${url.slice(0, 4)}: a task of ${Math.round(ms)} ms at ${Math.round(start)} ms`);
  if (values.tasks) for (const { text, ms } of all.flatMap(({ keys }) => keys).sort((a, b) => b.ms - a.ms).slice(0, 10)) console.error(`${name} ${url.slice(0, 4)}: ${Math.round(ms)} ms after the last key of “${text}”`);
  return {
    name, from: url.startsWith('file:') ? 'a disk' : 'http', slowed: slow === 1 ? 'no' : `× ${slow}`,
    shell: quantile(all.map(({ seen }) => seen.shell), 0.5), first: quantile(all.map(({ seen }) => seen.first), 0.5),
    ms: all.flatMap(({ keys }) => keys.map(({ ms }) => ms)), longest: Math.max(0, ...tasks.map(({ ms }) => ms)),
  };
}

/** One visit: opens, types everything, leaves. @param {EngineName} name @param {string} url @param {number} slow @returns {Promise<Seen>} */
async function once(name, url, slow) {
  const engine = await launch(name);
  try {
    // A reader's browser has shown a page before.
    const page = await engine.open(new URL('README.txt', url).href, { slow, direct: true });
    // WebKit goes to a file only when its driver says so.
    await page.goto(url, name !== 'webkit');
    const answered = (/** @type {string} */ text) => page.waitFor((/** @type {string} */ text) => globalThis.fondsProbe.keys.at(-1)?.text === text.trim(), PATIENCE_MS, `the answer to “${text}”`, text);
    await page.waitFor('fondsProbe.seen.shell > 0 && fondsProbe.seen.first > 0 && document.documentElement.dataset.state === "ready"', PATIENCE_MS, 'the first hits');
    for (const query of queries()) {
      await page.evaluate('document.getElementById("q").focus()');
      for (let end = 1; end <= query.length; end++) {
        const until = performance.now() + PACE_MS;
        await page.press(/** @type {string} */ (query[end - 1]));
        if (query[end - 1] !== ' ') await answered(query.slice(0, end));
        await new Promise((done) => setTimeout(done, Math.max(0, until - performance.now())));
      }
      await page.evaluate(() => {
        const box = /** @type {HTMLInputElement} */ (document.getElementById('q'));
        box.value = '';
        box.dispatchEvent(new InputEvent('input', { bubbles: true }));
      });
      await page.waitFor('document.querySelector("#status em") === null && document.documentElement.dataset.state === "ready"', PATIENCE_MS, 'the newest posts');
    }
    const { seen, keys, tasks } = await page.evaluate('fondsProbe');
    return { seen, keys, tasks };
  } finally {
    await engine.close();
  }
}

/** @param {number[]} sample @param {number} share */
function quantile(sample, share) {
  const sorted = [...sample].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? NaN;
}
