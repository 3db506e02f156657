/** The portrait: what the archive is, beside its newest posts, for someone who has not asked anything yet. */

import { el } from '../dom.js';
import { formatDate, formatNumber, formatSize, nameFacet, nameValue, say, sayParts } from '../messages.js';
import { copyLabel, sayCopied } from './either.js';
import { isUseful } from './facets.js';
import { languageChoice } from './languages.js';
import { daysView } from './today.js';

/** @typedef {import('../types').ArchiveInfo} ArchiveInfo */
/** @typedef {import('../types').FacetCounts} FacetCounts */
/** @typedef {import('../types').Owner} Owner */

/** Facets that say who and what, in the order in which a reader asks. */
const FACETS = ['channel', 'author', 'forwarded_from', 'tag', 'lang', 'domain'];
const VALUES_MAX = 8;

/**
 * @param {object} portrait
 * @param {ArchiveInfo} portrait.info
 * @param {FacetCounts[]} portrait.facets
 * @param {(facet: string, value: string) => string} portrait.valueHref
 * @param {Owner | null} portrait.owner What the owner says of the archive.
 * @param {HTMLElement | null} portrait.ownerWords How that is shown.
 * @param {import('./today.js').Day[]} portrait.today Days of other years that have today's date.
 * @param {(day: string) => string} portrait.dayHref
 * @param {HTMLElement} portrait.account All that is known of the sources, folded up.
 * @param {() => void} portrait.openBasket
 * @returns {Node[]}
 */
export function portraitView({ info, facets, valueHref, owner, ownerWords, today, dayHref, account, openBasket }) {
  const rest = el('div', { class: 'rest' }, [
    info.num_folded > 0 && el('p', { class: 'quiet' }, say('foldedSum', { n: info.num_folded })),
    ...facets.filter((facet) => FACETS.includes(facet.name) && isUseful(facet))
      .sort((a, b) => FACETS.indexOf(a.name) - FACETS.indexOf(b.name))
      .map((facet) => topValues(facet, valueHref)),
    today.length > 0 && el('section', { class: 'anniversary' }, el('h3', { class: 'label' }, say('calendarToday')), daysView(today, (day, words) => el('a', { href: dayHref(day) }, words))),
    info.sources.length > 0 && sources(info, account),
    proof(),
    citing(info, owner),
    // Whoever was sent one has nothing kept yet, and so no button elsewhere.
    el('section', {}, el('h3', { class: 'label' }, say('basket')), el('button', { type: 'button', class: 'more', on: { click: openBasket } }, say('basketImport'))),
    el('section', { class: 'asking' }, el('h3', { class: 'label' }, say('helpQuery')), ...['helpWords', 'helpSigns', 'helpExclude'].map((key) => el('p', { class: 'quiet' }, say(/** @type {import('../messages.js').Key} */ (key))))),
  ]);
  return [
    el('h2', { class: 'label' }, say('about')),
    el('p', { class: 'sum' }, headline(info)),
    el('p', { class: 'quiet' }, sumWords(info)),
    ownerWords,
    unfolding(rest),
    rest,
    languageChoice(),
  ].filter((node) => node !== null);
}

/** Whether the reader has unfolded the rest, on a screen where it stands before the posts. */
let isUnfolded = false;

/** The button that unfolds the rest where it would keep the posts away. @param {HTMLElement} rest */
function unfolding(rest) {
  const button = el('button', { type: 'button', class: 'more unfold', on: { click: () => show(!isUnfolded) } }, say('about'));
  const show = (/** @type {boolean} */ isOpen) => {
    isUnfolded = isOpen;
    rest.classList.toggle('folded', !isOpen);
    button.setAttribute('aria-expanded', String(isOpen));
  };
  show(isUnfolded);
  return button;
}

/** From when to when; where nothing has a date, how much there is. @param {ArchiveInfo} info */
function headline({ first_date, last_date, num_docs, time_zone }) {
  if (first_date === null || last_date === null) return say('posts', { n: num_docs });
  const [first, last] = [formatDate(first_date, time_zone), formatDate(last_date, time_zone)];
  return first === last ? first : `${first} – ${last}`;
}

/**
 * How times are to be read. Which posts have a time without a zone nobody has counted, so that both are said, first what holds of the
 * archive's ends: such a time is shown as its source has it, every other one in the archive's zone.
 * @param {Pick<ArchiveInfo, 'first_date' | 'last_date' | 'time_zone'>} info
 */
export function zoneWords({ first_date, last_date, time_zone }) {
  const isLocal = [first_date, last_date].every((date) => date !== null && /T[\d:.]+$/.test(date));
  return say(isLocal ? 'timeZoneLocal' : 'timeZone', { zone: time_zone });
}

/** How much there is, and how to read its dates. @param {ArchiveInfo} info */
function sumWords(info) {
  const { first_date, num_docs, num_undated } = info;
  if (first_date === null) return say('noDates');
  const posts = [say('posts', { n: num_docs }), ...(num_undated > 0 ? [say('undated', { n: num_undated })] : [])].join(say('comma'));
  return say('sumUp', { posts, zone: zoneWords(info) });
}

/** @param {FacetCounts} facet @param {(facet: string, value: string) => string} valueHref */
function topValues({ name, values, num_values }, valueHref) {
  const shown = values.slice(0, VALUES_MAX);
  return el(
    'section',
    { class: 'leading' },
    el('h3', { class: 'label' }, nameFacet(name)),
    el('ul', { class: 'leaders' }, shown.map(({ value, count }) =>
      el('li', {}, el('a', { href: valueHref(name, value), dir: 'auto' }, nameValue(name, value)), el('span', { class: 'count' }, formatNumber(count))))),
    num_values > shown.length && el('p', { class: 'quiet' }, say('andMore', { n: formatNumber(num_values - shown.length) })),
  );
}

/** @param {ArchiveInfo} info @param {HTMLElement} account */
function sources({ sources: files, len }, account) {
  return el(
    'section',
    {},
    el('h3', { class: 'label' }, say('sources')),
    files.map((file) => el('p', { class: 'quiet' }, sayParts('namedValue', { name: el('bdi', {}, file.name), value: tally(file) }))),
    el('p', { class: 'quiet' }, say('sizes', { size: formatSize(len), sources: formatSize(files.reduce((sum, { size }) => sum + size, 0)) })),
    account,
  );
}

/** What tells this archive from every other, whole where the page has it whole; and that a page proves nothing. */
function proof() {
  const { sha256, archive } = document.documentElement.dataset;
  const hash = el('bdi', { class: 'digest' }, sha256 ?? `${archive}…`);
  return el('section', {}, el('h3', { class: 'label' }, say('integrity')), el('p', { class: 'quiet' }, sayParts('integrityProof', { hash }), ' ', copying(hash)));
}

/** How the archive as a whole is cited, ready to take along. @param {ArchiveInfo} info @param {Owner | null} owner */
function citing(info, owner) {
  const text = el('span', { dir: 'auto' }, archiveCitation(info, owner, location.href));
  return el('section', {}, el('h3', { class: 'label' }, say('citeHow')), el('p', { class: 'quiet' }, text, ' ', copying(text)));
}

/** A button that takes a text along. @param {HTMLElement} text */
function copying(text) {
  const copy = el('button', { type: 'button', class: 'more', on: { click: () => void copyText() } }, copyLabel('copy'));
  const copyText = async () => {
    try {
      await navigator.clipboard.writeText(text.textContent ?? '');
      sayCopied(copy, 'copy');
    } catch {
      // Where the clipboard is closed to this page, the reader copies by hand.
      getSelection()?.selectAllChildren(text);
    }
  };
  return copy;
}

/**
 * Who, what, of which time, how to tell that it is the same, and where: what is not known is left out.
 * @param {ArchiveInfo} info
 * @param {Owner | null} owner
 * @param {string} href Address of the page; that of a file is nobody else's.
 */
export function archiveCitation(info, owner, href) {
  const { creator = [], publisher = [] } = owner?.metadata ?? {};
  const what = [creator.join(', '), info.title, info.first_date === null ? '' : headline(info), say('posts', { n: info.num_docs }), publisher.join(', ')];
  const where = owner?.address ?? (/^https?:/.test(href) ? href.replace(/[?#].*$/s, '') : '');
  const { sha256, archive = '' } = document.documentElement.dataset;
  const proof = `SHA-256 ${sha256 ?? `${archive}…`}`;
  return [...what.filter(Boolean), proof, where, owner?.licence?.text ?? ''].filter(Boolean).join(', ');
}

/** What became of the records of a source; what did not happen is not said. @param {ArchiveInfo['sources'][0]} source */
function tally({ read, merged, removed, skipped }) {
  const rest = /** @type {const} */ ([['sourcesMerged', merged], ['sourcesRemoved', removed], ['sourcesSkipped', skipped]]);
  return [say('sourcesRead', { n: formatNumber(read) }), ...rest.filter(([, n]) => n > 0).map(([key, n]) => say(key, { n: formatNumber(n) }))].join(say('comma'));
}
