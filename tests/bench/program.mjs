/** The program under measurement, as the benchmarks drive it. FONDS_BIN names it; target/release/fonds where not given. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const REPOSITORY = resolve(fileURLToPath(new URL('.', import.meta.url)), '../..');
export const PROGRAM = resolve(process.env.FONDS_BIN ?? join(REPOSITORY, 'target/release/fonds'));

/**
 * @typedef {object} Answer One line of `fonds search --queries`.
 * @property {string} query
 * @property {number} total
 * @property {boolean} exact
 * @property {number} took_us
 * @property {{ id: string | null, uid: string }[]} hits
 * @property {string[]} suggestions
 */

/**
 * @param {string[]} args
 * @param {{ input?: string, accepted?: number[] }} [options] Exit codes that are answers; 0 where not given.
 * @returns {{ stdout: string, stderr: string }}
 */
export function fonds(args, { input, accepted = [0] } = {}) {
  if (!existsSync(PROGRAM)) throw new Error(`there is no program at ${PROGRAM}: run ./build.sh first, or let FONDS_BIN name it`);
  const { status, stdout, stderr, error } = spawnSync(PROGRAM, args, { input, encoding: 'utf8', maxBuffer: 2 ** 30 });
  if (error) throw error;
  if (!accepted.includes(status ?? -1)) throw new Error(`fonds ${args.join(' ')} ended with ${status}: ${stderr}`);
  return { stdout, stderr };
}

/**
 * Answers of one process, in the order of the queries.
 * @param {string} archive
 * @param {string[]} queries
 * @param {string[]} [options]
 * @returns {Answer[]}
 */
export function answers(archive, queries, options = []) {
  const input = queries.map((query) => `${query}\n`).join('');
  const { stdout } = fonds(['search', archive, '--json', '--queries', '-', ...options], { input, accepted: [0, 1] });
  const lines = stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
  if (lines.length !== queries.length) throw new Error(`${queries.length} queries, ${lines.length} answers`);
  return lines;
}

/** A folder that goes away with the process. @returns {string} */
export function scratch() {
  const folder = mkdtempSync(join(tmpdir(), 'fonds-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * A Markdown table.
 * @param {string[]} head
 * @param {(string | number)[][]} rows
 * @returns {string}
 */
export function table(head, rows) {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** @param {number} bytes */
export function size(bytes) {
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(2)} MB`;
  return bytes >= 1e3 ? `${(bytes / 1e3).toFixed(1)} KB` : `${bytes} B`;
}

/** Says why nothing is measured, and ends well: what is measured here is not in the repository. @param {string} sentence */
export function skip(sentence) {
  console.log(`skipped: ${sentence}`);
  process.exit(0);
}
