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
    this.#stop.hidden = false;
    this.#goOn.hidden = true;
    this.#bar.max = all;
    this.#bar.value = scanned;
    this.#words.textContent = say('scanned', { scanned: formatNumber(scanned), all: formatNumber(all) });
  }

  /** The reader has stopped it: how far it came, and the way to go on. @param {number} scanned @param {number} all @param {() => void} resume */
  rest(scanned, all, resume) {
    const hadFocus = document.activeElement === this.#stop;
    this.show(scanned, all);
    document.documentElement.toggleAttribute('data-scan', false);
    this.#stop.hidden = true;
    this.#goOn.hidden = false;
    if (hadFocus) this.#goOn.focus();
    this.#resume = () => {
      this.#stopped = false;
      resume();
    };
  }

  hide() {
    document.documentElement.toggleAttribute('data-scan', false);
    this.#line.hidden = true;
  }
}
