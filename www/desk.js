/** The desk: what is wanted once something was read. Citations, the basket with its exports, trends. A script of its own, loaded when it
 *  is first used. */

import sheet from './desk.css';
import { Basket } from './basket.js';
import { FORMS, dayOf, isMoment } from './cite.js';
import { byId, el } from './dom.js';
import { formatDate, say, sayParts } from './messages.js';
import { publicAddress } from './public.js';
import { emptyAddress, formatAddress } from './query.js';
import { BasketView } from './view/basket.js';
import { copyLabel, sayCopied } from './view/either.js';
import { TrendsView } from './view/trends.js';

/** @typedef {import('./room.js').Host & { licence: () => string | null }} Host */
/** @typedef {import('./types').RecordView} RecordView */

const style = new CSSStyleSheet();
style.replaceSync(sheet);

/** How long a browser may take to begin with a file that it was given. */
const SAVING_MS = 2000;

/** Letters of a citation that stand in one line of its field, or fewer. */
const LINE = 45;

export class Desk {
  #host;
  #changed;
  #basket;
  #view;
  /** The form of the last citation. */
  #form = 'plain';
  trends;

  /** @param {Host} host @param {() => void} changed Called when a post came into the basket, or left it. */
  constructor(host, changed) {
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, style];
    this.#host = host;
    this.#changed = changed;
    const basket = new Basket(document.documentElement.dataset.archive ?? '', () => localStorage);
    this.#basket = basket;
    this.#view = new BasketView(host, basket, { changed, close: () => this.show(false), link: (uid) => this.#link(uid), hash: () => this.#hash, save: saveFile });
    byId('help').after(this.#view.panel);
    // Another tab has the same basket.
    addEventListener('storage', ({ key }) => {
      if (key !== null && key !== basket.key) return;
      basket.read();
      changed();
      this.#view.draw();
    });
    this.trends = new TrendsView(host, saveFile);
    byId('timeline').append(this.trends.panel);
  }

  /** The SHA-256 of the archive; of one that was published without it, how it begins. */
  get #hash() {
    const { sha256, archive } = document.documentElement.dataset;
    return sha256 ?? `${archive ?? ''}…`;
  }

  /** Whether what is kept will be gone with the page. */
  get isFleeting() {
    return this.#basket.isFleeting;
  }

  /** Number of posts in the basket. */
  get size() {
    return this.#basket.size;
  }

  /** @param {string} uid */
  has(uid) {
    return this.#basket.has(uid);
  }

  // ── Citations ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The form of a citation, its text, and the way to take it along. @param {RecordView} post @returns {HTMLElement} */
  citation(post) {
    const { info } = this.#host;
    const { date, forwarded_from } = post;
    const zone = info.time_zone;
    const when = date === null ? null : `${formatDate(date, zone, 'long')}${isMoment(date) ? ` (${zone})` : ''}`;
    const cited = { post, archive: info.title, hash: this.#hash, link: this.#link(post.uid), licence: this.#host.licence(), when, day: date === null ? null : dayOf(date, zone), within: say('citeIn'), forwarded: forwarded_from && sayParts('forwardedFrom', { name: forwarded_from.name }).join('') };
    const text = el('textarea', { class: 'citation', 'aria-label': say('cite'), dir: 'auto' });
    text.readOnly = true;
    const choose = (/** @type {string} */ form) => {
      this.#form = form;
      text.value = FORMS[form]?.(cited) ?? '';
      const rows = text.value.split('\n').reduce((sum, line) => sum + Math.ceil(line.length / LINE), 1);
      text.rows = Math.min(14, Math.max(4, rows));
    };
    const select = el('select', { 'aria-label': say('citeForm') }, Object.keys(FORMS).map((form) => el('option', { value: form }, form === 'plain' ? say('citePlain') : form === 'wiki' ? say('citeWiki') : form)));
    select.value = this.#form;
    select.addEventListener('change', () => choose(select.value));
    choose(this.#form);
    const copy = el('button', { type: 'button', class: 'more' }, copyLabel('copy'));
    copy.addEventListener('click', () => void this.#copy(copy, text));
    return el('div', { class: 'cite' }, el('p', {}, select, copy), text);
  }

  /** @param {HTMLElement} button @param {HTMLTextAreaElement} text */
  async #copy(button, text) {
    try {
      await navigator.clipboard.writeText(text.value);
      sayCopied(button, 'copy');
    } catch {
      // Where the clipboard is closed to this page, the reader copies by hand.
      text.focus();
      text.select();
    }
  }

  /** @param {string} uid */
  #link(uid) {
    return `${publicAddress()}#${formatAddress({ ...emptyAddress(), post: uid })}`;
  }

  // ── Basket ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Puts a post into the basket, or takes it out. @param {string} uid */
  keep(uid) {
    if (this.has(uid)) this.#basket.remove(uid);
    else this.#view.tellLeft(this.#basket.add([{ uid, note: '' }]));
    this.#changed();
    this.#view.draw();
  }

  /** @param {boolean} open */
  show(open = !this.isOpen) {
    this.#view.panel.hidden = !open;
    this.#changed();
    if (!open) return (['basket-open', 'found-open'].map(byId).find((button) => !button.hidden) ?? byId('q')).focus({ preventScroll: true });
    this.#view.draw();
    this.#view.panel.focus({ preventScroll: true });
    scrollTo({ top: 0 });
  }

  /** Opens the panel and asks for a file with a basket. */
  import() {
    this.show(true);
    this.#view.choose();
  }

  get isOpen() {
    return !this.#view.panel.hidden;
  }

  /** What was found is something else now. */
  showAnswer() {
    if (this.isOpen) this.#view.draw();
    this.trends.refresh();
  }
}

/** @param {string} name @param {Blob} content */
function saveFile(name, content) {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), SAVING_MS);
}

/** @typedef {typeof Desk} DeskClass */

const give = () => fondsShard('desk', Desk);

// In the single-file form this script stands before the bootstrap.
if (typeof fondsShard === 'undefined') addEventListener('DOMContentLoaded', give);
else give();
