/** The page side of the adapter: asks the released page's own loader and worker, as the page does while a reader types.
 *  `build` (fonds.mjs) bundles it with the very sources that app.js is made of; worker, core and shards come from the
 *  published folder beside it. */

import '../../../www/boot.js';
import { openArchive } from '../../../www/open.js';
import { isOpenEnded } from '../../../www/query.js';

/** What the page loads besides what is used here: a reader waits for these bytes too. */
const REST_OF_THE_PAGE = ['page.html', 'fonds/app.js'];

/** @type {Awaited<ReturnType<typeof openArchive>>['core']} */
let core;

window.engine = {
  async init() {
    const rest = REST_OF_THE_PAGE.map((path) => (location.protocol === 'file:' ? null : fetch(path).then((answer) => answer.arrayBuffer())));
    ({ core } = await openArchive(window.fondsShard, document, () => {}));
    await Promise.all(rest);
  },

  /** @param {string} q */
  async search(q) {
    const page = await core.search(request(q, 10), 'search');
    core.wholeSoon();
    // A total that is only a bound must not pass for one.
    if (!page.exact || page.damage.length > 0) throw new Error(`no exact total for ${q}: ${page.damage.join(' ')}`);
    return { total: page.total, items: page.hits.map(item) };
  },
};

/** The page's request for relevance, without facets and bars. @param {string} q @param {number} limit */
function request(q, limit) {
  return { query: q, typing: isOpenEnded(q), literal: true, filters: [], from: null, to: null, sort: 'relevance', offset: 0, limit, facet_limit: 0 };
}

/** @param {import('../../../www/types').Hit} hit */
function item({ uid, title, snippet }) {
  return { id: uid, title: title?.text ?? '', snippet: snippet.text };
}
