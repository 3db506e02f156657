/** Ranges to type, beneath the filters: from one day to another, and from one number to another. A range of numbers, or of dates that
 *  fields have, becomes a part of the query, as if it had been written there. */

import { byId, el } from '../dom.js';
import { nameFacet, say } from '../messages.js';
import { isAlternative, queryParts } from '../parts.js';
import { fold } from './facets.js';

/** @typedef {import('../query.js').Address} Address */

const DATE = /^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$/;
const NUMBER = /^-?\d+(\.\d+)?$/;

/** What a field of a range takes: a number, or one that is not in the range itself. */
const LOW = /^>?-?\d+(\.\d+)?$/, HIGH = /^<?-?\d+(\.\d+)?$/;

/** How a date is written, where the archive gives no example. */
const EXAMPLE = '2024-06-24';

/** The same of dates. */
const EARLY = new RegExp(DATE.source.replace('^', '^>?')), LATE = new RegExp(DATE.source.replace('^', '^<?'));

export class Bounds {
  #go;
  #address;
  #root = el('div', { id: 'bounds' });
  /** The range that each fieldset shows. @type {Map<Element, string>} */
  #shown = new Map();

  /**
   * @param {{ address: () => Address, go: (address: Address) => void, info: { first_date: string | null, last_date: string | null, facets: string[], numbers: string[], dates: string[] } }} host
   */
  constructor({ address, go, info }) {
    this.#address = address;
    this.#go = go;
    byId('facets').after(this.#root);
    if (info.first_date !== null) this.#root.append(this.#dates(info.first_date, info.last_date ?? info.first_date));
    for (const name of info.numbers) this.#root.append(this.#numbers(name, info.facets.find((facet) => typedName(facet) === typedName(name)) ?? name, info.dates.includes(name)));
    this.show();
  }

  /** What a range of a facet is typed into; null for one that has none. @param {string} facet */
  rangeOf(facet) {
    return this.#sets().find(({ dataset }) => dataset.number !== undefined && typedName(dataset.number) === typedName(facet)) ?? null;
  }

  /** The fieldsets of the ranges: lists of values that stand within them are others'. */
  #sets() {
    return /** @type {HTMLElement[]} */ ([...this.#root.children]);
  }

  /** Shows what the address asks for. */
  show() {
    const address = this.#address();
    for (const set of this.#sets()) {
      const name = set.dataset.number;
      const { from, to } = name === undefined ? address : rangeOf(address.q, name);
      // What is wrong stays in its field, with what is said of it, until another range is asked for.
      const range = JSON.stringify([from, to]);
      if (this.#shown.get(set) === range) continue;
      this.#shown.set(set, range);
      const [first, last] = set.querySelectorAll('input');
      const expected = set.querySelector('p');
      if (expected) expected.textContent = '';
      for (const [field, value] of /** @type {[HTMLInputElement | undefined, string | null][]} */ ([[first, from], [last, to]])) {
        if (!field || field === document.activeElement) continue;
        field.value = value ?? '';
        field.removeAttribute('aria-describedby');
        field.setAttribute('aria-invalid', 'false');
      }
    }
  }

  /** @param {string} first @param {string} last */
  #dates(first, last) {
    return this.#fieldset(say('boundsDates'), null, [first.slice(0, 10), last.slice(0, 10)], [DATE, DATE], (from, to) => this.#go({ ...this.#address(), from, to }));
  }

  /** @param {string} name As a query has it. @param {string} facet As the source has it. @param {boolean} isDate */
  #numbers(name, facet, isDate) {
    return this.#fieldset(nameFacet(facet), name, ['≥', '≤'], isDate ? [EARLY, LATE] : [LOW, HIGH], (from, to) => {
      const address = this.#address();
      this.#go({ ...address, q: withRange(address.q, name, from, to) });
    });
  }

  /**
   * @param {string} legend @param {string | null} number @param {[string, string]} examples @param {[RegExp, RegExp]} fits What the fields take.
   * @param {(from: string | null, to: string | null) => void} set
   */
  #fieldset(legend, number, examples, fits, set) {
    // A date of the archive's own says best how one is written.
    const first = DATE.test(examples[0]) ? examples[0] : EXAMPLE;
    const field = (/** @type {'boundsFrom' | 'boundsTo'} */ key, /** @type {string} */ example) => el('input', { type: 'text', class: 'find', placeholder: example, 'aria-label': say(key, { what: legend }), autocomplete: 'off' });
    const [from, to] = [field('boundsFrom', examples[0]), field('boundsTo', examples[1])];
    const expected = el('p', { class: 'quiet', id: `bounds-expected-${this.#root.childElementCount}`, role: 'status' });
    const change = () => {
      const values = [from, to].map(({ value }) => value.trim());
      const isRight = values.map((value, i) => value === '' || fits[i]?.test(value) === true);
      const [low, high] = values.map((value) => value.replace(/^[<>]/, ''));
      const isFull = isRight.every(Boolean) && low !== '' && high !== '';
      const isReversed = isFull && (fits[0] === LOW ? Number(high) < Number(low) : lastOf(high ?? '') < (low ?? ''));
      for (const [i, input] of [from, to].entries()) {
        input.setAttribute('aria-invalid', String(!isRight[i] || isReversed));
        if (!isRight[i] || isReversed) input.setAttribute('aria-describedby', expected.id);
        else input.removeAttribute('aria-describedby');
      }
      expected.textContent = isReversed ? say('boundsReversed') : isRight.every(Boolean) ? '' : fits[0] === LOW ? say('boundsNumber') : say('boundsDate', { date: first, month: first.slice(0, 7), year: first.slice(0, 4) });
      if (isRight.every(Boolean) && !isReversed) set(values[0] || null, values[1] || null);
    };
    for (const input of [from, to]) input.addEventListener('change', change);
    return el('fieldset', { class: 'bounds', 'data-number': number }, el('legend', { dir: 'auto' }, legend), el('span', {}, from, '–', to), expected);
  }
}

/** A facet's name as a query has it: `typed_name` in src/query/bind.rs. @param {string} facet */
export function typedName(facet) {
  return fold(facet).replace(/[ -]/g, '_');
}

/** The last day of a year, a month or a day, for comparison. @param {string} date */
function lastOf(date) {
  return `${date}-99-99`.slice(0, 10);
}

/** The range of a number or a date in a query; ends that are not in it themselves (`>100`) are told with their sign. @param {string} q @param {string} name @returns {{ from: string | null, to: string | null }} */
export function rangeOf(q, name) {
  for (const part of queryParts(q)) {
    if (!part.startsWith(`${name}:`)) continue;
    const range = part.slice(name.length + 1);
    const ends = /^(-?[\d.-]*?)\.\.(-?[\d.-]*)$/.exec(range);
    if (ends) return { from: ends[1] || null, to: ends[2] || null };
    if (NUMBER.test(range) || DATE.test(range)) return { from: range, to: range };
    const [, sign = '', number = ''] = /^([<>]=?)(.*)$/.exec(range) ?? [];
    const bound = sign.endsWith('=') ? number : range;
    if (sign !== '') return sign.startsWith('>') ? { from: bound, to: null } : { from: null, to: bound };
  }
  return { from: null, to: null };
}

/** A query with one range of this number or date, or with none. @param {string} q @param {string} name @param {string | null} from @param {string | null} to */
export function withRange(q, name, from, to) {
  const others = queryParts(q).filter((part) => !part.startsWith(`${name}:`));
  const open = [from, to].filter((bound) => bound !== null && /^[<>]/.test(bound)).map((bound) => `${name}:${bound}`);
  const [low, high] = [from, to].map((bound) => (bound === null || /^[<>]/.test(bound) ? '' : bound));
  const closed = low === '' && high === '' ? [] : [`${name}:${low === high ? low : `${low}..${high}`}`];
  const range = [...open, ...closed];
  // What stands beside an OR binds closer than it: `a OR b views:5` would be asked as `a OR (b views:5)`.
  return [...others.map((part) => (range.length > 0 && others.length === 1 && isAlternative(part) ? `(${part})` : part)), ...range].join(' ');
}
