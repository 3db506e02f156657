/** A single html as large as it may become: it is warned of, refused, built all the same where its maker insists, and opens. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before } from 'node:test';
import { program } from './fixtures.mjs';
import { SEARCH, openFirst, reaches, shows, showsText } from './reading.mjs';
import { inEveryEngine } from './suite.mjs';

/** As src/cli/build.rs has them: SINGLE_WARN_LEN and SINGLE_MAX_LEN. */
const WARN_LEN = 25_000_000;
const MAX_LEN = 90_000_000;

/** Bytes that a letter of these texts takes in the page, at least: they are drawn from 64 letters, and come as base64. */
const LEN_EACH = 1.3;

const root = mkdtempSync(join(tmpdir(), 'fonds-large-'));
after(() => rmSync(root, { recursive: true, force: true }));

/** Posts of letters that cannot be packed; few words, since it is the texts that are to be large. @param {number} len Letters in all. */
function posts(len) {
  let state = 20240624;
  const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789жщ';
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return letters[(state >>> 8) & 63];
  };
  const each = 60_000;
  const lines = [];
  for (let at = 0; at * each < len; at += 1) {
    const day = new Date(Date.UTC(2020, 0, 1 + at)).toISOString().slice(0, 10);
    const text = Array.from({ length: each / 400 }, () => Array.from({ length: 399 }, next).join('')).join(' ');
    lines.push(JSON.stringify({ id: String(at), date: day, text: `lantern number${at} ${text}` }));
  }
  return { count: lines.length, jsonl: lines.join('\n') };
}

/** @typedef {{ page: string, count: number, refused: Ran, built: Ran }} Large */
/** @typedef {import('node:child_process').SpawnSyncReturns<string>} Ran */

/** What was asked to be at least so long, without and then with `--force`. @type {Map<number, Large>} */
const made = new Map();

before(() => {
  for (const len of [WARN_LEN, MAX_LEN]) {
    const source = join(root, `${len}.jsonl`);
    const page = join(root, `${len}.html`);
    const { count, jsonl } = posts(len / LEN_EACH);
    writeFileSync(source, jsonl);
    const build = (/** @type {string[]} */ ...options) => spawnSync(program, ['build', source, '--single', page, ...options], { encoding: 'utf8' });
    const refused = build();
    const built = len === MAX_LEN && !existsSync(page) ? build('--force') : refused;
    made.set(len, { page, count, refused, built });
    rmSync(source);
  }
});

const large = (/** @type {number} */ len) => /** @type {Large} */ (made.get(len));

inEveryEngine('a large single html', ({ check, open }) => {
  check('above 25 MB it is warned of, above 90 MB refused until it is asked for', async () => {
    const [warned, most] = [large(WARN_LEN), large(MAX_LEN)];
    assert.equal(warned.built.status, 0, warned.built.stderr);
    assert.match(warned.built.stderr, /so long that phones may not open it/);
    assert.equal(most.refused.status, 2, most.refused.stderr);
    assert.match(most.refused.stderr, /\.html: the page would be [\d.]+ MB long, .*--force/);
    assert.equal(most.built.status, 0, most.built.stderr);
    assert.match(most.built.stderr, /so long that phones may not open it/);
    assert.ok(statSync(warned.page).size > WARN_LEN && statSync(most.page).size > MAX_LEN);
  });

  for (const [size, len] of Object.entries({ '25 MB': WARN_LEN, '90 MB': MAX_LEN })) {
    check(`one above ${size} opens, searches and shows a post`, async () => {
      const { page: path, count } = large(len);
      const page = await open(pathToFileURL(path).href);
      await reaches(page, 'ready');
      await shows(page, count);
      await page.type(SEARCH, 'number3 ');
      await shows(page, 1);
      await openFirst(page);
      await showsText(page, 'lantern number3');
      assert.deepEqual(await page.problems(), []);
    });
  }
});
