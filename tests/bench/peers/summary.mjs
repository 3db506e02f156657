/**
 * The rows that docs/BENCHMARKS.md has: fonds, the best of the others in the same run, their ratio, and the bounds.
 *
 *     node tests/bench/peers/summary.mjs RESULTS.json CORPUS [BOUNDS.json]
 *
 * RESULTS.json is the benchmark's; BOUNDS.json what its bounds.mjs wrote. A baseline that scans (plain-js) is shown as a bound
 * and is never the best.
 */

import { readFileSync } from 'node:fs';
import { size, table } from '../program.mjs';

const [results = '', corpus = '', bounds] = process.argv.slice(2);
const run = JSON.parse(readFileSync(results, 'utf8'));
const engines = /** @type {Record<string, any>} */ (run.runs[corpus]);
const truth = run.corpora[corpus].truth;
const median = (/** @type {number[]} */ values) => quantile(values, 0.5);
const isPhrase = (/** @type {string} */ query) => query.startsWith('"');

/** @param {number[]} values @param {number} q */
function quantile(values, q) {
  const sorted = values.filter((value) => value != null).sort((a, b) => a - b);
  return sorted.length === 0 ? NaN : sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? NaN;
}

/** Medians over the browser runs, one for each query: of the first pass, or of the later ones. @param {any} engine @param {boolean} first @param {(query: string) => boolean} of */
function times(engine, first, of) {
  return Object.keys(truth).filter(of).map((query) => median((engine.warm ?? []).flatMap((/** @type {any} */ one) => (first ? one.q[query]?.ms?.slice(0, 1) : one.q[query]?.ms?.slice(1)) ?? [])));
}

const ms = (/** @type {number} */ value) => `${value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)} ms`;
const words = (/** @type {string} */ query) => !isPhrase(query);
/** @type {[string, (engine: any) => number, (value: number) => string][]} */
const measures = [
  ['shipped, gzip -9', (engine) => engine.build.size?.gz, size],
  ['files', (engine) => engine.build.size?.files, String],
  ['cold bytes to ten results', (engine) => median((engine.cold ?? []).map((/** @type {any} */ one) => one.bytes)), size],
  ['cold requests', (engine) => median((engine.cold ?? []).map((/** @type {any} */ one) => one.requests)), String],
  ['cold time, loopback', (engine) => median((engine.cold ?? []).map((/** @type {any} */ one) => one.ms)), ms],
  ['cold time at 10 Mbit/s, 40 ms', (engine) => engine.link?.[0]?.ms, ms],
  ['first touch, words, p95', (engine) => quantile(times(engine, true, words), 0.95), ms],
  ['first touch, phrases, p95', (engine) => quantile(times(engine, true, isPhrase), 0.95), ms],
  ['again, words, p50', (engine) => quantile(times(engine, false, words), 0.5), ms],
  ['again, words, p95', (engine) => quantile(times(engine, false, words), 0.95), ms],
  ['again, phrases, p95', (engine) => quantile(times(engine, false, isPhrase), 0.95), ms],
  ['memory after all queries', (engine) => engine.warm?.[0]?.mem1.priv, size],
  ['build, processor time', (engine) => engine.build.cpu, (value) => `${value.toFixed(1)} s`],
  ['build, peak memory', (engine) => engine.build.peak, size],
];
const others = Object.keys(engines).filter((name) => name !== 'fonds' && name !== 'plain-js' && engines[name].build?.ok && !engines[name].dead);
console.log(table(['', 'fonds', 'best of the others', 'ratio', 'plain scan in JavaScript'], measures.map(([name, of, show]) => {
  const own = of(engines.fonds);
  const best = others.filter((other) => of(engines[other]) > 0).sort((a, b) => of(engines[a]) - of(engines[b]))[0];
  const theirs = best ? of(engines[best]) : NaN;
  const plain = engines['plain-js'] ? of(engines['plain-js']) : NaN;
  return [name, show(own), best ? `${show(theirs)} (${best})` : '', best ? (own / theirs).toFixed(2) : '', Number.isFinite(plain) ? show(plain) : ''];
})));

const recall = Object.entries(truth).map(([query, count]) => {
  const expected = isPhrase(query) ? count.phrase : count[engines.fonds.sem];
  return { query, expected, total: engines.fonds.warm?.[0]?.q[query]?.total };
});
const off = recall.filter(({ expected, total }) => total !== expected);
const ratios = recall.filter(({ expected }) => expected > 0).map(({ expected, total }) => total / expected);
console.log(`\nRecall of fonds against the scan: median ${median(ratios).toFixed(2)}, from ${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}; ${recall.length - off.length} of ${recall.length} totals are the scan's.`);
for (const { query, expected, total } of off.slice(0, 40)) console.log(`  ${query}: ${total}, the scan ${expected}`);
if (bounds) {
  const b = JSON.parse(readFileSync(bounds, 'utf8'));
  console.log(`\nBounds: the text as one zstd -19 frame ${size(b.zstd19)}, in 64 KiB blocks ${size(b.zstd19_64k)}; entropy of the postings ${size(b.postingsEntropyBytes)}; vocabulary ${size(b.vocabularyZstd19)}; a scan in WebAssembly ${Object.values(b.scanWasm).map((/** @type {any} */ one) => one[1]).sort((a, b) => a - b).filter((_, place, all) => place === 0 || place === all.length - 1).join('–')} ms a query.`);
}
