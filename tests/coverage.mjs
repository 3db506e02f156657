/**
 * Prints what `cargo llvm-cov --json` measured, room by room: `node tests/coverage.mjs FILE [ROOM…]`. Of rooms that are named, each
 * stretch of lines that no test reaches is listed too.
 */

import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

const [file, ...rooms] = process.argv.slice(2);
const { files } = JSON.parse(readFileSync(file, 'utf8')).data[0];

/** The folder or file of src that a file belongs to. @param {string} name */
const roomOf = (name) => name.split('/')[1].replace(/\.rs$/, '');

/** @type {Map<string, {lines: number[], regions: number[]}>} */
const sums = new Map();
const inCrate = files.map((/** @type {any} */ { filename, ...rest }) => ({ name: relative(process.cwd(), filename), ...rest }))
  .filter((/** @type {any} */ { name }) => name.startsWith('src/'));
for (const { name, summary } of inCrate) {
  const sum = sums.get(roomOf(name)) ?? { lines: [0, 0], regions: [0, 0] };
  for (const kind of /** @type {const} */ (['lines', 'regions'])) {
    sum[kind][0] += summary[kind].covered;
    sum[kind][1] += summary[kind].count;
  }
  sums.set(roomOf(name), sum);
}
const percent = (/** @type {number[]} */ [covered, count]) => `${(100 * covered / Math.max(count, 1)).toFixed(1)} %`.padStart(8);
console.log(`${'room'.padEnd(14)}${'lines'.padStart(8)}${'reached'.padStart(9)}${'regions'.padStart(10)}${'reached'.padStart(9)}`);
for (const [room, { lines, regions }] of [...sums].sort()) {
  console.log(`${room.padEnd(14)}${String(lines[1]).padStart(8)} ${percent(lines)}${String(regions[1]).padStart(10)} ${percent(regions)}`);
}

for (const { name, segments } of inCrate.filter((/** @type {any} */ { name }) => rooms.includes(roomOf(name)))) {
  for (const [first, last] of unreached(segments, name)) console.log(`${name}:${first}${last > first ? `-${last}` : ''}`);
}

/**
 * Stretches of lines of which nothing is ever run; tests in the file do not count. A segment is
 * `[line, column, count, hasCount, isRegionEntry, isGapRegion]` and goes on to the next one.
 * @param {any[][]} segments @param {string} name
 */
function unreached(segments, name) {
  const lines = readFileSync(name, 'utf8').split('\n');
  const tests = lines.findIndex((line) => /^mod tests/.test(line)) + 1 || Infinity;
  /** @type {Map<number, boolean>} */
  const isRun = new Map();
  segments.forEach(([line, column, count, hasCount, , isGap], place) => {
    if (!hasCount || isGap) return;
    const [endLine, endColumn] = segments[place + 1] ?? [line, column];
    const last = endColumn > 1 && /\S/.test(lines[endLine - 1].slice(0, endColumn - 1)) ? endLine : Math.max(line, endLine - 1);
    for (let at = line; at <= last; at += 1) isRun.set(at, (isRun.get(at) ?? false) || count > 0);
  });
  /** @type {number[][]} */
  const stretches = [];
  for (const line of [...isRun].filter(([line, run]) => !run && line < tests).map(([line]) => line).sort((a, b) => a - b)) {
    const before = stretches.at(-1);
    if (before && line <= before[1] + 1) before[1] = line;
    else stretches.push([line, line]);
  }
  return stretches;
}
