/**
 * What the tests know of the page's document, in one place: the anchors of the contract, and the little beyond them that
 * is marked so. Everything here waits for conditions and never for time.
 */

import { PATIENCE_MS } from './engines.mjs';

/** @typedef {import('./engines.mjs').Scope} Scope */
/** @typedef {import('./engines.mjs').Page} Page */

export const SEARCH = 'input[type=search]';
/** Results are those outside the open post, whatever that is made of; beyond the anchors: it stands in `[data-post]`. */
export const RESULT = 'article[data-uid]:not([data-post] *)';
/** Beyond the anchors: the timeline is drawn in `#timeline svg`, and a line beneath tells what the pointer is over. */
export const TIMELINE = '#timeline svg';
export const READOUT = '#timeline .readout';

/** @param {string} facet @param {string} value */
export const facetValue = (facet, value) => `fieldset[data-facet="${facet}"] [data-value="${value.replace(/["\\]/g, '\\$&')}"]`;

/** @param {Scope} page */
export const state = (page) => page.evaluate('document.documentElement.dataset.state');

/** @param {Scope} page @param {...string} states */
export function reaches(page, ...states) {
  return page.waitFor(
    (/** @type {string[]} */ states) => states.includes(document.documentElement.dataset.state ?? ''),
    PATIENCE_MS, `the state ${states.join(' or ')}`, states,
  );
}

/** Waits until the page says an exact total and is idle. @param {Scope} page @param {number} expected */
export function shows(page, expected) {
  return page.waitFor(
    (/** @type {number} */ expected) => {
      const status = document.querySelector('[role=status][data-total]');
      const idle = ['ready', 'empty'].includes(document.documentElement.dataset.state ?? '');
      return idle && status?.getAttribute('data-exact') === 'true' && status.getAttribute('data-total') === String(expected);
    },
    PATIENCE_MS, `an exact total of ${expected}`, expected,
  );
}

/** @param {Scope} page @returns {Promise<number>} */
export const total = (page) => page.evaluate('Number(document.querySelector("[role=status][data-total]")?.getAttribute("data-total"))');

/** @param {Scope} page @returns {Promise<string[]>} */
export const resultUids = (page) => page.evaluate((/** @type {string} */ selector) => (
  [...document.querySelectorAll(selector)].map((element) => element.getAttribute('data-uid'))
), RESULT);

/**
 * The uids of the first hits, once so many are there: what does not fill the first screen comes as one scrolls.
 *
 * @param {Scope} page @param {number} count @returns {Promise<string[]>}
 */
export async function firstUids(page, count) {
  await page.waitFor(
    (/** @type {string} */ selector, /** @type {number} */ count) => {
      scrollTo(0, document.documentElement.scrollHeight);
      return document.querySelectorAll(selector).length >= count;
    },
    PATIENCE_MS, `${count} hits`, RESULT, count,
  );
  return (await resultUids(page)).slice(0, count);
}

/**
 * Waits until a text can be read on the page. White space does not count, since the page may break lines as it likes.
 *
 * @param {Scope} page @param {string} text @param {number} [timeout]
 */
export function showsText(page, text, timeout = PATIENCE_MS) {
  return page.waitFor(
    (/** @type {string} */ text) => document.body.innerText.replace(/\s+/g, '').includes(text),
    timeout, `the text ${text.slice(0, 60)}`, bare(text),
  );
}

/** @param {string} text */
export const bare = (text) => text.replace(/\s+/g, '');

/** @param {Scope} page @returns {Promise<string>} What a reader sees, as text. */
export const visibleText = (page) => page.evaluate('document.body.innerText');

/** @param {Scope} page @param {string} key @returns {Promise<string[]>} Values of a key of the page's address. */
export const inAddress = (page, key) => page.evaluate(
  (/** @type {string} */ key) => new URLSearchParams(location.hash.slice(1)).getAll(key), key,
);

/** Waits for the post that the address names; an empty uid means none. @param {Scope} page @param {string} uid */
export function opens(page, uid) {
  return page.waitFor(
    (/** @type {string} */ uid) => (new URLSearchParams(location.hash.slice(1)).get('m') ?? '') === uid,
    PATIENCE_MS, uid ? `the post ${uid} in the address` : 'no post in the address', uid,
  );
}

/** @param {string} url @param {Record<string, string>} keys @returns {string} The address of a state of the page. */
export const withState = (url, keys) => `${url}#${Object.entries(keys).map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('&')}`;

/** Moves by keyboard from the search box to the first result and opens it. @param {Page} page @returns {Promise<string>} Its uid. */
export async function openFirst(page) {
  const [uid] = await resultUids(page);
  await page.evaluate((/** @type {string} */ selector) => /** @type {HTMLElement} */ (document.querySelector(selector)).focus(), SEARCH);
  await page.press('ArrowDown');
  await page.press('Enter');
  await opens(page, uid);
  return uid;
}

/**
 * Moves a pointer along the whole timeline and reads what the page says of each bar, as a reader would.
 *
 * @param {Scope} page
 * @returns {Promise<number[]>} The count of each bar: the first number after the colon, as in "June 2024: 12 of 30 posts".
 */
export async function readBars(page) {
  /** @type {string[]} */
  const lines = await page.evaluate((/** @type {string} */ timeline, /** @type {string} */ readout) => {
    const drawing = document.querySelector(timeline);
    if (!drawing) return [];
    const { left, width, top, height } = drawing.getBoundingClientRect();
    const lines = new Set();
    for (let x = 0.5; x < width; x += 1) {
      drawing.dispatchEvent(new PointerEvent('pointermove', { clientX: left + x, clientY: top + height / 2, bubbles: true }));
      lines.add(document.querySelector(readout)?.textContent ?? '');
    }
    return [...lines];
  }, TIMELINE, READOUT);
  return lines.map((line) => Number(/[\d.,\u00A0\u202F]+/.exec(line.slice(line.lastIndexOf(':') + 1))?.[0].replace(/\D/g, '') ?? 0));
}
