/** What a spoiler hides is read only by those who ask for it: in the open post, in excerpts, among neighbours, on the pages without scripts. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { axeFinds } from './axe.mjs';
import { publishSpoilers } from './fixtures.mjs';
import { RESULT, reaches, withState } from './reading.mjs';
import { inEveryEngine } from './suite.mjs';

const HIDDEN = 'the pilot lit the lamp';

inEveryEngine('spoilers', ({ check, open }) => {
  const start = async (/** @type {Record<string, string>} */ keys) => {
    const page = await open(withState(publishSpoilers().fileUrl('folder/index.html'), keys), { watch: true });
    await reaches(page, 'ready');
    return page;
  };

  check('an excerpt is covered, whatever was searched', async () => {
    for (const q of ['novel', 'lamp', '']) {
      const page = await start({ q });
      const shown = await page.evaluate((/** @type {string} */ result) => [...document.querySelectorAll(result)].map((post) => post.textContent).join(' '), RESULT);
      assert.match(shown, /last chapter: ▒▒▒ ▒▒▒▒▒ ▒▒▒ .*Nobody had told him/s);
      assert.ok(!shown.includes(HIDDEN), shown);
      await page.close();
    }
  });

  check('the open post uncovers it when it is pressed, and its neighbours do not tell it', async () => {
    const page = await start({ m: 'Reading Room/2' });
    await page.waitFor('document.querySelector("#post .spoiler") !== null', undefined, 'the spoiler');
    assert.deepEqual(await axeFinds(page), []);
    await page.click('#post .spoiler');
    assert.match(await page.evaluate('document.querySelector("#post .spoiler.shown").textContent'), /pilot lit the lamp/);
    const beside = await start({ m: 'Reading Room/1' });
    await beside.waitFor('document.querySelectorAll("#post .neighbour").length > 0', undefined, 'the neighbours');
    const told = await beside.evaluate('[...document.querySelectorAll("#post .neighbour")].map((post) => post.textContent).join(" ")');
    assert.match(told, /▒▒▒ ▒▒▒▒▒ ▒▒▒/);
    assert.ok(!told.includes(HIDDEN), told);
  });

  check('a citation, a kept post and paper leave it covered', async () => {
    const page = await start({ m: 'Reading Room/2' });
    await page.waitFor('document.querySelector("#post [data-focus=cite]") !== null', undefined, 'the tools');
    await page.evaluate('document.querySelector("#post [data-focus=cite]").click()');
    await page.waitFor('document.querySelector(".citation")?.value', undefined, 'a citation');
    for (const form of ['plain', 'Markdown', 'BibTeX', 'CSL-JSON', 'wiki']) {
      const cited = await page.evaluate((/** @type {string} */ form) => {
        const select = /** @type {HTMLSelectElement} */ (document.querySelector('.cite select'));
        select.value = form;
        select.dispatchEvent(new Event('change'));
        return /** @type {HTMLTextAreaElement} */ (document.querySelector('.citation')).value;
      }, form);
      assert.match(cited, /last chapter: ▒▒▒ ▒▒▒▒▒ ▒▒▒/, form);
      assert.ok(!cited.includes(HIDDEN), cited);
    }
    await page.evaluate('document.querySelector("#post [data-focus=keep]").click()');
    await page.waitFor('document.querySelector("#basket-open")?.hidden === false', undefined, 'the basket');
    await page.evaluate('document.querySelector("#basket-open").click()');
    const row = await page.waitFor('document.querySelector("#basket li .kept-words")?.textContent', undefined, 'the kept post');
    assert.match(row, /last chapter: ▒▒▒ ▒▒▒▒▒ ▒▒▒/);
    await page.evaluate(() => {
      window.print = () => {
        dispatchEvent(new Event('beforeprint'));
        Object.assign(window, { printed: document.querySelector('#paper')?.textContent });
        dispatchEvent(new Event('afterprint'));
      };
      /** @type {HTMLElement} */ ([...document.querySelectorAll('#basket [role=group][aria-label=Basket] button')].find(({ textContent }) => textContent === 'print')).click();
    });
    const printed = await page.waitFor('window.printed', undefined, 'paper');
    assert.match(printed, /last chapter: ▒▒▒ ▒▒▒▒▒ ▒▒▒/);
    assert.ok(!printed.includes(HIDDEN), printed);
  });

  check('what a source says in lists and members reads without its marks, and numbers as they are', async () => {
    const page = await start({ m: 'Reading Room/3' });
    await page.waitFor('document.querySelector("#post .details") !== null', undefined, 'the details');
    const said = await page.evaluate('document.querySelector("#post .details").innerText');
    assert.match(said, /type url, text Library, data https:\/\/library\.example\/; type callback, text I will come; text No/);
    assert.match(said, /12345678901234567890/);
    assert.equal(await page.evaluate('document.querySelector("#post .details a[href^=https]").rel'), 'noopener noreferrer nofollow');
  });

  check('the pages without scripts cover it too', async () => {
    const folder = publishSpoilers().folder;
    assert.ok(!readFileSync(join(folder, 'index.html'), 'utf8').includes(HIDDEN));
    const month = readdirSync(join(folder, 'posts')).find((name) => /^2024-05/.test(name)) ?? '';
    const page = await open(publishSpoilers().fileUrl(`folder/posts/${month}`), {});
    assert.equal(await page.evaluate('getComputedStyle(document.querySelector(".spoiler")).color'), 'rgba(0, 0, 0, 0)');
    await page.evaluate('document.querySelector(".spoiler").focus()');
    assert.notEqual(await page.evaluate('getComputedStyle(document.querySelector(".spoiler")).color'), 'rgba(0, 0, 0, 0)');
  });
});
