/** What keys do outside the fields: the list and its posts can be walked through, and whatever was opened can be closed. */

import { byId } from './dom.js';

/** @typedef {import('./room.js').Host} Host */
/** @typedef {import('./room.js').Room} Room */

const narrow = matchMedia('(max-width: 699px)');

export class Keys {
  #host;
  #room;
  #box = /** @type {HTMLInputElement} */ (byId('q'));

  /** @param {Host} host @param {Room} room */
  constructor(host, room) {
    this.#host = host;
    this.#room = room;
    document.addEventListener('keydown', (event) => this.#press(event));
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = /** @type {HTMLElement} */ (event.target);
    const inBox = target === this.#box;
    const isField = target.matches('input, select, textarea') && !target.matches('[type=checkbox]');
    const inList = inBox || target === document.body || byId('results').contains(target);
    const move = new Map([['ArrowDown', inList ? 1 : 0], ['ArrowUp', inList ? -1 : 0], ['j', isField ? 0 : 1], ['k', isField ? 0 : -1]]).get(event.key) ?? 0;
    if (event.key === 'Escape') {
      if (this.#escape(inBox)) event.preventDefault();
    } else if (move !== 0 && (inBox || !isField)) {
      event.preventDefault();
      this.#move(move);
    } else if (!isField && event.key === '/') {
      event.preventDefault();
      this.#box.focus();
      this.#box.select();
    } else if (!isField && event.key === '?') {
      event.preventDefault();
      this.#room.showHelp(Boolean(byId('help').hidden));
    }
  }

  /** @param {number} step */
  #move(step) {
    const { address, go, results } = this.#host;
    const link = results.neighbour(step);
    if (!link) {
      if (step < 0) this.#box.focus();
      return;
    }
    link.focus({ preventScroll: true });
    const uid = link.closest('article')?.dataset.uid ?? null;
    results.bringIn(uid);
    if (address().post !== null && !narrow.matches) go({ ...address(), post: uid, passage: null }, { replace: true });
  }

  /** Takes back the last thing that was opened. @param {boolean} inBox @returns {boolean} whether there was one. */
  #escape(inBox) {
    const { address, closePost, showSheet } = this.#host;
    if (this.#room.closeAbove()) return true;
    if (document.documentElement.hasAttribute('data-sheet')) showSheet(false);
    else if (!inBox && this.#room.closeBeside()) return true;
    // What was opened last goes first: Enter in the box opens a post.
    else if (address().post !== null) closePost();
    else if (inBox && this.#box.value !== '') {
      this.#box.value = '';
      this.#box.dispatchEvent(new InputEvent('input', { bubbles: true }));
    } else return false;
    return true;
  }
}
