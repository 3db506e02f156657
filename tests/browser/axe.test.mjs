/** Accessibility, as far as a program can judge it: axe-core finds nothing in any state of the page, in either scheme. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { publishSample } from './fixtures.mjs';
import { reaches, showsText, withState } from './reading.mjs';
import { inEveryEngine } from './suite.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** @typedef {{id: string, help: string, nodes: {target: string[], html: string}[]}} Violation */

inEveryEngine('axe', ({ check, open }) => {
  const press = (/** @type {string} */ words, /** @type {string} */ shown) => async (/** @type {import('./engines.mjs').Page} */ page) => {
    const found = `[...document.querySelectorAll('button')].find((button) => button.textContent.trim() === ${JSON.stringify(words)})`;
    await page.waitFor(`${found} !== undefined`, undefined, `the button ${words}`);
    await page.evaluate(`${found}.click()`);
    await page.waitFor(`document.querySelector('${shown}') !== null`, undefined, shown);
  };
  /** @type {Record<string, () => {url: string, state: string, text?: string, act?: (page: import('./engines.mjs').Page) => Promise<void>}>} */
  const views = {
    'the portrait': () => ({ url: publishSample().fileUrl('folder/index.html'), state: 'ready' }),
    'the results': () => ({ url: withState(publishSample().fileUrl('folder/index.html'), { q: 'storm' }), state: 'ready' }),
    'a post': () => {
      const { uid, text } = publishSample().longest;
      return { url: withState(publishSample().fileUrl('folder/index.html'), { m: uid }), state: 'ready', text };
    },
    'the help': () => ({ url: withState(publishSample().fileUrl('folder/index.html'), { q: 'storms' }), state: 'ready', act: press('?Keys and query language', '#trace td') }),
    'the calendar': () => ({ url: publishSample().fileUrl('folder/index.html'), state: 'ready', act: press('Calendar', '#calendar td') }),
    'a citation': () => ({ url: withState(publishSample().fileUrl('folder/index.html'), { m: publishSample().longest.uid }), state: 'ready', act: press('Cite', '.citation') }),
    'the basket': () => ({
      url: withState(publishSample().fileUrl('folder/index.html'), { m: publishSample().longest.uid }), state: 'ready',
      act: async (page) => {
        await press('Keep', '#basket-open:not([hidden])')(page);
        await page.click('#basket-open');
      },
    }),
    'the empty state': () => ({ url: withState(publishSample().fileUrl('folder/index.html'), { q: 'qzxvkwj' }), state: 'empty' }),
    'the error state': () => {
      const copy = publishSample().copy('axe');
      copy.remove('archive/manifest.js');
      return { url: copy.url, state: 'error' };
    },
  };

  for (const [name, view] of Object.entries(views)) {
    for (const scheme of ['light', 'dark']) {
      check(`axe finds nothing in ${name}, ${scheme}`, async () => {
        const { url, state, text, act } = view();
        const page = await open(url, { dark: scheme === 'dark' });
        await reaches(page, state);
        if (text) await showsText(page, text);
        await act?.(page);
        // What is being asked anew is paler, for as long as that takes and some more.
        await page.waitFor('!document.documentElement.hasAttribute("data-slow") && document.getAnimations().every(({ playState }) => playState !== "running")', undefined, 'the end of all fading');
        await page.evaluate(`(() => { ${AXE}\n })()`);
        /** @type {Violation[]} */
        const violations = await page.evaluate(async () => {
          // Fetching style sheets again is refused on files, and axe needs it for rules about orientation only.
          const { violations } = await /** @type {any} */ (globalThis).axe.run(document, { preload: false, resultTypes: ['violations'] });
          return violations.map((/** @type {Violation} */ { id, help, nodes }) => ({ id, help, nodes: nodes.map(({ target, html }) => ({ target, html })) }));
        });
        assert.deepEqual(violations.map(({ id, help, nodes }) => `${id}: ${help}, at ${nodes.map(({ target }) => target.join(' ')).join('; ')}`), []);
      });
    }
  }
});
