/** The list of hits. Only a window of it is in the document: what has been scrolled past leaves a space of its own height. */

import { el, thumbOf } from '../dom.js';
import { formatDate, formatNumber, formatTime, nameFlag, nameKind, nameValue, say, sayParts } from '../messages.js';
import { icon, mediaIcon } from './icons.js';
import { settle } from './settle.js';
import { excerptText } from './text.js';

/** @typedef {import('../types').Hit} Hit */

/** Hits asked for at a time: what fills a screen. More would be read from as many more places, and drawn, while a reader types on:
 *  with ten the slow keys waited a fifth longer (docs/BENCHMARKS.md). */
export const PAGE_LEN = 6;

/** Pages in the document at most: about 1,000 elements, so that a keystroke never waits for layout. */
const PAGES_MAX = 12;

/** Tags shown under a hit; the post shows all. */
const TAGS_MAX = 6;

/**
 * @typedef {object} Links
 * @property {(uid: string) => string} post The address that opens a post.
 * @property {(facet: string, value: string) => string} value The address that shows the posts with a value.
 */

/** @typedef {{ hits: Hit[], height: number, items: HTMLElement[] | null }} Page */

export class ResultList {
  #list;
  #above;
  #below;
  #links;
  #more;
  /** @type {Page[]} */
  #pages = [];
  #total = 0;
  #timeZone = 'UTC';
  /** First page in the document, and the one after the last. */
  #first = 0;
  #after = 0;
  /** Offset of a page that has been asked for and is not here yet; -1 for none. */
  #asked = -1;
  #uid = '';
  /** What stands for each hit of the first page, and the hit as it was drawn: the next key often finds it again. @type {Map<string, { drawn: string, item: HTMLElement }>} */
  #known = new Map();

  /**
   * @param {{ list: HTMLElement, above: HTMLElement, below: HTMLElement }} elements
   * @param {Links} links
   * @param {(offset: number) => void} more Called when the reader comes near the end of what is here.
   */
  constructor(elements, links, more) {
    this.#list = elements.list;
    this.#above = elements.above;
    this.#below = elements.below;
    this.#links = links;
    this.#more = more;
    let queued = false;
    addEventListener('scroll', () => {
      if (queued) return;
      queued = true;
      requestAnimationFrame(() => {
        queued = false;
        this.fill();
      });
    }, { passive: true });
  }

  /** Shows the first page of an answer, and knows the next if there are more. @param {Hit[]} hits @param {number} total @param {string} timeZone */
  show(hits, total, timeZone) {
    this.#pages = [];
    this.#first = this.#after = 0;
    this.#asked = -1;
    this.#total = total;
    this.#timeZone = timeZone;
    this.#space(this.#above, 0);
    this.#space(this.#below, 0);
    for (let at = 0; at < hits.length; at += PAGE_LEN) this.#pages.push({ hits: hits.slice(at, at + PAGE_LEN), height: 0, items: null });
    const [first] = this.#pages;
    const items = first?.hits.map((hit) => this.#again(hit)) ?? [];
    settle(this.#list, items);
    this.#known = new Map(items.map((item, i) => [hits[i]?.uid ?? '', { drawn: JSON.stringify(hits[i]), item }]));
    if (!first) return;
    first.items = items;
    this.#after = 1;
    // Whether they fill the screen is asked once the browser has laid them out anyway.
    requestAnimationFrame(() => this.fill());
  }

  /** Adds the page that begins at `offset`. @param {number} offset @param {Hit[]} hits */
  add(offset, hits) {
    if (offset !== this.#pages.length * PAGE_LEN) return;
    this.#asked = -1;
    // A total that was a bound may turn out too high; an empty page ends the list.
    if (hits.length === 0) this.#total = offset;
    else this.#pages.push({ hits, height: 0, items: null });
    this.fill();
  }

  /** Puts the pages near the screen into the document and takes the far ones out. */
  fill() {
    if (this.#list.offsetParent === null && this.#after > 0) return;
    const ahead = innerHeight / 2;
    if (this.#after === 0) this.#mountLast();
    for (let guard = 0; guard < 50; guard++) {
      const { top, bottom } = this.#list.getBoundingClientRect();
      if (bottom < innerHeight + ahead && this.#after < this.#pages.length) this.#mountLast();
      else if (top > -ahead && this.#first > 0) this.#mountFirst();
      else break;
    }
    const loaded = this.#pages.length * PAGE_LEN;
    const near = this.#list.getBoundingClientRect().bottom < innerHeight + ahead;
    if (near && this.#after === this.#pages.length && loaded < this.#total && this.#asked !== loaded) {
      this.#asked = loaded;
      this.#more(loaded);
    }
  }

  /** Lets the hits behind the last be asked for once more: their answer did not come. */
  askAgain() {
    this.#asked = -1;
  }

  /** Uids of the hits loaded so far, in order. */
  get uids() {
    return this.#pages.flatMap(({ hits }) => hits.map(({ uid }) => uid));
  }

  /** Marks the hit whose post is open. @param {string | null} uid */
  setOpen(uid) {
    this.#uid = uid ?? '';
    for (const item of this.#list.children) this.#markOpen(/** @type {HTMLElement} */ (item));
  }

  /** Scrolls to where a reader was, as far as there are hits for it. @param {number} y */
  goTo(y) {
    for (let before = -1; before !== this.#after; this.fill()) {
      before = this.#after;
      scrollTo({ top: y });
    }
  }

  /** Scrolls as little as brings a hit into sight. @param {string | null} uid */
  bringIn(uid) {
    this.linkOf(uid ?? '')?.closest('article')?.scrollIntoView({ block: 'nearest' });
    this.fill();
  }

  /** The link of a hit, if it is in the document. @param {string} uid @returns {HTMLElement | null} */
  linkOf(uid) {
    for (const article of this.#list.querySelectorAll('article')) if (article.dataset.uid === uid) return article.querySelector('a');
    return null;
  }

  /**
   * The link of the nearest hit on the side of `step` (1 or -1) of the one that has the focus or is open; null at either end.
   * @param {number} step
   * @returns {HTMLElement | null}
   */
  neighbour(step) {
    const items = [...this.#list.children];
    const focused = items.findIndex((item) => item.contains(document.activeElement));
    const at = focused >= 0 ? focused : items.findIndex((item) => item.classList.contains('open'));
    for (let i = at + step; items[i]; i += step) {
      const link = items[i]?.querySelector('a');
      if (link) return link;
    }
    return null;
  }

  #mountLast() {
    const page = this.#pages[this.#after];
    if (!page) return;
    this.#list.append(...this.#make(page));
    this.#after++;
    this.#space(this.#below, this.#heights(this.#after, this.#pages.length));
    if (this.#after - this.#first > PAGES_MAX) this.#unmount(this.#first++);
    this.#space(this.#above, this.#heights(0, this.#first));
  }

  #mountFirst() {
    const page = this.#pages[this.#first - 1];
    if (!page) return;
    this.#list.prepend(...this.#make(page));
    this.#first--;
    this.#space(this.#above, this.#heights(0, this.#first));
    if (this.#after - this.#first > PAGES_MAX) this.#unmount(--this.#after);
    this.#space(this.#below, this.#heights(this.#after, this.#pages.length));
  }

  /** @param {Page} page @returns {HTMLElement[]} */
  #make(page) {
    page.items = page.hits.map((hit) => this.#draw(hit));
    return page.items;
  }

  /** @param {Hit} hit */
  #draw(hit) {
    return this.#markOpen(el('li', {}, hitView(hit, this.#links, this.#timeZone)));
  }

  /** What stands for a hit already, where it is the same; it leads to its post within another question. @param {Hit} hit */
  #again(hit) {
    const known = this.#known.get(hit.uid);
    if (known?.drawn !== JSON.stringify(hit)) return this.#draw(hit);
    known.item.querySelector('a')?.setAttribute('href', this.#links.post(hit.uid));
    return known.item;
  }

  /** @param {number} index */
  #unmount(index) {
    const page = this.#pages[index];
    const items = page?.items ?? [];
    const first = items[0];
    const last = items.at(-1);
    if (!page || !first || !last) return;
    page.height = last.getBoundingClientRect().bottom - first.getBoundingClientRect().top;
    for (const item of items) item.remove();
    page.items = null;
  }

  /** @param {HTMLElement} item */
  #markOpen(item) {
    const open = this.#uid !== '' && item.querySelector('article')?.dataset.uid === this.#uid;
    item.classList.toggle('open', open);
    const link = item.querySelector('a');
    if (open) link?.setAttribute('aria-current', 'true');
    else link?.removeAttribute('aria-current');
    return item;
  }

  /** @param {number} first @param {number} after */
  #heights(first, after) {
    return this.#pages.slice(first, after).reduce((sum, { height }) => sum + height, 0);
  }

  /** @param {HTMLElement} spacer @param {number} height */
  #space(spacer, height) {
    spacer.style.setProperty('height', `${height}px`);
  }
}

/**
 * One hit: whence and when, its excerpt, its tags.
 * @param {Hit} hit
 * @param {Links} links
 * @param {string} timeZone
 */
export function hitView(hit, links, timeZone) {
  const href = links.post(hit.uid);
  // The uid is lost with the rest, so there is nothing to open.
  if (hit.damaged !== null) return el('article', { 'data-uid': hit.uid, class: 'damaged' }, el('p', {}, say('damaged', { reason: hit.damaged })));
  const thumb = thumbOf(hit.picture);
  const image = thumb === null ? null : el('img', { class: 'thumb', src: thumb, alt: nameKind(hit.media[0] ?? 'photo'), loading: 'lazy' });
  image?.addEventListener('error', () => image.remove());
  return el(
    'article',
    { 'data-uid': hit.uid, 'data-group': hit.group, 'data-copies': hit.copies },
    image,
    // Who goes from heading to heading goes from hit to hit.
    el('p', { class: 'meta', role: hit.title ? null : 'heading', 'aria-level': hit.title ? null : 3 }, metaLine(hit, href, timeZone)),
    hit.title && el('h3', { dir: 'auto', lang: hit.lang }, excerptText(hit.title)),
    hit.snippet.text !== '' && el('p', { class: 'text', dir: 'auto', lang: hit.lang }, excerptText(hit.snippet)),
    // Of what says nothing at least what it is.
    extras(hit, links) ?? (hit.title || hit.snippet.text ? null : el('p', { class: 'extras' }, nameKind(hit.kind))),
  );
}

/** The parts of the line above an excerpt; the first one opens the post. @param {Hit} hit @param {string} href @param {string} timeZone */
function metaLine(hit, href, timeZone) {
  /** @type {Node[]} */
  const parts = [];
  if (hit.date !== null) {
    const time = formatTime(hit.date, timeZone);
    parts.push(el('time', { datetime: hit.date, title: hit.date }, formatDate(hit.date, timeZone), time !== '' && el('span', { class: 'quiet' }, say('comma'), time)));
  }
  const who = hit.author ?? hit.channel;
  if (who !== null) parts.push(el('bdi', {}, who));
  if (hit.forwarded_from !== null) parts.push(el('span', {}, icon('forward'), sayParts('forwardedFrom', { name: el('bdi', {}, hit.forwarded_from) })));
  if (parts.length === 0) parts.push(el('span', {}, nameKind(hit.kind)));
  const [first, ...others] = /** @type {[Node, ...Node[]]} */ (parts);
  return [el('a', { href }, first), ...others.flatMap((part) => [el('span', { class: 'dot' }, ' · '), part])];
}

/** @param {Hit} hit @param {Links} links */
function extras(hit, links) {
  const media = [...new Set(hit.media)].filter((kind) => kind !== 'unsupported' || !hit.flags.includes('unsupported_media'));
  // A tag that the excerpt shows need not be said twice.
  const tags = hit.tags.filter((tag) => !hit.snippet.text.includes(nameValue('tag', tag)));
  const flags = hit.flags.filter((flag) => flag !== 'unsupported_media' || hit.media.length > 0 || hit.kind === 'unsupported');
  if (tags.length + media.length + flags.length === 0) return null;
  const more = tags.length - TAGS_MAX;
  return el(
    'p',
    { class: 'extras' },
    tags.slice(0, TAGS_MAX).map((tag) => el('a', { class: 'tag', href: links.value('tag', tag), dir: 'auto', title: say('showTag', { tag: nameValue('tag', tag) }) }, nameValue('tag', tag))),
    more > 0 && el('span', {}, say('andMore', { n: formatNumber(more) })),
    media.map((kind) => el('span', {}, icon(mediaIcon(kind)), nameKind(kind))),
    flags.map((flag) => el('span', {}, nameFlag(flag))),
  );
}
