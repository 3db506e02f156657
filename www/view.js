/** State → DOM for what surrounds the list from the first moment: status line, order, notices, sheet, progress. */

import { byId, el } from './dom.js';
import { formatSize, nameFacetWithin, nameValue, retell, say, sayParts, timeWords } from './messages.js';
import { isAsked } from './query.js';

/** @typedef {import('./types').SearchPage} SearchPage */
/** @typedef {import('./types').ArchiveInfo} ArchiveInfo */
/** @typedef {import('./query.js').Address} Address */
/** @typedef {'loading' | 'ready' | 'searching' | 'empty' | 'error'} PageState */

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
 * @param {Info} info
 */
export function showStatus(page, address, info) {
  const status = byId('status');
  status.dataset.total = String(page.total);
  status.dataset.exact = String(page.exact);
  const draw = (/** @type {(string | Piece)[]} */ parts) => parts.map((part) => (typeof part === 'string' ? part : el(part.tag, { dir: 'auto' }, part.text)));
  const { found, conditions } = statusParts(page, address, info);
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

/** @typedef {Pick<import('./types').ArchiveInfo, 'first_date' | 'dates'>} Info Whether the archive has dates, and which numbers are some. */

/** @typedef {{ tag: 'strong' | 'em' | 'bdi', text: string }} Piece */

/**
 * The status line as data: words, and pieces that stand out; read one after the other they are one sentence.
 * @param {Pick<SearchPage, 'total' | 'exact' | 'sort'>} page
 * @param {Address} address
 * @param {Info} info
 * @returns {{ found: (string | Piece)[], conditions: (string | Piece)[] }}
 */
export function statusParts(page, address, info) {
  const posts = say('posts', { n: page.total });
  /** @type {(string | Piece)[]} */
  const found = [{ tag: 'strong', text: page.exact ? posts : say('atLeast', { posts }) }];
  // As it was typed: signs say more exactly than words what was asked.
  const query = address.q.trim();
  if (query !== '') found.push(' ', ...sayParts('statusFor', { query: /** @type {Piece} */ ({ tag: 'em', text: query }) }));
  const { filters, from, to } = address;
  /** @type {(string | Piece)[]} */
  const parts = [];
  for (const { facet, value, exclude } of filters) {
    parts.push(say('comma'), ...sayParts(exclude ? 'statusNotIn' : 'statusIn', { facet: nameFacetWithin(facet), value: /** @type {Piece} */ ({ tag: 'bdi', text: nameValue(facet, value) }) }));
  }
  if (from !== null || to !== null) parts.push(say('comma'), timeWords(from, to));
  if (page.total > 1) parts.push(say('comma'), orderWord(page.sort, info));
  return { found, conditions: parts };
}

/** @param {string} sort As the answer names it. @param {Info} info */
function orderWord(sort, info) {
  if (sort === 'relevance') return say('sortRelevance');
  const name = sort.replace(/^-/, '');
  if (info.dates.includes(name)) return `${say(sort === name ? 'sortNew' : 'sortOld')} (${name})`;
  if (sort !== 'new' && sort !== 'old') return say(sort === name ? 'sortMost' : 'sortFewest', { name });
  if (info.first_date === null) return say('sortSource');
  return say(sort === 'old' ? 'sortOld' : 'sortNew');
}

/** Fills the menu of orders; one that the query itself asks for is among them. @param {string} sort @param {Info} info */
export function showSort(sort, info) {
  const select = /** @type {HTMLSelectElement} */ (byId('sort'));
  // Without dates there is but one order beside that of relevance.
  const dated = info.first_date !== null;
  const orders = dated ? ['new', 'old', 'relevance'] : ['new', 'relevance'];
  const shown = !dated && sort === 'old' ? 'new' : sort;
  if (select.value === shown) return;
  select.replaceChildren(...[...new Set([...orders, shown])].map((order) => el('option', { value: order }, orderWord(order, info))));
  select.value = shown;
}

/** The heading over the list. @param {Address} address @param {boolean} isNewest Whether the newest posts come first. */
export function showHeading(address, isNewest) {
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
  broken.append(retell(sentence));
  if (kept === 'answer') broken.append(' ', say('errorKept'));
  else byId('status').replaceChildren();
}

/** How much has been loaded for what is under way. @param {number} loaded @param {number} total 0 where it is not known. */
export function showProgress(loaded, total) {
  const { slow, state } = document.documentElement.dataset;
  if (total > 0 && slow === undefined && state !== 'loading') return;
  const line = /** @type {HTMLElement} */ (byId('progress').firstElementChild);
  line.style.setProperty('inline-size', `${total > 0 ? Math.min(100, (loaded / total) * 100) : 100}%`);
  byId('bytes').textContent = total > 0 ? say('bytesLoaded', { size: formatSize(loaded) }) : '';
}

/** While the archive opens. @param {number} loaded */
export function showLoading(loaded) {
  byId('bar').hidden = false;
  byId('status').textContent = loaded > 0 ? `${say('loading')}${say('comma')}${say('bytesLoaded', { size: formatSize(loaded) })}` : say('loading');
}

/** The filters as a sheet, where there is no room for a column. @param {boolean} open */
export function showSheet(open) {
  document.documentElement.toggleAttribute('data-sheet', open);
  byId('filters-open').setAttribute('aria-expanded', String(open));
  byId(open ? 'filters-close' : 'filters-open').focus();
}

/** Title of the tab: the post or the question, then the archive. @param {Address} address @param {string} title */
export function showTitle(address, title) {
  const asked = [address.q.trim(), ...address.filters.map(({ facet, value }) => nameValue(facet, value))].filter((part) => part !== '').join(', ');
  document.title = asked === '' ? title : `${asked} – ${title}`;
}

