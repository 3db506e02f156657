/**
 * Has the work for a query grown? Instructions of a few fixed queries over the sample archive, counted by callgrind, against the
 * numbers kept in instructions.txt.
 *
 *     ./build.sh bench instructions            compare; an error where one has grown by more than the tolerance
 *     ./build.sh bench instructions --renew    write the counts of now into instructions.txt: in the commit that changes them
 *
 * Another compiler or another processor's vector units give other counts: renew before you compare. FONDS_COUNTED names the
 * counting program, which build.sh builds from instructions.rs.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fonds, REPOSITORY, scratch, skip, table } from './program.mjs';

/** Seeds of hash maps differ from run to run, and with them the counts, by less than this. */
const TOLERANCE = 0.03;
const KEPT = join(REPOSITORY, 'tests/bench/instructions.txt');
const SAMPLE = join(REPOSITORY, 'tests/samples/harbour/posts.jsonl');
const QUERIES = ['storm', 'harb', 's', 'storm harbour', '"the harbour"', 'ferry OR lighthouse', 'harbour -storm', 'zzyzx'];

const program = process.env.FONDS_COUNTED;
if (!program) throw new Error('FONDS_COUNTED names no counting program: run ./build.sh bench instructions');
if (spawnSync('valgrind', ['--version']).status !== 0) skip('valgrind is not installed');
const folder = scratch();
const archive = join(folder, 'sample.fonds');
fonds(['build', SAMPLE, '-o', archive, '--quiet']);

const counts = QUERIES.map((query) => /** @type {const} */ ([query, counted(query, 'first'), counted(query, 'again')]));
const kept = existsSync(KEPT) ? new Map(readFileSync(KEPT, 'utf8').split('\n').filter((line) => line && !line.startsWith('#')).map((line) => {
  const [query = '', first, again] = line.split('\t');
  return [query, [Number(first), Number(again)]];
})) : new Map();
const grown = (/** @type {number} */ now, /** @type {number | undefined} */ then) => (then ? now / then - 1 : 0);
const percent = (/** @type {number} */ share) => `${share >= 0 ? '+' : ''}${(100 * share).toFixed(1)} %`;
console.log(table(['query', 'first', '', 'again', ''], counts.map(([query, first, again]) => {
  const [thenFirst, thenAgain] = kept.get(query) ?? [];
  return [query, first, percent(grown(first, thenFirst)), again, percent(grown(again, thenAgain))];
})));

if (process.argv.includes('--renew')) {
  const head = '# Instructions of each query over the sample archive: first answer, answer from what is loaded.\n# ./build.sh bench instructions compares; --renew writes this file.\n';
  writeFileSync(KEPT, head + counts.map((line) => `${line.join('\t')}\n`).join(''));
} else {
  const missing = QUERIES.filter((query) => !kept.has(query));
  if (missing.length > 0) fail(`tests/bench/instructions.txt has no counts for ${missing.join(', ')}: give --renew`);
  const worse = counts.filter(([query, first, again]) => {
    const [thenFirst, thenAgain] = kept.get(query) ?? [];
    return Math.max(grown(first, thenFirst), grown(again, thenAgain)) > TOLERANCE;
  });
  if (worse.length > 0) fail(`more than ${100 * TOLERANCE} % above what is kept: ${worse.map(([query]) => query).join(', ')}; if that is meant, give --renew and commit the file`);
}

/** @param {string} query @param {'first' | 'again'} which */
function counted(query, which) {
  const out = join(folder, 'callgrind.out');
  const options = ['--tool=callgrind', `--callgrind-out-file=${out}`, '--collect-atstart=no', '--toggle-collect=*fonds_counted*'];
  const { status, stderr } = spawnSync('valgrind', [...options, /** @type {string} */ (program), archive, which, query], { encoding: 'utf8' });
  if (status !== 0) fail(`callgrind ended with ${status}: ${stderr}`);
  const total = Number(/^totals: (\d+)/m.exec(readFileSync(out, 'utf8'))?.[1]);
  if (!(total > 0)) fail(`callgrind counted nothing for ${query}`);
  return total;
}

/** @param {string} sentence @returns {never} */
function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}
