/** The line that says how far a scan of the texts has come, with the way to stop it. */

import { byId, el } from '../dom.js';
import { formatNumber, say } from '../messages.js';

export class ScanLine {
  #bar = el('progress', { 'aria-label': say('scanning') });
  #words = el('span');
  #stop = el('button', { type: 'button', class: 'more', on: { click: () => (this.#stopped = true) } }, say('scanStop'));
  #goOn = el('button', { type: 'button', class: 'more', on: { click: () => this.#resume() } }, say('scanGoOn'));
  #line = el('p', { id: 'scan' }, this.#bar, this.#words, this.#stop, this.#goOn);
  #stopped = false;
  #resume = () => {};
  /** The question that is being scanned for. */
  #query = '';

  constructor() {
    this.#line.hidden = true;
    byId('bytes').before(this.#line);
  }

  /** Whether the reader has stopped the scan for this query. @param {{ query: string }} page */
  isStopped({ query }) {
    if (query !== this.#query) this.#stopped = false;
    this.#query = query;
    return this.#stopped;
  }

  /** @param {number} scanned @param {number} all */
  show(scanned, all) {
    document.documentElement.toggleAttribute('data-scan', true);
    this.#line.hidden = false;
    this.#offer(this.#stop, this.#goOn);
    this.#say(scanned, all);
  }

  /** Shows one button in the place of the other, which leaves it the focus. @param {HTMLElement} button @param {HTMLElement} other */
  #offer(button, other) {
    const hadFocus = document.activeElement === other;
    button.hidden = false;
    if (hadFocus) button.focus();
    other.hidden = true;
  }

  /** @param {number} scanned @param {number} all */
  #say(scanned, all) {
    this.#bar.max = all;
    this.#bar.value = scanned;
    this.#words.textContent = say('scanned', { scanned: formatNumber(scanned), all: formatNumber(all) });
  }

  /** The reader has stopped it: how far it came, and the way to go on. @param {number} scanned @param {number} all @param {() => void} resume */
  rest(scanned, all, resume) {
    document.documentElement.toggleAttribute('data-scan', false);
    this.#line.hidden = false;
    this.#offer(this.#goOn, this.#stop);
    this.#say(scanned, all);
    this.#resume = () => {
      this.#stopped = false;
      resume();
    };
  }

  hide() {
    document.documentElement.toggleAttribute('data-scan', false);
    // What was scanned for follows: the first hit, or the box where there is none.
    const hadFocus = this.#line.contains(document.activeElement);
    this.#line.hidden = true;
    if (hadFocus) (/** @type {HTMLElement | null} */ (document.querySelector('#results a')) ?? byId('q')).focus({ preventScroll: true });
  }
}
