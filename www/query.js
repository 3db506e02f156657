/** Page state ↔ the fragment of the address. The whole state of the page that a link can carry stands in {@link Address}. */

/** @typedef {import('./types').Filter} Filter */
/** @typedef {import('./types').Sort} Sort */

/**
 * @typedef {object} Address
 * @property {string} q What the search box holds, verbatim.
 * @property {Filter[]} filters In the order in which they were chosen.
 * @property {string | null} from First day, month or year, inclusive.
 * @property {string | null} to Last day, month or year, inclusive.
 * @property {Sort} sort
 * @property {string | null} post Uid of the open post.
 * @property {string | null} passage Words of the open post that the link points at, as they stand there.
 * @property {boolean} embed True for the compact form inside another page.
 * @property {[string, string][]} rest Keys that this version does not know; kept, so that a newer page's link survives.
 */

/** Order that needs no words in the address. */
export const DEFAULT_SORT = 'new';

/** Values of a facet that are asked for and shown at first. */
export const FACET_FEW = 8;

const SORTS = ['new', 'old', 'relevance'];
const DATE = /^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$/;

/** @returns {Address} the address of the archive's front. */
export function emptyAddress() {
  return { q: '', filters: [], from: null, to: null, sort: DEFAULT_SORT, post: null, passage: null, embed: false, rest: [] };
}

/**
 * Reads a fragment, with or without its `#`. Never fails: what it cannot understand is kept in `rest`.
 * @param {string} fragment
 * @returns {Address}
 */
export function parseAddress(fragment) {
  const address = emptyAddress();
  for (const pair of fragment.replace(/^#/, '').split('&')) {
    if (pair === '') continue;
    const cut = pair.indexOf('=');
    const key = decode(cut < 0 ? pair : pair.slice(0, cut));
    const value = cut < 0 ? '' : decode(pair.slice(cut + 1));
    if (!take(address, key, value)) address.rest.push([key, value]);
  }
  return inOrder(address);
}

/** A span whose end lies before its beginning was meant the other way round. @param {Address} address */
function inOrder(address) {
  const { from, to } = address;
  if (from === null || to === null) return address;
  // A year's end is its last day, so what both say decides.
  const shared = Math.min(from.length, to.length);
  return from.slice(0, shared) > to.slice(0, shared) ? { ...address, from: to, to: from } : address;
}

/**
 * Writes the fragment without its `#`; the empty string for the archive's front.
 * @param {Address} address
 * @returns {string}
 */
export function formatAddress(address) {
  /** @type {[string, string][]} */
  const pairs = [];
  if (address.q !== '') pairs.push(['q', address.q]);
  for (const { facet, value, exclude } of address.filters) pairs.push([`f.${exclude ? '-' : ''}${facet}`, value]);
  if (address.from) pairs.push(['from', address.from]);
  if (address.to) pairs.push(['to', address.to]);
  if (address.sort !== DEFAULT_SORT) pairs.push(['sort', address.sort]);
  if (address.post !== null) pairs.push(['m', address.post]);
  if (address.passage !== null) pairs.push(['p', address.passage]);
  if (address.embed) pairs.push(['embed', '1']);
  return [...pairs, ...address.rest].map(([key, value]) => `${encode(key)}=${encode(value)}`).join('&');
}

/**
 * True when something is asked: a query, a filter or a span of time.
 * @param {Address} address
 */
export function isAsked(address) {
  return address.q.trim() !== '' || address.filters.length > 0 || address.from !== null || address.to !== null;
}

/**
 * True when both ask the same question, whatever post is open.
 * @param {Address} a
 * @param {Address} b
 */
export function sameQuestion(a, b) {
  const question = (/** @type {Address} */ { q, filters, from, to, sort }) => formatAddress({ ...emptyAddress(), q, filters, from, to, sort });
  return question(a) === question(b);
}

/**
 * The filters with one value chosen, excluded or (`null`) neither.
 * @param {Filter[]} filters
 * @param {string} facet
 * @param {string} value
 * @param {'choose' | 'exclude' | null} how
 * @returns {Filter[]}
 */
export function withFilter(filters, facet, value, how) {
  const others = filters.filter((filter) => filter.facet !== facet || filter.value !== value);
  return how === null ? others : [...others, { facet, value, exclude: how === 'exclude' }];
}

/**
 * Whether the last word of a query still counts as the beginning of a word: as long as it ends in a letter or digit.
 * A space, a quote or any other sign closes it. This looks at nothing but the text, so one address always gives one total.
 * @param {string} q
 */
export function isOpenEnded(q) {
  return /[\p{L}\p{M}\p{N}]$/u.test(q);
}

/**
 * Whether a query is likely to need the whole core: something in it begins as `*substring*` and `/expression/` do.
 * @param {string} q
 */
export function hintsAtWhole(q) {
  return /(^|[\s(:-])[/*]\S/.test(q);
}

/** A query without an order of its own, which would go before any other. A word that ended before it still ends: by a space. @param {string} q */
export function withoutSort(q) {
  const rest = q.replace(/("[^"]*"?)|(^|\s)sort:\S*/g, '$1').trimStart();
  return /(^|\s)sort:\S*$/.test(q) && isOpenEnded(rest) ? `${rest} ` : rest;
}

/** @param {Address} address @param {string} key @param {string} value @returns {boolean} false for a key or value that is not ours. */
function take(address, key, value) {
  if (key === 'q') address.q = value;
  else if (key === 'from' && DATE.test(value)) address.from = value;
  else if (key === 'to' && DATE.test(value)) address.to = value;
  else if (key === 'sort' && SORTS.includes(value)) address.sort = /** @type {Sort} */ (value);
  else if (key === 'm') address.post = value;
  else if (key === 'p' && value !== '') address.passage = value;
  else if (key === 'embed') address.embed = value !== '0';
  else if (key.startsWith('f.-') && key.length > 3) address.filters = withFilter(address.filters, key.slice(3), value, 'exclude');
  else if (key.startsWith('f.') && key.length > 2 && key !== 'f.-') address.filters = withFilter(address.filters, key.slice(2), value, 'choose');
  else return false;
  return true;
}

/** A stray `%` is taken as it stands instead of losing the whole address. @param {string} text */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
      try {
        return decodeURIComponent(run);
      } catch {
        return run;
      }
    });
  }
}

/** Lone surrogates cannot be percent-encoded; they become U+FFFD. @param {string} text */
function encode(text) {
  return encodeURIComponent(text.replace(LONE_SURROGATE, '\uFFFD')).replace(/%2F/g, '/').replace(/%3A/g, ':').replace(/%2C/g, ',');
}

const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;
