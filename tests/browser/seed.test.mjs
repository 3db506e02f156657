/** The seed, a channel as plain text, in every form and engine: from opening it to coming back from a post. */

import assert from 'node:assert/strict';
import { POOR_HOSTS, publishSeed, seedMissing, ways } from './fixtures.mjs';
import { SEARCH, facetValue, firstUids, inAddress, openFirst, opens, reaches, resultUids, shows, showsText, withState } from './reading.mjs';
import { serve } from './server.mjs';
import { inEveryEngine } from './suite.mjs';

const TAG = 'UnionState';
const QUERY = 'union state';

/** @param {import('./engines.mjs').Page} page @returns {Promise<{count: number, chosen: boolean}>} */
const tag = (page) => page.waitFor((/** @type {string} */ selector) => {
  const element = document.querySelector(selector);
  return element && {
    count: Number(element.getAttribute('data-count')),
    chosen: element instanceof HTMLInputElement ? element.checked : element.getAttribute('aria-pressed') === 'true',
  };
}, undefined, `the tag ${TAG}`, facetValue('tag', TAG));

inEveryEngine('the seed', ({ check, open }) => {
  for (const way of ways(publishSeed)) {
    /**
     * @param {string} title
     * @param {(page: import('./engines.mjs').Page, place: {url: string, base: string}) => Promise<void>} run
     * @param {Record<string, string>} [keys] Of the state that the page is opened with.
     * @param {boolean} [watch]
     */
    const checkWay = (title, run, keys = {}, watch = false) => {
      check(`${title}: ${way.name}`, async () => {
        const place = await way.open();
        try {
          await run(await open(withState(place.url, keys), { watch }), place);
        } finally {
          await place.close();
        }
      }, seedMissing);
    };

    checkWay('it opens with its seven posts', async (page) => {
      await reaches(page, 'ready');
      await shows(page, 7);
      assert.equal(publishSeed().records.length, 7);
    });

    checkWay('typing finds exactly what the program finds', async (page) => {
      await reaches(page, 'ready');
      await page.type(SEARCH, QUERY);
      const answer = publishSeed().search(`${QUERY}*`);
      assert.ok(answer.exact && answer.total > 0);
      await shows(page, answer.total);
      await firstUids(page, answer.total);
      assert.equal((await resultUids(page)).length, answer.total);
    });

    checkWay('a tag narrows to the number that stands beside it', async (page) => {
      await reaches(page, 'ready');
      const { count } = await tag(page);
      assert.equal(count, publishSeed().records.filter(({ tags }) => tags?.includes(TAG)).length);
      await page.click(facetValue('tag', TAG));
      await shows(page, count);
      assert.deepEqual(await inAddress(page, 'f.tag'), [TAG]);
    });

    checkWay('Enter opens the whole post, and back returns to the list', async (page) => {
      await reaches(page, 'ready');
      await page.type(SEARCH, QUERY);
      const answer = publishSeed().search(`${QUERY}*`);
      await shows(page, answer.total);
      const uid = await openFirst(page);
      const record = publishSeed().records.find((record) => record.uid === uid);
      assert.ok(record, `extract knows no ${uid}`);
      await showsText(page, record.text);
      await page.back();
      await opens(page, '');
      await shows(page, answer.total);
      assert.equal(await page.evaluate('document.querySelector("input[type=search]").value'), QUERY);
    });

    checkWay('reloading keeps query, filter and post', async (page) => {
      await reaches(page, 'ready');
      await page.type(SEARCH, QUERY);
      await shows(page, publishSeed().search(`${QUERY}*`).total);
      const { count } = await tag(page);
      await page.click(facetValue('tag', TAG));
      await shows(page, count);
      const uid = await openFirst(page);
      await page.reload();
      await opens(page, uid);
      await showsText(page, publishSeed().records.find((record) => record.uid === uid)?.text ?? 'no such record');
      assert.equal(await page.evaluate('document.querySelector("input[type=search]").value'), QUERY);
      assert.deepEqual(await inAddress(page, 'q'), [QUERY]);
      assert.deepEqual(await inAddress(page, 'f.tag'), [TAG]);
      assert.ok((await tag(page)).chosen);
      await shows(page, count);
    });

    checkWay('nothing goes wrong and nothing is asked of another origin', async (page, { base }) => {
      await reaches(page, 'ready');
      await page.type(SEARCH, QUERY);
      await shows(page, publishSeed().search(`${QUERY}*`).total);
      await openFirst(page);
      await page.waitFor('document.readyState === "complete"');
      assert.deepEqual(await page.problems(), []);
      const requests = await page.requests();
      assert.ok(requests.length > 0);
      assert.deepEqual(requests.filter((url) => !url.startsWith(base) && !/^(data|blob):/.test(url)), []);
    }, {}, true);
  }

  for (const [host, options] of Object.entries(POOR_HOSTS)) {
    check(`typing finds and posts open ${host}`, async () => {
      const server = await serve(publishSeed().root, options);
      try {
        // Mailers and trackers add words of their own to an address, and a fragment outlives them.
        const page = await open(withState(server.url('folder/index.html?from=a%20letter'), { sort: 'old' }), { watch: true });
        await reaches(page, 'ready');
        assert.deepEqual(await inAddress(page, 'sort'), ['old']);
        await page.type(SEARCH, QUERY);
        await shows(page, publishSeed().search(`${QUERY}*`).total);
        const uid = await openFirst(page);
        await showsText(page, publishSeed().records.find((record) => record.uid === uid)?.text ?? 'no such record');
        // A span that comes compressed, though a browser asks for it as it is, is an error to the browser: the page tries that once.
        const problems = (await page.problems()).filter((problem) => !(options.gzip && /failed request: .*archive/.test(problem)));
        assert.deepEqual(problems, []);
      } finally {
        await server.close();
      }
    }, seedMissing);
  }

  check('the whole text of each post can be read', async () => {
    const page = await open(publishSeed().fileUrl('folder/index.html'));
    await reaches(page, 'ready');
    // Two of the seven are places of media that the web page did not show: they have no text.
    const posts = publishSeed().records.filter(({ text }) => text);
    assert.equal(posts.length, 5);
    for (const { uid, text } of posts) {
      await page.goto(withState(publishSeed().fileUrl('folder/index.html'), { m: uid }));
      await showsText(page, text);
    }
  }, seedMissing);
});
