/** What to do when nothing was found, or little, and what in a query was not understood. */

import { byId, el } from '../dom.js';
import { formatNumber, nameValue, say, timeWords } from '../messages.js';
import { isAlternative, queryParts } from '../parts.js';
import { withFilter } from '../query.js';

/** @typedef {import('../types').SearchPage} SearchPage */
/** @typedef {import('../query.js').Address} Address */
/** @typedef {(address: Address) => void} Go */

/** Characters of a query that are shown on each side of what was not understood. */
const AROUND = 16;

/**
 * What to do when nothing was found, and a query's part that was not understood.
 * @param {SearchPage} page
 * @param {Address} address
 * @param {Go} go
 */
export function showAdvice(page, address, go) {
  const problem = byId('problem');
  // What any of the words find may be nothing, under the conditions beside them.
  const isRelaxed = page.relaxed && page.total > 0;
  problem.hidden = page.problem === null && !isRelaxed;
  showProblem(problem, address.q, page.problem, isRelaxed);
  const nothing = byId('nothing');
  const ways = looser(address).map(({ label, address: next }) => el('li', {}, el('button', { type: 'button', class: 'link', on: { click: () => go(next) } }, say('emptyWithout', { label }))));
  const suggestions = page.suggestions.map(({ query, total }) => el('li', {}, el('button', { type: 'button', class: 'link', on: { click: () => go({ ...address, q: `${query} ` }) } }, el('bdi', {}, query)), ' ', el('span', { class: 'count' }, formatNumber(total))));
  const meant = suggestions.length > 0 ? [el('h3', { class: 'label' }, say('suggestions')), el('ul', {}, suggestions)] : [];
  // What has not been looked at may hold more.
  nothing.hidden = (page.total > 0 || !page.exact) && meant.length === 0;
  // Few hits may be those of a misspelled word.
  if (page.total > 0 || !page.exact) return nothing.replaceChildren(...meant);
  nothing.replaceChildren(el('p', { class: 'sum' }, say('emptyTitle')), ...(isAlternative(address.q) ? [] : [el('p', { class: 'quiet' }, say('emptyHint'))]), ...meant, el('ul', {}, ways));
}

/** @param {HTMLElement} problem Where to. @param {string} q @param {SearchPage['problem']} found @param {boolean} isRelaxed */
function showProblem(problem, q, found, isRelaxed) {
  // Every part of an answer comes here: a button that somebody is about to press stays the same.
  const said = JSON.stringify([q, found, isRelaxed]);
  if (problem.dataset.said === said) return;
  problem.dataset.said = said;
  const parts = found === null ? [] : [el('p', {}, say('problem', { message: found.message }), pointer(q, found.at))];
  problem.replaceChildren(...parts, ...(isRelaxed ? [el('p', {}, say('relaxed'))] : []));
}

/**
 * Where in a query it is that something was not understood: a button that leads there in the box. Nothing where the query has no such place.
 * @param {string} q
 * @param {number} at Code units before it.
 */
function pointer(q, at) {
  const fault = q.slice(at).match(/^\s*\S+/)?.[0] ?? '';
  if (fault === '') return [];
  const end = at + fault.length;
  const before = q.slice(0, at);
  const after = q.slice(end);
  const lead = () => {
    const box = /** @type {HTMLInputElement} */ (byId('q'));
    box.focus();
    box.setSelectionRange(at, end);
  };
  const shown = el('bdi', {}, before.length > AROUND ? `…${before.slice(-AROUND)}` : before, el('mark', {}, fault), after.length > AROUND ? `${after.slice(0, AROUND)}…` : after);
  return [' ', el('button', { type: 'button', class: 'link', title: say('problemShow'), on: { click: lead } }, shown)];
}

/**
 * The same question with one word or condition less.
 * @param {Address} address
 * @returns {{ label: string, address: Address }[]}
 */
export function looser(address) {
  const words = queryParts(address.q);
  const fewer = words.length < 2 || words.length > 6 ? [] : words.map((word, i) => ({ label: word, address: { ...address, q: words.filter((_, j) => j !== i).join(' ') } }));
  const freer = address.filters.map(({ facet, value }) => ({ label: nameValue(facet, value), address: { ...address, filters: withFilter(address.filters, facet, value, null) } }));
  const always = address.from === null && address.to === null ? [] : [{ label: timeWords(address.from, address.to), address: { ...address, from: null, to: null } }];
  return [...fewer, ...freer, ...always];
}
