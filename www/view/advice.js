/** What to do when nothing was found, or little, and what in a query was not understood. */

import { byId, el } from '../dom.js';
import { formatNumber, nameValue, say, timeWords } from '../messages.js';
import { isAlternative, isWord, queryParts } from '../parts.js';
import { formatAddress, withFilter } from '../query.js';

/** @typedef {import('../types').SearchPage} SearchPage */
/** @typedef {import('../query.js').Address} Address */
/** @typedef {(address: Address) => void} Go */
/** @typedef {(address: Address) => Promise<{ total: number, exact: boolean } | undefined>} Count How many posts an address finds. */
/** @typedef {{ words: string, address: Address }} Way A question that asks for less, and what its button says. */

/** Characters of a query that are shown on each side of what was not understood. */
const AROUND = 16;

/** The ways out of the question that found nothing, and of which question they are: every part of its answer comes here. @type {{ of: string, list: HTMLElement } | null} */
let ways = null;

/**
 * What to do when nothing was found, and a query's part that was not understood.
 * @param {SearchPage} page
 * @param {Address} address
 * @param {Go} go
 * @param {Count} count
 */
export function showAdvice(page, address, go, count) {
  const problem = byId('problem');
  // What any of the words find may be nothing, under the conditions beside them.
  const isRelaxed = page.relaxed && page.total > 0;
  problem.hidden = page.problem === null && !isRelaxed;
  showProblem(problem, address.q, page.problem, isRelaxed);
  const nothing = byId('nothing');
  const suggestions = page.suggestions.map(({ query, total }) => el('li', {}, el('button', { type: 'button', class: 'link', on: { click: () => go({ ...address, q: `${query} ` }) } }, el('bdi', {}, query)), ' ', el('span', { class: 'count' }, formatNumber(total))));
  const meant = suggestions.length > 0 ? [el('h3', { class: 'label' }, say('suggestions')), el('ul', {}, suggestions)] : [];
  // What has not been looked at may hold more.
  nothing.hidden = (page.total > 0 || !page.exact) && meant.length === 0;
  // Few hits may be those of a misspelled word.
  if (page.total > 0 || !page.exact) return nothing.replaceChildren(...meant);
  const numWords = queryParts(address.q).length;
  const isOne = numWords + address.filters.length < 2 && address.from === null && address.to === null;
  const isHelped = numWords > 1 && !isAlternative(address.q);
  nothing.replaceChildren(el('p', { class: 'sum' }, say(isOne ? 'emptyOne' : 'emptyTitle')), ...(isHelped ? [el('p', { class: 'quiet' }, say('emptyHint'))] : []), ...meant, waysOut(address, go, count));
}

/** The list of what to ask instead, which fills once it is known what each finds. @param {Address} address @param {Go} go @param {Count} count */
function waysOut(address, go, count) {
  const of = formatAddress({ ...address, post: null, passage: null });
  if (ways?.of === of && ways.list.isConnected) return ways.list;
  const list = el('ul');
  ways = { of, list };
  void findWays(address, count).then((found) => {
    list.replaceChildren(...found.map(({ way, total }) => el('li', {}, el('button', { type: 'button', class: 'link', on: { click: () => go(way.address) } }, way.words), ...(total > 0 ? [' ', el('span', { class: 'count' }, formatNumber(total))] : []))));
  });
  return list;
}

/** What finds something: with one word or condition less, else with more of them less at once. @param {Address} address @param {Count} count */
async function findWays(address, count) {
  const fewer = await counted(looser(address).map(({ label, address }) => ({ words: say('emptyWithout', { label }), address })), count);
  return fewer.length > 0 ? fewer : counted(barer(address), count);
}

/** Leaves out what is known to find nothing. @param {Way[]} ways @param {Count} count */
async function counted(ways, count) {
  const totals = await Promise.all(ways.map(({ address }) => count(address).catch(() => undefined)));
  return ways.map((way, i) => ({ way, total: totals[i]?.total ?? 0, exact: totals[i]?.exact ?? false })).filter(({ total, exact }) => total > 0 || !exact);
}

/** The same question without all that stands beside its words, or without its words. @param {Address} address @returns {Way[]} */
function barer(address) {
  const free = { ...address, filters: [], from: null, to: null };
  const words = queryParts(address.q).filter((part) => isWord(part)).join(' ');
  /** @type {Way[]} */
  const ways = [{ words: say('emptyFree'), address: free }];
  if (words !== '' && words !== address.q.trim()) ways.push({ words: say('emptyWords'), address: { ...free, q: words } });
  if (address.q.trim() !== '') ways.push({ words: say('emptyNoWords'), address: { ...address, q: '' } });
  const isLess = (/** @type {Address} */ way) => formatAddress(way) !== formatAddress(address) && (way.q !== '' || way.filters.length > 0 || way.from !== null || way.to !== null);
  return ways.filter((way) => isLess(way.address));
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
  // Without its one word a question is none; a field that no post has may be what is wrong with it.
  const isAlone = words.length === 1 && address.filters.length === 0 && address.from === null && address.to === null && !/^-?[\p{L}_]+:/u.test(words[0] ?? '');
  const fewer = isAlone || words.length > 6 ? [] : words.map((word, i) => ({ label: word, address: { ...address, q: words.filter((_, j) => j !== i).join(' ') } }));
  const freer = address.filters.map(({ facet, value }) => ({ label: nameValue(facet, value), address: { ...address, filters: withFilter(address.filters, facet, value, null) } }));
  const always = address.from === null && address.to === null ? [] : [{ label: timeWords(address.from, address.to), address: { ...address, from: null, to: null } }];
  return [...fewer, ...freer, ...always];
}
