/** What an open post stands in: the posts that it answers, one behind the other; those that answer it; and those of its album. They are
 *  asked for once the post can be read. */

import { el, thumbOf } from '../dom.js';
import { paysByTheByte } from '../connection.js';
import { nameKind, say } from '../messages.js';
import { failedView } from './failed.js';
import { icon, mediaIcon } from './icons.js';
import { neighbourView, uidWithin } from './post.js';

/** @typedef {import('../room.js').Host} Host */
/** @typedef {import('../types').Hit} Hit */
/** @typedef {import('../types').PostView} PostView */
/** @typedef {import('../types').RecordView} RecordView */
/** @typedef {import('../types').SearchPage} SearchPage */

/** Posts that are followed upwards; the first of them leads further. */
const CHAIN_MAX = 8;

/** Answers that are listed; a link leads to all. */
const REPLIES_MAX = 20;

/** Posts of an album that are shown together. */
const ALBUM_MAX = 40;

/** Posts of one name that are looked at for the one in the right chat. */
const CHATS_MAX = 9;

/** @typedef {{ uid: string, answered: string | null, thread: string | null, chain: HTMLElement | null, isPlaced: boolean, album: HTMLElement | null, replies: HTMLElement | null, failed: HTMLElement | null }} Known */

export class Context {
  #host;
  /** What is known of the post that was asked for last. @type {Known | null} */
  #known = null;

  /** @param {Host} host */
  constructor(host) {
    this.#host = host;
  }

  /** Shows around the open post what it stands in, once it is known. @param {PostView} view */
  show(view) {
    const post = view.posts[view.index];
    if (!post || post.damaged !== null) return;
    if (this.#known?.uid === post.uid) return this.#place();
    this.#known = { uid: post.uid, answered: null, thread: null, chain: null, isPlaced: false, album: null, replies: null, failed: null };
    void this.#find(post);
  }

  /** @param {RecordView} post */
  async #find(post) {
    const known = this.#known;
    if (!known) return;
    const isOpen = () => this.#known === known && this.#host.address().post === post.uid;
    try {
      const chain = await this.#chain(post, isOpen);
      known.answered = chain?.at(-1)?.uid ?? null;
      known.chain = chain === null || post.reply_to === null || !isOpen() ? null : this.#chainView(post, chain);
      if (isOpen()) this.#place();
      if (isOpen() && post.thread !== null) known.thread = (await this.#inChat(post, post.thread)).uid;
      if (isOpen()) this.#place();
      if (isOpen() && post.album !== null) {
        const { uid } = await this.#inChat(post, post.album);
        if (uid !== null) known.album = await this.#together(post, uid);
      }
      if (isOpen()) this.#place();
      // Who has answered stands in a list of all answers.
      if (isOpen() && post.id !== null && !paysByTheByte()) known.replies = await this.#answers(post.uid);
    } catch (error) {
      known.failed = failedView(error);
    }
    if (isOpen()) this.#place();
    if (!isOpen() || known.failed) this.#forget(known);
  }

  /** What was left before all was known is asked for again when it is opened again. @param {Known} known */
  #forget(known) {
    if (this.#known === known) this.#known = null;
  }

  /** Puts what is known where it belongs; drawing the post anew has taken it away. */
  #place() {
    const whole = /** @type {HTMLElement | null} */ (document.querySelector('#post .whole'));
    if (!whole || !this.#known || whole.dataset.post !== this.#known.uid) return;
    const { answered, thread, chain, album, replies, failed } = this.#known;
    const header = whole.querySelector('header');
    const link = header?.querySelector('a.answered');
    if (link && answered !== null) link.setAttribute('href', this.#host.postHref(answered));
    if (thread !== null) header?.querySelector('a.thread')?.setAttribute('href', this.#host.valueHref('thread', thread));
    if (chain && header && !chain.isConnected) {
      // A post that is drawn anew has what stood above it back, and has not moved.
      if (this.#known.isPlaced) header.before(chain);
      else keepInPlace(header, () => header.before(chain));
      this.#known.isPlaced = true;
    }
    const details = whole.querySelector('.details');
    for (const section of [album, replies, failed]) if (section && !section.isConnected) details?.before(section);
  }

  /** The posts that lead to this one, the first of them first. @param {RecordView} post @param {() => boolean} isOpen @returns {Promise<RecordView[] | null>} */
  async #chain(post, isOpen) {
    /** @type {RecordView[]} */
    const chain = [];
    const seen = new Set([post.uid]);
    let last = post;
    while (last.reply_to !== null && chain.length < CHAIN_MAX && isOpen()) {
      const { found } = await this.#inChat(last, last.reply_to);
      // What names no post, or one that was met, leads nowhere.
      if (uidWithin(last, last.reply_to) === null || (found && seen.has(found.uid))) return chain.length === 0 ? null : chain;
      if (!found) break;
      seen.add(found.uid);
      chain.unshift(found);
      if (found.damaged !== null) break;
      last = found;
    }
    return chain;
  }

  /**
   * The post that an id means, and what it is called. Chats may have one name: then those of another one may be called by it, and this
   * one has a number behind it, or would have the first that is free (`Answered::uid` of the builder).
   * @param {RecordView} post @param {string} id @returns {Promise<{ uid: string | null, found: RecordView | null }>}
   */
  async #inChat(post, id) {
    const base = uidWithin(post, id);
    for (let n = 1; base !== null && n <= CHATS_MAX; n++) {
      const uid = n === 1 ? base : `${base}.${n}`;
      const view = await this.#host.core.post({ uid, query: '', typing: false, context: 0 }, 'aside');
      const found = view?.posts[view.index] ?? null;
      if (!found || found.damaged !== null || areOfOneChat(post, found)) return { uid, found };
    }
    return { uid: base, found: null };
  }

  /** @param {RecordView} post @param {RecordView[]} chain */
  #chainView(post, chain) {
    return el('section', { class: 'context chain' }, el('h3', { class: 'label' }, say('answers')), chain.length === 0 ? el('p', { class: 'quiet' }, say('answersGone', { id: post.reply_to ?? '' })) : chain.map((one) => this.#item(one)));
  }

  /** The answers to a post. @param {string} uid */
  async #answers(uid) {
    const page = await this.#search('reply_to', uid, REPLIES_MAX);
    if (!page || page.total === 0) return null;
    const all = page.total > page.hits.length && el('a', { href: this.#host.valueHref('reply_to', uid) }, say('copiesAll', { n: page.total }));
    return el('section', { class: 'context replies' }, el('h3', { class: 'label' }, say('replies', { n: page.total })), page.hits.map((hit) => this.#item(readable(hit))), all);
  }

  /** An album's posts side by side, with what they say. @param {RecordView} post @param {string} album */
  async #together(post, album) {
    const page = await this.#search('album', album, ALBUM_MAX);
    if (!page || page.total < 2) return null;
    const all = page.total > page.hits.length && el('a', { href: this.#host.valueHref('album', album) }, say('copiesAll', { n: page.total }));
    return el('section', { class: 'context album' }, el('h3', { class: 'label' }, say('album', { n: page.total })), el('ul', {}, page.hits.map((hit) => el('li', {}, this.#picture(hit, hit.uid === post.uid)))), all);
  }

  /** @param {Hit} hit @param {boolean} isOpen */
  #picture(hit, isOpen) {
    const kind = hit.media[0] ?? 'message';
    const thumb = thumbOf(hit.picture);
    const words = hit.damaged !== null ? say('damaged', { reason: hit.damaged }) : hit.snippet.text;
    const sign = () => el('span', { class: 'sign' }, icon(mediaIcon(kind)), ' ', nameKind(kind));
    const image = thumb === null ? null : el('img', { src: thumb, alt: nameKind(kind), loading: 'lazy' });
    image?.addEventListener('error', () => image.replaceWith(sign()));
    return el('a', { href: hit.damaged === null && this.#host.postHref(hit.uid), 'data-replace': '', 'aria-current': isOpen && 'true' }, image ?? sign(), words !== '' && el('span', { class: 'text', dir: 'auto', lang: hit.lang }, words));
  }

  /** @param {import('./post.js').Neighbour} post */
  #item(post) {
    return neighbourView(post, { timeZone: this.#host.info.time_zone, postHref: this.#host.postHref });
  }

  /** @param {string} facet @param {string} value @param {number} limit @returns {Promise<SearchPage | undefined>} */
  #search(facet, value, limit) {
    const request = { query: '', typing: false, filters: [{ facet, value, exclude: false }], from: null, to: null, sort: /** @type {const} */ ('old'), offset: 0, limit, facet_limit: 0 };
    return this.#host.core.search(request, 'aside');
  }
}

/** False where both say which chat they are of, and it is not the same: a number tells, whatever the handle was. @param {RecordView} a @param {RecordView} b */
function areOfOneChat(a, b) {
  for (const name of ['channel_id', 'channel_handle']) {
    const [one, other] = [a, b].map(({ fields }) => fields.find((field) => field.name === name)?.value);
    if (one !== undefined && other !== undefined) return one === other;
  }
  return true;
}

/** Puts something above what is being read without moving it from under the reader's eyes. @param {Element} read @param {() => void} put */
function keepInPlace(read, put) {
  const before = read.getBoundingClientRect().top;
  put();
  const moved = read.getBoundingClientRect().top - before;
  const side = /** @type {HTMLElement} */ (document.getElementById('side'));
  if (before < innerHeight) (side.scrollHeight > side.clientHeight && getComputedStyle(side).overflowY === 'auto' ? side : window).scrollBy(0, moved);
}

/** A hit as a post is read. @param {Hit} hit @returns {import('./post.js').Neighbour} */
function readable(hit) {
  return { ...hit, title: hit.title?.text ?? null, text: hit.snippet.text };
}
