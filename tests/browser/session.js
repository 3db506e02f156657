/** A page with nothing but the loader and the worker: what a test asks of them directly. `loading.test.mjs` bundles it. */

import '../../www/boot.js';
import { Core } from '../../www/core.js';
import { Source } from '../../www/source.js';

const ALL = { filters: [], from: null, to: null, sort: 'new', offset: 0, limit: 10, facet_limit: 0, typing: false };

/** @type {Core} */
let core;

Object.assign(window, {
  session: {
    /** @param {{ shards: number, core: number }} budget */
    async open(budget) {
      const source = new Source(fondsShard, document);
      const [script, packed, manifest] = await Promise.all([source.worker(), source.core(), source.manifest()]);
      const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
      core = new Core(() => new Worker(url), source, () => {});
      await core.open({ core: packed, manifest, archive: source.archive, base: source.base, budget });
    },
    /** Totals in the order of the queries; null where a newer one came first. @param {string[]} queries */
    async together(queries) {
      const pages = await Promise.all(queries.map((query) => core.search({ ...ALL, query })));
      return pages.map((page) => (page ? page.total : null));
    },
    /** @param {string} query */
    async uids(query) {
      const page = await core.search({ ...ALL, query });
      return page?.hits.map(({ uid }) => uid);
    },
    stats: () => core.stats(),
    whole: () => core.whole(),
  },
});
