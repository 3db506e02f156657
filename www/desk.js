/** The desk: what is wanted once something was read. Citations, the basket with its exports, trends. A script of its own, loaded when it
 *  is first used. */

import sheet from './desk.css';
import { Basket, toCsv, toJson, toMarkdown, parseKept } from './basket.js';
import { FORMS } from './cite.js';
import { byId, el } from './dom.js';
import { formatDate, formatNumber, nameFlag, say } from './messages.js';
import { emptyAddress, formatAddress } from './query.js';
import { icon } from './view/icons.js';
import { TrendsView } from './view/trends.js';

/** @typedef {import('./room.js').Host & { licence: () => string | null }} Host */
/** @typedef {import('./types').RecordView} RecordView */
/** @typedef {import('./basket.js').Row} Row */

const style = new CSSStyleSheet();
style.replaceSync(sheet);

/** How long a button says that it has done its work. */
const DONE_MS = 2000;

/** Hits that are put into the basket at once. */
const HITS_MAX = 1000;

/** Hits asked for at a time meanwhile. */
const HITS_EACH = 200;

export class Desk {
  #host;
  #changed;
  #basket;
  #panel = el('section', { id: 'basket', 'aria-label': say('basket') });
  /** The form of the last citation. */
  #form = 'plain';
  #stopped = false;
  trends;

  /** @param {Host} host @param {() => void} changed Called when a post came into the basket, or left it. */
  constructor(host, changed) {
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, style];
    this.#host = host;
    this.#changed = changed;
    this.#basket = new Basket(this.#hash, () => localStorage);
    this.#panel.hidden = true;
    this.#panel.tabIndex = -1;
    byId('help').after(this.#panel);
    this.trends = new TrendsView(host, saveFile);
    byId('timeline').append(this.trends.panel);
  }

  get #hash() {
    return document.documentElement.dataset.archive ?? '';
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
    const cited = { post, archive: info.title, hash: this.#hash, link: this.#link(post.uid), licence: this.#host.licence(), when: post.date === null ? null : formatDate(post.date, info.time_zone, 'long'), within: say('citeIn') };
    const text = el('textarea', { class: 'citation', 'aria-label': say('cite'), dir: 'auto' });
    text.readOnly = true;
    const choose = (/** @type {string} */ form) => {
      this.#form = form;
      text.value = FORMS[form]?.(cited) ?? '';
      text.rows = Math.min(14, Math.max(4, text.value.split('\n').length));
    };
    const select = el('select', { 'aria-label': say('citeForm') }, Object.keys(FORMS).map((form) => el('option', { value: form }, form === 'plain' ? say('citePlain') : form === 'wiki' ? say('citeWiki') : form)));
    select.value = this.#form;
    select.addEventListener('change', () => choose(select.value));
    choose(this.#form);
    const copy = el('button', { type: 'button', class: 'more' }, say('copy'));
    copy.addEventListener('click', () => void this.#copy(copy, text));
    return el('div', { class: 'cite' }, el('p', {}, select, copy), text);
  }

  /** @param {HTMLElement} button @param {HTMLTextAreaElement} text */
  async #copy(button, text) {
    try {
      await navigator.clipboard.writeText(text.value);
      button.textContent = say('copied');
      setTimeout(() => (button.textContent = say('copy')), DONE_MS);
    } catch {
      // Where the clipboard is closed to this page, the reader copies by hand.
      text.focus();
      text.select();
    }
  }

  /** @param {string} uid */
  #link(uid) {
    return `${location.href.replace(/#.*$/s, '')}#${formatAddress({ ...emptyAddress(), post: uid })}`;
  }

  // ── Basket ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Puts a post into the basket, or takes it out. @param {string} uid */
  keep(uid) {
    const stays = this.has(uid) ? this.#basket.remove(uid) : this.#basket.add([{ uid, note: '' }]);
    this.#after(stays);
  }

  /** @param {boolean} stays Whether the storage took it. */
  #after(stays) {
    this.#changed();
    if (!this.#panel.hidden) this.#draw(stays ? '' : say('basketFleeting'));
  }

  /** @param {boolean} open */
  show(open = Boolean(this.#panel.hidden)) {
    this.#panel.hidden = !open;
    if (!open) {
      this.#changed();
      const button = byId('basket-open');
      return (button.hidden ? byId('q') : button).focus({ preventScroll: true });
    }
    this.#draw('');
    this.#panel.focus({ preventScroll: true });
    scrollTo({ top: 0 });
  }

  get isOpen() {
    return !this.#panel.hidden;
  }

  /** @param {string} notice */
  #draw(notice) {
    const { kept } = this.#basket;
    const total = this.#host.page()?.total ?? 0;
    const button = (/** @type {string} */ words, /** @type {() => void} */ click) => el('button', { type: 'button', class: 'more', on: { click } }, words);
    const file = el('input', { type: 'file', class: 'unseen', 'aria-label': say('basketImport'), tabindex: -1 });
    file.accept = 'application/json,.json';
    file.addEventListener('change', () => void this.#import(file));
    const forms = /** @type {const} */ ([['CSV', 'csv', toCsv], ['JSON', 'json', toJson], ['Markdown', 'md', toMarkdown]]);
    const status = el('p', { class: 'quiet', role: 'alert' }, notice);
    this.#panel.replaceChildren(
      el('div', { class: 'basket-head' }, el('h2', { class: 'label' }, say('basketCount', { n: kept.length })), el('button', { type: 'button', class: 'plain close', on: { click: () => this.show(false) } }, icon('close'), say('close'))),
      el('p', { class: 'basket-tools' },
        total > 0 && button(say('basketHits', { n: Math.min(total, HITS_MAX) }), () => void this.#keepHits(status)),
        kept.length > 0 && forms.map(([name, ending, write]) => button(say('basketSave', { form: name }), () => void this.#save(status, ending, write))),
        kept.length > 0 && button(say('basketPrint'), () => void this.#print(status)),
        button(say('basketImport'), () => file.click()), file),
      status,
      kept.length === 0 ? el('p', {}, say('basketEmpty')) : el('ul', {}, kept.map(({ uid, note }) => this.#row(uid, note))),
    );
  }

  /** @param {string} uid @param {string} note */
  #row(uid, note) {
    const field = el('input', { type: 'text', class: 'find', value: note, placeholder: say('basketNote'), 'aria-label': say('basketNoteOf', { uid }), dir: 'auto' });
    field.addEventListener('change', () => {
      this.#basket.remove(uid);
      this.#basket.add([{ uid, note: field.value }]);
    });
    return el('li', {}, el('a', { href: this.#host.postHref(uid), dir: 'auto' }, uid), field, el('button', { type: 'button', class: 'step', 'aria-label': say('basketRemove', { uid }), on: { click: () => this.keep(uid) } }, icon('close')));
  }

  /** Puts the hits of the present question into the basket. @param {HTMLElement} status */
  async #keepHits(status) {
    const { core, page, request } = this.#host;
    const [most, asked] = [Math.min(page()?.total ?? 0, HITS_MAX), request(0)];
    /** @type {string[]} */
    const uids = [];
    while (uids.length < most) {
      status.textContent = say('basketGathered', { at: formatNumber(uids.length), count: formatNumber(most) });
      const next = await core.search({ ...asked, offset: uids.length, limit: Math.min(HITS_EACH, most - uids.length) }, 'aside').catch(() => undefined);
      if (!next || next.hits.length === 0) break;
      uids.push(...next.hits.map(({ uid }) => uid));
    }
    this.#after(this.#basket.add(uids.filter((uid) => uid !== '').map((uid) => ({ uid, note: '' }))));
  }

  /** Every post of the basket, whole. @param {HTMLElement} status @returns {Promise<Row[] | null>} null when the reader stopped it. */
  async #rows(status) {
    const { kept } = this.#basket;
    this.#stopped = false;
    /** @type {Row[]} */
    const rows = [];
    const stop = el('button', { type: 'button', class: 'more', on: { click: () => (this.#stopped = true) } }, say('scanStop'));
    for (const { uid, note } of kept) {
      status.replaceChildren(say('basketGathered', { at: formatNumber(rows.length), count: formatNumber(kept.length) }), ' ', stop);
      const view = await this.#host.core.post({ uid, query: '', typing: false, context: 0 }, 'aside');
      if (this.#stopped) return null;
      const post = view?.posts[view.index] ?? null;
      rows.push({ uid, note, post: post?.damaged === null ? post : null });
    }
    status.replaceChildren();
    return rows;
  }

  /** @param {HTMLElement} status @param {string} ending @param {(rows: Row[], about: import('./basket.js').About) => string} write */
  async #save(status, ending, write) {
    try {
      const rows = await this.#rows(status);
      if (rows === null) return;
      const text = write(rows, { archive: this.#host.info.title, hash: this.#hash, link: (uid) => this.#link(uid) });
      saveFile(`basket.${ending}`, new Blob([text], { type: TYPES[ending] }));
    } catch (error) {
      status.textContent = say('basketFailed', { reason: error instanceof Error ? error.message : String(error) });
    }
  }

  /** Shows the basket alone, whole, and asks the browser to print it. @param {HTMLElement} status */
  async #print(status) {
    try {
      const rows = await this.#rows(status);
      if (rows === null) return;
      const { info } = this.#host;
      const paper = el('div', { id: 'paper' }, el('h1', { dir: 'auto' }, info.title), el('p', { class: 'quiet' }, `SHA-256 ${this.#hash}`), rows.map(({ uid, post, note }) => el('article', {},
        el('p', { class: 'meta' }, [post?.date && formatDate(post.date, info.time_zone, 'long'), post?.author, post?.channel, ...(post?.flags ?? []).map(nameFlag)].filter(Boolean).join(' · ')),
        post?.title && el('h2', { dir: 'auto', lang: post.lang }, post.title),
        el('div', { class: 'text', dir: 'auto', lang: post?.lang }, post?.text ?? ''),
        note !== '' && el('p', { class: 'note', dir: 'auto' }, note),
        el('p', { class: 'quiet' }, post?.url ?? '', ' ', this.#link(uid)))));
      document.body.append(paper);
      document.documentElement.toggleAttribute('data-paper', true);
      addEventListener('afterprint', () => {
        paper.remove();
        document.documentElement.toggleAttribute('data-paper', false);
      }, { once: true });
      print();
    } catch (error) {
      status.textContent = say('basketFailed', { reason: error instanceof Error ? error.message : String(error) });
    }
  }

  /** @param {HTMLInputElement} file */
  async #import(file) {
    try {
      this.#after(this.#basket.add(parseKept((await file.files?.[0]?.text()) ?? '')));
    } catch {
      this.#draw(say('basketNone'));
    }
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
  setTimeout(() => URL.revokeObjectURL(url), DONE_MS);
}

/** @type {Record<string, string>} */
const TYPES = { csv: 'text/csv;charset=utf-8', json: 'application/json', md: 'text/markdown;charset=utf-8' };

/** @typedef {typeof Desk} DeskClass */

const give = () => fondsShard('desk', Desk);

// In the single-file form this script stands before the bootstrap.
if (typeof fondsShard === 'undefined') addEventListener('DOMContentLoaded', give);
else give();
