/** What the word that is being typed may become: words of the archive, its tags and mentions, people and channels, each with the number
 *  of posts; in an empty box the last searches. They are plain buttons behind the box, reached by Tab; nothing is chosen but by the
 *  reader. */

import { byId, el } from '../dom.js';
import { formatNumber, nameFacet, nameValue, say } from '../messages.js';
import { withFilter } from '../query.js';
import { Recent } from '../recent.js';
import { fold } from './facets.js';

/** @typedef {import('../room.js').Host} Host */
/** @typedef {import('../query.js').Address} Address */
/** @typedef {{ label: string, facet: string | null, count: number, address: Address }} Completion */

const WORDS_MAX = 6;
const NAMES_MAX = 3;
const RECENT_MAX = 2;

/** A query that stands for so long was meant. */
const MEANT_MS = 2500;

/** Facets whose values are names that a reader may begin to type. */
const NAMED = ['author', 'channel', 'forwarded_from'];

/** What a field of a query is called whose values can be completed, and which facet has them. @type {Record<string, string>} */
const FIELDS = { from: 'author', author: 'author', channel: 'channel', forwarded: 'forwarded_from', tag: 'tag', site: 'domain', lang: 'lang', kind: 'kind' };

/** Names of each facet that are known at most: as many as stand in one block of them, those with most posts. */
const KNOWN_MAX = 256;

/** The same for whoever names a field, and so asks for one of them: some 80 blocks at most. */
const FIELD_KNOWN_MAX = 20_000;

/** A pause in typing, in which the names are asked for, once: no key waits for them. */
const LEARNING_MS = 400;

/** The word at the end of a query. */
const LAST = /[#@]?[\p{L}\p{M}\p{N}_]+$/u;

/** What stands before the word where that is the value of a field. */
const FIELD = /(^|[\s(-])([a-z]+):$/;

export class Completions {
  #host;
  #list = el('ul', { id: 'completions' });
  #recent = new Recent(document.documentElement.dataset.archive ?? '', () => {
    // A page within another has readers of another's.
    if (parent !== window) throw new Error('no storage in frames');
    return localStorage;
  });
  #meaning = 0;
  /** The names of the whole archive, once they are here. @type {import('../types').FacetCounts[] | null} */
  #names = null;
  /** How many of each facet were asked for. */
  #known = 0;
  #learning = 0;
  /** The query whose completions stand in the list. @type {string | null} */
  #offered = null;

  /** @param {Host} host */
  constructor(host) {
    this.#host = host;
    byId('progress').after(this.#list);
    byId('ask').addEventListener('submit', () => {
      this.#clear();
      this.#recent.add(host.address().q);
    });
    const box = byId('q');
    for (const kind of ['focus', 'click']) box.addEventListener(kind, () => this.#offerRecent());
    // Another question's words are no words of this one.
    addEventListener('popstate', () => this.#clear());
    // The box had the focus before there was anything to offer.
    if (document.activeElement === box) this.#offerRecent();
    // Between the box and the list Tab passes the help.
    const head = byId('top');
    head.addEventListener('focusout', ({ relatedTarget }) => {
      if (!head.contains(/** @type {Node | null} */ (relatedTarget))) this.#clear();
    });
    // A press must not take the focus from the box, and the list away with it, before it becomes a click.
    this.#list.addEventListener('pointerdown', (event) => event.preventDefault());
  }

  /** @param {string} q What stands in the box. */
  async offer(q) {
    const { address, core, drawn, go, page } = this.#host;
    clearTimeout(this.#meaning);
    this.#meaning = setTimeout(() => this.#recent.add(q), MEANT_MS);
    if (q === '') return this.#offerRecent();
    const word = LAST.exec(q)?.[0] ?? '';
    if ([...word].length < 2 && !FIELD.test(q.slice(0, q.length - word.length))) return this.#clear();
    const [words] = await Promise.all([core.complete({ query: q, limit: WORDS_MAX + 1 }).catch(() => null), drawn()]);
    const box = /** @type {HTMLInputElement} */ (byId('q'));
    if (!words || box.value !== q || document.activeElement !== box) return;
    this.#list.setAttribute('aria-label', say('completions'));
    const wanted = FIELD.test(q.slice(0, q.length - word.length)) ? FIELD_KNOWN_MAX : KNOWN_MAX;
    if (this.#known < wanted) this.#learn(q, wanted);
    const past = this.#recent.queries.filter((past) => fold(past).startsWith(fold(q)) && past.trim() !== q.trim()).slice(0, RECENT_MAX);
    const offered = completions(q, address(), words, this.#names ?? page()?.facets ?? []);
    this.#offered = q;
    this.#list.replaceChildren(...offered.map(({ label, facet, count, address: next }) => {
      const choose = () => {
        this.#clear();
        box.focus();
        go(next);
      };
      return el('li', {}, el('button', { type: 'button', class: 'link', on: { click: choose } }, facet !== null && el('span', { class: 'quiet' }, `${nameFacet(facet)} `), el('bdi', {}, label)), ' ', el('span', { class: 'count' }, formatNumber(count)));
    }), ...this.#again(past));
  }

  /** Searches of before, to be asked for again. @param {string[]} queries */
  #again(queries) {
    return queries.length === 0 ? [] : [el('li', { class: 'quiet' }, say('recent')), ...queries.map((q) => this.#button('link', q, () => this.#host.go({ ...this.#host.address(), q })))];
  }

  /** @param {string} kind @param {string} words @param {() => void} then */
  #button(kind, words, then) {
    return el('li', {}, el('button', { type: 'button', class: kind, on: { click: () => {
      then();
      byId('q').focus();
      this.#clear();
    } } }, el('bdi', {}, words)));
  }

  /** Asks for the names of the archive, and offers those that fit. @param {string} q What stands in the box. @param {number} wanted How many of each facet. */
  #learn(q, wanted) {
    const { core, request } = this.#host;
    clearTimeout(this.#learning);
    this.#learning = setTimeout(async () => {
      const whole = { ...request(0), query: '', typing: false, filters: [], from: null, to: null, limit: 0, facet_limit: wanted, scan_limit: 1 };
      const page = await core.search(whole, 'aside').catch(() => undefined);
      if (!page) return;
      this.#known = wanted;
      this.#names = page.facets.filter(({ name }) => Object.values(FIELDS).includes(name));
      // Whoever has chosen meanwhile is offered nothing more.
      if (this.#offered === q) void this.offer(q);
    }, LEARNING_MS);
  }

  #clear() {
    this.#offered = null;
    this.#list.replaceChildren();
  }

  /** The last searches, where nothing is typed yet. */
  #offerRecent() {
    if (/** @type {HTMLInputElement} */ (byId('q')).value !== '') return;
    const { queries } = this.#recent;
    this.#list.setAttribute('aria-label', say('recent'));
    this.#list.replaceChildren(...this.#again(queries), ...(queries.length === 0 ? [] : [this.#button('more', say('recentClear'), () => this.#recent.clear())]));
  }
}

/**
 * What to offer for the end of a query: other words that begin so, then names with a word that does.
 * @param {string} q
 * @param {Address} address
 * @param {{ text: string, count: number }[]} words
 * @param {import('../types').FacetCounts[]} facets
 * @returns {Completion[]}
 */
export function completions(q, address, words, facets) {
  const typed = LAST.exec(q)?.[0] ?? '';
  const said = q.slice(0, q.length - typed.length);
  const field = FIELD.exec(said)?.[2];
  const of = field === undefined ? NAMED : [FIELDS[field] ?? ''];
  const before = field === undefined ? said : said.slice(0, said.length - field.length - 1);
  const sought = fold(typed.replace(/^[#@]/, ''));
  const names = facets.filter(({ name }) => of.includes(name) && !typed.startsWith('#')).flatMap(({ name, values }) =>
    values.filter(({ value }) => !isChosen(address, name, value) && fold(value).split(/[^\p{L}\p{N}]+/u).some((word) => word.startsWith(sought))).map(({ value, count }) => ({
      label: nameValue(name, value), facet: name, count, address: { ...address, q: before.replace(/-$/, '').trim(), filters: withFilter(address.filters, name, value, before.endsWith('-') ? 'exclude' : 'choose') },
    })));
  return [
    ...words.filter(({ text }) => field === undefined && text !== fold(typed)).slice(0, WORDS_MAX).map(({ text, count }) => ({ label: text, facet: null, count, address: { ...address, q: `${before}${text} ` } })),
    ...names.slice(0, NAMES_MAX),
  ];
}

/** @param {Address} address @param {string} name @param {string} value */
function isChosen({ filters }, name, value) {
  return filters.some((filter) => filter.facet === name && filter.value === value);
}
