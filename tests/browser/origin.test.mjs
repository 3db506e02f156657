/** A full tour, as of a reader who uses all that there is: nobody but the archive's own place is asked for anything. */

import assert from 'node:assert/strict';
import { publishSample } from './fixtures.mjs';
import { reaches, shows, withState } from './reading.mjs';
import { serve } from './server.mjs';
import { inEveryEngine } from './suite.mjs';

const WORD = 'storm';

inEveryEngine('a full tour', ({ check, open }) => {
  check('asks no other origin, and tells its own nothing that is typed', async () => {
    const site = await serve(publishSample().root);
    try {
      const page = await open(site.url('folder/index.html'), { watch: true });
      await reaches(page, 'ready');
      const press = (/** @type {string} */ selector) => page.evaluate((/** @type {string} */ selector) => {
        const found = document.querySelector(selector);
        if (!(found instanceof HTMLElement)) throw new Error(`there is no ${selector}`);
        found.click();
      }, selector);
      const settled = () => page.waitFor('["ready", "empty"].includes(document.documentElement.dataset.state)', undefined, 'an answer');
      await page.waitFor('document.querySelector("#about .digest") !== null', undefined, 'the portrait');

      await page.type('input[type=search]', WORD);
      await shows(page, publishSample().search(`${WORD}*`).total);
      await page.waitFor('document.querySelector("fieldset[data-facet] input[type=checkbox]") !== null', undefined, 'filters');
      await press('fieldset[data-facet="tag"] input[type=checkbox]');
      await settled();
      await press('#chips li:last-child .chip');
      await settled();
      await press('#results article a');
      await page.waitFor('document.querySelector("#post .whole .text") !== null', undefined, 'a post');
      await press('#post [data-focus=cite]');
      await page.waitFor('document.querySelector(".citation")?.value', undefined, 'a citation');
      await press('#post [data-focus=keep]');
      await page.waitFor('document.querySelector("#basket-open")?.hidden === false', undefined, 'the basket');
      await press('#basket-open');
      await page.waitFor('document.querySelector("#basket li") !== null', undefined, 'what was kept');
      await page.evaluate(() => [...document.querySelectorAll('button')].find(({ textContent }) => textContent?.trim() === 'Trends')?.click());
      await page.waitFor('document.querySelector("#trends .legend") !== null', undefined, 'trends');

      // The address alone leads anywhere: another order, a part of a word, an expression, a misspelled word, a passage, an embedded look.
      const { uid } = publishSample().longest;
      for (const state of [
        { q: WORD, sort: 'relevance' }, { q: '*arbou*' }, { q: '/st.rm/' }, { q: 'harbuor' }, { q: 'qzxvkwj' }, { m: uid }, { q: WORD, embed: '1' },
        { q: 'from:"nobody at all" has:link', from: '2023', to: '2023-06' },
      ]) {
        await page.goto('about:blank');
        await page.goto(withState(site.url('folder/index.html'), state));
        await reaches(page, 'ready', 'empty');
      }
      await page.goto('about:blank');
      await page.goto(site.url('folder/index.html'));
      await reaches(page, 'ready');
      await page.waitFor('document.querySelector("select.language") !== null', undefined, 'the choice of a language');
      await page.evaluate(() => {
        const select = /** @type {HTMLSelectElement} */ (document.querySelector('select.language'));
        select.value = 'de';
        select.dispatchEvent(new Event('change', { bubbles: true }));
      });
      await page.waitFor('document.documentElement.lang === "de"', undefined, 'German');

      assert.deepEqual(await page.problems(), []);
      const requests = await page.requests();
      assert.ok(requests.length > 10, `${requests.length} requests`);
      assert.deepEqual(requests.filter((url) => !url.startsWith(`${site.origin}/`) && !/^(data|blob|about):/.test(url)), []);
      // What the host sees are names of its own files.
      assert.ok(site.log.length > 10);
      for (const { path } of site.log) assert.ok(!/storm|arbou|harbuor|nobody|[?#]/.test(path), path);
    } finally {
      await site.close();
    }
  });
});
