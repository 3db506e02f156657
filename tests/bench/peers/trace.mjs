/**
 * Which files and ranges does the first answer cost? Opens a site that the adapter made and prints what was asked for.
 *
 *     node tests/bench/peers/trace.mjs SITE [QUERY] [--then QUERY]…
 *
 * SITE is $PEERS_DIR/sites/CORPUS/fonds. Bytes of a whole file are counted as gzip -6 sends it, those of a range as they are,
 * and 250 for each answer's header, as the benchmark counts them. Queries after --then are asked of the page that is open.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { launch } from '../../browser/engines.mjs';
import { serve } from '../../browser/server.mjs';
import { table } from '../program.mjs';

const HEADER = 250;
/** How long a first answer may take. */
const PATIENCE_MS = 120_000;

const { values, positionals } = parseArgs({ allowPositionals: true, options: { then: { type: 'string', multiple: true } } });
const [site = '.', query = 'python library'] = positionals;
const server = await serve(site);
const engine = await launch('chromium');
try {
  const page = await engine.open(server.url(`index.html?q=${encodeURIComponent(query)}`));
  const first = await page.waitFor(() => window.__first ?? window.__err, PATIENCE_MS, 'the first answer');
  if (typeof first === 'string') throw new Error(first);
  report(`${query}: ${first.total} hits, ${Math.round(first.ms)} ms, of which ${Math.round(first.init)} to open`);
  for (const next of values.then ?? []) {
    server.log.length = 0;
    const total = await page.evaluate(async (/** @type {string} */ text) => (await window.engine.search(text)).total, next);
    report(`${next}: ${total} hits`);
  }
} finally {
  await engine.close();
  await server.close();
}
process.exit(0);

/** @param {string} title */
function report(title) {
  /** @type {Map<string, [number, number]>} */
  const sums = new Map();
  const rows = server.log.filter(({ path }) => !path.endsWith('favicon.ico')).map(({ path, range, status }) => {
    const span = /^bytes=(\d+)-(\d+)$/.exec(range ?? '');
    const body = status === 206 && span ? Number(span[2]) - Number(span[1]) + 1 : status === 200 ? gzipSync(readFileSync(join(site, path)), { level: 6 }).length : 0;
    const kind = /archive\/([a-z-]+?)(-\d+)*-[0-9a-f]{8}\.js$/.exec(path)?.[1] ?? path.replace(/^\//, '');
    const [count, bytes] = sums.get(kind) ?? [0, 0];
    sums.set(kind, [count + 1, bytes + body + HEADER]);
    return [path, range ?? 'whole', body + HEADER];
  });
  const all = rows.reduce((sum, row) => sum + Number(row[2]), 0);
  console.log(`\n${title}, ${rows.length} requests, ${all} bytes\n`);
  console.log(table(['asked for', 'requests', 'bytes'], [...sums].map(([kind, [count, bytes]]) => [kind, count, bytes])));
  if (rows.length <= 80) console.log(`\n${table(['file', 'range', 'bytes'], rows)}`);
}
