/** Everything that a reader can do, done with the keyboard alone: no pointer, no focus set from outside. */

import assert from 'node:assert/strict';
import { publishSample } from './fixtures.mjs';
import { inAddress, opens, reaches, resultUids, shows } from './reading.mjs';
import { inEveryEngine } from './suite.mjs';

const WORD = 'storm';

/** More presses of Tab than any place of the page is away. */
const TABS_MAX = 260;

/** @typedef {import('./engines.mjs').Page} Page */

/** Goes on by Tab (or back) until the focus is on something that fits. @param {Page} page @param {string} selector @param {string} [key] */
async function tabTo(page, selector, key = 'Tab') {
  for (let i = 0; i < TABS_MAX; i++) {
    if (await page.evaluate((/** @type {string} */ selector) => document.activeElement?.matches(selector) ?? false, selector)) return;
    await page.press(key);
  }
  assert.fail(`${selector} is not reached by ${key}, the focus is on ${await focus(page)}`);
}

/** @param {Page} page @returns {Promise<string>} */
const focus = (page) => page.evaluate('(({ tagName, id, className, textContent }) => `${tagName}#${id}.${className} ${textContent?.slice(0, 40)}`)(document.activeElement)');

/** @param {Page} page @param {string} selector */
const focused = (page, selector) => page.waitFor((/** @type {string} */ selector) => document.activeElement?.matches(selector), undefined, `the focus on ${selector}`, selector);

/** @param {Page} page @param {string} selector @param {boolean} [there] */
const seen = (page, selector, there = true) => page.waitFor(
  (/** @type {string} */ selector, /** @type {boolean} */ there) => [...document.querySelectorAll(selector)].some((element) => element.getClientRects().length > 0) === there,
  undefined, `${selector} ${there ? 'seen' : 'gone'}`, selector, there,
);

inEveryEngine('the keyboard', ({ engine, check, open }) => {
  const start = async () => {
    const page = await open(publishSample().fileUrl('folder/index.html'), { width: 1440 });
    await reaches(page, 'ready');
    await page.evaluate('localStorage.clear()');
    await seen(page, 'fieldset[data-facet]');
    return page;
  };
  const search = async () => {
    const page = await start();
    // A wide page begins in the box, where the sign would be written.
    await focused(page, '#q');
    await page.press('Tab');
    await page.press('/');
    await focused(page, '#q');
    for (const letter of WORD) await page.press(letter);
    await shows(page, publishSample().search(`${WORD}*`).total);
    return page;
  };

  check('searches, filters, excludes, and takes it back', async () => {
    const page = await search();
    const { total } = publishSample().search(`${WORD}*`);
    await tabTo(page, '#facets input[type=checkbox]');
    const value = await page.evaluate('document.activeElement.dataset.value');
    const count = await page.evaluate('Number(document.activeElement.dataset.count)');
    await page.press(' ');
    await shows(page, count);
    await focused(page, `[data-value="${value}"]`);
    await tabTo(page, '#facets .not');
    await page.press('Enter');
    await shows(page, total - count);
    await tabTo(page, '.chip.excluded', 'Shift+Tab');
    await page.press('Enter');
    await shows(page, total);
    await focused(page, '#q, #chips button');
  });

  check('opens a post, goes on to the next ones, into it, and back', async () => {
    const page = await search();
    const [first, second] = await resultUids(page);
    await page.press('ArrowDown');
    await page.press('Enter');
    await opens(page, first);
    await seen(page, '#post .whole');
    await page.press('j');
    await opens(page, second);
    await page.press('k');
    await opens(page, first);
    await seen(page, `#post [data-post="${first}"]`);
    await page.press('Enter');
    await focused(page, '#post');
    await tabTo(page, '[data-focus=postNext]');
    await page.press('Enter');
    await opens(page, second);
    await seen(page, `#post [data-post="${second}"]`);
    await focused(page, '[data-focus=postNext]');
    await page.press('Escape');
    await opens(page, '');
    await focused(page, `article[data-uid="${second}"] a`);
  });

  check('cites, keeps with a note, saves, and takes out again', async () => {
    const page = await search();
    const [first] = await resultUids(page);
    await page.press('Enter');
    await opens(page, first);
    await seen(page, '#post .whole');
    await page.press('Enter');
    await focused(page, '#post');
    await tabTo(page, '[data-focus=cite]');
    await page.press('Enter');
    await seen(page, '.citation');
    await page.press('Escape');
    await seen(page, '.citation', false);
    await focused(page, '[data-focus=cite]');
    await tabTo(page, '[data-focus=keep]');
    await page.press('Enter');
    await seen(page, '#basket-open');
    await tabTo(page, '#basket-open', 'Shift+Tab');
    await page.press('Enter');
    await focused(page, '#basket');
    await tabTo(page, '#basket li input');
    for (const letter of 'lamps') await page.press(letter);
    await page.evaluate(() => {
      URL.createObjectURL = (/** @type {any} */ blob) => {
        void blob.text().then((/** @type {string} */ saved) => Object.assign(window, { saved }));
        return '#';
      };
      // The file has been seen; nothing is to be downloaded.
      HTMLAnchorElement.prototype.click = () => {};
    });
    await tabTo(page, '.basket-tools .basket-tools button:nth-of-type(2)', 'Shift+Tab');
    await page.press('Enter');
    const saved = JSON.parse(await page.waitFor('window.saved', undefined, 'the file'));
    assert.deepEqual(saved.posts.map(({ uid, note }) => ({ uid, note })), [{ uid: first, note: 'lamps' }]);
    await tabTo(page, '#basket li button');
    await page.press('Enter');
    await seen(page, '#basket li', false);
    await page.press('Escape');
    await seen(page, '#basket', false);
    await focused(page, '#found-open');
  });

  check('changes the order', async () => {
    const page = await search();
    const [first] = await resultUids(page);
    await tabTo(page, '#sort');
    await page.press('ArrowDown');
    if (engine === 'webkit') await page.press('Enter');
    await page.waitFor('new URLSearchParams(location.hash.slice(1)).get("sort") === "old"', undefined, 'the order in the address');
    await reaches(page, 'ready');
    assert.notEqual((await resultUids(page))[0], first);
  }, engine === 'webkit' ? 'the list of a menu is a window of its own, which the driver does not reach' : null);

  check('chooses a time, looks closer, and opens the calendar and the trends', async () => {
    const page = await search();
    await tabTo(page, '[data-edge=from]');
    await page.press('ArrowRight');
    await page.press('ArrowRight');
    await page.waitFor('new URLSearchParams(location.hash.slice(1)).has("from")', undefined, 'the time in the address');
    await reaches(page, 'ready');
    await tabTo(page, '[data-edge=to]');
    await page.press('ArrowLeft');
    await page.waitFor('new URLSearchParams(location.hash.slice(1)).has("to")', undefined, 'the time in the address');
    await reaches(page, 'ready');
    await tabTo(page, '.tools-line button');
    await page.press('Enter');
    await tabTo(page, '[aria-controls=calendar]');
    await page.press('Enter');
    await seen(page, '#calendar td button');
    await tabTo(page, '#calendar td button');
    const day = await page.evaluate('document.activeElement.dataset.focus');
    await page.press('Enter');
    await page.waitFor((/** @type {string} */ day) => new URLSearchParams(location.hash.slice(1)).get('from') === day, undefined, 'the day in the address', day);
    assert.deepEqual(await inAddress(page, 'to'), [day]);
    await reaches(page, 'ready', 'empty');
    await focused(page, `[data-focus="${day}"]`);
    await page.press('Escape');
    await seen(page, '#calendar', false);
    await focused(page, '[aria-controls=calendar]');
    await page.press('Tab');
    await page.press('Enter');
    await seen(page, '#trends');
    await focused(page, '#trends input');
    await seen(page, '#trends .legend');
    await page.press('Escape');
    await seen(page, '#trends', false);
    await focused(page, '.tools-line [aria-expanded]');
  });

  check('moves an edge of time as often as a key is pressed, however fast', async () => {
    const page = await start();
    await page.waitFor('document.querySelector("[data-edge=from]") !== null', undefined, 'the edges of the timeline');
    // All at once: between two of them nothing is drawn.
    await page.evaluate(() => {
      for (let i = 0; i < 6; i++) document.querySelector('[data-edge=from]')?.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }));
    });
    await page.waitFor('document.querySelector("[data-edge=from]").getAttribute("aria-valuenow") === "6"', undefined, 'the seventh bar');
  });

  check('finds the last searches in an empty box, and forgets them', async () => {
    const page = await search();
    const { total } = publishSample().search(`${WORD}*`);
    await page.press('Enter');
    await seen(page, '#post .whole');
    await page.press('Escape');
    await opens(page, '');
    await page.press('/');
    await focused(page, '#q');
    await page.press('Escape');
    await shows(page, publishSample().records.length);
    await seen(page, '#completions');
    await tabTo(page, '#completions button');
    assert.equal(await page.evaluate('document.activeElement.textContent'), WORD);
    await page.press('Enter');
    await shows(page, total);
    await focused(page, '#q');
    await seen(page, '#completions', false);
    await page.press('Escape');
    await shows(page, publishSample().records.length);
    await tabTo(page, '#completions .more');
    await page.press('Enter');
    await focused(page, '#q');
    await seen(page, '#completions', false);
    assert.deepEqual(await page.evaluate('Object.keys(localStorage).filter((key) => key.endsWith(":recent"))'), []);
  });

  check('leaves the keys to whoever composes a character of several', async () => {
    const page = await start();
    await focused(page, '#q');
    const total = await page.evaluate('document.getElementById("status").dataset.total');
    await page.evaluate(() => {
      const box = /** @type {HTMLInputElement} */ (document.getElementById('q'));
      box.dispatchEvent(new CompositionEvent('compositionstart', { bubbles: true }));
      box.value = 'sto';
      box.dispatchEvent(new InputEvent('input', { bubbles: true, isComposing: true }));
      for (const key of ['Escape', 'ArrowDown', 'Enter']) box.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, isComposing: true }));
    });
    await page.evaluate('new Promise((done) => setTimeout(done, 400))');
    assert.deepEqual(await page.evaluate('[document.getElementById("q").value, document.activeElement.id, document.getElementById("status").dataset.total]'), ['sto', 'q', total]);
    await page.evaluate(() => {
      const box = /** @type {HTMLInputElement} */ (document.getElementById('q'));
      box.value = 'storm';
      box.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true, data: 'storm' }));
    });
    await shows(page, publishSample().search('storm*').total);
  });

  check('reads the help, and changes the language there', async () => {
    const page = await start();
    await page.press('Escape');
    await tabTo(page, '#results a');
    await page.press('?');
    await focused(page, '#help');
    await page.press('Escape');
    await seen(page, '#help', false);
    await focused(page, '#results a');
    await page.press('?');
    await focused(page, '#help');
    await tabTo(page, '#help select.language');
    await page.press('ArrowDown');
    await page.waitFor('document.documentElement.lang === "ru"', undefined, 'the page in Russian');
  }, engine === 'webkit' ? 'the list of a menu is a window of its own, which the driver does not reach' : null);
});
