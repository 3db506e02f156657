/** The line that says how far a scan of the texts has come, with the way to stop it. */

import { byId, el } from '../dom.js';
import { formatNumber, formatSize, say } from '../messages.js';

export class ScanLine {
  #bar = el('progress', { 'aria-label': say('scanning') });
  #words = el('span');
  #stop = el('button', { type: 'button', class: 'more', on: { click: () => (this.#stopped = true) } }, say('stop'));
  #goOn = el('button', { type: 'button', class: 'more', on: { click: () => this.#resume() } }, say('scanGoOn'));
  #line = el('p', { id: 'scan' }, this.#bar, this.#words, this.#stop, this.#goOn);
  #stopped = false;
  #resume = () => {};
  /** The question that is being scanned for. */
  #query = '';
  /** How far it came: texts. */
  #scanned = 0;
  #all = 0;
  /** Bytes that were brought since the page opened, when it began and now. @type {number | null} */
  #before = null;
  #brought = 0;

  constructor() {
    this.#line.hidden = true;
    byId('bytes').before(this.#line);
  }

  /** Whether the reader has stopped the scan for this query. @param {{ query: string }} page */
  isStopped({ query }) {
    if (query !== this.#query) {
      this.#stopped = false;
      this.#before = null;
    }
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
    this.#scanned = scanned;
    this.#all = all;
    this.#write();
  }

  #write() {
    const len = this.#before === null ? 0 : this.#brought - this.#before;
    const looked = say('scanned', { scanned: formatNumber(this.#scanned), all: formatNumber(this.#all) });
    // What was here already costs nothing.
    this.#words.textContent = len > 0 ? `${looked} · ${say('bytesLoaded', { size: formatSize(len) })}` : looked;
  }

  /** Says what the texts have cost so far. @param {number} brought Bytes since the page opened. */
  tell(brought) {
    this.#before ??= brought;
    this.#brought = brought;
    this.#write();
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
