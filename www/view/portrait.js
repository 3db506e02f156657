/** The portrait: what the archive is, beside its newest posts, for someone who has not asked anything yet. */

import { el } from '../dom.js';
import { formatDate, formatNumber, nameFacet, nameValue, say, sayParts } from '../messages.js';
import { isUseful } from './facets.js';
import { languageChoice } from './languages.js';

/** @typedef {import('../types').ArchiveInfo} ArchiveInfo */
/** @typedef {import('../types').FacetCounts} FacetCounts */

/** Facets that say who and what, in the order in which a reader asks. */
const FACETS = ['channel', 'author', 'forwarded_from', 'tag', 'lang', 'domain'];
const VALUES_MAX = 8;

/**
 * @param {ArchiveInfo} info
 * @param {FacetCounts[]} facets
 * @param {(facet: string, value: string) => string} valueHref
 * @param {HTMLElement | null} ownerWords What the owner says of the archive.
 * @returns {Node[]}
 */
export function portraitView(info, facets, valueHref, ownerWords) {
  return [
    el('h2', { class: 'label' }, say('about')),
    el('p', { class: 'sum' }, headline(info)),
    el('p', { class: 'quiet' }, sumWords(info)),
    ownerWords,
    info.num_folded > 0 && el('p', { class: 'quiet' }, say('foldedSum', { n: info.num_folded })),
    ...facets.filter((facet) => FACETS.includes(facet.name) && isUseful(facet))
      .sort((a, b) => FACETS.indexOf(a.name) - FACETS.indexOf(b.name))
      .map((facet) => topValues(facet, valueHref)),
    info.sources.length > 0 && sources(info),
    el('section', {}, el('h3', { class: 'label' }, say('integrity')), el('p', { class: 'quiet' }, say('integrityProof', { hash: document.documentElement.dataset.archive ?? '' }))),
    el('section', { class: 'asking' }, el('h3', { class: 'label' }, say('helpQuery')), ...['helpWords', 'helpSigns', 'helpExclude'].map((key) => el('p', { class: 'quiet' }, say(/** @type {import('../messages.js').Key} */ (key))))),
    languageChoice(),
  ].filter((node) => node !== false && node !== null);
}

/** From when to when; where nothing has a date, how much there is. @param {ArchiveInfo} info */
function headline({ first_date, last_date, num_docs, time_zone }) {
  if (first_date === null || last_date === null) return say('posts', { n: num_docs });
  const [first, last] = [formatDate(first_date, time_zone), formatDate(last_date, time_zone)];
  return first === last ? first : `${first} – ${last}`;
}

/** How much there is, and how to read its dates. @param {ArchiveInfo} info */
function sumWords({ first_date, num_docs, num_undated, time_zone }) {
  if (first_date === null) return say('noDates');
  const posts = [say('posts', { n: num_docs }), ...(num_undated > 0 ? [say('undated', { n: num_undated })] : [])].join(say('comma'));
  return say('sumUp', { posts, zone: say('timeZone', { zone: time_zone }) });
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

/** @param {ArchiveInfo} info */
function sources({ sources: files }) {
  return el(
    'section',
    {},
    el('h3', { class: 'label' }, say('sources')),
    files.map((file) => el('p', { class: 'quiet' }, sayParts('namedValue', { name: el('bdi', {}, file.name), value: tally(file) }))),
  );
}

/** What became of the records of a source; what did not happen is not said. @param {ArchiveInfo['sources'][0]} source */
function tally({ read, merged, removed, skipped }) {
  const rest = /** @type {const} */ ([['sourcesMerged', merged], ['sourcesRemoved', removed], ['sourcesSkipped', skipped]]);
  return [say('sourcesRead', { n: formatNumber(read) }), ...rest.filter(([, n]) => n > 0).map(([key, n]) => say(key, { n: formatNumber(n) }))].join(say('comma'));
}
