/** The filters: one fieldset per facet, each value a checkbox with its exact count. The values of a number stand within its range, beneath
 *  what one types (bounds.js), as numbers follow one another, and only where they are few. */

import { el } from '../dom.js';
import { formatNumber, nameFacet, nameValue, say } from '../messages.js';
import { FACET_FEW } from '../query.js';
import { settle } from './settle.js';

/** @typedef {import('../types').FacetCounts} FacetCounts */

/** Rows in the document of an opened facet, of which one is open at a time; the find-box reaches the others. */
const ROWS_MAX = 50;

/** A facet gets a find-box from this many values on. */
const FIND_FROM = 20;

/**
 * @typedef {object} FacetActions
 * @property {(facet: string, value: string, how: 'choose' | 'exclude' | null) => void} filter
 * @property {() => void} wantMany Called when a list needs more values than the last answer holds.
 * @property {(facet: string) => Element | null} rangeOf What a range of this facet is typed into; null for one that has none.
 */

export class FacetList {
  #root;
  #actions;
  /** @type {Map<string, FacetGroup>} */
  #groups = new Map();

  /** @param {HTMLElement} root @param {FacetActions} actions */
  constructor(root, actions) {
    this.#root = root;
    this.#actions = actions;
  }

  /** How many values the next answer should list. */
  get limit() {
    return Math.max(FACET_FEW, ...[...this.#groups.values()].map(({ limit }) => limit));
  }

  /** @param {{ facets: FacetCounts[], damage: string[] }} page */
  show({ facets, damage }) {
    // Each lost block has its sentence; a reader is helped by one for each file.
    const lost = [...new Set(damage.map((reason) => reason.replace(/ \(section.*/, '')))];
    const held = [...this.#groups.values()].find(({ hasFocus }) => hasFocus);
    const groups = facets.filter(isUseful).map((facet) => {
      const group = this.#groups.get(facet.name) ?? new FacetGroup(facet.name, this.#actions, (opened) => this.#foldOthers(opened));
      this.#groups.set(facet.name, group);
      group.show(facet);
      return group;
    });
    for (const group of this.#groups.values()) group.settle(groups.includes(group));
    settle(this.#root, [...lost.map((reason) => el('p', { class: 'quiet' }, say('partLost', { reason }))), ...groups.filter(({ range }) => range === null).map(({ element }) => element)]);
    held?.keepFocus();
  }

  /** One long list at a time: the page stays small, and what stands beneath it near. @param {FacetGroup} opened */
  #foldOthers(opened) {
    for (const group of this.#groups.values()) if (group !== opened) group.fold();
  }
}

/** One facet. Its elements stay in the document from answer to answer, so that a click, a focus or a word half typed into the find-box outlives the keystrokes of a search. */
class FacetGroup {
  open = false;
  element;
  /** What a range of it is typed into. */
  range;
  #name;
  #actions;
  #opens;
  #size = el('span', { class: 'count' });
  #list = el('ul');
  /** What the list leaves out, or that it has nothing. */
  #note = el('p', { class: 'quiet' });
  #more = el('button', { type: 'button', class: 'more', on: { click: () => this.#toggle() } });
  #find;
  /** @type {Map<string, FacetRow>} */
  #rows = new Map();
  /** @type {FacetCounts} */
  #facet;
  /** The most values that it has had in any answer. */
  #most = 0;

  /** @param {string} name @param {FacetActions} actions @param {(group: FacetGroup) => void} opens Called when its long list is opened. */
  constructor(name, actions, opens) {
    this.#name = name;
    this.#actions = actions;
    this.#opens = opens;
    this.#facet = { name, values: [], num_values: 0 };
    const label = say('facetFind', { facet: nameFacet(name) });
    this.#find = el('input', { type: 'text', class: 'find', placeholder: label, 'aria-label': label, autocomplete: 'off', on: { input: () => this.#seek() } });
    this.range = actions.rangeOf(name);
    // The range says its name already, but only to those who see it.
    this.element = el('fieldset', { 'data-facet': name }, el('legend', { dir: 'auto', class: this.range && 'unseen' }, nameFacet(name), ' ', this.#size));
  }

  /** How many values it needs: all, while one of them is looked for. */
  get limit() {
    const { num_values } = this.#facet;
    return !this.open ? FACET_FEW : this.#find.value === '' ? Math.min(ROWS_MAX, num_values) : num_values;
  }

  /** @param {FacetCounts} facet */
  show(facet) {
    this.#facet = facet;
    this.#most = Math.max(this.#most, facet.num_values);
    this.#draw();
  }

  get hasFocus() {
    return this.element.contains(document.activeElement);
  }

  /** What had the focus may be gone, as a value is that was let go and is not among the first: then what stands first has it. */
  keepFocus() {
    if (!this.hasFocus) /** @type {HTMLElement | null} */ ((this.range ?? this.element).querySelector('input'))?.focus({ preventScroll: true });
  }

  /** Puts the values of a number into its range, or takes them out of it. @param {boolean} isAnswered Whether the answer has any that divide it, or one that is chosen. */
  settle(isAnswered) {
    if (this.range === null) return;
    if (!isAnswered || !isListed(this.#facet, this.#most)) this.element.remove();
    // What stands there keeps its focus.
    else if (this.element.parentElement !== this.range) this.range.append(this.element);
  }

  /** Back to its few values. */
  fold() {
    if (!this.open) return;
    this.open = false;
    this.#find.value = '';
    this.#draw();
  }

  #draw() {
    const { num_values } = this.#facet;
    const values = this.range === null ? this.#facet.values : this.#facet.values.toSorted(({ value: a }, { value: b }) => Number(a) - Number(b) || (a < b ? -1 : 1));
    const sought = fold(this.#find.value);
    const fitting = this.open ? values.filter(({ value }) => fold(nameValue(this.#name, value)).includes(sought)) : values;
    const shown = fitting.slice(0, this.open ? ROWS_MAX : FACET_FEW);
    const chosen = sought === '' ? fitting.slice(shown.length).filter((value) => value.chosen || value.excluded) : [];
    const rest = num_values - FACET_FEW;
    this.#size.textContent = formatNumber(num_values);
    this.#more.textContent = this.open ? say('facetLess') : say('facetMore', { n: rest });
    this.#more.setAttribute('aria-expanded', String(this.open));
    this.#note.textContent = this.open ? this.#noteOf(shown.length, sought === '' ? num_values : fitting.length) : '';
    this.#drawRows([...shown, ...chosen]);
    settle(this.element, [
      /** @type {Element} */ (this.element.firstElementChild),
      ...(this.open && num_values > FIND_FROM ? [this.#find] : []),
      this.#list,
      ...(this.#note.textContent === '' ? [] : [this.#note]),
      ...(rest > 0 ? [this.#more] : []),
    ]);
  }

  /** What is said under an opened list; nothing while values are on their way, or where all are there. @param {number} shown @param {number} all */
  #noteOf(shown, all) {
    if (shown === 0 && this.#facet.values.length >= this.#facet.num_values) return say('facetNothing');
    return shown === ROWS_MAX && all > shown ? say('facetCut', { n: formatNumber(shown), all: formatNumber(all) }) : '';
  }

  /** @param {FacetCounts['values']} values */
  #drawRows(values) {
    const rows = new Map(values.map(({ value }) => [value, this.#rows.get(value) ?? new FacetRow(this.#name, value, this.#actions)]));
    for (const value of values) rows.get(value.value)?.show(value);
    settle(this.#list, [...rows.values()].map(({ element }) => element));
    this.#rows = rows;
  }

  #toggle() {
    if (this.open) return this.fold();
    this.open = true;
    this.#opens(this);
    this.#seek();
  }

  /** Shows what is here, and asks for what is not. */
  #seek() {
    this.#draw();
    if (this.#facet.values.length < this.limit) this.#actions.wantMany();
  }
}

/** One value: a checkbox with its count, and a button that leaves it out. */
class FacetRow {
  element;
  #count = el('span', { class: 'count' });
  #box;
  #not;
  #isFilter = false;
  #isExcluded = false;

  /** @param {string} facet @param {string} value @param {FacetActions} actions */
  constructor(facet, value, { filter }) {
    const name = nameValue(facet, value);
    const exclude = () => filter(facet, value, this.#isExcluded ? null : 'exclude');
    const label = {
      click: (/** @type {Event} */ event) => {
        if (!(/** @type {MouseEvent} */ (event).altKey)) return;
        event.preventDefault();
        exclude();
      },
    };
    this.#box = el('input', { type: 'checkbox', 'data-value': value, on: { change: () => filter(facet, value, this.#isFilter ? null : 'choose') } });
    this.#not = el('button', { type: 'button', class: 'not', 'aria-label': say('excludeValue', { not: say('facetNot'), value: name }), on: { click: exclude } }, say('facetNot'));
    this.element = el('li', {}, el('label', { on: label }, this.#box, el('span', { class: 'name', dir: 'auto', title: name }, name), this.#count), this.#not);
  }

  /** @param {FacetCounts['values'][0]} value */
  show({ count, chosen, excluded }) {
    this.#isFilter = chosen || excluded;
    this.#isExcluded = excluded;
    this.#box.checked = chosen;
    this.#box.setAttribute('data-count', String(count));
    this.#count.textContent = formatNumber(count);
    this.#not.setAttribute('aria-pressed', String(excluded));
    this.element.className = excluded ? 'excluded' : chosen ? 'chosen' : count === 0 ? 'none' : '';
  }
}

/** A facet that cannot divide what is shown only takes room. @param {FacetCounts} facet */
export function isUseful(facet) {
  return facet.num_values > 1 || facet.values.some((value) => value.chosen || value.excluded);
}

/**
 * Whether the single values of a number are listed. Where it has few, as grades and years do, each says something, and all of them stand there
 * without a press. Of many, as of views, each has a post or two: a list of them would keep what divides the archive out of sight, and a
 * range is what one wants. As many as any answer had: what is typed narrows the answer, and the list must not come and go with it. A
 * value that a link has chosen can be let go where it stands.
 * @param {FacetCounts} facet @param {number} most
 */
export function isListed({ values }, most) {
  return most <= FACET_FEW || values.some(({ chosen, excluded }) => chosen || excluded);
}

/** What folds to other letters, and is not taken apart by Unicode: as src/text/fold_table.txt has it. @type {Record<string, string>} */
const ALIKE = { ß: 'ss', æ: 'ae', ð: 'd', ø: 'o', þ: 'th', đ: 'd', ħ: 'h', ı: 'i', ł: 'l', œ: 'oe', ŧ: 't', ς: 'σ', ة: 'ه', ى: 'ي', ٱ: 'ا', ک: 'ك', ی: 'ي' };

/** Marks that do not matter, and what does not show; й, ў and ї are letters of their own, as what Indic and Japanese letters carry is. */
const MARKS = /([иу]\u0306|і\u0308)|(?=[\p{M}\p{Cf}\u0640])[\xad-\u06ed\u200c-\u206f\ufe00-\ufeff]/gu;

/** Case and accents do not matter in a find-box. What is the same for a query (src/text/fold.rs) is the same here. @param {string} text */
export function fold(text) {
  const bare = text.normalize('NFKD').toLowerCase().replace(MARKS, '$1');
  return bare.replace(/[^\0-~]/g, (letter) => ALIKE[letter] ?? letter).normalize('NFC');
}
