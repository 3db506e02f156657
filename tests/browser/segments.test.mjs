/** An archive of several segments: the page shows it as one, in every form. */

import assert from 'node:assert/strict';
import { EDITED, publishGrown, publishSample, ways } from './fixtures.mjs';
import { firstUids, openFirst, shows, showsText, withState } from './reading.mjs';
import { inEveryEngine } from './suite.mjs';

/** Words that posts of both halves have, a phrase, a field, a part of words, and none. A space ends a word, which else may go on. */
const QUERIES = ['storm ', 'harbour -storm ', '"the harbour"', 'has:photo ', '*arbou*', ''];

inEveryEngine('segments', ({ check, open }) => {
  for (const way of ways(publishGrown)) {
    check(`${way.name}: an archive that grew answers as the program does, and as one that was built at once`, async () => {
      const { url, close } = await way.open();
      try {
        const page = await open(withState(url, { q: EDITED }), { watch: true });
        await shows(page, 1);
        await showsText(page, EDITED);
        for (const query of QUERIES) {
          const expected = publishGrown().search(query);
          assert.equal(expected.total, publishSample().search(query).total, query);
          await page.evaluate((/** @type {string} */ query) => { location.hash = `#q=${encodeURIComponent(query)}`; }, query);
          await shows(page, expected.total);
          assert.deepEqual(await firstUids(page, expected.hits.length), expected.hits.map(({ uid }) => uid), query);
        }
        await page.evaluate(() => { location.hash = '#q=storm'; });
        await shows(page, publishGrown().search('storm*').total);
        await openFirst(page);
        assert.deepEqual(await page.problems(), []);
      } finally {
        await close();
      }
    });
  }
});
