/**
 * How long from double-click to the first result, and how long does a search take, when the folder lies on a disk? Opens a site
 * that the adapter made from file:// in three engines.
 *
 *     node tests/bench/peers/files.mjs SITE [--rounds 3] [--engine NAME]…
 *
 * SITE is $PEERS_DIR/sites/CORPUS/fonds, as `./build.sh bench peers` leaves it; FONDS_PEERS names the benchmark's directory,
 * whose queries are asked. Start is from navigation to the first ten results; each query is asked three times in one page: first
 * touch, then from what is loaded. Medians over the rounds, then quantiles over the queries.
 */

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { ENGINES, launch, missing } from '../../browser/engines.mjs';
import { skip, table } from '../program.mjs';

/** How long an engine may take for the first answer, and for all queries. */
const PATIENCE_MS = 120_000;
const PASSES = 3;

const { values, positionals } = parseArgs({ allowPositionals: true, options: { rounds: { type: 'string', default: '3' }, engine: { type: 'string', multiple: true } } });
const site = resolve(positionals[0] ?? '.');
if (!existsSync(join(site, 'engine.js'))) skip(`${site} is no site of the adapter: run ./build.sh bench peers first`);
const lists = join(process.env.FONDS_PEERS ?? '', 'queries.mjs');
if (!existsSync(lists)) skip('FONDS_PEERS does not name the benchmark\'s directory, whose queries are asked');
const { QUERIES, COLD_QUERY } = await import(pathToFileURL(resolve(lists)).href);
const queries = /** @type {string[]} */ (QUERIES.map((/** @type {[string, string]} */ [, query]) => query));
const address = `${pathToFileURL(join(site, 'index.html')).href}?q=${encodeURIComponent(COLD_QUERY)}`;

const rows = [];
for (const name of values.engine ?? ENGINES) {
  const why = missing(/** @type {import('../../browser/engines.mjs').EngineName} */ (name));
  rows.push(why ? [name, why, '', '', '', ''] : await measure(/** @type {import('../../browser/engines.mjs').EngineName} */ (name)));
}
console.log(table(['engine', 'start to first result', 'first touch p50', 'p95', 'again p50', 'p95'], rows));
process.exit(0);

/** @param {import('../../browser/engines.mjs').EngineName} name */
async function measure(name) {
  const starts = [];
  /** @type {number[][][]} */
  const runs = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    const engine = await launch(name);
    const page = await engine.open(address);
    const first = await page.waitFor(() => window.__first ?? window.__err, PATIENCE_MS, 'the first result');
    if (typeof first === 'string') throw new Error(`${name}: ${first}`);
    starts.push(first.ms);
    // Asked in the page and fetched when they are there, since a driver waits for no long answer.
    await page.evaluate((/** @type {string[]} */ list, /** @type {number} */ budget, /** @type {number} */ passes) => {
      window.__bench(list, budget, passes).then((/** @type {unknown} */ all) => (window.__all = all));
    }, queries, PATIENCE_MS, PASSES);
    const all = await page.waitFor(() => window.__all, 2 * PATIENCE_MS, 'the answers');
    runs.push(all.map((/** @type {{ ms: number[] }} */ one) => one.ms));
    await page.close();
    await engine.close();
  }
  const over = (/** @type {(ms: number[]) => number[]} */ part) => queries.map((_, query) => quantile(runs.flatMap((run) => part(run[query] ?? [])), 0.5));
  const touch = over((ms) => ms.slice(0, 1));
  const again = over((ms) => ms.slice(1));
  return [name, show(quantile(starts, 0.5)), ...[touch, again].flatMap((of) => [show(quantile(of, 0.5)), show(quantile(of, 0.95))])];
}

/** @param {number[]} values @param {number} q */
function quantile(values, q) {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? NaN;
}

/** @param {number} ms */
function show(ms) {
  return `${ms >= 100 ? ms.toFixed(0) : ms.toFixed(1)} ms`;
}
