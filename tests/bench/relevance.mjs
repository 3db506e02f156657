/**
 * How good are the first ten hits? nDCG@10 on judged collections, in the mode in which one of the words is enough.
 *
 *     FONDS_IR=DIR ./build.sh bench relevance [--half choose|report] [COLLECTION…]
 *
 * DIR holds a folder for each collection: corpus.jsonl (records), queries.jsonl ({id, text}), qrels.tsv (query-id, corpus-id,
 * score, with a line of names). Whoever chooses a parameter looks at one half of the queries only (`--half choose`: those in
 * odd places) and reports the other, so that no figure here was tuned for. Without `--half` all queries count, as they do in
 * the floors beside them.
 *
 * nDCG@10 = DCG of the first ten / DCG of the best ten, gain = judged score, discount = log2(1 + rank) (Järvelin and
 * Kekäläinen 2002). Queries without a relevant record are left out.
 */

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { answers, fonds, scratch, skip, table } from './program.mjs';

/** What plain BM25 reaches (k1 1.2, b 0.75, 33 stop words), with Porter's stemmer in English and a tokenizer that fits
 *  elsewhere (Snowball; two or three characters where words are not spaced), over all queries. Measured once, apart. */
const FLOORS = new Map(Object.entries({
  cranfield: 0.384, med: 0.683, 'npl-vaswani': 0.432, time: 0.707, 'xquad-ru': 0.952, 'xquad-ar': 0.934, 'xquad-zh': 0.963, 'xquad-th': 0.968,
}));
const DEPTH = 10;

const { values, positionals } = parseArgs({ allowPositionals: true, options: { half: { type: 'string' } } });
const root = process.env.FONDS_IR ?? '';
if (!root || !existsSync(root)) skip('FONDS_IR does not name a folder of judged collections');
const folder = scratch();
const names = positionals.length > 0 ? positionals : readdirSync(root).filter((name) => existsSync(join(root, name, 'qrels.tsv'))).sort();
const rows = names.map((name) => {
  const collection = read(join(root, name));
  const archive = join(folder, `${name}.fonds`);
  fonds(['build', join(root, name, 'corpus.jsonl'), '-o', archive, '--quiet']);
  const queries = collection.queries.filter((query, place) => collection.judged.has(query.id) && isMeant(place));
  const found = answers(archive, queries.map(({ text }) => words(text)), ['--match', 'any', '--sort', 'relevance', '--limit', String(DEPTH)]);
  const scores = queries.map(({ id }, place) => ndcg(collection.judged.get(id) ?? new Map(), found[place]?.hits.map((hit) => hit.id ?? '') ?? []));
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const floor = FLOORS.get(name);
  const micros = found.map(({ took_us }) => took_us).sort((a, b) => a - b);
  return [name, collection.queries.length, queries.length, mean.toFixed(3), floor ?? '', floor ? (mean - floor >= 0 ? '+' : '') + (mean - floor).toFixed(3) : '', `${((micros[micros.length >> 1] ?? 0) / 1000).toFixed(2)} ms`];
});
console.log(table(['collection', 'queries', 'counted', 'nDCG@10', 'floor', 'above', 'median time'], rows));

/** @param {string} path */
function read(path) {
  const queries = /** @type {{ id: string, text: string }[]} */ (lines(join(path, 'queries.jsonl')).map((line) => JSON.parse(line)));
  /** Scores by record, by query. @type {Map<string, Map<string, number>>} */
  const judged = new Map();
  for (const line of lines(join(path, 'qrels.tsv')).slice(1)) {
    const [query = '', record = '', score] = line.split('\t');
    if (Number(score) <= 0) continue;
    if (!judged.has(query)) judged.set(query, new Map());
    judged.get(query)?.set(record, Number(score));
  }
  return { queries, judged };
}

/** @param {string} path */
function lines(path) {
  return readFileSync(path, 'utf8').split('\n').filter((line) => line.trim() !== '');
}

/** Whether the query in this place counts in the half that was asked for. @param {number} place */
function isMeant(place) {
  return values.half === undefined || (place % 2 === 0) === (values.half === 'choose');
}

/** A question's words alone: in a question marks are no operators, and neither is a word in capitals. @param {string} text */
function words(text) {
  return text.toLowerCase().replace(/[^\p{L}\p{M}\p{N}'’]+/gu, ' ').replace(/(^|\s)['’]+|['’]+(?=\s|$)/gu, ' ').trim();
}

/** @param {Map<string, number>} judged @param {string[]} ids */
function ndcg(judged, ids) {
  const dcg = (/** @type {number[]} */ gains) => gains.slice(0, DEPTH).reduce((sum, gain, rank) => sum + gain / Math.log2(rank + 2), 0);
  return dcg(ids.map((id) => judged.get(id) ?? 0)) / dcg([...judged.values()].sort((a, b) => b - a));
}
