/** The filters: one fieldset per facet, each value a checkbox with its exact count. */

import { el } from '../dom.js';
import { formatNumber, nameFacet, nameValue, say } from '../messages.js';
import { FACET_FEW, FACET_MANY } from '../query.js';

/** @typedef {import('../types').FacetCounts} FacetCounts */

/** Rows in the document of one opened facet; the find-box reaches the others. */
const ROWS_MAX = 100;

/** A facet gets a find-box from this many values on. */
const FIND_FROM = 20;

/**
 * @typedef {object} FacetActions
 * @property {(facet: string, value: string, how: 'choose' | 'exclude' | null) => void} filter
 * @property {() => void} wantMany Called when a list needs more values than the last answer holds.
 */

export class FacetList {
  #root;
  #actions;
  /** Facets that the reader has opened. @type {Set<string>} */
  #open = new Set();
  /** What stands in each find-box. @type {Map<string, string>} */
  #find = new Map();
  /** @type {FacetCounts[]} */
  #facets = [];
  /** Why some are left out. @type {string[]} */
  #damage = [];

  /** @param {HTMLElement} root @param {FacetActions} actions */
  constructor(root, actions) {
    this.#root = root;
    this.#actions = actions;
  }

  /** How many values the next answer should list. */
  get limit() {
    return this.#open.size > 0 ? FACET_MANY : FACET_FEW;
  }

  /** @param {{ facets: FacetCounts[], damage: string[] }} page */
  show({ facets, damage }) {
    this.#facets = facets;
    // Each lost block has its sentence; a reader is helped by one for each file.
    this.#damage = [...new Set(damage.map((reason) => reason.replace(/ \(section.*/, '')))];
    this.#draw();
  }

  #draw() {
    const focus = focusKey(this.#root);
    this.#root.replaceChildren(...this.#damage.map((reason) => el('p', { class: 'quiet' }, say('partLost', { reason }))), ...this.#facets.filter(isUseful).map((facet) => this.#fieldset(facet)));
    if (focus !== null) for (const element of this.#root.querySelectorAll('[data-focus]')) if (element.getAttribute('data-focus') === focus) /** @type {HTMLElement} */ (element).focus({ preventScroll: true });
  }

  /** @param {FacetCounts} facet */
  #fieldset(facet) {
    const { name, values, num_values } = facet;
    const open = this.#open.has(name);
    const sought = fold(this.#find.get(name) ?? '');
    const fitting = open ? values.filter(({ value }) => fold(nameValue(name, value)).includes(sought)) : values.slice(0, FACET_FEW);
    const chosen = open ? [] : values.slice(FACET_FEW).filter((value) => value.chosen || value.excluded);
    const rest = num_values - FACET_FEW;
    return el(
      'fieldset',
      { 'data-facet': name },
      el('legend', { dir: 'auto' }, nameFacet(name), ' ', el('span', { class: 'count' }, formatNumber(num_values))),
      open && num_values > FIND_FROM && this.#findBox(name),
      el('ul', {}, [...fitting.slice(0, ROWS_MAX), ...chosen].map((value) => this.#row(name, value))),
      open && fitting.length === 0 && el('p', { class: 'quiet' }, say('facetNothing')),
      rest > 0 && el('button', { type: 'button', class: 'more', 'data-focus': `${name}\nmore`, 'aria-expanded': String(open), on: { click: () => this.#toggle(name) } }, open ? say('facetLess') : say('facetMore', { n: rest })),
    );
  }

  /** @param {string} facet @param {FacetCounts['values'][0]} value */
  #row(facet, { value, count, chosen, excluded }) {
    const name = nameValue(facet, value);
    const box = el('input', {
      type: 'checkbox', 'data-value': value, 'data-count': count, 'data-focus': `${facet}\nbox\n${value}`, checked: chosen,
      on: { change: () => this.#actions.filter(facet, value, chosen || excluded ? null : 'choose') },
    });
    const exclude = () => this.#actions.filter(facet, value, excluded ? null : 'exclude');
    const label = el('label', {
      on: {
        click: (/** @type {Event} */ event) => {
          if (!(/** @type {MouseEvent} */ (event).altKey)) return;
          event.preventDefault();
          exclude();
        },
      },
    }, box, el('span', { class: 'name', title: name }, el('bdi', {}, name)), el('span', { class: 'count' }, formatNumber(count)));
    const not = el('button', { type: 'button', class: 'not', 'data-focus': `${facet}\nnot\n${value}`, 'aria-pressed': String(excluded), 'aria-label': say('excludeValue', { value: name }), on: { click: exclude } }, 'not');
    return el('li', { class: excluded ? 'excluded' : chosen ? 'chosen' : count === 0 ? 'none' : null }, label, not);
  }

  /** @param {string} facet */
  #findBox(facet) {
    const label = say('facetFind', { facet: nameFacet(facet) });
    const box = el('input', { type: 'text', class: 'find', placeholder: label, 'aria-label': label, 'data-focus': `${facet}\nfind`, value: this.#find.get(facet), autocomplete: 'off' });
    box.addEventListener('input', (event) => {
      if (/** @type {InputEvent} */ (event).isComposing) return;
      this.#find.set(facet, box.value);
      const { selectionStart } = box;
      this.#draw();
      const fresh = document.activeElement;
      if (fresh instanceof HTMLInputElement && fresh.type === 'text') fresh.setSelectionRange(selectionStart, selectionStart);
    });
    return box;
  }

  /** @param {string} facet */
  #toggle(facet) {
    if (!this.#open.delete(facet)) this.#open.add(facet);
    this.#find.delete(facet);
    this.#draw();
    const known = this.#facets.find(({ name }) => name === facet);
    if (known && this.#open.has(facet) && known.values.length < Math.min(known.num_values, FACET_MANY)) this.#actions.wantMany();
  }
}

/** A facet that cannot divide what is shown only takes room. @param {FacetCounts} facet */
export function isUseful(facet) {
  return facet.num_values > 1 || facet.values.some((value) => value.chosen || value.excluded);
}

/** What to give the focus back to after a redraw. @param {HTMLElement} root */
function focusKey(root) {
  const active = document.activeElement;
  return active && root.contains(active) ? active.getAttribute('data-focus') : null;
}

/** Case and accents do not matter in a find-box. @param {string} text */
export function fold(text) {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}
