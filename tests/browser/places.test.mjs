/** Where a reader stands in the list, and that they come back to it: after a post, after another question, after the page was left. */

import assert from 'node:assert/strict';
import { publishSample } from './fixtures.mjs';
import { opens, reaches } from './reading.mjs';
import { inEveryEngine } from './suite.mjs';

/** Rows of hits may be drawn a little higher or lower: pictures and fonts that come late. */
const NEAR = 60;

/** @typedef {import('./engines.mjs').Page} Page */

/** Goes down until several pages of hits have been asked for. @param {Page} page @returns {Promise<number>} how far. */
async function goDown(page) {
  for (const least of [1200, 2400, 3600]) {
    await page.waitFor((/** @type {number} */ least) => {
      scrollTo(0, least);
      return scrollY >= least - 1;
    }, undefined, `${least} pixels of hits`, least);
  }
  return page.evaluate('scrollY');
}

/** Whether the hit that has the focus can be seen below the head. @param {Page} page */
const isInSight = (page) => page.waitFor(() => {
  const hit = document.activeElement?.closest('#results article')?.getBoundingClientRect();
  return hit !== undefined && hit.top >= (document.getElementById('top')?.offsetHeight ?? 0) - 1 && hit.bottom <= innerHeight + 1;
}, undefined, 'the hit with the focus in sight');

/** @param {Page} page @param {number} y */
const stands = (page, y) => page.waitFor((/** @type {number} */ y, /** @type {number} */ near) => Math.abs(scrollY - y) < near, undefined, `the place ${y}`, y, NEAR);

inEveryEngine('places', ({ check, open }) => {
  const start = async (width = 1440) => {
    const page = await open(publishSample().fileUrl('folder/index.html'), { width });
    await reaches(page, 'ready');
    return page;
  };

  check('a filter that is taken back gives the place back, pages of hits below the first', async () => {
    const page = await start();
    const y = await goDown(page);
    await page.waitFor('document.querySelector("#facets input[type=checkbox]") !== null', undefined, 'a filter');
    await page.evaluate('document.querySelector("#facets input[type=checkbox]").click()');
    await page.waitFor('location.hash.includes("f.")', undefined, 'the filter in the address');
    await reaches(page, 'ready');
    await page.back();
    await page.waitFor('!location.hash.includes("f.")', undefined, 'the address before');
    await stands(page, y);
  });

  check('a page that is loaded again stands where it stood', async () => {
    const page = await start();
    const y = await goDown(page);
    await page.waitFor((/** @type {number} */ y) => history.state?.y === y, undefined, 'the place in the history', y);
    await page.reload();
    await reaches(page, 'ready');
    await stands(page, y);
  });

  check('whoever reads on from post to post finds the list there when the post is closed', async () => {
    const page = await start();
    await page.evaluate('document.querySelector("#results a").click()');
    await page.waitFor('document.querySelector("#post .whole") !== null', undefined, 'the post');
    const first = await page.evaluate('document.querySelector("#results .open article").dataset.uid');
    await page.evaluate('document.querySelector("#results a").focus()');
    for (let i = 0; i < 8; i++) await page.press('j');
    await page.waitFor('document.querySelectorAll("#results > li")[8].classList.contains("open")', undefined, 'the ninth hit');
    await isInSight(page);
    const y = await page.evaluate('scrollY');
    assert.ok(y > 0);
    await page.press('Escape');
    await opens(page, '');
    await isInSight(page);
    await stands(page, y);
    assert.notEqual(await page.evaluate('document.activeElement.closest("article").dataset.uid'), first);
  });

  check('on a telephone too, where the post takes the place of the list', async () => {
    const page = await start(390);
    const y = await goDown(page);
    const uid = await page.evaluate(() => {
      const hit = [...document.querySelectorAll('#results article')].find((hit) => hit.getBoundingClientRect().top > 200);
      hit?.querySelector('a')?.click();
      return /** @type {HTMLElement} */ (hit).dataset.uid;
    });
    await opens(page, uid);
    await page.back();
    await opens(page, '');
    await stands(page, y);
  });

  check('Escape in the box closes the post that Enter opened there, and then takes the words', async () => {
    const page = await start();
    await page.evaluate('document.getElementById("q").focus()');
    for (const letter of 'storm') await page.press(letter);
    await reaches(page, 'ready');
    await page.waitFor('document.querySelector("#status em")?.textContent === "storm"', undefined, 'the answer');
    await page.press('Enter');
    await page.waitFor('document.querySelector("#post .whole") !== null', undefined, 'the post');
    await page.press('Escape');
    await opens(page, '');
    assert.equal(await page.evaluate('document.getElementById("q").value'), 'storm');
    await page.evaluate('document.getElementById("q").focus()');
    await page.press('Escape');
    assert.equal(await page.evaluate('document.getElementById("q").value'), '');
  });
});
