/**
 * What grows with an archive, and what does not? Builds archives of several sizes and measures opening, rare words, the newest
 * page and common words in each.
 *
 *     ./build.sh bench growth [--sizes 10000,100000,1000000,5000000] [--seed 1] [--keep DIR]
 *
 * Sizes are numbers of posts; `--sizes 10000,100000` is done in a minute. What must not grow is compared between the second
 * size and the last (the first and the last where there are two) and held against a factor of 1.5: a larger one ends the run with an error. What grows
 * is printed with its slope, the exponent b of cost = a · posts^b between the same two sizes.
 *
 * Processor time and peak memory of a build are those of its process, read from /proc: on Linux only.
 * FONDS_MEASURE names the measuring program, which build.sh builds from measure.rs.
 */

import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { fonds, PROGRAM, scratch, size, table } from '../program.mjs';
import { LANGUAGES, PROBES, PROBE_POSTS, probeWord, stem } from './generate.mjs';

/** How much what must not grow may differ between two sizes. */
const FACTOR_MAX = 1.5;
/** Common words by rank: from those that stand in most posts to those in one of some hundred. */
const COMMON_RANKS = [0, 30, 1000];
const SAMPLE_MS = 20;

const { values } = parseArgs({ options: { sizes: { type: 'string', default: '10000,100000,1000000,5000000' }, seed: { type: 'string', default: '1' }, keep: { type: 'string' } } });
const measure = process.env.FONDS_MEASURE;
if (!measure) throw new Error('FONDS_MEASURE names no measuring program: run ./build.sh bench growth');
const folder = values.keep ? resolve(values.keep) : scratch();
mkdirSync(folder, { recursive: true });

/** @typedef {{ kind: string, query: string, total: number, exact: boolean, open_bytes: number, open_us: number, bytes: number, blocks: number, rounds: number, first_us: number, warm_us: number }} Measured */
/** @typedef {{ count: number, build: { cpu: number, peak: number, wall: number }, input: number, container: number, sections: Map<string, number>, measured: Measured[], memory: { before_kib: number, most_kib: number } }} Archive */

/** @type {Archive[]} */
const archives = [];
for (const count of values.sizes.split(',').map(Number)) archives.push(await one(count));
report();

/** @param {number} count @returns {Promise<Archive>} */
async function one(count) {
  const posts = join(folder, `${count}.jsonl`);
  const archive = join(folder, `${count}.fonds`);
  execFileSync(process.execPath, [new URL('generate.mjs', import.meta.url).pathname, String(count), values.seed], { stdio: ['ignore', openSync(posts, 'w'), 'inherit'] });
  const build = await watched(PROGRAM, ['build', posts, '-o', archive, '--force', '--quiet']);
  const input = statSync(posts).size;
  if (!values.keep) rmSync(posts);
  const lines = execFileSync(/** @type {string} */ (measure), [archive], { input: queries().map((line) => `${line.join('\t')}\n`).join(''), encoding: 'utf8' });
  const all = lines.split('\n').filter(Boolean).map((line) => JSON.parse(line));
  const measured = /** @type {Measured[]} */ (all.slice(0, -1));
  for (const { query, total, kind, exact } of measured) {
    if (!exact || (kind === 'rare' && total !== PROBE_POSTS)) throw new Error(`${count} posts: ${query} has ${total} hits, exact: ${exact}`);
  }
  const inspected = JSON.parse(fonds(['inspect', archive, '--json']).stdout);
  const sections = new Map(Object.entries(inspected.bytes_by_section).map(([name, bytes]) => [name, Number(bytes)]));
  const done = { count, build, input, container: statSync(archive).size, sections, measured, memory: all.at(-1) };
  if (!values.keep) rmSync(archive);
  console.error(`${count.toLocaleString('en')} posts: built in ${build.cpu.toFixed(1)} s of processor time, ${size(build.peak)} at most`);
  return done;
}

/** @returns {[string, string][]} */
function queries() {
  const common = LANGUAGES.slice(0, 2).flatMap((language) => COMMON_RANKS.map((rank) => /** @type {[string, string]} */ ([`common word, rank ${rank}`, `=${stem(language, rank)}`])));
  return [['newest', ''], ...Array.from({ length: PROBES }, (_, probe) => /** @type {[string, string]} */ (['rare', probeWord(probe)])), ...common];
}

/** Runs a program to its end and reads what it used. @param {string} program @param {string[]} args */
async function watched(program, args) {
  const started = performance.now();
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  let cpu = 0;
  let peak = 0;
  const sample = () => {
    try {
      const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
      const [utime, stime] = stat.slice(stat.lastIndexOf(')') + 2).split(' ').slice(11, 13).map(Number);
      cpu = Math.max(cpu, ((utime ?? 0) + (stime ?? 0)) / 100);
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      peak = Math.max(peak, 1024 * Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
    } catch {
      // It has ended.
    }
  };
  const timer = setInterval(sample, SAMPLE_MS);
  const code = await new Promise((done) => child.on('exit', done));
  clearInterval(timer);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}`);
  return { cpu, peak, wall: (performance.now() - started) / 1000 };
}

function report() {
  const head = ['', ...archives.map(({ count }) => count.toLocaleString('en'))];
  /** @param {string} name @param {(archive: Archive) => number} of @param {(value: number) => string} show */
  const line = (name, of, show) => ({ name, costs: archives.map(of), show });
  const mean = (/** @type {string} */ kind, /** @type {keyof Measured} */ field) => (/** @type {Archive} */ { measured }) => {
    const of = measured.filter((one) => one.kind === kind).map((one) => Number(one[field]));
    return of.reduce((sum, value) => sum + value, 0) / of.length;
  };
  const ms = (/** @type {number} */ us) => `${(us / 1000).toFixed(2)} ms`;
  const plain = (/** @type {number} */ value) => value.toFixed(1);
  const constant = [
    line('bytes to open', ({ measured }) => measured[0]?.open_bytes ?? 0, size),
    line('bytes of the newest page', mean('newest', 'bytes'), size),
    line('bytes of a rare word and its page', mean('rare', 'bytes'), size),
    line('memory after every query', ({ memory }) => memory.most_kib * 1024, size),
  ];
  const timed = [
    line('time to open', ({ measured }) => measured[0]?.open_us ?? 0, ms),
    line('newest page, first', mean('newest', 'first_us'), ms),
    line('newest page, again', mean('newest', 'warm_us'), ms),
    line('rare word, first', mean('rare', 'first_us'), ms),
    line('rare word, again', mean('rare', 'warm_us'), ms),
  ];
  // Where the root lists no blocks any more, what leads to them is read on the way: once more, however large the archive.
  const growing = [
    line('blocks of the newest page', mean('newest', 'blocks'), plain),
    line('blocks of a rare word and its page', mean('rare', 'blocks'), plain),
    line('rounds of a rare word', mean('rare', 'rounds'), plain),
    line('input', ({ input }) => input, size),
    line('container', ({ container }) => container, size),
    line('build, processor time', ({ build }) => build.cpu, (value) => `${value.toFixed(1)} s`),
    line('build, peak memory', ({ build }) => build.peak, size),
    ...[...new Set(archives.flatMap(({ sections }) => [...sections.keys()]))].map((name) => line(`section ${name}`, ({ sections }) => sections.get(name) ?? 0, size)),
    ...COMMON_RANKS.flatMap((rank) => [
      line(`common word, rank ${rank}: bytes`, mean(`common word, rank ${rank}`, 'bytes'), size),
      line(`common word, rank ${rank}: again`, mean(`common word, rank ${rank}`, 'warm_us'), ms),
    ]),
  ];
  const from = archives.length > 2 ? 1 : 0;
  const last = archives.length - 1;
  const ratio = (/** @type {number[]} */ costs) => (costs[last] ?? 0) / (costs[from] || 1);
  const slope = (/** @type {number[]} */ costs) => Math.log(ratio(costs)) / Math.log((archives[last]?.count ?? 1) / (archives[from]?.count ?? 1));
  const span = `${head[from + 1]} → ${head[last + 1]}`;
  const show = (/** @type {typeof constant} */ lines, /** @type {(costs: number[]) => string} */ compare) => lines.map(({ name, costs, show }) => [name, ...costs.map(show), compare(costs)]);
  const factor = (/** @type {number[]} */ costs) => `× ${ratio(costs).toFixed(2)}`;
  console.log(`\nWhat must not grow (at most × ${FACTOR_MAX}):\n\n${table([...head, span], show(constant, factor))}`);
  console.log(`\nTimes of the same (noisy; natively, from a file):\n\n${table([...head, span], show(timed, factor))}`);
  console.log(`\nWhat grows (slope: exponent of the number of posts):\n\n${table([...head, `slope, ${span}`], show(growing, (costs) => slope(costs).toFixed(2)))}`);
  if (last === from) return;
  const grown = constant.filter(({ costs }) => ratio(costs) > FACTOR_MAX);
  if (grown.length > 0) {
    console.error(`\ngrown by more than ${FACTOR_MAX}: ${grown.map(({ name }) => name).join('; ')}`);
    process.exit(1);
  }
}
