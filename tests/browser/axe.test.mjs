/** axe-core finds nothing in any state of the page, in either scheme. */

import assert from 'node:assert/strict';
import { axeFinds } from './axe.mjs';
import { publishSample } from './fixtures.mjs';
import { reaches, showsText, withState } from './reading.mjs';
import { inEveryEngine } from './suite.mjs';

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
    'what was not understood': () => ({ url: withState(publishSample().fileUrl('folder/index.html'), { q: '(storm' }), state: 'ready', act: (page) => page.waitFor('document.querySelector("#problem mark") !== null', undefined, 'the place') }),
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
        assert.deepEqual(await axeFinds(page), []);
      });
    }
  }
});
