/** Posts that say the same in several channels: folded in the list, compared beside the open post. */

import assert from 'node:assert/strict';
import { publishCopies, publishEchoes } from './fixtures.mjs';
import { reaches, resultUids, shows, withState } from './reading.mjs';
import { inEveryEngine } from './suite.mjs';

inEveryEngine('copies', ({ check, open }) => {
  const start = (/** @type {Record<string, string>} */ keys) => open(withState(publishCopies().fileUrl('folder/index.html'), keys), { watch: true });
  const expanded = (/** @type {import('./engines.mjs').Page} */ page, /** @type {string} */ selector) =>
    page.waitFor((/** @type {string} */ selector) => document.querySelector(selector) !== null, undefined, selector, selector);
  const text = (/** @type {import('./engines.mjs').Page} */ page, /** @type {string} */ selector) =>
    page.evaluate((/** @type {string} */ selector) => document.querySelector(selector)?.textContent ?? '', selector);

  check('copies are folded into the earliest, and every count stays', async () => {
    const page = await start({ q: 'storm ' });
    await shows(page, 4);
    assert.equal((await resultUids(page)).length, 4);
    await expanded(page, '#fold');
    await page.click('#fold');
    await page.waitFor('document.querySelectorAll("#results article").length === 2', undefined, 'two hits');
    await shows(page, 4);
    assert.deepEqual(await resultUids(page), ['Pilots/13', 'Harbour Office/1']);
    assert.equal(await text(page, '.fold span'), 'Fold copies (2 folded)');
    await expanded(page, '#results .copies button bdi');
    assert.equal(await text(page, '#results .copies button'), '+ 2 copies in other posts: Pilots, Quay Radio');
    await page.click('#results .copies button');
    await expanded(page, '#results .copies li');
    const links = await page.evaluate('[...document.querySelectorAll("#results .copies li a")].map((link) => link.textContent)');
    assert.deepEqual(links, ['1 June 2024 · Pilots', '1 June 2024 · Quay Radio']);
    await page.click('#fold');
    await page.waitFor('document.querySelectorAll("#results article").length === 4', undefined, 'four hits');
    assert.deepEqual(await page.problems(), []);
  });

  check('a hit that stays from one question to the next names the copies that answer the newer one', async () => {
    const page = await start({ q: 'fold:copies ', 'f.-channel': 'Pilots' });
    const isNamed = (/** @type {string} */ name) => page.waitFor((/** @type {string} */ name) => document.querySelector('#results .copies bdi')?.textContent === name, undefined, name, name);
    await isNamed('Quay Radio');
    await page.click('#results .copies button');
    await expanded(page, '#results .copies li');
    await page.evaluate(() => {
      const hit = document.querySelector('#results article:has(.copies)');
      hit?.setAttribute('data-stays', '');
      location.hash = `#q=${encodeURIComponent('fold:copies ')}&f.-channel=Quay%20Radio`;
    });
    await isNamed('Pilots');
    assert.equal(await page.evaluate('document.querySelector("[data-stays] .copies bdi")?.textContent'), 'Pilots', 'the same element');
    assert.equal(await page.evaluate('document.querySelector("#results .copies li")'), null, 'a list of copies of another question is closed');
    await page.click('#results .copies button');
    await expanded(page, '#results .copies li');
    assert.deepEqual(await page.evaluate('[...document.querySelectorAll("#results .copies li bdi")].map((name) => name.textContent)'), ['Pilots']);
    assert.deepEqual(await page.problems(), []);
  });

  check('copies are named where they are in sight, one hit after the other', async () => {
    const page = await open(withState(publishEchoes().fileUrl('folder/index.html'), { q: 'fold:copies ' }), { watch: true });
    await expanded(page, '#results .copies bdi');
    await page.evaluate(() => {
      const asked = { all: 0, most: 0 };
      Object.assign(globalThis, { asked });
      /** @type {Set<number>} */
      const underway = new Set();
      const send = Worker.prototype.postMessage;
      Worker.prototype.postMessage = function (/** @type {any} */ message, /** @type {any} */ transfer) {
        if (underway.size === 0) {
          const hear = this.onmessage;
          this.onmessage = (event) => {
            underway.delete(event.data.id);
            if (underway.size === 0) this.onmessage = hear;
            hear?.call(this, event);
          };
        }
        if (message.args?.filters?.some((/** @type {{ facet: string }} */ { facet }) => facet === 'group')) {
          asked.all++;
          asked.most = Math.max(asked.most, underway.add(message.id).size);
        }
        return send.call(this, message, transfer);
      };
      scrollTo({ top: document.documentElement.scrollHeight });
    });
    await page.waitFor('document.querySelectorAll("#results .copies").length >= 18', undefined, 'more hits');
    await page.evaluate('scrollTo({ top: document.documentElement.scrollHeight })');
    const isSeen = `((article) => { const { top, bottom } = article.getBoundingClientRect(); return bottom > 0 && top < innerHeight; })`;
    await page.waitFor(`[...document.querySelectorAll("#results article")].filter(${isSeen}).every((article) => article.querySelector(".copies bdi"))`, undefined, 'names of all that are in sight');
    const { all, most, hits, named } = await page.evaluate('({ ...asked, hits: document.querySelectorAll("#results .copies").length, named: document.querySelectorAll("#results .copies bdi").length })');
    assert.equal(most, 1, 'one at a time');
    assert.ok(all > 0 && named < hits, `${all} questions, ${named} of ${hits} named`);
    assert.deepEqual(await page.problems(), []);
  });

  check('beside an open post stand its copies, and what differs', async () => {
    const page = await start({ m: 'Pilots/11' });
    await reaches(page, 'ready');
    await expanded(page, '#post section.copies li');
    assert.equal(await text(page, '#post .copies h3'), 'The same text in 2 other posts');
    const items = await page.evaluate('[...document.querySelectorAll("#post .copies li")].map((item) => item.textContent)');
    assert.deepEqual(items, ['1 June 2024 · Harbour Office · first seen what differs', '1 June 2024 · Quay Radio what differs']);
    await page.evaluate('document.querySelectorAll("#post .copies button").forEach((button) => button.click())');
    await page.waitFor('document.querySelectorAll("#post .difference").length === 2', undefined, 'two comparisons');
    const [same, other] = /** @type {string[]} */ (await page.evaluate('[...document.querySelectorAll("#post .difference")].map((node) => node.textContent)'));
    assert.equal(same, 'Word for word the same.');
    assert.ok(other?.includes('only in this post: Thursday') && other.includes('only in the copy: Friday'), other);
    assert.equal(await page.evaluate('document.querySelectorAll("#post .difference del, #post .difference ins").length > 2'), true);
    // The address of a copy opens it, and it has copies of its own.
    await page.click('#post .copies a');
    await page.waitFor('document.querySelector("#post .copies .quiet")?.textContent === "It stands here first."', undefined, 'the first post');
    assert.deepEqual(await page.problems(), []);
  });

  check('a post without copies says nothing of them', async () => {
    const page = await start({ m: 'Quay Radio/22' });
    await reaches(page, 'ready');
    await page.waitFor('document.querySelector("#post .whole") !== null', undefined, 'the post');
    await page.evaluate('location.hash = "#m=Pilots/11"');
    await expanded(page, '#post section.copies');
    await page.evaluate('location.hash = "#m=Quay%20Radio/22"');
    await page.waitFor('document.querySelector("#post .whole")?.dataset.post === "Quay Radio/22"', undefined, 'the post');
    await reaches(page, 'ready');
    assert.equal(await page.evaluate('document.querySelector("#post section.copies")'), null);
    assert.deepEqual(await page.problems(), []);
  });
});
