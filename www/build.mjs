/** Writes www/dist/, from which `fonds` makes a published folder: see the table at the end for what it holds.
 *  `--without-core` builds a worker without the WebAssembly glue, for work on the page alone. */

import { build, transform } from 'esbuild';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { faultsIn } from './languages/faults.js';
import { STATIC } from './static.js';

const HERE = dirname(fileURLToPath(import.meta.url));
const DIST = join(HERE, 'dist');

/** The oldest browsers with everything the page needs (DecompressionStream, private members, `:has`). */
const TARGET = ['chrome111', 'firefox121', 'safari16.4'];
const COMMON = { bundle: true, minify: true, target: TARGET, charset: 'utf8', legalComments: 'none', logLevel: 'error', write: false };

/** Modules that app.js and the parts loaded after it need: they are in app.js, which leaves what they export in a global for the others. No
 *  two export the same name. */
const SHARED = ['connection.js', 'dom.js', 'language.js', 'messages.js', 'query.js', 'ranges.js', 'view/icons.js', 'view/settle.js', 'view/text.js'];

/** @param {string} path @returns {Promise<string[]>} what a module exports. */
async function exportsOf(path) {
  return [...(await readFile(path, 'utf8')).matchAll(/^export (?:function|const|class) (\w+)/gm)].map(([, name]) => name);
}

/** Adds the shared modules to the app. @type {import('esbuild').Plugin} */
const shares = {
  name: 'shares',
  setup(bundler) {
    bundler.onLoad({ filter: /[\\/]www[\\/]app\.js$/ }, async ({ path }) => {
      const names = await Promise.all(SHARED.map((file) => exportsOf(join(HERE, file))));
      const all = names.flat();
      if (new Set(all).size < all.length) throw new Error('two shared modules export the same name');
      const imports = SHARED.map((file, i) => `import { ${names[i].map((name) => `${name} as shared_${name}`).join()} } from './${file}';`).join('');
      return { contents: `${imports}globalThis.fondsShared = { ${all.map((name) => `${name}: shared_${name}`).join()} };${await readFile(path, 'utf8')}` };
    });
  },
};

/** Takes the shared modules from the app. @type {import('esbuild').Plugin} */
const takes = {
  name: 'takes',
  setup(bundler) {
    bundler.onLoad({ filter: /[\\/]www[\\/].*\.js$/ }, async ({ path }) => {
      const file = relative(HERE, path).replaceAll('\\', '/');
      if (!SHARED.includes(file)) return null;
      return { contents: `export const { ${(await exportsOf(path)).join()} } = globalThis.fondsShared;` };
    });
  },
};

/** The sheet of the room as a text within its script. @type {import('esbuild').Plugin} */
const sheets = {
  name: 'sheets',
  setup(bundler) {
    bundler.onLoad({ filter: /\.css$/ }, async ({ path }) => ({ contents: await style(relative(HERE, path)), loader: 'text' }));
  },
};

/** Languages that have a table of their own. */
const LANGUAGES = ['ru', 'de', 'es', 'ar', 'zh'];

const withoutCore = process.argv.includes('--without-core');
await mkdir(DIST, { recursive: true });
const files = {
  'index.html': await template(),
  'boot.js': await script('boot.js'),
  'app.js': await script('app.js', [shares]),
  'room.js': await script('room.js', [takes, sheets]),
  'desk.js': await script('desk.js', [takes, sheets]),
  'worker.js': (await glue()) + (await script('worker.js')),
  'style.css': await style('style.css'),
  'posts.css': await style('posts.css'),
  'embed.js': await script('embed.js'),
  'sw.js': await script('sw.js'),
  ...Object.fromEntries((await Promise.all(LANGUAGES.map(words))).flat()),
};
for (const [name, text] of Object.entries(files)) await writeFile(join(DIST, name), text);
report();

/** @param {string} name @param {import('esbuild').Plugin[]} [plugins] @returns {Promise<string>} one classic script. */
async function script(name, plugins = []) {
  const { outputFiles } = await build({ ...COMMON, entryPoints: [join(HERE, name)], format: 'iife', plugins });
  return refuseEnd(name, outputFiles[0].text);
}

/** One layer for all of the page's sheets, so that what an owner writes beside them comes first, in whatever order they come.
 *  @param {string} name @returns {Promise<string>} */
async function style(name) {
  const { outputFiles } = await build({ ...COMMON, entryPoints: [join(HERE, name)] });
  return refuseEnd(name, `@layer page{${outputFiles[0].text.trim()}}\n`);
}

/** A language's table as JSON, which the program publishes as a part, and what it says itself in pages without a script.
 *  @param {string} code @returns {Promise<[string, string][]>} */
async function words(code) {
  const { default: table } = await import(`./languages/${code}.js`);
  const [loaded, written] = [{}, {}];
  for (const [key, said] of Object.entries(table)) (Object.hasOwn(STATIC, key) ? written : loaded)[key] = said;
  return [
    [`words-${code}.json`, refuseEnd(code, JSON.stringify({ ...loaded, faults: faultsIn(code) }))],
    [`static-${code}.json`, JSON.stringify(written)],
  ];
}

/** The template without its comments and its indentation. */
async function template() {
  const text = await readFile(join(HERE, 'index.html'), 'utf8');
  return text.replace(/<!--[\s\S]*?-->\n?/g, '').replace(/^[ \t]+/gm, '').replace(/\n{2,}/g, '\n');
}

/** The wasm-bindgen glue as a function that gives a fresh one each time: a second core is started beside the first. The glue of the
 *  whole core serves both; what it defines for the small one must be the same. */
async function glue() {
  if (withoutCore) return '';
  const [core, more] = await Promise.all(['core', 'more'].map((name) => readFile(join(DIST, 'bindgen', name, 'fonds.js'), 'utf8').catch(() => null)));
  if (core === null || more === null) {
    console.error('www/dist/bindgen is missing: run ./build.sh core first, or give --without-core to work on the page alone.');
    process.exit(1);
  }
  const imports = (text) => new Map([...text.matchAll(/^ {12}(__wb\w+): (function.*?^ {12}\}),$/gms)].map(([, name, body]) => [name, body]));
  const known = imports(more);
  if (known.size === 0) throw new Error('the glue has another shape than build.mjs knows');
  for (const [name, body] of imports(core)) if (known.get(name) !== body) throw new Error(`the glue of the two cores differs in ${name}`);
  return (await transform(`function fondsGlue() { ${more}; return wasm_bindgen; }`, { minify: true, target: TARGET, legalComments: 'none' })).code;
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
    console.log(`${String(name).padEnd(14)} ${String(raw).padStart(8)} ${String(zipped).padStart(8)}`);
  }
}
