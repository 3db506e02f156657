#!/usr/bin/env node
/**
 * Takes the pictures by which the page's look is judged; not a test.
 *
 *     node tests/browser/screenshots.mjs FOLDER [--engine NAME]
 *
 * Every view at 1440, 820 and 320 pixels, light and dark: `FOLDER/results-820-dark.png` and so on.
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { launch, missing } from './engines.mjs';
import { publishSample } from './fixtures.mjs';
import { reaches, showsText, withState } from './reading.mjs';
import { serve } from './server.mjs';

const { values, positionals: [folder] } = parseArgs({ allowPositionals: true, options: { engine: { type: 'string', default: 'chromium' } } });
const name = /** @type {import('./engines.mjs').EngineName} */ (values.engine);
if (!folder || missing(name)) {
  console.error(missing(name) ?? 'usage: screenshots.mjs FOLDER [--engine chromium|firefox|webkit]');
  process.exit(2);
}
mkdirSync(folder, { recursive: true });

const sample = publishSample();
const page = sample.fileUrl('folder/index.html');
const rightToLeft = sample.records.reduce((a, b) => (arabic(a.text) >= arabic(b.text) ? a : b));
const broken = sample.copy('screenshots');
broken.remove('archive/manifest.js');

const temporary = mkdtempSync(join(tmpdir(), 'fonds-host-'));
const site = await serve(sample.root);
// The core comes and the archive does not: the page goes on waiting.
const slow = await serve(sample.root, { hold: /\/archive\// });
const host = await serve(temporary);
writeFileSync(join(temporary, 'host.html'), `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>A blog</title></head><body style="max-width: 44rem; margin: 2rem auto; font-family: serif; padding: 0 1rem">
<h1>What the storm left</h1><p>The harbour kept a diary of that night. Here it is.</p>
<script src="${site.url('folder/embed.js')}"></script><fonds-archive src="${site.url('folder/index.html')}" q="storm"></fonds-archive>
<p>Nobody was hurt.</p></body></html>`);

/** @typedef {import('./engines.mjs').Page} Page */
/** @type {Record<string, {url: string, ready: (page: Page) => Promise<unknown>}>} */
const views = {
  portrait: { url: page, ready: (page) => reaches(page, 'ready') },
  results: { url: withState(page, { q: 'storm' }), ready: (page) => reaches(page, 'ready') },
  post: { url: withState(page, { q: 'storm', m: storm().uid }), ready: (page) => withList(page, storm().text) },
  filters: { url: withState(page, { q: 'harbour' }), ready: showFilters },
  empty: { url: withState(page, { q: 'qzxvkwj' }), ready: (page) => reaches(page, 'empty') },
  error: { url: broken.url, ready: (page) => reaches(page, 'error') },
  loading: { url: withState(slow.url('folder/index.html'), { q: 'storm' }), ready: (page) => reaches(page, 'loading') },
  embed: { url: host.url('host.html'), ready: embedded },
  rtl: { url: withState(page, { m: rightToLeft.uid }), ready: (page) => withList(page, rightToLeft.text) },
};

const engine = await launch(name);
try {
  for (const [view, { url, ready }] of Object.entries(views)) {
    for (const width of [1440, 820, 320]) {
      for (const dark of [false, true]) {
        const opened = await engine.open(url, { width, height: width === 320 ? 700 : 900, dark, early: view === 'loading' });
        try {
          await ready(opened);
          await opened.screenshot(join(folder, `${view}-${width}-${dark ? 'dark' : 'light'}.png`));
        } catch (error) {
          console.error(`${view} at ${width}: ${error instanceof Error ? error.message : error}`);
          process.exitCode = 1;
        } finally {
          await opened.close();
        }
      }
    }
  }
} finally {
  await engine.close();
  for (const server of [site, slow, host]) await server.close();
  rmSync(temporary, { recursive: true, force: true });
}

/** @param {string | undefined} text */
function arabic(text) {
  return (text?.match(/[\u0590-\u08FF]/g) ?? []).length;
}

function storm() {
  const [hit] = sample.search('storm').hits;
  const record = sample.records.find(({ uid }) => uid === hit?.uid);
  if (!record) throw new Error('the sample has no post about a storm');
  return record;
}

/** The open post and the list beside it. @param {Page} page @param {string | undefined} text */
async function withList(page, text) {
  await reaches(page, 'ready');
  await showsText(page, text ?? '');
}

/** Beyond the anchors: where the filters are folded away, `[aria-controls=facets]` opens them. @param {Page} page */
async function showFilters(page) {
  await reaches(page, 'ready');
  const folded = await page.evaluate(() => {
    const button = /** @type {HTMLElement | null} */ (document.querySelector('button[aria-controls=facets]'));
    return button !== null && button.getClientRects().length > 0;
  });
  if (folded) await page.click('button[aria-controls=facets]');
}

/** @param {Page} page */
async function embedded(page) {
  const find = () => {
    const element = document.querySelector('fonds-archive');
    return element?.shadowRoot?.querySelector('iframe') ?? element?.querySelector('iframe') ?? null;
  };
  await page.waitFor(`(${find})() !== null`, undefined, 'a frame in the element');
  await reaches(await page.frame(find), 'ready');
}
