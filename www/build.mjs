/** Writes www/dist/, from which `fonds` makes a published folder: see the table at the end for what it holds.
 *  `--without-core` builds a worker without the WebAssembly glue, for work on the page alone. */

import { build, transform } from 'esbuild';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const HERE = dirname(fileURLToPath(import.meta.url));
const DIST = join(HERE, 'dist');
const GLUE = join(DIST, 'bindgen', 'fonds.js');

/** The oldest browsers with everything the page needs (DecompressionStream, private members, `:has`). */
const TARGET = ['chrome111', 'firefox121', 'safari16.4'];
const COMMON = { bundle: true, minify: true, target: TARGET, charset: 'utf8', legalComments: 'none', logLevel: 'error', write: false };

const withoutCore = process.argv.includes('--without-core');
await mkdir(DIST, { recursive: true });
const files = {
  'index.html': await template(),
  'boot.js': await script('boot.js'),
  'app.js': await script('app.js'),
  'worker.js': (await glue()) + (await script('worker.js')),
  'style.css': await style('style.css'),
  'posts.css': await style('posts.css'),
  'embed.js': await script('embed.js'),
};
for (const [name, text] of Object.entries(files)) await writeFile(join(DIST, name), text);
report();

/** @param {string} name @returns {Promise<string>} one classic script. */
async function script(name) {
  const { outputFiles } = await build({ ...COMMON, entryPoints: [join(HERE, name)], format: 'iife' });
  return refuseEnd(name, outputFiles[0].text);
}

/** @param {string} name @returns {Promise<string>} */
async function style(name) {
  const { outputFiles } = await build({ ...COMMON, entryPoints: [join(HERE, name)] });
  return refuseEnd(name, outputFiles[0].text);
}

/** The template without its comments and its indentation. */
async function template() {
  const text = await readFile(join(HERE, 'index.html'), 'utf8');
  return text.replace(/<!--[\s\S]*?-->\n?/g, '').replace(/^[ \t]+/gm, '').replace(/\n{2,}/g, '\n');
}

/** The wasm-bindgen glue, which defines `wasm_bindgen` for the worker's code that follows it. */
async function glue() {
  if (withoutCore) return '';
  const text = await readFile(GLUE, 'utf8').catch(() => null);
  if (text === null) {
    console.error(`${GLUE} is missing: run ./build.sh core first, or give --without-core to work on the page alone.`);
    process.exit(1);
  }
  return (await transform(text, { minify: true, target: TARGET, legalComments: 'none' })).code;
}

/** These texts are also put inside <script> and <style>, where one such sequence would end or change the element. */
function refuseEnd(name, text) {
  if (/<\/(script|style)|<!--/i.test(text)) throw new Error(`${name} holds "</script", "</style" or "<!--", which cannot stand inline`);
  return text;
}

/** Prints what was written, and what a reader's browser gets. */
function report() {
  const rows = Object.entries(files).map(([name, text]) => [name, Buffer.byteLength(text), gzipSync(text, { level: 9 }).length]);
  const total = rows.reduce(([, raw, zipped], row) => ['together', raw + row[1], zipped + row[2]], ['together', 0, 0]);
  for (const [name, raw, zipped] of [['file', 'bytes', 'gzip -9'], ...rows, total]) {
    console.log(`${String(name).padEnd(12)} ${String(raw).padStart(8)} ${String(zipped).padStart(8)}`);
  }
}
