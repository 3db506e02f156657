/** All that a question has found, hit by hit, and scans that are told of and can be stopped. It asks aside: no other question ends it, and
 *  it ends none. */

/** @typedef {Pick<import('./core.js').Core, 'search' | 'post'>} Core */
/** @typedef {import('./types').SearchRequest} SearchRequest */
/** @typedef {import('./types').SearchPage} SearchPage */
/** @typedef {import('./exports.js').Row} Row */

/**
 * @typedef {object} Watch
 * @property {() => boolean} isStopped
 * @property {(scanned: number, all: number) => void} scanned Told between two slices of a scan.
 */

/** Hits asked for at a time. */
const HITS_EACH = 200;

/** Texts that a scan looks at between two words on how far it has come. */
const SLICE = 400;

/**
 * Asks until a scan has looked at every text, where the question has one.
 * @param {Core} core @param {SearchRequest} request @param {Watch} watch
 * @returns {Promise<SearchPage | null>} null where it was stopped.
 */
export async function askScanned(core, request, { isStopped, scanned }) {
  while (!isStopped()) {
    const page = await core.search({ ...request, limit: 0, facet_limit: 0, suggestions: 0, scan_limit: SLICE }, 'aside');
    if (!page) return null;
    if (!page.scan || page.scan[0] >= page.scan[1]) return (await core.search({ ...request, scan_limit: 0 }, 'aside')) ?? null;
    scanned(...page.scan);
  }
  return null;
}

/**
 * The uids of all hits, in the order of the list, some at a time; empty where a hit cannot be read.
 * @param {Core} core @param {SearchRequest} request @param {Watch} watch
 * @returns {AsyncGenerator<string[]>}
 */
export async function* allHits(core, request, watch) {
  const asked = { ...request, offset: 0, limit: HITS_EACH, facet_limit: 0, suggestions: 0 };
  let page = await askScanned(core, asked, watch);
  for (let offset = 0; page && page.hits.length > 0 && !watch.isStopped(); ) {
    yield page.hits.map(({ uid }) => uid);
    offset += page.hits.length;
    if (offset >= page.total - (page.folded ?? 0)) return;
    page = (await core.search({ ...asked, offset, scan_limit: 0 }, 'aside')) ?? null;
  }
}

/** Whether the archive has a post of this uid. @param {Core} core @param {string} uid */
export async function isHere(core, uid) {
  return (await core.post({ uid, query: '', typing: false, context: 0 }, 'aside')) !== null;
}

/** A post, whole, with its note. @param {Core} core @param {import('./basket.js').Kept} kept @returns {Promise<Row>} */
export async function rowOf(core, { uid, note }) {
  const view = await core.post({ uid, query: '', typing: false, context: 0 }, 'aside');
  const post = view?.posts[view.index] ?? null;
  return { uid, note, post: post?.damaged === null ? post : null };
}
