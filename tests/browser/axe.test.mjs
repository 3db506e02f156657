/** axe-core finds nothing in any state of the page, in either scheme, wide and narrow. */

import assert from 'node:assert/strict';
import { after } from 'node:test';
import { axeFinds } from './axe.mjs';
import { publishSample } from './fixtures.mjs';
import { reaches, showsText, withState } from './reading.mjs';
import { serve } from './server.mjs';
import { inEveryEngine } from './suite.mjs';

inEveryEngine('axe', ({ engine, check, open }) => {
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
    'trends': () => ({ url: withState(publishSample().fileUrl('folder/index.html'), { q: 'storm' }), state: 'ready', act: press('Trends', '#trends svg') }),
    'what stands in a frame': () => ({ url: withState(publishSample().fileUrl('folder/index.html'), { q: 'storm', embed: '1' }), state: 'ready' }),
    'the filters': () => ({
      url: withState(publishSample().fileUrl('folder/index.html'), { q: 'harbour' }), state: 'ready',
      act: async (page) => {
        await page.waitFor('document.querySelector("#facets fieldset") !== null', undefined, 'a facet');
        // Where there is room they stand open beside the hits.
        if (await page.evaluate('document.querySelector("button[aria-controls=facets]").getClientRects().length > 0')) await page.click('button[aria-controls=facets]');
      },
    }),
    'an excluded value': () => ({
      url: withState(publishSample().fileUrl('folder/index.html'), { q: 'harbour', 'f.-author': 'Agnes Torvik' }), state: 'ready',
      act: async (page) => {
        await page.waitFor('document.querySelector("#facets .excluded .not") !== null', undefined, 'the excluded value');
        await page.evaluate('getComputedStyle(document.querySelector("button[aria-controls=facets]")).display !== "none" && document.querySelector("button[aria-controls=facets]").click()');
      },
    }),
    'the basket': () => ({
      url: withState(publishSample().fileUrl('folder/index.html'), { m: publishSample().longest.uid }), state: 'ready',
      act: async (page) => {
        // In some engines all of a disk is one place, and what was kept before is there.
        await page.waitFor('document.querySelector("[data-focus=keep]") !== null', undefined, 'the button that keeps');
        if (await page.evaluate('document.querySelector("[data-focus=keep]").ariaPressed') === 'false') await press('Keep', '#basket-open')(page);
        await page.evaluate(() => (location.hash = ''));
        await page.waitFor('document.querySelector("#basket-open").getClientRects().length > 0', undefined, 'the button of the basket');
        await page.click('#basket-open');
        await page.waitFor('document.querySelector("#basket li") !== null', undefined, 'what was kept');
      },
    }),
    'the empty state': () => ({ url: withState(publishSample().fileUrl('folder/index.html'), { q: 'qzxvkwj' }), state: 'empty' }),
    'what was not understood': () => ({ url: withState(publishSample().fileUrl('folder/index.html'), { q: '(storm' }), state: 'ready', act: (page) => page.waitFor('document.querySelector("#problem mark") !== null', undefined, 'the place') }),
    'the error state': () => {
      const copy = publishSample().copy('axe');
      copy.remove('archive/manifest.js');
      return { url: copy.url, state: 'error' };
    },
  };

  // What differs by width differs in both schemes alike.
  const sights = [{ width: 1280, dark: false }, { width: 1280, dark: true }, { width: 320, dark: true }];
  for (const [name, view] of Object.entries(views)) {
    for (const { width, dark } of sights) {
      check(`axe finds nothing in ${name}, ${dark ? 'dark' : 'light'}, ${width} pixels wide`, async () => {
        const { url, state, text, act } = view();
        const page = await open(url, { width, dark });
        await reaches(page, state);
        if (text) await showsText(page, text);
        await act?.(page);
        assert.deepEqual(await axeFinds(page), []);
      });
    }
  }

  /** @type {import('./server.mjs').Server | undefined} */
  let slow;
  after(() => slow?.close());
  check('axe finds nothing while an archive is opened', async () => {
    slow = await serve(publishSample().root, { hold: /\/archive\// });
    const page = await open(withState(slow.url('folder/index.html'), { q: 'storm' }), { early: true });
    await reaches(page, 'loading');
    assert.deepEqual(await axeFinds(page), []);
  }, engine === 'webkit' ? 'its driver waits for the load before a script may take its time' : null);
});
