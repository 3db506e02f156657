/** What is asked for, part by part, each with the way to take it back: the words of the query with the forms that they stand for,
 *  chosen and excluded values, the span of time. */

import { byId, el } from '../dom.js';
import { formatNumber, nameFacet, nameValue, say, timeWords } from '../messages.js';
import { isWord, queryParts, withPart } from '../parts.js';
import { withFilter } from '../query.js';
import { formatSpan } from '../words.js';
import { fold } from './facets.js';
import { icon } from './icons.js';

/** @typedef {import('../types').SearchPage} SearchPage */
/** @typedef {import('../query.js').Address} Address */
/** @typedef {(address: Address) => void} Go */

/** Parts of a query that are shown as chips; of a longer one the box says more. */
const PARTS_MAX = 8;

/** Forms that a chip names. */
const FORMS_MAX = 6;

/** Values that say by themselves of what facet they are do not name it. */
const SPEAKING = new Set(['tag', 'mention', 'lang', 'media', 'flag', 'is', 'year', 'month', 'domain']);

/**
 * @param {Address} address
 * @param {SearchPage['terms']} terms Of the answer to this address; empty while there is none.
 * @param {Go} go
 */
export function showChips(address, terms, go) {
  const chips = address.filters.map(({ facet, value, exclude }) =>
    chip(chipLabel(facet, value), exclude, () => go({ ...address, filters: withFilter(address.filters, facet, value, null) })));
  if (address.from !== null || address.to !== null) {
    const when = address.from !== null && address.to !== null ? formatSpan(address.from, address.to) : timeWords(address.from, address.to);
    chips.push(chip(when, false, () => go({ ...address, from: null, to: null })));
  }
  if (chips.length > 1) chips.push(el('li', {}, el('button', { type: 'button', class: 'more', on: { click: () => go({ ...address, filters: [], from: null, to: null }) } }, say('clearAll'))));
  const list = byId('chips');
  const opened = list.querySelector('[aria-expanded=true]')?.getAttribute('data-part');
  // Forms that are folded away hold a button too.
  const seen = () => [...list.querySelectorAll('button')].filter((button) => button.closest('[hidden]') === null);
  const held = seen().indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
  list.replaceChildren(...partChips(address, terms, go, opened ?? null), ...chips);
  // The chip that took itself away leaves the focus to the one in its place, or to the box.
  const buttons = seen();
  if (held >= 0) (buttons[Math.min(held, buttons.length - 1)] ?? byId('q')).focus();
  byId('filters-open').replaceChildren(icon('filter'), address.filters.length > 0 ? say('filtersShowCount', { n: address.filters.length }) : say('filtersShow'));
}

/**
 * Chips for the parts of the query: none where it is one plain word without other forms, since the box already says that.
 * @param {Address} address @param {SearchPage['terms']} terms @param {Go} go @param {string | null} opened
 */
function partChips(address, terms, go, opened) {
  const parts = queryParts(address.q);
  const forms = parts.map((part) => (isWord(part) ? terms.find(({ text, forms }) => text === fold(part) && forms.length > 0)?.forms ?? [] : []));
  const [only] = parts;
  if (only === undefined || parts.length > PARTS_MAX || (parts.length === 1 && isWord(only) && forms[0]?.length === 0)) return [];
  const change = (/** @type {number} */ index, /** @type {string | null} */ part) => go({ ...address, q: withPart(address.q, index, part) });
  return parts.map((part, i) => {
    const excluded = part.startsWith('-') && part.length > 1;
    const others = forms[i] ?? [];
    const exact = /^=[\p{L}\p{M}\p{N}]+$/u.test(part);
    const removable = chip(excluded ? part.slice(1) : part, excluded, () => change(i, null), 'part');
    if (exact) removable.append(chipButton(say('chipForms'), () => change(i, part.slice(1))));
    if (others.length > 0) withForms(removable, part, others, opened === part, () => change(i, `=${part}`));
    return removable;
  });
}

/**
 * Adds to the chip of a word what else it finds, behind a button, and the way to the word alone.
 * @param {HTMLElement} item @param {string} part @param {{ text: string, count: number }[]} forms @param {boolean} open @param {() => void} exact
 */
function withForms(item, part, forms, open, exact) {
  const shown = [...forms].sort((a, b) => b.count - a.count).slice(0, FORMS_MAX);
  const more = forms.length - shown.length;
  const list = el('span', { class: 'forms' }, shown.flatMap(({ text, count }, i) => [i === 0 ? '' : say('comma'), el('bdi', {}, text), ' ', el('span', { class: 'count' }, formatNumber(count))]), more > 0 && ` ${say('andMore', { n: formatNumber(more) })}`, chipButton(say('chipExact'), exact));
  const button = chipButton(say('chipAlso', { n: forms.length }), () => show(Boolean(list.hidden)));
  const show = (/** @type {boolean} */ isOpen) => {
    list.hidden = !isOpen;
    button.setAttribute('aria-expanded', String(isOpen));
  };
  button.dataset.part = part;
  show(open);
  item.append(button, list);
}

/** @param {string} label @param {() => void} click */
function chipButton(label, click) {
  return el('button', { type: 'button', class: 'more', on: { click } }, label);
}

/** @param {string} facet @param {string} value */
function chipLabel(facet, value) {
  const name = nameValue(facet, value);
  return SPEAKING.has(facet) ? name : say('chipInclude', { facet: nameFacet(facet), value: name });
}

/** @param {string} label @param {boolean} excluded @param {() => void} remove @param {string} [kind] */
function chip(label, excluded, remove, kind) {
  const name = ['chip', excluded && 'excluded', kind].filter(Boolean).join(' ');
  return el('li', {}, el('button', { type: 'button', class: name, 'aria-label': say('chipRemove', { label: excluded ? say('chipExclude', { label }) : label }), on: { click: remove } }, el('bdi', {}, label), icon('close')));
}
