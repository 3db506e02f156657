/**
 * How long does the core alone take for what is loaded, in both its builds? Without a browser, a worker or a page around it.
 *
 *     ./build.sh bench core CONTAINER [--queries FILE] [--passes 15]
 *
 * CONTAINER is what `fonds build … -o NAME.fonds` writes; FILE has a query a line. Every query is asked once, to load its blocks, and
 * then in passes; the fastest pass of each counts, since other work on the machine only ever adds. Ten hits by relevance with
 * snippets and the exact total, and the total alone.
 */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isOpenEnded } from '../../www/query.js';
import { REPOSITORY, skip, table } from './program.mjs';

/** Bytes of the container that hold its root: the first shard is no longer. */
const HEAD_LEN = 256 * 1024;
/** What the page allows the core (www/open.js). */
const BUDGET = 16 << 20;
const DEFAULT_QUERIES = ['library', 'data file', 'command line', 'py', 'lib', 'p', '"command line"', 'bioinformatics', 'qzxvjk'];

const { values, positionals } = parseArgs({ allowPositionals: true, options: { queries: { type: 'string' }, passes: { type: 'string', default: '15' } } });
const path = positionals[0] ?? '';
if (!existsSync(path)) skip('no container is named: fonds build INPUT -o NAME.fonds writes one');
const container = readFileSync(path);
const queries = values.queries ? readFileSync(values.queries, 'utf8').split('\n').filter(Boolean) : DEFAULT_QUERIES;

const rows = [];
for (const build of ['core', 'more']) {
  const explorer = await open(build);
  for (const limit of [10, 0]) rows.push([build, limit === 10 ? 'ten hits' : 'total', ...measure(explorer, limit)]);
}
console.log(table(['build', 'asked for', 'p50', 'p95', 'max', 'slowest'], rows));

/** @param {string} build */
async function open(build) {
  const folder = join(REPOSITORY, 'www/dist/bindgen', build);
  const glue = new Function(`${readFileSync(join(folder, 'fonds.js'), 'utf8')}; return wasm_bindgen;`)();
  await glue({ module_or_path: readFileSync(join(folder, 'fonds_bg.wasm')) });
  const explorer = new glue.Explorer(new Uint8Array(container.subarray(0, HEAD_LEN)));
  explorer.set_budget(BUDGET);
  return explorer;
}

/** @param {import('../../www/types').Explorer} explorer @param {number} limit */
function measure(explorer, limit) {
  // What only the whole core answers is not asked of the other.
  const asked = queries.filter((query) => ask(explorer, query, limit));
  const times = asked.map((query) => {
    let best = Infinity;
    for (let pass = 0; pass < Number(values.passes); pass++) {
      const start = performance.now();
      ask(explorer, query, limit);
      best = Math.min(best, performance.now() - start);
    }
    return { query, best };
  }).sort((a, b) => a.best - b.best);
  const at = (/** @type {number} */ q) => times[Math.max(0, Math.ceil(q * times.length) - 1)];
  return [...[0.5, 0.95, 1].map((q) => `${at(q)?.best.toFixed(2)} ms`), at(1)?.query ?? ''];
}

/** Whether the core answers a query. @param {import('../../www/types').Explorer} explorer @param {string} query @param {number} limit */
function ask(explorer, query, limit) {
  const request = { query, typing: isOpenEnded(query), filters: [], from: null, to: null, sort: 'relevance', offset: 0, limit, facet_limit: 0 };
  for (;;) {
    const { need, more } = explorer.search(request);
    if (more || need.length === 0) return !more;
    for (const { offset, len } of need) explorer.supply(offset, new Uint8Array(container.subarray(offset, offset + len)));
  }
}
