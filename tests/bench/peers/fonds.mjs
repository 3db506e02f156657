/**
 * fonds as one of the engines of a side-by-side benchmark: `ADAPTERS_DIR=tests/bench/peers node run.mjs --engines fonds,…`
 * in the benchmark's directory, or `./build.sh bench peers`.
 *
 * The site is what `fonds build` publishes: page, fonds/ and archive/, without the static pages and the papers that lie
 * beside them. Only index.html is the benchmark's; the page's own lies beside it as page.html, so that its bytes count.
 *
 *   FONDS_BIN   the program; target/release/fonds where not given
 */

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
const PROGRAM = resolve(process.env.FONDS_BIN ?? join(HERE, '../../../target/release/fonds'));

export default {
  name: 'fonds',
  sem: 'prefix-and',
  phrase: true,
  note: 'the released page: loader, worker and core; exact totals in the timed call',

  /** @param {{ corpus: string, out: string }} parts */
  async build({ corpus, out }) {
    const folder = mkdtempSync(join(dirname(out), '.fonds-'));
    try {
      const { status, error } = spawnSync(PROGRAM, ['build', corpus, '-o', join(folder, 'site'), '--pages', 'no', '--quiet'], { stdio: 'inherit' });
      if (status !== 0) throw error ?? new Error(`${PROGRAM} ended with ${status}`);
      for (const part of ['fonds', 'archive']) renameSync(join(folder, 'site', part), join(out, part));
      cpSync(join(folder, 'site', 'index.html'), join(out, 'page.html'));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    await bundlePage(out);
  },
};

/** @param {string} out */
async function bundlePage(out) {
  // The page's own bundler, so that nothing else needs to be installed.
  const { build } = await import('../../../www/node_modules/esbuild/lib/main.js');
  const plugins = [{ name: 'boot', setup: (/** @type {any} */ bundler) => bundler.onLoad({ filter: /www.boot\.js$/ }, bootWithoutApp) }];
  const banner = { js: `Object.assign(document.documentElement.dataset, ${JSON.stringify(rootData(join(out, 'page.html')))});` };
  await build({ entryPoints: [join(HERE, 'engine.js')], outfile: join(out, 'engine.js'), bundle: true, minify: true, format: 'iife', logLevel: 'error', plugins, banner });
}

/** What the published page says of its archive in the attributes of its root element: the loader goes by it. @param {string} page */
function rootData(page) {
  const [root = ''] = /<html[^>]*>/.exec(readFileSync(page, 'utf8')) ?? [];
  return Object.fromEntries([...root.matchAll(/data-([a-z]+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
}

/** The page's bootstrap; app.js is loaded by engine.js as bytes, since its elements are not here. @param {{ path: string }} file */
async function bootWithoutApp({ path }) {
  const text = readFileSync(path, 'utf8');
  const app = "fondsShard.load('fonds/app.js')";
  if (text.split(app).length !== 2) throw new Error(`${path} does not load the app as it did: mend the adapter`);
  return { contents: text.replace(app, 'Promise.resolve()') };
}
