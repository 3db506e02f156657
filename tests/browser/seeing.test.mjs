/** Other ways of seeing: paper, colours of the reader's own, no motion, a page made twice as large, large targets, and none of it seen at all. */

import assert from 'node:assert/strict';
import { axeFinds } from './axe.mjs';
import { publishSample } from './fixtures.mjs';
import { RESULT, SEARCH, openFirst, reaches, resultUids, shows, withState } from './reading.mjs';
import { inEveryEngine } from './suite.mjs';

const WORD = 'storm';

/** @typedef {import('./engines.mjs').Page} Page */

const press = (/** @type {Page} */ page, /** @type {string} */ selector) => page.evaluate((/** @type {string} */ selector) => /** @type {HTMLElement} */ (document.querySelector(selector)).click(), selector);

/** What is on the paper: controls, and texts that end where their box does. */
const onPaper = () => {
  const shown = [...document.body.querySelectorAll('*')].filter((element) => element.getClientRects().length > 0 && !element.closest('.unseen'));
  const name = (/** @type {Element} */ element) => `${element.tagName}#${element.id}.${element.getAttribute('class') ?? ''}`;
  return {
    controls: shown.filter((element) => element.matches('button, input, select, textarea, kbd, [role=slider]')).map(name),
    cut: shown.filter((element) => /hidden|clip/.test(getComputedStyle(element).overflow) && (element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1)).map(name),
    wide: shown.filter((element) => element.getBoundingClientRect().right > innerWidth + 1).map(name),
    scrolls: shown.filter((element) => /auto|scroll/.test(getComputedStyle(element).overflowY) && element.scrollHeight > element.clientHeight + 1).map(name),
  };
};

const NOTHING = { controls: [], cut: [], wide: [], scrolls: [] };

inEveryEngine('other ways of seeing', ({ engine, check, open }) => {
  const chromium = engine === 'chromium' ? null : 'only Chromium can be asked to see so';
  const start = async (/** @type {Record<string, string>} */ keys = {}, /** @type {import('./suite.mjs').OpenOptions} */ options = {}) => {
    const page = await open(withState(publishSample().fileUrl('folder/index.html'), keys), options);
    await reaches(page, 'ready');
    await page.waitFor('document.querySelector("fieldset[data-facet]") !== null', undefined, 'the filters');
    return page;
  };

  check('a list on paper is whole, and says which posts they are', async () => {
    const page = await start({ q: WORD }, { width: 700 });
    await page.emulate('print');
    assert.deepEqual(await page.evaluate(onPaper), NOTHING);
    const uids = await page.evaluate((/** @type {string} */ selector) => [...document.querySelectorAll(selector)].map((article) => getComputedStyle(article, '::after').content), RESULT);
    assert.deepEqual(uids.length > 1 && uids.every((/** @type {string} */ content) => /^attr|^"..+"$/.test(content)), true, uids.join());
    // The sentence that chips and menu say on the screen is on the paper.
    assert.ok(await page.evaluate('document.querySelector("#status .unseen").getBoundingClientRect().width > 40'));
  }, chromium);

  check('a long list on paper has no empty pages', async () => {
    const page = await start();
    await page.waitFor(() => {
      scrollTo(0, document.body.scrollHeight);
      return /** @type {HTMLElement} */ (document.getElementById('above')).offsetHeight > 0;
    }, undefined, 'rows that are only measured, above the rows that are there');
    await page.emulate('print');
    assert.equal(await page.evaluate('document.getElementById("above").offsetHeight'), 0);
  }, chromium);

  check('a post on paper is whole, with the addresses of its links', async () => {
    const record = publishSample().records.find(({ text, url }) => /https?:\/\//.test(text ?? '') && url) ?? publishSample().longest;
    const page = await start({ m: record.uid }, { width: 700 });
    await page.waitFor('document.querySelector("#post .whole") !== null', undefined, 'the post');
    await page.emulate('print');
    assert.deepEqual(await page.evaluate(onPaper), NOTHING);
    const text = await page.evaluate('document.querySelector("#post .details").innerText');
    assert.ok(text.includes(record.uid) && text.includes(String(record.url)), text);
    const links = await page.evaluate(() => [...document.querySelectorAll('#post .text a[target]')].map((link) => [link.textContent === link.getAttribute('href'), getComputedStyle(link, '::after').content === 'none']));
    assert.ok(links.length > 0 && links.every((/** @type {boolean[]} */ [isBare, hasNone]) => isBare === hasNone), String(links));
  }, chromium);

  check('with colours of the reader’s own, drawings have them too', async () => {
    for (const scheme of ['light', 'dark']) {
      const page = await start({ q: WORD });
      await page.emulate('screen', [{ name: 'forced-colors', value: 'active' }, { name: 'prefers-color-scheme', value: scheme }]);
      await page.waitFor('matchMedia("(forced-colors: active)").matches', undefined, 'forced colours');
      const [paper, ...drawn] = await page.evaluate(() => {
        const probe = document.body.appendChild(document.createElement('i'));
        probe.style.setProperty('background-color', 'Canvas');
        const system = getComputedStyle(probe).backgroundColor;
        const style = (/** @type {string} */ selector) => getComputedStyle(/** @type {Element} */ (document.querySelector(selector)));
        const seen = [system, style('#timeline .hits').fill, style('#timeline .all').fill, style('#timeline .ground').stroke, style('#help-open').borderColor, style('#results mark').backgroundColor, style('.icon').stroke];
        probe.remove();
        return seen;
      });
      for (const colour of drawn) assert.notEqual(colour, paper, `${scheme}: ${drawn.join(' | ')}`);
    }
  }, chromium);

  check('nothing moves for those who want no motion', async () => {
    const page = await start({ q: WORD, m: publishSample().longest.uid });
    await page.emulate('screen', [{ name: 'prefers-reduced-motion', value: 'reduce' }]);
    const moving = await page.evaluate(() => [...document.querySelectorAll('*')].filter((element) => {
      const { transitionProperty, transitionDuration, animationName, scrollBehavior } = getComputedStyle(element);
      return (transitionProperty !== 'none' && transitionDuration !== '0s') || animationName !== 'none' || scrollBehavior === 'smooth';
    }).map((element) => element.id || element.tagName));
    assert.deepEqual(moving, []);
  }, chromium);

  for (const width of [640, 320]) {
    check(`what is opened at ${width} pixels does not scroll sideways`, async () => {
      const page = await start({}, { width, height: 450 });
      const fits = async (/** @type {string} */ view) => {
        const [content, room] = await page.evaluate('[document.scrollingElement.scrollWidth, innerWidth]');
        assert.ok(content <= room, `${view}: ${content} pixels in ${room}`);
      };
      await press(page, '#help-open');
      await page.waitFor('document.querySelector("#trace td") !== null', undefined, 'the help');
      await fits('the help');
      await press(page, '#help-open');
      await press(page, '[aria-controls=calendar]');
      await page.waitFor('document.querySelector("#calendar td button") !== null', undefined, 'the calendar');
      await fits('the calendar');
      await page.type(SEARCH, WORD);
      await shows(page, publishSample().search(`${WORD}*`).total);
      await press(page, '.tools-line [aria-expanded]:not([aria-controls])');
      await page.waitFor('document.querySelector("#trends .legend") !== null', undefined, 'the trends');
      await fits('the trends');
      await press(page, '#filters-open');
      await fits('the filters');
      await press(page, '#filters-close');
      await press(page, `${RESULT} a`);
      await page.waitFor('document.querySelector("#post .whole") !== null', undefined, 'the post');
      await press(page, '[data-focus=cite]');
      await page.waitFor('document.querySelector(".citation")?.value', undefined, 'a citation');
      await fits('the post');
    });

    check(`targets at ${width} pixels are large enough, or stand apart`, async () => {
      const page = await start({ q: `${WORD}s` }, { width, height: 800 });
      const small = () => axeFinds(page, ['target-size']);
      assert.deepEqual(await small(), [], 'the results');
      await press(page, '[aria-controls=calendar]');
      await page.waitFor('document.querySelector("#calendar td button") !== null', undefined, 'the calendar');
      assert.deepEqual(await small(), [], 'the calendar');
      await press(page, '#filters-open');
      assert.deepEqual(await small(), [], 'the filters');
      await press(page, '#filters-close');
      await press(page, `${RESULT} a`);
      await page.waitFor('document.querySelector("#post .whole") !== null', undefined, 'the post');
      assert.deepEqual(await small(), [], 'the post');
    });
  }

  check('assistive technology is told a box, a count and a list with headings', async () => {
    const page = await start();
    await page.type(SEARCH, WORD);
    await shows(page, publishSample().search(`${WORD}*`).total);
    const tree = await page.tree();
    /** @type {import('puppeteer-core').SerializedAXNode[]} */
    const nodes = [];
    const walk = (/** @type {import('puppeteer-core').SerializedAXNode} */ node) => {
      nodes.push(node);
      for (const child of node.children ?? []) walk(child);
    };
    if (tree) walk(tree);
    const boxes = nodes.filter(({ role }) => role === 'searchbox');
    assert.deepEqual(boxes.map(({ name, value }) => [name, value]), [['Search the archive', WORD]]);
    const headings = nodes.filter(({ role }) => role === 'heading').map(({ name, level }) => [level, name]);
    const hits = (await resultUids(page)).length;
    assert.ok(headings.some(([level, name]) => level === 2 && name === 'Results'), JSON.stringify(headings));
    assert.ok(headings.filter(([level]) => level === 3).length >= hits, JSON.stringify(headings));
    for (const { role, name } of nodes) if (['button', 'link', 'checkbox', 'combobox', 'slider', 'textbox', 'searchbox'].includes(role)) assert.ok(name, `${role} without a name`);
  }, chromium);

  check('assistive technology is told the box, the results and the filters by name', async () => {
    const page = await start();
    await page.type(SEARCH, WORD);
    await shows(page, publishSample().search(`${WORD}*`).total);
    await page.waitFor('document.querySelector("#facets input[type=checkbox]") !== null', undefined, 'the filters');
    for (const [selector, role, name] of /** @type {[string, string, string][]} */ ([
      ['#q', 'searchbox', 'Search the archive'],
      ['#help-open', 'button', 'Keys and query language'],
      ['#found-title', 'heading', 'Results'],
    ])) assert.ok(await page.isTold(selector, role, name), `${selector} is not told as ${role} ${name}`);
    assert.ok(!(await page.isTold('#q', 'searchbox', 'Another name')), 'any name would do');
  });

  check('a gesture on the bars that became a scroll does not spoil the next one', async () => {
    const page = await start();
    await page.waitFor('document.querySelector("#timeline svg .ground") !== null', undefined, 'the bars');
    await page.evaluate(() => {
      const bars = /** @type {Element} */ (document.querySelector('#timeline svg'));
      const { left, top, width } = bars.getBoundingClientRect();
      // The driver has no finger; a gesture that no pointer stands behind cannot be captured.
      bars.setPointerCapture = () => {};
      const send = (/** @type {string} */ type, /** @type {number} */ share, pointerId = 1) => bars.dispatchEvent(new PointerEvent(type, { pointerId, button: 0, clientX: left + share * width, clientY: top + 5, bubbles: true }));
      for (const [type, share] of /** @type {[string, number][]} */ ([['pointerdown', 0.9], ['pointermove', 0.95], ['pointercancel', 0.95]])) send(type, share);
      for (const [type, share] of /** @type {[string, number][]} */ ([['pointerdown', 0.2], ['pointermove', 0.7]])) send(type, share);
      // A second finger ends nothing.
      send('pointerup', 0.3, 2);
      send('pointerup', 0.7);
    });
    await page.waitFor('/from=/.test(location.hash)', undefined, 'a span');
    const [, from, to] = /from=([\d-]+)&to=([\d-]+)/.exec(await page.evaluate('location.hash')) ?? [];
    assert.ok(from && to && from < to, `from ${from} to ${to}`);
  });

  check('on a phone the newest posts are on the first screen', async () => {
    const page = await start({}, { width: 390, height: 800 });
    await page.waitFor('document.querySelector("#about .unfold") !== null', undefined, 'the portrait');
    assert.ok((await page.evaluate('document.querySelector("#results article").getBoundingClientRect().top')) < 700);
    assert.equal(await page.evaluate('document.querySelector("#about .rest").getClientRects().length'), 0);
    await press(page, '#about .unfold');
    assert.ok((await page.evaluate('document.querySelector("#about .rest").getClientRects().length')) > 0);
    assert.equal(await page.evaluate('document.querySelector("#about .unfold").getAttribute("aria-expanded")'), 'true');
  });

  for (const width of [320, 390]) {
    check(`at ${width} pixels all conditions can be reached, and a cut says that there are more`, async () => {
      const page = await start({ q: 'storms harbour views:10.. ', 'f.-author': 'Agnes Torvik', 'f.lang': 'en', 'f.year': '2022', from: '2022-11', to: '2022-11' }, { width, height: 700 });
      await page.waitFor('document.querySelectorAll("#chips li").length === 8', undefined, 'a chip for each');
      const seen = await page.evaluate(() => {
        const list = /** @type {HTMLElement} */ (document.getElementById('chips'));
        const { top, bottom } = list.getBoundingClientRect();
        const items = [...list.children].map((item) => item.getBoundingClientRect());
        return { beyond: list.scrollWidth - list.clientWidth, room: bottom - top, cut: items.some((item) => item.top < bottom - 4 && item.bottom > bottom + 4), isLonger: list.scrollHeight > list.clientHeight + 1 };
      });
      assert.ok(seen.beyond <= 0, JSON.stringify(seen));
      assert.ok(seen.room > 60 && seen.room < 120, JSON.stringify(seen));
      assert.equal(seen.cut, seen.isLonger, JSON.stringify(seen));
      // The forms of a word, and the way to it alone, stand within the page.
      await page.evaluate('document.querySelector("#chips [data-part]").click()');
      assert.ok(await page.evaluate('document.getElementById("chips").scrollWidth <= document.getElementById("chips").clientWidth'));
      assert.ok(await page.evaluate('document.querySelector("#chips .forms .more").getBoundingClientRect().right <= innerWidth'));
    });
  }

  check('on a phone an opened post begins under its tools, and no other rule lies close to theirs', async () => {
    for (const width of [320, 390]) {
      const page = await start({ q: WORD }, { width, height: 844 });
      await press(page, `${RESULT} a`);
      await page.waitFor(() => {
        const [rule, other] = ['.tools', '.neighbour:has(+ .whole)'].map((selector) => document.querySelector(selector)?.getBoundingClientRect().bottom ?? NaN);
        // Within reach of the tools, so that it was scrolled to, and under them.
        return Number(other) <= Number(rule) && Number(other) > Number(rule) - 8;
      }, undefined, `the rule of the post before beneath that of the tools, at ${width} pixels`);
    }
  });

  check('what is found is spoken once, after the last key', async () => {
    const page = await start();
    await page.evaluate(() => {
      Object.assign(window, { spoken: [] });
      const line = document.querySelector('[aria-live=polite]');
      if (line) new MutationObserver(() => /** @type {any} */ (window).spoken.push(line.textContent)).observe(line, { childList: true, characterData: true, subtree: true });
    });
    assert.equal(await page.evaluate('document.querySelector("[role=status][data-total]").getAttribute("aria-live")'), 'off');
    await page.evaluate('window.spoken.length = 0');
    await page.type(SEARCH, WORD);
    const { total } = publishSample().search(`${WORD}*`);
    await page.waitFor((/** @type {number} */ total) => /** @type {any} */ (window).spoken.at(-1)?.startsWith(`${total} posts`), undefined, 'the total spoken', total);
    const spoken = await page.evaluate('window.spoken');
    assert.ok(spoken.length <= 2, spoken.join(' | '));
    await openFirst(page);
  });
});
