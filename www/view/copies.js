/** Posts that say the same in several channels: beside the open post those that say what it says, and what differs; in the list of hits
 *  those that one stands for. */

import { paysByTheByte } from '../connection.js';
import { diffWords } from '../diff.js';
import { byId, el } from '../dom.js';
import { formatDate, formatNumber, say, sayParts } from '../messages.js';
import { withFold } from '../parts.js';
import { failedView } from './failed.js';
import { settle } from './settle.js';

/** @typedef {import('../room.js').Host} Host */
/** @typedef {import('../types').Hit} Hit */
/** @typedef {import('../types').PostView} PostView */
/** @typedef {import('../types').RecordView} RecordView */
/** @typedef {import('../types').SearchPage} SearchPage */
/** @typedef {import('../types').SearchRequest} SearchRequest */

/**
 * @typedef {object} Mark What a hit has that stands for others.
 * @property {HTMLElement} place
 * @property {HTMLElement} button
 * @property {SearchRequest | null} asked The question of which its copies are.
 * @property {boolean} isNamed
 * @property {number} all How many they are.
 * @property {string} group
 * @property {string} uid Of the hit.
 */

/** Copies that are listed; a link leads to all. */
const COPIES_MAX = 50;

/** Copies whose channels are named beside a hit that stands for them. */
const NAMED = 3;

/** Hits that stand for so long are read, and where their copies are is asked; between keys that would be work for nothing. */
const NAMING_MS = 400;

/** Words on each side of a difference that are shown of what is the same. */
const BESIDE = 12;

export class Copies {
  #host;
  /** The copies of the post that was asked for last. @type {{ uid: string, section: HTMLElement | null } | null} */
  #known = null;
  #fold = el('input', { type: 'checkbox', id: 'fold', on: { change: () => this.#toggle() } });
  #label = el('span', {}, say('foldCopies'));
  /** What was added to each hit. @type {WeakMap<Element, Mark>} */
  #marks = new WeakMap();
  /** Hits in sight whose copies are not named yet. @type {Map<Element, Mark>} */
  #unnamed = new Map();
  /** Timer of the names. */
  #naming = 0;
  #isNaming = false;
  #sight = new IntersectionObserver((seen) => {
    for (const { target, isIntersecting } of seen) {
      const mark = this.#marks.get(target);
      if (isIntersecting && mark) this.#unnamed.set(target, mark);
      else this.#unnamed.delete(target);
    }
    this.#nameSoon();
  });

  /** @param {Host} host */
  constructor(host) {
    this.#host = host;
    if (host.info.num_folded === 0) return;
    byId('order').before(el('label', { class: 'fold' }, this.#fold, ' ', this.#label));
    // Hits come into the document, and leave it, as the reader scrolls.
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes) for (const node of addedNodes) if (node instanceof HTMLElement) this.#mark(node);
    }).observe(byId('results'), { childList: true });
    this.showAnswer();
  }

  /** A hit that stands for itself within another question has other copies there. */
  showAnswer() {
    if (this.#host.info.num_folded > 0) for (const item of byId('results').children) this.#mark(item);
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

  /** What is asked, without the folding and the order. @returns {SearchRequest} */
  #asked() {
    const asked = this.#host.request(0);
    return { ...asked, query: withFold(asked.query, false), sort: 'old' };
  }

  /** Whether this is still what is asked. @param {SearchRequest | null} asked */
  #isAsked(asked) {
    return JSON.stringify(asked) === JSON.stringify(this.#asked());
  }

  /** Adds to a hit that stands for others the way to them. @param {Element} item */
  #mark(item) {
    const article = item.querySelector('article');
    const { group, copies, uid = '' } = article?.dataset ?? {};
    if (!article || !group || !copies) return;
    const mark = this.#marks.get(article) ?? this.#newMark(article, { all: Number(copies), group, uid });
    if (!this.#isAsked(mark.asked)) {
      mark.asked = this.#asked();
      mark.isNamed = false;
      mark.button.setAttribute('aria-expanded', 'false');
      mark.button.textContent = say('copiesMore', { n: mark.all });
      settle(mark.place, [mark.button]);
    }
    if (mark.isNamed || paysByTheByte()) return;
    // Observed anew, it tells soon whether it is in sight.
    this.#sight.unobserve(article);
    this.#sight.observe(article);
  }

  /** @param {Element} article @param {Pick<Mark, 'all' | 'group' | 'uid'>} hit */
  #newMark(article, hit) {
    const button = el('button', { type: 'button', class: 'more' });
    /** @type {Mark} */
    const mark = { ...hit, button, place: el('div', { class: 'copies' }, button), asked: null, isNamed: false };
    button.addEventListener('click', () => void this.#unfold(mark));
    this.#marks.set(article, mark);
    article.append(mark.place);
    return mark;
  }

  /** Names what is in sight, once no other came for a moment. */
  #nameSoon() {
    clearTimeout(this.#naming);
    this.#naming = this.#unnamed.size > 0 ? setTimeout(() => void this.#nameAll(), NAMING_MS) : 0;
  }

  /** One after the other, so that no question of the reader's waits for more than one of these. */
  async #nameAll() {
    this.#naming = 0;
    if (this.#isNaming) return;
    this.#isNaming = true;
    for (const [article, mark] of this.#unnamed) {
      if (this.#naming !== 0) break;
      this.#unnamed.delete(article);
      if (mark.asked === null || mark.isNamed || !this.#isAsked(mark.asked)) continue;
      this.#sight.unobserve(article);
      await this.#name(mark, mark.asked);
    }
    this.#isNaming = false;
  }

  /** Says which channels have the copies that a hit stands for. @param {Mark} mark @param {SearchRequest} asked */
  async #name(mark, asked) {
    const { button, all, group, uid } = mark;
    // Without their names they are counted, and a press shows them. A text that was not looked at for the hits is not for these.
    const others = await this.#others({ ...asked, scan_limit: 1 }, group, uid, NAMED + 1).catch(() => []);
    const named = others.filter(({ damaged }) => damaged === null).slice(0, NAMED);
    const names = [...new Set(named.map(whereOf))].map((name) => el('bdi', {}, name));
    // Whoever asks something else meanwhile has other copies, and is told of them with that answer.
    if (mark.asked !== asked || !this.#isAsked(asked)) return;
    mark.isNamed = true;
    if (names.length === 0) return;
    const parts = [...names, ...(all > named.length ? [say('andMore', { n: formatNumber(all - named.length) })] : [])];
    button.replaceChildren(...sayParts('namedValue', { name: say('copiesMore', { n: all }), value: el('span', {}, parts.flatMap((part, i) => (i === 0 ? [part] : [say('comma'), part]))) }));
  }

  /** Other posts that answer and say what a hit says, the earliest first. @param {SearchRequest} asked @param {string} group @param {string} uid Of the hit. @param {number} limit */
  async #others(asked, group, uid, limit) {
    const page = await this.#host.core.search({ ...asked, filters: [...asked.filters, { facet: 'group', value: group, exclude: false }], limit }, 'aside');
    return (page?.hits ?? []).filter((hit) => hit.uid !== uid);
  }

  /** @param {Mark} mark */
  async #unfold(mark) {
    const { asked, button, place, group, uid } = mark;
    const shown = place.querySelector('ul');
    button.setAttribute('aria-expanded', String(shown === null));
    if (shown) return shown.remove();
    if (asked === null) return;
    try {
      const others = await this.#others(asked, group, uid, COPIES_MAX);
      if (mark.asked === asked && !place.querySelector('ul')) place.append(el('ul', {}, others.map((hit) => el('li', {}, this.#link(hit)))));
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
