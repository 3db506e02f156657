/** Posts that say the same in several channels: beside the open post those that say what it says, and what differs; in the list of hits
 *  those that one stands for. */

import { paysByTheByte } from '../connection.js';
import { diffWords } from '../diff.js';
import { byId, el } from '../dom.js';
import { formatDate, formatNumber, say, sayParts } from '../messages.js';
import { withFold } from '../parts.js';
import { failedView } from './failed.js';

/** @typedef {import('../room.js').Host} Host */
/** @typedef {import('../types').Hit} Hit */
/** @typedef {import('../types').PostView} PostView */
/** @typedef {import('../types').RecordView} RecordView */
/** @typedef {import('../types').SearchPage} SearchPage */

/** Copies that are listed; a link leads to all. */
const COPIES_MAX = 50;

/** Copies whose channels are named beside a hit that stands for them. */
const NAMED = 3;

/** A hit that stands for so long is read, and where its copies are is asked; between keys that would be work for nothing. */
const NAMING_MS = 400;

/** Words on each side of a difference that are shown of what is the same. */
const BESIDE = 12;

export class Copies {
  #host;
  /** The copies of the post that was asked for last. @type {{ uid: string, section: HTMLElement | null } | null} */
  #known = null;
  #fold = el('input', { type: 'checkbox', id: 'fold', on: { change: () => this.#toggle() } });
  #label = el('span', {}, say('foldCopies'));

  /** @param {Host} host */
  constructor(host) {
    this.#host = host;
    if (host.info.num_folded === 0) return;
    byId('order').before(el('label', { class: 'fold' }, this.#fold, ' ', this.#label));
    const list = byId('results');
    // Hits come into the document, and leave it, as the reader scrolls.
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes) for (const node of addedNodes) if (node instanceof HTMLElement) this.#mark(node);
    }).observe(list, { childList: true });
    for (const item of list.children) this.#mark(/** @type {HTMLElement} */ (item));
  }

  /** @param {SearchPage | null} page The last answer. */
  showFrame(page) {
    const { q } = this.#host.address();
    const folds = withFold(q, false) !== q;
    this.#fold.checked = folds;
    this.#label.textContent = folds && page?.query === q && page.folded ? `${say('foldCopies')} (${say('folded', { n: page.folded })})` : say('foldCopies');
  }

  #toggle() {
    const { address, go } = this.#host;
    go({ ...address(), q: withFold(address().q, this.#fold.checked) });
  }

  /** Adds to a hit that stands for others the way to them. @param {HTMLElement} item */
  #mark(item) {
    const article = item.querySelector('article');
    const { group, copies } = article?.dataset ?? {};
    if (!article || !group || !copies || article.querySelector('.copies')) return;
    const place = el('div', { class: 'copies' });
    const button = el('button', { type: 'button', class: 'more', 'aria-expanded': 'false' }, say('copiesMore', { n: Number(copies) }));
    button.addEventListener('click', () => void this.#unfold(button, place, group, article.dataset.uid ?? ''));
    place.append(button);
    article.append(place);
    if (!paysByTheByte()) setTimeout(() => void this.#name(button, Number(copies), group, article.dataset.uid ?? ''), NAMING_MS);
  }

  /** Says which channels have the copies that a hit stands for. @param {HTMLElement} button @param {number} all @param {string} group @param {string} uid */
  async #name(button, all, group, uid) {
    if (!button.isConnected) return;
    // Without their names they are counted, and a press shows them.
    const others = await this.#others(group, uid, NAMED + 1).catch(() => []);
    const named = others.slice(0, NAMED);
    const names = [...new Set(named.filter(({ damaged }) => damaged === null).map(whereOf))].map((name) => el('bdi', {}, name));
    if (names.length === 0) return;
    const parts = [...names, ...(all > named.length ? [say('andMore', { n: formatNumber(all - named.length) })] : [])];
    button.replaceChildren(...sayParts('namedValue', { name: say('copiesMore', { n: all }), value: el('span', {}, parts.flatMap((part, i) => (i === 0 ? [part] : [say('comma'), part]))) }));
  }

  /** Other posts that answer and say what a hit says, the earliest first. @param {string} group @param {string} uid Of the hit. @param {number} limit */
  async #others(group, uid, limit) {
    const { core, request } = this.#host;
    const asked = request(0);
    const page = await core.search({ ...asked, query: withFold(asked.query, false), filters: [...asked.filters, { facet: 'group', value: group, exclude: false }], sort: 'old', limit }, 'aside');
    return (page?.hits ?? []).filter((hit) => hit.uid !== uid);
  }

  /** @param {HTMLElement} button @param {HTMLElement} place @param {string} group @param {string} uid Of the hit that stands for them. */
  async #unfold(button, place, group, uid) {
    const shown = place.querySelector('ul');
    button.setAttribute('aria-expanded', String(shown === null));
    if (shown) return shown.remove();
    try {
      const others = await this.#others(group, uid, COPIES_MAX);
      if (!place.querySelector('ul')) place.append(el('ul', {}, others.map((hit) => el('li', {}, this.#link(hit)))));
    } catch (error) {
      button.setAttribute('aria-expanded', 'false');
      button.after(failedView(error));
    }
  }

  /** Shows beside the open post what says the same, once it is known. @param {PostView} view */
  show(view) {
    const post = view.posts[view.index];
    if (!post || post.damaged !== null || this.#host.info.num_folded === 0) return;
    if (this.#known?.uid === post.uid) return this.#place(post.uid);
    this.#known = { uid: post.uid, section: null };
    void this.#find(view, post);
  }

  /** @param {string} uid */
  #place(uid) {
    const whole = document.querySelector('#post .whole');
    if (this.#known?.uid !== uid || !this.#known.section || !whole || /** @type {HTMLElement} */ (whole).dataset.post !== uid) return;
    const details = whole.querySelector('.details');
    if (details) details.before(this.#known.section);
    else whole.append(this.#known.section);
  }

  /** @param {PostView} view @param {RecordView} post */
  async #find(view, post) {
    const { core } = this.#host;
    try {
      const group = view.group === undefined ? await this.#groupOf(post.uid) : view.group;
      if (!group || this.#known?.uid !== post.uid) return;
      const page = await core.search({ query: '', typing: false, filters: [{ facet: 'group', value: group, exclude: false }], from: null, to: null, sort: 'old', offset: 0, limit: COPIES_MAX, facet_limit: 0 }, 'aside');
      if (page && this.#known?.uid === post.uid) this.#known.section = this.#section(post, group, page);
    } catch {
      // What could not be had is asked for again when the post is opened again.
      if (this.#known?.uid === post.uid) this.#known = null;
    }
    this.#place(post.uid);
  }

  /** Only the whole core knows groups; whoever pays by the byte is not made to load it for this. @param {string} uid */
  async #groupOf(uid) {
    if (paysByTheByte()) return null;
    await this.#host.core.whole();
    const view = await this.#host.core.post({ uid, query: '', typing: false, context: 0 }, 'aside');
    return view?.group ?? null;
  }

  /** @param {RecordView} post @param {string} group @param {SearchPage} page Its group, the earliest first. */
  #section(post, group, page) {
    const { valueHref } = this.#host;
    const others = page.hits.filter(({ uid }) => uid !== post.uid);
    const first = page.hits[0]?.uid;
    return el(
      'section',
      { class: 'copies' },
      el('h3', { class: 'label' }, say('copies', { n: page.total - 1 })),
      first === post.uid && el('p', { class: 'quiet' }, say('firstHere')),
      el('ul', {}, others.map((hit) => this.#item(hit, post, hit.uid === first))),
      page.total > page.hits.length && el('a', { href: valueHref('group', group) }, say('copiesAll', { n: page.total })),
    );
  }

  /** @param {Hit} hit @param {RecordView} post @param {boolean} isFirst */
  #item(hit, post, isFirst) {
    const button = el('button', { type: 'button', class: 'more', 'aria-expanded': 'false' }, say('differs'));
    const item = el('li', {}, this.#link(hit), isFirst && [' · ', el('strong', {}, say('firstSeen'))], hit.damaged === null && [' ', button]);
    button.addEventListener('click', () => void this.#compare(button, item, hit.uid, post));
    return item;
  }

  /** @param {HTMLElement} button @param {HTMLElement} item @param {string} uid @param {RecordView} post */
  async #compare(button, item, uid, post) {
    const shown = item.querySelector('.difference');
    button.setAttribute('aria-expanded', String(shown === null));
    if (shown) return shown.remove();
    try {
      const view = await this.#host.core.post({ uid, query: '', typing: false, context: 0 }, 'aside');
      const copy = view?.posts[view.index];
      if (copy && !item.querySelector('.difference')) item.append(differenceView(post, copy));
    } catch (error) {
      button.setAttribute('aria-expanded', 'false');
      button.after(failedView(error));
    }
  }

  /** When and where a copy stands. @param {Hit} hit */
  #link(hit) {
    const { info, postHref } = this.#host;
    const { uid, date, damaged } = hit;
    if (damaged !== null) return el('span', {}, say('damaged', { reason: damaged }));
    return el('a', { href: postHref(uid), 'data-replace': '' }, date !== null && [el('time', { datetime: date, title: date }, formatDate(date, info.time_zone)), ' · '], el('bdi', {}, whereOf(hit)));
  }
}

/** Whose a copy is. @param {Hit} hit */
function whereOf({ uid, author, channel, forwarded_from }) {
  return channel ?? author ?? forwarded_from ?? uid;
}

/** What a copy says otherwise than the post. @param {RecordView} post @param {RecordView} copy */
export function differenceView(post, copy) {
  const whole = (/** @type {RecordView} */ { title, text }) => [title, text].filter(Boolean).join('\n');
  const runs = diffWords(whole(post), whole(copy));
  if (runs.every(({ kind }) => kind === 'same')) return el('p', { class: 'difference quiet' }, say('differsNot'));
  const parts = runs.map(({ kind, text }, i) => {
    if (kind === 'same') return shortened(text, i > 0, i < runs.length - 1);
    const label = el('span', { class: 'unseen' }, `${say(kind === 'gone' ? 'onlyHere' : 'onlyThere')} `);
    return el(kind === 'gone' ? 'del' : 'ins', {}, label, text);
  });
  return el('p', { class: 'difference', dir: 'auto', lang: copy.lang }, parts.flat());
}

/** The ends of a run that is the same: those that lie beside a difference. @param {string} text @param {boolean} before @param {boolean} after */
export function shortened(text, before, after) {
  const words = text.match(/\s*\S+\s*/g) ?? [text];
  const head = before ? BESIDE : 0;
  const tail = after ? BESIDE : 0;
  if (words.length <= head + tail) return text;
  return `${words.slice(0, head).join('')} … ${tail > 0 ? words.slice(-tail).join('') : ''}`;
}
