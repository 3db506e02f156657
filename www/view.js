/** State → DOM for everything around the lists: status line, chips, order, notices, sheet, progress. */

import { byId, el } from './dom.js';
import { formatDate, formatNumber, formatSize, formatSpan, nameFacet, nameValue, say, sayParts } from './messages.js';
import { isAsked, withFilter } from './query.js';
import { icon } from './view/icons.js';

/** @typedef {import('./types').SearchPage} SearchPage */
/** @typedef {import('./types').ArchiveInfo} ArchiveInfo */
/** @typedef {import('./query.js').Address} Address */
/** @typedef {'loading' | 'ready' | 'searching' | 'empty' | 'error'} PageState */
/** @typedef {(address: Address) => void} Go */

/** What the page is doing, for its look and for those who watch it. @param {PageState} state */
export function showState(state) {
  document.documentElement.dataset.state = state;
}

/** Takes the static posts away and opens the room. */
export function showRoom() {
  byId('static').remove();
  byId('room').hidden = false;
  byId('bar').hidden = false;
}

/**
 * The line that says what is shown.
 * @param {SearchPage} page
 * @param {Address} address
 * @param {boolean} dated Whether the archive has dates.
 */
export function showStatus(page, address, dated) {
  const status = byId('status');
  status.dataset.total = String(page.total);
  status.dataset.exact = String(page.exact);
  const draw = (/** @type {(string | Piece)[]} */ parts) => parts.map((part) => (typeof part === 'string' ? part : el(part.tag, { dir: 'auto' }, part.text)));
  const { found, conditions } = statusParts(page, address, dated);
  // The chips and the menu beside it already show the conditions to those who see them.
  status.replaceChildren(...draw(found), el('span', { class: 'unseen' }, draw(conditions)));
}

/** Takes the line back when a question has no answer: the old one would stand beside the new words. Nothing less than 0 is known. */
export function showUnanswered() {
  const status = byId('status');
  status.dataset.total = '0';
  status.dataset.exact = 'false';
  status.replaceChildren();
}

/** @typedef {{ tag: 'strong' | 'em' | 'bdi', text: string }} Piece */

/**
 * The status line as data: words, and pieces that stand out; read one after the other they are one sentence.
 * @param {Pick<SearchPage, 'total' | 'exact'> & Partial<Pick<SearchPage, 'relaxed'>>} page
 * @param {Address} address
 * @param {boolean} dated
 * @returns {{ found: (string | Piece)[], conditions: (string | Piece)[] }}
 */
export function statusParts(page, address, dated) {
  const posts = say('posts', { n: page.total });
  /** @type {(string | Piece)[]} */
  const found = [{ tag: 'strong', text: page.exact ? posts : say('atLeast', { posts }) }];
  // As it was typed: signs say more exactly than words what was asked.
  const query = address.q.trim();
  if (query !== '') found.push(' ', ...sayParts('statusFor', { query: /** @type {Piece} */ ({ tag: 'em', text: query }) }));
  const { filters, from, to, sort } = address;
  /** @type {(string | Piece)[]} */
  const parts = [];
  for (const { facet, value, exclude } of filters) {
    parts.push(', ', ...sayParts(exclude ? 'statusNotIn' : 'statusIn', { facet: nameFacet(facet).toLowerCase(), value: /** @type {Piece} */ ({ tag: 'bdi', text: nameValue(facet, value) }) }));
  }
  if (from !== null || to !== null) parts.push(', ', timeWords(from, to));
  const order = orderWord(page.relaxed && sort === 'new' ? 'relevance' : sort, dated);
  if (page.total > 1) parts.push(', ', order);
  return { found, conditions: parts };
}

/** @param {string | null} from @param {string | null} to */
function timeWords(from, to) {
  if (from !== null && from === to) return say('statusSpanOne', { from: formatDate(from, 'UTC') });
  if (from !== null && to !== null) return say('statusSpan', { from: formatDate(from, 'UTC'), to: formatDate(to, 'UTC') });
  return from !== null ? say('statusFrom', { from: formatDate(from, 'UTC') }) : say('statusTo', { to: formatDate(to ?? '', 'UTC') });
}

/** @param {import('./types').Sort} sort @param {boolean} dated */
function orderWord(sort, dated) {
  if (sort === 'relevance') return say('sortRelevance');
  if (!dated) return say('sortSource');
  return say(sort === 'old' ? 'sortOld' : 'sortNew');
}

/** Fills the menu of orders. @param {Address['sort']} sort @param {boolean} dated */
export function showSort(sort, dated) {
  const select = /** @type {HTMLSelectElement} */ (byId('sort'));
  // Without dates there is but one order beside that of relevance.
  const orders = dated ? /** @type {const} */ (['new', 'old', 'relevance']) : /** @type {const} */ (['new', 'relevance']);
  select.replaceChildren(...orders.map((order) => el('option', { value: order }, orderWord(order, dated))));
  select.value = !dated && sort === 'old' ? 'new' : sort;
}

/**
 * Every chosen or excluded value and the time span, each with the way to take it back.
 * @param {Address} address
 * @param {Go} go
 */
export function showChips(address, go) {
  const chips = address.filters.map(({ facet, value, exclude }) =>
    chip(chipLabel(facet, value), exclude, () => go({ ...address, filters: withFilter(address.filters, facet, value, null) })));
  if (address.from !== null || address.to !== null) {
    const when = address.from !== null && address.to !== null ? formatSpan(address.from, address.to) : timeWords(address.from, address.to);
    chips.push(chip(when, false, () => go({ ...address, from: null, to: null })));
  }
  if (chips.length > 1) chips.push(el('li', {}, el('button', { type: 'button', class: 'more', on: { click: () => go({ ...address, filters: [], from: null, to: null }) } }, say('clearAll'))));
  byId('chips').replaceChildren(...chips);
  byId('filters-open').replaceChildren(icon('filter'), address.filters.length > 0 ? say('filtersShowCount', { n: address.filters.length }) : say('filtersShow'));
}

/** Values that say by themselves of what facet they are do not name it. @param {string} facet @param {string} value */
function chipLabel(facet, value) {
  const name = nameValue(facet, value);
  return SPEAKING.has(facet) ? name : say('chipInclude', { facet: nameFacet(facet), value: name });
}

const SPEAKING = new Set(['tag', 'mention', 'lang', 'media', 'flag', 'year', 'month', 'domain']);

/** @param {string} label @param {boolean} excluded @param {() => void} remove */
function chip(label, excluded, remove) {
  return el('li', {}, el('button', { type: 'button', class: excluded ? 'chip excluded' : 'chip', 'aria-label': say('chipRemove', { label: excluded ? say('chipExclude', { label }) : label }), on: { click: remove } }, el('bdi', {}, label), icon('close')));
}

/**
 * What to do when nothing was found, and a query's part that was not understood.
 * @param {SearchPage} page
 * @param {Address} address
 * @param {Go} go
 */
export function showAdvice(page, address, go) {
  const problem = byId('problem');
  problem.hidden = page.problem === null;
  problem.textContent = page.problem === null ? '' : page.relaxed ? say('relaxed') : say('problem', { message: page.problem.message });
  const nothing = byId('nothing');
  const ways = looser(address).map(({ label, address: next }) => el('li', {}, el('button', { type: 'button', class: 'link', on: { click: () => go(next) } }, say('emptyWithout', { label }))));
  const suggestions = page.suggestions.map(({ query, total }) => el('li', {}, el('button', { type: 'button', class: 'link', on: { click: () => go({ ...address, q: query }) } }, el('bdi', {}, query)), ' ', el('span', { class: 'count' }, formatNumber(total))));
  const meant = suggestions.length > 0 ? [el('h3', { class: 'label' }, say('suggestions')), el('ul', {}, suggestions)] : [];
  nothing.hidden = page.total > 0 && meant.length === 0;
  // Few hits may be those of a misspelled word.
  if (page.total > 0) return nothing.replaceChildren(...meant);
  nothing.replaceChildren(el('p', { class: 'sum' }, say('emptyTitle')), el('p', { class: 'quiet' }, say('emptyHint')), ...meant, el('ul', {}, ways));
}

/**
 * The same question with one word or condition less.
 * @param {Address} address
 * @returns {{ label: string, address: Address }[]}
 */
export function looser(address) {
  const words = address.q.split(/\s+/).filter((word) => word !== '');
  const fewer = words.length < 2 || words.length > 6 ? [] : words.map((word, i) => ({ label: word, address: { ...address, q: words.filter((_, j) => j !== i).join(' ') } }));
  const freer = address.filters.map(({ facet, value }) => ({ label: nameValue(facet, value), address: { ...address, filters: withFilter(address.filters, facet, value, null) } }));
  const always = address.from === null && address.to === null ? [] : [{ label: timeWords(address.from, address.to), address: { ...address, from: null, to: null } }];
  return [...fewer, ...freer, ...always];
}

/** The heading over the list. @param {Address} address @param {boolean} dated */
export function showHeading(address, dated) {
  const isNewest = address.sort === 'new' && dated;
  const title = byId('found-title');
  title.textContent = say(isAsked(address) ? 'results' : isNewest ? 'newestPosts' : 'portraitPosts');
  title.classList.toggle('unseen', isAsked(address));
  document.documentElement.toggleAttribute('data-asked', isAsked(address));
}

/**
 * An error as a sentence under the head; null takes it away.
 * @param {string | null} sentence
 * @param {'nothing' | 'answer' | 'start'} [kept] What the page still shows: nothing, the last answer, or only the posts that index.html holds.
 */
export function showError(sentence, kept = 'nothing') {
  const broken = byId('broken');
  broken.hidden = sentence === null;
  broken.replaceChildren();
  if (sentence === null) return;
  if (kept === 'start') broken.append(el('strong', {}, say('errorStart')), ' ');
  broken.append(sentence);
  if (kept === 'answer') broken.append(' ', say('errorKept'));
  else byId('status').replaceChildren();
}

/** How much has been loaded for what is under way. @param {number} loaded @param {number} total 0 where it is not known. */
export function showProgress(loaded, total) {
  const line = /** @type {HTMLElement} */ (byId('progress').firstElementChild);
  line.style.setProperty('inline-size', `${total > 0 ? Math.min(100, (loaded / total) * 100) : 100}%`);
  byId('bytes').textContent = total > 0 ? say('bytesLoaded', { size: formatSize(loaded) }) : '';
}

/** While the archive opens. @param {number} loaded */
export function showLoading(loaded) {
  byId('bar').hidden = false;
  byId('status').textContent = loaded > 0 ? `${say('loading')}: ${say('bytesLoaded', { size: formatSize(loaded) })}` : say('loading');
}

/** Opens or closes the panel of keys and query language. @param {boolean} open */
export function showHelp(open) {
  const help = byId('help');
  byId('help-open').setAttribute('aria-expanded', String(open));
  help.hidden = !open;
  if (!open) return;
  help.focus({ preventScroll: true });
  scrollTo({ top: 0 });
}

/** The filters as a sheet, where there is no room for a column. @param {boolean} open */
export function showSheet(open) {
  document.documentElement.toggleAttribute('data-sheet', open);
  byId('filters-open').setAttribute('aria-expanded', String(open));
}

/** What the button that closes the sheet says. @param {number} total */
export function showSheetTotal(total) {
  byId('filters-close').replaceChildren(icon('close'), say('posts', { n: total }));
}

/** Title of the tab: the post or the question, then the archive. @param {Address} address @param {string} title */
export function showTitle(address, title) {
  const asked = [address.q.trim(), ...address.filters.map(({ facet, value }) => nameValue(facet, value))].filter((part) => part !== '').join(', ');
  document.title = asked === '' ? title : `${asked} – ${title}`;
}

