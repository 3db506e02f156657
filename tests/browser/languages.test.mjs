/** The page in every language that it speaks: nothing is left in English, everything works, and Arabic is mirrored. */

import assert from 'node:assert/strict';
import { LANGUAGES, MESSAGES } from '../../www/messages.js';
import '../../www/words.js';
import { axeFinds } from './axe.mjs';
import { publishSample, publishTelegram, publishWorks } from './fixtures.mjs';
import { RESULT, SEARCH, openFirst, opens, reaches, shows, showsText, withState } from './reading.mjs';
import { serve } from './server.mjs';
import { inEveryEngine } from './suite.mjs';

/** A word that the sample has, and one that nobody has written. */
const WORD = 'storm';
const GIBBERISH = 'qzxvkwj';

/** A day of which the sample has posts. */
const DAY = '2022-11-18';

const OTHERS = LANGUAGES.filter((code) => code !== 'en');

/** @typedef {import('./engines.mjs').Page} Page */

/** Chooses a language as a reader does; the page opens anew in it. @param {Page} page @param {string} code */
async function choose(page, code) {
  await page.waitFor('document.querySelector("select.language") !== null', undefined, 'the choice of a language');
  await page.evaluate((/** @type {string} */ code) => {
    const select = /** @type {HTMLSelectElement} */ (document.querySelector('select.language'));
    select.value = code;
    // One engine keeps what another test has stored.
    localStorage.clear();
    // Later, since the page that answers is about to go.
    setTimeout(() => select.dispatchEvent(new Event('change')));
  }, code);
  await page.waitFor((/** @type {string} */ code) => document.documentElement.lang === code, undefined, `the page in ${code}`, code);
  await reaches(page, 'ready', 'empty');
  await page.waitFor('document.querySelector("fieldset[data-facet]") !== null', undefined, 'the filters');
}

/** What of the interface is said in English, in words or in a name that only a screen reader has. @param {Page} page @param {string} code @returns {Promise<string[]>} */
async function leftInEnglish(page, code) {
  const { default: table } = await import(`../../www/languages/${code}.js`);
  const english = Object.entries(MESSAGES).filter(([key, said]) => typeof said === 'string' && said !== table[key] && /\p{L}{3}/u.test(said.replace(/\{\w+\}/g, ''))).map(([, said]) => String(said));
  // A template is looked for by its longest piece, a short word only where it stands alone.
  const pieces = english.map((said) => said.split(/\{\w+\}/).reduce((a, b) => (b.length > a.length ? b : a)).trim());
  const said = await page.evaluate(() => {
    const own = (/** @type {Element} */ element) => [...element.childNodes].filter(({ nodeType }) => nodeType === 3).map(({ data }) => data.trim());
    const theirs = 'article .text, article h3, .whole > .text, .whole > h2, .neighbour .text, .poll, bdi, script, style, option[lang], #unextracted, noscript';
    return [...document.body.querySelectorAll('*')].filter((element) => !element.closest(theirs)).flatMap((element) => [...own(element), ...['aria-label', 'placeholder', 'title'].map((name) => element.getAttribute(name) ?? '')]).filter(Boolean);
  });
  return said.filter((/** @type {string} */ text) => pieces.some((piece) => text === piece || (/\p{L} \p{L}/u.test(piece) && text.includes(piece))));
}

/** @param {Page} page @param {string} view */
async function fits(page, view) {
  const [content, width] = await page.evaluate('[document.scrollingElement.scrollWidth, innerWidth]');
  const wide = await page.evaluate(() => [...document.body.querySelectorAll('*')].filter((element) => element.getBoundingClientRect().right > innerWidth + 1 || element.getBoundingClientRect().left < -1).map((element) => `${element.tagName}.${element.className}#${element.id}`).slice(-3));
  assert.ok(content <= width, `${view}: ${content} pixels in ${width}: ${wide.join(', ')}`);
}

/** The tools of the open post stand in one line, large enough for a finger and named, at any width; said of many hits too. @param {Page} page */
async function toolsFit(page) {
  for (const [at, count] of [['1', '18'], ['12,345', '52,310']]) {
    await page.evaluate((/** @type {string} */ at, /** @type {string} */ count) => {
      const words = /** @type {Text} */ ([.../** @type {Element} */ (document.querySelector('.tools .steps')).childNodes].find(({ nodeType }) => nodeType === 3));
      words.data = words.data.replace(/\b1\b/, at).replace(/\b18\b/, count);
    }, at, count);
    for (const width of [1100, 900, 600, 390, 320]) {
      await page.setViewport({ width, height: 700 });
      const seen = await page.evaluate(() => {
        dispatchEvent(new Event('resize'));
        const tools = [...document.querySelectorAll('.tools .step, .tools .plain:not(.close)')].map((tool) => ({ name: (tool.textContent ?? '').trim(), isStep: tool.matches('.step'), box: tool.getBoundingClientRect() }));
        return {
          lines: new Set(tools.map(({ box }) => Math.round((box.top + box.bottom) / 2))).size,
          small: tools.filter(({ box }) => box.width < 24 || box.height < 24).map(({ name }) => name),
          names: tools.filter(({ isStep }) => !isStep).map(({ name }) => name),
        };
      });
      assert.equal(seen.lines, 1, `${width} pixels, ${count} hits: ${JSON.stringify(seen)}`);
      assert.deepEqual(seen.small, [], `${width} pixels, ${count} hits`);
      assert.ok(seen.names.length >= 3 && !seen.names.includes(''), seen.names.join());
    }
  }
}

const press = (/** @type {Page} */ page, /** @type {string} */ selector) => page.evaluate((/** @type {string} */ selector) => /** @type {HTMLElement} */ (document.querySelector(selector)).click(), selector);

inEveryEngine('the languages', ({ engine, check, open }) => {
  const start = (/** @type {import('./suite.mjs').OpenOptions} */ options = {}, /** @type {string} */ path = 'folder/index.html') => open(publishSample().fileUrl(path), options);

  for (const code of OTHERS) {
    check(`${code} is spoken everywhere, and finds what there is`, async () => {
      const page = await start();
      await choose(page, code);
      assert.deepEqual(await leftInEnglish(page, code), [], 'the portrait');
      assert.deepEqual(await axeFinds(page), [], 'the portrait');
      await page.type(SEARCH, WORD);
      await shows(page, publishSample().search(`${WORD}*`).total);
      const uid = await openFirst(page);
      await showsText(page, publishSample().records.find((record) => record.uid === uid)?.text ?? 'no such record');
      await press(page, '.tools button[aria-expanded]');
      await page.waitFor('document.querySelector(".citation")?.value', undefined, 'a citation');
      await press(page, '[data-focus=keep]');
      await page.waitFor('document.querySelector("#basket-open")?.hidden === false', undefined, 'the basket');
      await press(page, '#basket-open');
      await press(page, '[aria-controls=calendar]');
      await page.waitFor('document.querySelector("#calendar td button") !== null && document.querySelector(".today *") !== null', undefined, 'the calendar');
      await press(page, '.tools-line [aria-expanded]:not([aria-controls])');
      await page.waitFor('document.querySelector("#trends .legend") !== null', undefined, 'the trends');
      await press(page, '#help-open');
      await page.waitFor('document.querySelector("#trace td") !== null', undefined, 'the help');
      assert.deepEqual(await leftInEnglish(page, code), [], 'a post with all that opens beside it');
      assert.deepEqual(await axeFinds(page), [], 'a post with all that opens beside it');
      // The next visit is in it too.
      await page.goto('about:blank');
      await page.goto(withState(publishSample().fileUrl('folder/index.html'), { q: GIBBERISH }));
      await reaches(page, 'empty');
      assert.equal(await page.evaluate('document.documentElement.lang'), code);
      assert.deepEqual(await leftInEnglish(page, code), [], 'the empty state');
    });

    check(`${code} does not scroll sideways at 320 pixels`, async () => {
      const page = await start({ width: 320, height: 700 });
      await choose(page, code);
      await fits(page, 'the portrait');
      await press(page, '#filters-open');
      await fits(page, 'the filters');
      await press(page, '#filters-close');
      await press(page, '#help-open');
      await page.waitFor('document.querySelector("#trace td") !== null', undefined, 'the help');
      await fits(page, 'the help');
      await press(page, '#help-open');
      await press(page, '[aria-controls=calendar]');
      await page.waitFor('document.querySelector("#calendar td button") !== null', undefined, 'the calendar');
      await fits(page, 'the calendar');
      await page.evaluate((/** @type {string} */ day) => (location.hash = `from=${day}&to=${day}`), DAY);
      await page.waitFor('document.querySelector(".tools-line button")?.ariaExpanded === null && document.querySelector("#chips li") !== null', undefined, 'the way closer');
      await press(page, '.tools-line button');
      await page.waitFor('document.querySelector("#timeline svg.still") !== null', undefined, 'the hours of a day');
      await fits(page, 'the hours');
      await page.evaluate(() => (location.hash = ''));
      await page.waitFor('document.querySelector("#chips li") === null', undefined, 'no condition');
      await page.type(SEARCH, WORD);
      await shows(page, publishSample().search(`${WORD}*`).total);
      await fits(page, 'the results');
      const uid = await page.evaluate(`document.querySelector(${JSON.stringify(RESULT)}).dataset.uid`);
      await press(page, `${RESULT} a`);
      await opens(page, uid);
      await page.waitFor('document.querySelector("#post .whole") !== null', undefined, 'the post');
      await fits(page, 'the post');
      await toolsFit(page);
      await press(page, '[data-focus=keep]');
      await page.waitFor('document.querySelector("#basket-open")?.hidden === false', undefined, 'the basket');
      await press(page, '#basket-open');
      await page.waitFor('document.querySelector("#basket li") !== null', undefined, 'the basket');
      await fits(page, 'the basket');
    });
  }

  check('Arabic is mirrored, time and signs with it', async () => {
    const page = await start({ width: 1440 });
    await choose(page, 'ar');
    await page.type(SEARCH, WORD);
    await shows(page, publishSample().search(`${WORD}*`).total);
    await openFirst(page);
    await page.waitFor('document.querySelector("#post .turns") !== null', undefined, 'the post');
    const seen = await page.evaluate(() => {
      const left = (/** @type {string} */ selector) => document.querySelector(selector)?.getBoundingClientRect().left ?? NaN;
      return {
        direction: getComputedStyle(document.body).direction, facets: left('#facets-column'), found: left('#found'), side: left('#side'), home: left('#home'), box: left('#q'),
        first: left('[data-edge=from]'), last: left('[data-edge=to]'), sign: getComputedStyle(/** @type {Element} */ (document.querySelector('#post .steps .turns'))).scale,
      };
    });
    assert.equal(seen.direction, 'rtl');
    assert.ok(seen.facets > seen.found && seen.found > seen.side, JSON.stringify(seen));
    assert.ok(seen.home > seen.box, JSON.stringify(seen));
    assert.ok(seen.first > seen.last, JSON.stringify(seen));
    assert.equal(seen.sign, '-1 1');
    // The key that points into the past moves an edge into the past.
    const at = () => page.evaluate('Number(document.querySelector("[data-edge=from]").getAttribute("aria-valuenow"))');
    const before = await at();
    await page.evaluate('document.querySelector("[data-edge=from]").focus()');
    await page.press('ArrowLeft');
    await page.waitFor((/** @type {number} */ before) => Number(document.querySelector('[data-edge=from]')?.getAttribute('aria-valuenow')) === before + 1, undefined, 'a later beginning', before);
    await page.evaluate('document.querySelector("[data-edge=from]").focus()');
    await page.press('ArrowRight');
    await page.waitFor((/** @type {number} */ before) => Number(document.querySelector('[data-edge=from]')?.getAttribute('aria-valuenow')) === before, undefined, 'the beginning again', before);
  });

  check('on a mirrored page a text begins at the side of its own direction', async () => {
    const page = await start({ width: 1440 });
    await choose(page, 'ar');
    await page.type(SEARCH, WORD);
    await shows(page, publishSample().search(`${WORD}*`).total);
    const sides = await page.evaluate(() => [...document.querySelectorAll('#results h3, #results .text')].map((element) => {
      const range = document.createRange();
      range.selectNodeContents(element);
      const lines = [...range.getClientRects()];
      const { left, right } = element.getBoundingClientRect();
      const gaps = { ltr: Math.min(...lines.map((line) => line.left)) - left, rtl: right - Math.max(...lines.map((line) => line.right)) };
      return [getComputedStyle(element).direction, getComputedStyle(element).textAlign, Math.round(gaps[getComputedStyle(element).direction])];
    }));
    assert.ok(sides.some(([direction]) => direction === 'ltr'));
    for (const [, align, gap] of sides) assert.deepEqual([align, gap < 8], ['start', true], JSON.stringify(sides));
  });

  check('what a reader calls a field has words, what is technical is folded, and a column keeps its name', async () => {
    const page = await open(withState(publishTelegram().fileUrl('folder/index.html'), { m: 'Harbour News/5', lang: 'de' }), { watch: true });
    await page.waitFor('document.querySelector("#post details.fields") !== null', undefined, 'the fields');
    const names = (/** @type {string} */ within) => page.evaluate((/** @type {string} */ within) => [...document.querySelectorAll(`#post ${within} .known dt`)].map((name) => name.textContent), within);
    assert.deepEqual((await names('.whole > .details')).slice(-2), ['Interpret', 'Titel']);
    assert.deepEqual(await names('details.fields'), ['Art des Chats chat_type', 'Nummer des Kanals channel_id', 'Nummer des Absenders from_id', 'Dateiname file_name', 'Art des Mediums media_type', 'Dateityp mime_type']);
    assert.deepEqual(await axeFinds(page), []);
    assert.deepEqual(await page.problems(), []);
    const other = await open(withState(publishWorks().fileUrl('folder/index.html'), { m: publishWorks().records[0]?.uid ?? '', lang: 'de' }), { watch: true });
    await other.waitFor('[...document.querySelectorAll("#post .known dt")].some((name) => name.textContent === "Finish by")', undefined, 'the column');
  });

  check('the single page has every language in it', async () => {
    for (const code of ['ru', 'zh']) {
      const page = await start({}, 'single.html');
      await choose(page, code);
      assert.deepEqual(await leftInEnglish(page, code), []);
    }
  });

  check('over http a table is asked for when it is spoken, and English asks for none', async () => {
    const server = await serve(publishSample().root);
    try {
      const page = await open(server.url('folder/index.html'), { watch: true });
      await reaches(page, 'ready');
      assert.deepEqual((await page.requests()).filter((address) => address.includes('words-')), []);
      await choose(page, 'de');
      assert.deepEqual([...new Set((await page.requests()).filter((address) => address.includes('words-')).map((address) => address.replace(/.*\//, '')))], ['words-de.js']);
      assert.deepEqual(await page.problems(), []);
    } finally {
      await server.close();
    }
  }, engine === 'webkit' ? 'the twin that is watched opens another document' : null);

  check('without its table the page goes on in English', async () => {
    const copy = publishSample().copy('languages');
    const page = await open(copy.url);
    await choose(page, 'ru');
    copy.remove('fonds/words-ru.js');
    await page.reload();
    await reaches(page, 'ready');
    assert.equal(await page.evaluate('document.documentElement.lang'), 'en');
    await showsText(page, MESSAGES.newestPosts);
  });
});
