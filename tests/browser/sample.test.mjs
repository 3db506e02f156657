/** The dated sample: keyboard, history, links, time, scripts of other directions, widths, schemes and hostile text. */

import assert from 'node:assert/strict';
import { publishSample } from './fixtures.mjs';
import { RESULT, SEARCH, TIMELINE, facetValue, firstUids, inAddress, openFirst, opens, reaches, readBars, resultUids, shows, showsText, total, visibleText, withState } from './reading.mjs';
import { serve } from './server.mjs';
import { inEveryEngine } from './suite.mjs';

/** A word that the sample has, and one that nobody has written. */
const WORD = 'storm';
const GIBBERISH = 'qzxvkwj';

/** What a hurried hand makes of the word. */
const MISSPELT = 'strom';

const RIGHT_TO_LEFT = /[\u0590-\u08FF]/g;
const LETTERS = /\p{L}/gu;

const url = () => publishSample().fileUrl('folder/index.html');

/** The post that is most of all written from right to left. */
function rightToLeftRecord() {
  const share = (/** @type {string | undefined} */ text = '') => (text.match(RIGHT_TO_LEFT)?.length ?? 0) / (text.match(LETTERS)?.length || 1);
  const best = [...publishSample().records].sort((a, b) => share(b.text) - share(a.text))[0];
  assert.ok(share(best.text) > 0.5, 'the sample has no post written from right to left');
  return best;
}

/** Posts that would do something if their text were taken for markup. */
function hostileRecords() {
  const hostile = publishSample().records.filter(({ text, title }) => /<(script|img|svg|iframe|a|b|style)\b|javascript:/i.test(`${title ?? ''} ${text ?? ''}`));
  assert.ok(hostile.length > 0, 'the sample has no hostile text');
  return hostile;
}

/**
 * Counts records by a plain scan. The rule: fold case and accents (NFKD without marks, lower case), cut into runs of
 * letters and digits, and count the records in whose title or text the word is one of the runs. Words are chosen such that
 * no other field of any record has them, so that it does not matter which other fields a search looks into.
 *
 * @returns {{word: string, count: number}[]}
 */
function plainCounts() {
  const words = (/** @type {string} */ text) => new Set(text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
  /** @type {Map<string, number>} */
  const counts = new Map();
  /** @type {Set<string>} */
  const elsewhere = new Set();
  for (const { title, text, uid, ...others } of publishSample().records) {
    const own = words(`${title ?? ''} ${text ?? ''}`);
    for (const word of own) counts.set(word, (counts.get(word) ?? 0) + 1);
    for (const word of words(JSON.stringify(others))) elsewhere.add(word);
    for (const word of words(uid)) elsewhere.add(word);
  }
  const usable = [...counts].filter(([word]) => /^[a-z]{4,}$/.test(word) && !elsewhere.has(word));
  usable.sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  // Frequent, middling and rare.
  return [usable[0], usable[usable.length >> 1], usable[usable.length - 1]].map(([word, count]) => ({ word, count }));
}

inEveryEngine('the sample', ({ engine, check, open }) => {
  /** @param {import('./suite.mjs').OpenOptions & {keys?: Record<string, string>}} [options] */
  const start = async ({ keys = {}, ...options } = {}) => {
    const page = await open(withState(url(), keys), options);
    await reaches(page, 'ready', 'empty');
    return page;
  };

  check('everything can be reached by keys alone', async () => {
    const page = await start();
    await page.press('/');
    await page.waitFor('document.activeElement.matches("input[type=search]")', undefined, 'the focus in the search box after /');
    await page.type(SEARCH, WORD);
    const answer = publishSample().search(`${WORD}*`);
    await shows(page, answer.total);
    const [first, second] = await resultUids(page);
    await page.press('ArrowDown');
    const focused = (/** @type {string} */ uid) => page.waitFor(
      (/** @type {string} */ uid) => document.activeElement?.closest('article[data-uid]')?.getAttribute('data-uid') === uid,
      undefined, `the focus on ${uid}`, uid,
    );
    await focused(first);
    if (second) {
      await page.press('ArrowDown');
      await focused(second);
      await page.press('ArrowUp');
      await focused(first);
    }
    await page.press('Enter');
    await opens(page, first);
    await page.press('Escape');
    await opens(page, '');
    await shows(page, answer.total);
  });

  check('typing /, where a text is being typed, writes a /', async () => {
    const page = await start();
    await page.type(SEARCH, 'a/b');
    assert.equal(await page.evaluate('document.querySelector("input[type=search]").value'), 'a/b');
  });

  check('counts equal a plain scan of the records', async () => {
    for (const { word, count } of plainCounts()) {
      assert.equal(publishSample().search(`=${word}`).total, count, `the program counts ${word} otherwise`);
      const page = await start({ keys: { q: `=${word}` } });
      await shows(page, count);
    }
  });

  check('every key typed gives the exact total of what stands there', async () => {
    const page = await start();
    for (let length = 1; length <= WORD.length; length += 1) {
      await page.type(SEARCH, WORD[length - 1]);
      await shows(page, publishSample().search(`${WORD.slice(0, length)}*`).total);
    }
  });

  check('back and forward restore the post and the list', async () => {
    const page = await start();
    await page.type(SEARCH, WORD);
    const answer = publishSample().search(`${WORD}*`);
    await shows(page, answer.total);
    const uid = await openFirst(page);
    await page.back();
    await opens(page, '');
    await shows(page, answer.total);
    await page.forward();
    await opens(page, uid);
    await showsText(page, publishSample().records.find((record) => record.uid === uid)?.text ?? 'no such record');
  });

  check('a copied link opens in the same state', async () => {
    const page = await start();
    await page.type(SEARCH, WORD);
    await shows(page, publishSample().search(`${WORD}*`).total);
    const value = await page.waitFor((/** @type {string} */ prefix) => document.querySelector(`${prefix} [data-value]`)?.getAttribute('data-value'), undefined, 'a facet value', 'fieldset[data-facet]');
    const facet = await page.evaluate('document.querySelector("fieldset[data-facet] [data-value]").closest("fieldset").dataset.facet');
    await page.click(facetValue(facet, value));
    await page.waitFor((/** @type {string} */ key) => new URLSearchParams(location.hash.slice(1)).has(key), undefined, 'the filter in the address', `f.${facet}`);
    await reaches(page, 'ready');
    const uid = await openFirst(page);
    const expected = await total(page);
    const fresh = await open(await page.evaluate('location.href'));
    await opens(fresh, uid);
    await shows(fresh, expected);
    assert.equal(await fresh.evaluate('document.querySelector("input[type=search]").value'), WORD);
    assert.deepEqual(await inAddress(fresh, `f.${facet}`), [value]);
    await showsText(fresh, publishSample().records.find((record) => record.uid === uid)?.text ?? 'no such record');
  });

  check('keys of the address that the page does not know are kept', async () => {
    const page = await start({ keys: { future: 'kept' } });
    await page.type(SEARCH, WORD);
    await shows(page, publishSample().search(`${WORD}*`).total);
    assert.deepEqual(await inAddress(page, 'future'), ['kept']);
  });

  check('the bars of the timeline add up to the dated posts', async () => {
    const page = await start();
    await page.waitFor((/** @type {string} */ selector) => document.querySelector(selector) !== null, undefined, 'a timeline', TIMELINE);
    const { records } = publishSample();
    const bars = await readBars(page);
    assert.ok(bars.length > 1);
    assert.equal(bars.reduce((sum, count) => sum + count, 0), records.filter(({ date }) => date).length);
    assert.equal(await total(page), records.length);
  });

  check('the years of the archive add up to the dated posts', async () => {
    const { records } = publishSample();
    const dated = records.filter(({ date }) => date);
    const years = dated.map(({ date }) => Number(String(date).slice(0, 4)));
    let sum = 0;
    // One more at either end: a time zone may move a post across New Year.
    for (let year = Math.min(...years) - 1; year <= Math.max(...years) + 1; year += 1) {
      const page = await start({ keys: { from: String(year), to: String(year) } });
      await page.waitFor('document.querySelector("[role=status][data-exact=true]") !== null', undefined, 'an exact total');
      sum += await total(page);
    }
    assert.equal(sum, dated.length);
  });

  check('text written from right to left runs so', async () => {
    const record = rightToLeftRecord();
    const page = await start({ keys: { m: record.uid } });
    await showsText(page, record.text);
    const piece = record.text.match(/[\u0590-\u08FF]+/)?.[0] ?? '';
    const directions = await page.evaluate((/** @type {string} */ piece) => {
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      const found = [];
      while (walker.nextNode()) {
        const parent = walker.currentNode.parentElement;
        if (walker.currentNode.nodeValue?.includes(piece) && parent && parent.getClientRects().length > 0) found.push(getComputedStyle(parent).direction);
      }
      return found;
    }, piece);
    assert.ok(directions.length > 0);
    assert.deepEqual([...new Set(directions)], ['rtl']);
  });

  for (const [name, keys] of Object.entries({
    'the portrait': () => ({}),
    'the results': () => ({ q: WORD }),
    'the post': () => ({ m: publishSample().longest.uid }),
    'the post from right to left': () => ({ m: rightToLeftRecord().uid }),
  })) {
    check(`${name} does not scroll sideways at 320 pixels`, async () => {
      const page = await start({ keys: keys(), width: 320, height: 700 });
      const [content, view] = await page.evaluate('[document.scrollingElement.scrollWidth, innerWidth]');
      assert.ok(content <= view, `${content} pixels in ${view}`);
    });
  }

  for (const [scheme, paper, ink] of [['light', 'rgb(251, 250, 247)', 'rgb(29, 27, 24)'], ['dark', 'rgb(22, 21, 18)', 'rgb(236, 231, 221)']]) {
    check(`paper and ink are those of the ${scheme} scheme`, async () => {
      const page = await start({ dark: scheme === 'dark' });
      const colours = await page.evaluate(() => {
        const body = getComputedStyle(document.body);
        // The paper may lie on the root or on the body.
        const clear = body.backgroundColor === 'rgba(0, 0, 0, 0)' || body.backgroundColor === 'transparent';
        return [clear ? getComputedStyle(document.documentElement).backgroundColor : body.backgroundColor, body.color];
      });
      assert.deepEqual(colours, [paper, ink]);
    });
  }

  check('a query without hits ends in the empty state, with a sentence', async () => {
    const page = await start();
    await page.type(SEARCH, GIBBERISH);
    await reaches(page, 'empty');
    await shows(page, 0);
    assert.equal((await resultUids(page)).length, 0);
    assert.match(await visibleText(page), /\S.{10,}[.?!]/);
    await page.press('Control+a');
    await page.press('Backspace');
    await reaches(page, 'ready');
  });

  check('where no post has all the words, those with any of them are shown, and the page says so', async () => {
    const query = `${WORD} ${GIBBERISH}`;
    const answer = publishSample().search(`${query}*`);
    assert.ok(answer.total > 0);
    assert.deepEqual(new Set(answer.hits.map(({ uid }) => uid)), new Set(publishSample().search(WORD).hits.map(({ uid }) => uid)));
    const page = await start({ keys: { q: query } });
    await shows(page, answer.total);
    await showsText(page, 'No post has all of these words.');
    await firstUids(page, answer.total);
    assert.equal((await resultUids(page)).length, answer.total);
    // What could not be read in it is told beside.
    const broken = await start({ keys: { q: `${query} /(/` } });
    await showsText(broken, 'No post has all of these words.');
    await showsText(broken, 'In the query: ');
  });

  check('the best match comes first where it is asked for', async () => {
    const query = `${WORD} harbour match:any sort:relevance`;
    const page = await start({ keys: { q: query } });
    const answer = publishSample().search(query);
    await shows(page, answer.total);
    const uids = await resultUids(page);
    assert.ok(uids.length > 5);
    assert.deepEqual(uids, answer.hits.map(({ uid }) => uid).slice(0, uids.length));
  });

  check('a misspelled word is offered as it may have been meant, which the first core cannot', async () => {
    const page = await start({ keys: { q: MISSPELT } });
    await page.waitFor((/** @type {string} */ word) => [...document.querySelectorAll('#nothing button')].some(({ textContent }) => textContent === word), undefined, `the suggestion ${WORD}`, WORD);
    const count = await page.evaluate((/** @type {string} */ word) => [...document.querySelectorAll('#nothing li')].find((item) => item.querySelector('button')?.textContent === word)?.querySelector('.count')?.textContent, WORD);
    assert.equal(count, String(publishSample().search(WORD).total));
    await page.click('#nothing h3 + ul button');
    await shows(page, publishSample().search(WORD).total);
  });

  check('hostile text is shown as text', async () => {
    for (const record of hostileRecords()) {
      const page = await open(withState(url(), { m: record.uid }), { watch: true });
      await showsText(page, record.text);
      const grown = await page.evaluate(() => {
        const handlers = [...document.querySelectorAll('*')].filter((element) => element.getAttributeNames().some((name) => name.startsWith('on')));
        const links = [...document.querySelectorAll('a[href]')].filter((element) => /^\s*(javascript|data|vbscript):/i.test(element.getAttribute('href') ?? ''));
        // The page itself has its scripts and styles outside the parts that hold posts, and no frames within them.
        const parts = ['article', 'main', '#side', '.whole'];
        const kinds = ['script', 'style', 'iframe', 'object', 'embed', 'img[src="x"]'];
        const foreign = [...document.querySelectorAll(parts.flatMap((part) => kinds.map((kind) => `${part} ${kind}`)).join())];
        return [...handlers, ...links, ...foreign].map((element) => element.outerHTML);
      });
      assert.deepEqual(grown, []);
      assert.deepEqual(await page.problems(), []);
    }
  });

  check('with scripts off the newest posts can be read', async () => {
    const page = await open('about:blank');
    await page.setJavaScript(false);
    await page.goto(url());
    await showsText(page, publishSample().newestWords);
  }, engine === 'chromium' ? null : 'only Chromium can switch scripts off here');

  check('a frame that may run no scripts shows the newest posts, and says why they are all', async () => {
    const server = await serve(publishSample().root);
    try {
      const page = await open(server.url('folder/README.txt'));
      await page.evaluate((/** @type {string} */ src) => document.body.replaceChildren(Object.assign(document.createElement('iframe'), { sandbox: 'allow-same-origin', src })), server.url('folder/index.html'));
      const text = () => document.querySelector('iframe')?.contentDocument?.querySelector('noscript')?.getClientRects().length && document.querySelector('iframe')?.contentDocument?.body.innerText;
      const shown = await page.waitFor(text, undefined, 'the frame');
      assert.match(shown, /Scripts are off/);
      assert.ok(shown.includes(publishSample().newestWords), shown);
      assert.equal(await page.evaluate('document.querySelector("iframe").contentDocument.documentElement.dataset.state ?? null'), null);
    } finally {
      await server.close();
    }
  });

  check('the page works over http as it does from a file', async () => {
    const server = await serve(publishSample().root);
    try {
      const page = await open(withState(server.url('folder/index.html'), { q: WORD }), { watch: true });
      await reaches(page, 'ready');
      assert.ok((await page.evaluate((/** @type {string} */ selector) => document.querySelectorAll(selector).length, RESULT)) > 0);
      assert.deepEqual(await page.problems(), []);
    } finally {
      await server.close();
    }
  });
});
