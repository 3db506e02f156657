/**
 * Is the right word offered for a misspelt one? Shares of misspellings whose right word is the first correction, or among the
 * first three.
 *
 *     FONDS_MISSPELL=FILE ./build.sh bench corrections CORPUS.jsonl
 *
 * FILE has lines of a wrong and a right word, or several right ones after commas, with a tab between. Counted are pairs of
 * single words whose right word stands in the corpus and is at most two edits away (a transposition counts as one: Damerau
 * 1964, as optimal string alignment). A wrong word that itself stands in the corpus is counted too, and told apart, since it
 * is only corrected where its hits are few.
 */

import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { answers, fonds, scratch, skip, table } from './program.mjs';

const EDITS_MAX = 2;
const OFFERED = 3;

const corpus = process.argv[2] ?? '';
const file = process.env.FONDS_MISSPELL ?? '';
if (!file || !existsSync(file)) skip('FONDS_MISSPELL does not name a file of misspellings');
if (!corpus || !existsSync(corpus)) skip('no corpus is given: CORPUS.jsonl, whose words are the right ones');

const vocabulary = await words(corpus);
const pairs = readFileSync(file, 'utf8').split('\n').filter(Boolean).map((line) => line.toLowerCase().split('\t')).map(([wrong = '', right = '']) => ({
  wrong,
  right: right.split(',').map((word) => word.trim()).filter((word) => vocabulary.has(word) && distance(wrong, word) <= EDITS_MAX),
})).filter(({ wrong, right }) => /^\p{L}+$/u.test(wrong) && right.length > 0);

const archive = join(scratch(), 'corpus.fonds');
fonds(['build', corpus, '-o', archive, '--quiet']);
const found = answers(archive, pairs.map(({ wrong }) => wrong), ['--limit', '0']);
const judged = pairs.map(({ wrong, right }, place) => {
  const offered = (found[place]?.suggestions ?? []).map((text) => text.toLowerCase());
  const ranks = right.map((word) => offered.indexOf(word)).filter((rank) => rank >= 0);
  const edits = Math.min(...right.map((word) => distance(wrong, word)));
  const first = wrong[0] === right[0]?.[0];
  return { wrong, right, offered, rank: Math.min(...ranks, Infinity), edits, first, stands: vocabulary.has(wrong), took: found[place]?.took_us ?? 0 };
});

/** @param {string} name @param {typeof judged} of */
const row = (name, of) => [name, of.length, share(of, 1), share(of, OFFERED), `${(quantile(of.map(({ took }) => took), 0.5) / 1000).toFixed(2)} / ${(quantile(of.map(({ took }) => took), 0.95) / 1000).toFixed(2)} ms`];
console.log(table(['misspellings', 'pairs', 'first', `among ${OFFERED}`, 'time, median / p95'], [
  row('all', judged),
  row('one edit', judged.filter(({ edits }) => edits === 1)),
  row('two edits', judged.filter(({ edits }) => edits === 2)),
  row('wrong first letter', judged.filter(({ first }) => !first)),
  row('the wrong word stands in the corpus', judged.filter(({ stands }) => stands)),
  row('it does not', judged.filter(({ stands }) => !stands)),
]));
if (process.argv.includes('--missed')) {
  for (const { wrong, right, offered } of judged.filter(({ rank }) => rank >= OFFERED)) console.log(`${wrong}\t${right.join(', ')}\t${offered.join(', ')}`);
}

/** @param {typeof judged} of @param {number} depth */
function share(of, depth) {
  return of.length === 0 ? '' : `${((100 * of.filter(({ rank }) => rank < depth).length) / of.length).toFixed(1)} %`;
}

/** @param {number[]} values @param {number} q */
function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? 0;
}

/** Every word of a corpus' titles and texts, in lower case. @param {string} path */
async function words(path) {
  const found = new Set();
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    if (!line) continue;
    const { title = '', text = '' } = JSON.parse(line);
    for (const [word] of `${title}\n${text}`.toLowerCase().matchAll(/[\p{L}\p{M}\p{N}]+/gu)) found.add(word);
  }
  return found;
}

/** Edits between two words, by three rows of the matrix. @param {string} a @param {string} b */
function distance(a, b) {
  let before = /** @type {number[]} */ ([]);
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const at = (/** @type {number[]} */ line, /** @type {number} */ place) => line[place] ?? Infinity;
      const edits = [at(row, j) + 1, at(next, j - 1) + 1, at(row, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)];
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) edits.push(at(before, j - 2) + 1);
      next.push(Math.min(...edits));
    }
    [before, row] = [row, next];
  }
  return row[b.length] ?? Infinity;
}
