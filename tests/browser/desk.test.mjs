/** What a reader takes along: citations, links to passages, the basket. */

import assert from 'node:assert/strict';
import { publishSample } from './fixtures.mjs';
import { inAddress, opens, reaches, showsText, withState } from './reading.mjs';
import { inEveryEngine } from './suite.mjs';

const WORD = 'storm';

inEveryEngine('the desk', ({ check, open }) => {
  const uids = () => publishSample().search(WORD).hits.map(({ uid }) => uid);
  /** @param {string} uid @param {Record<string, string>} [keys] @param {string} [path] */
  const start = async (uid, keys = {}, path = 'folder/index.html') => {
    const page = await open(withState(publishSample().fileUrl(path), { q: WORD, m: uid, ...keys }), { watch: true });
    await reaches(page, 'ready');
    await page.waitFor('document.querySelector("#post .whole") !== null', undefined, 'the post');
    return page;
  };
  const press = (/** @type {import('./engines.mjs').Page} */ page, /** @type {string} */ words) => page.evaluate((/** @type {string} */ words) => {
    const found = [...document.querySelectorAll('button')].find(({ textContent }) => textContent?.trim() === words);
    if (!found) throw new Error(`no button says ${words}`);
    found.click();
  }, words);

  check('a post is cited in every form', async () => {
    const [uid] = uids();
    const page = await start(uid);
    await press(page, 'Cite');
    await page.waitFor('document.querySelector(".citation")?.value', undefined, 'a citation');
    const hash = await page.evaluate('document.documentElement.dataset.archive');
    for (const form of ['plain', 'Markdown', 'BibTeX', 'CSL-JSON', 'wiki']) {
      const text = await page.evaluate((/** @type {string} */ form) => {
        const select = /** @type {HTMLSelectElement} */ (document.querySelector('.cite select'));
        select.value = form;
        select.dispatchEvent(new Event('change'));
        return /** @type {HTMLTextAreaElement} */ (document.querySelector('.citation')).value;
      }, form);
      assert.ok(text.includes(hash) && text.includes(uid.replace(/.*\//, '')), `${form}: ${text}`);
    }
    await press(page, 'Cite');
    assert.equal(await page.evaluate('document.querySelector(".cite")'), null);
    assert.deepEqual(await page.problems(), []);
  });

  check('a post is kept with a note, and is there at the next visit', async () => {
    const [first, second] = uids();
    const page = await start(first);
    await press(page, 'Keep');
    await page.waitFor('document.querySelector("#basket-open")?.textContent === "Basket (1)"', undefined, 'one post in the basket');
    await page.click('#basket-open');
    await page.evaluate(() => {
      const note = /** @type {HTMLInputElement} */ (document.querySelector('#basket li input'));
      note.value = 'for the chapter on lamps';
      note.dispatchEvent(new Event('change'));
    });
    await page.goto('about:blank');
    await page.goto(withState(publishSample().fileUrl('folder/index.html'), { q: WORD, m: second }));
    await page.waitFor('document.querySelector("#basket-open")?.textContent === "Basket (1)"', undefined, 'the basket of the last visit');
    await page.click('#basket-open');
    assert.equal(await page.evaluate('document.querySelector("#basket li input").value'), 'for the chapter on lamps');
    await page.click('#basket li button');
    await page.waitFor('document.querySelector("#basket li") === null', undefined, 'an empty basket');
  });

  check('everything found is kept, and every post of it is written down', async () => {
    const page = await start(uids()[0], {}, 'single.html');
    const { total } = publishSample().search(`${WORD}*`);
    await press(page, 'Keep');
    await page.waitFor('document.querySelector("#basket-open")?.hidden === false', undefined, 'the basket');
    await page.click('#basket-open');
    await press(page, `keep what was found: ${total} posts`);
    await page.waitFor((/** @type {number} */ total) => document.querySelectorAll('#basket li').length === total, undefined, 'all hits', total);
    await page.evaluate(() => {
      Object.assign(window, { saved: null });
      URL.createObjectURL = (/** @type {any} */ blob) => {
        void blob.text().then((/** @type {string} */ saved) => Object.assign(window, { saved }));
        return '#';
      };
    });
    await press(page, 'save as JSON');
    // Whoever goes on reading and searching meanwhile takes nothing from the file.
    await page.evaluate(() => {
      /** @type {HTMLElement} */ (document.querySelector('#results > li:not(.open) a')).click();
      const box = /** @type {HTMLInputElement} */ (document.getElementById('q'));
      box.value += ' ';
      box.dispatchEvent(new Event('input', { bubbles: true }));
    });
    const saved = JSON.parse(await page.waitFor('window.saved', undefined, 'the file'));
    assert.equal(saved.posts.length, total);
    for (const { uid, text } of saved.posts) assert.equal(text, publishSample().records.find((record) => record.uid === uid)?.text);
  });

  check('trends come, all of one question, though a newer one is asked', async () => {
    const [uid] = uids();
    const page = await start(uid);
    await press(page, 'Trends');
    await page.waitFor('document.querySelector("#trends .legend") !== null', undefined, 'the desk, and the first trend');
    await page.evaluate(() => {
      const field = /** @type {HTMLInputElement} */ (document.querySelector('#trends input'));
      field.value = 'storm, harbour';
      field.dispatchEvent(new Event('change'));
      // A filter that is set meanwhile holds for none of the terms.
      /** @type {HTMLElement} */ (document.querySelector('#facets input[type=checkbox]')).click();
    });
    await page.waitFor('document.querySelectorAll("#trends .legend li").length === 2', undefined, 'both trends');
    const counts = await page.evaluate('[...document.querySelectorAll("#trends .legend .count")].map((count) => parseInt(count.textContent.replace(/\\D/g, "")))');
    assert.deepEqual(counts, ['storm', 'harbour'].map((word) => publishSample().search(word).total));
  });

  check('a link points at a passage', async () => {
    const { uid, text } = publishSample().longest;
    const passage = text.slice(200, 500).split(/\s+/).slice(2, 9).join(' ');
    const page = await start(uid, { p: passage });
    await opens(page, uid);
    await showsText(page, text);
    const marked = await page.evaluate('[...document.querySelectorAll("#post .text mark")].map((mark) => mark.textContent).join(" ")');
    assert.ok(marked.replace(/\s+/g, '').includes(passage.replace(/\s+/g, '')), marked);
    assert.deepEqual(await inAddress(page, 'p'), [passage]);
  });
});
