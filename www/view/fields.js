/** What a source says of a post beyond what all posts have: by the names that readers give it in words (`field_…` in words.js), by others
 *  as it stands. */

import { el, safeHref } from '../dom.js';
import { formatDate, say, wordFor } from '../messages.js';
import { placeWords } from './place.js';
import { outerLink } from './spans.js';

/** @typedef {import('../types').RecordView} RecordView */
/** @typedef {{ name: Node, value: Node }} Row */

/** Formats in which names are columns, members and keys that somebody has named themselves: they stay as they are written there, but for
 *  those that the reader of the format adds. @type {Map<string, string[]>} */
const TABLES = new Map([['csv', []], ['tsv', []], ['json', []], ['jsonl', []], ['markdown', ['folder', 'front_matter']]]);

/** What `fonds` itself writes, into posts of every format. */
const OWN = ['also_in', 'date_written', 'set_by_hand'];

/** What different readers call otherwise. @type {Map<string, string>} */
const SAME = new Map([
  ['media_url', 'media_urls'], ['place', 'place_name'], ['quoted_url', 'quoted'], ['via', 'client'],
  ['webpage', 'link_preview'], ['webpage_description', 'link_preview_description'], ['webpage_title', 'link_preview_title'],
]);

/** What machines tell one another: it is kept, for whoever looks for it, folded up and with the name by which `fonds extract` gives it. */
export const TECHNICAL = [
  'action', 'actor_id', 'also_in', 'bot_id', 'channel_id', 'chat_type', 'file_name', 'from_id', 'height', 'history_visibility', 'join_rule', 'media_type', 'membership',
  'mime_type', 'page_made', 'poll_answers', 'parent', 'parents', 'reactions_custom', 'reactions_recent', 'set_by_hand', 'subtype', 'tag_id', 'user_id', 'views_shown', 'width',
];

/** A moment of RFC 3339. */
const MOMENT = /^\d{4}-\d\d-\d\dT([01]\d|2[0-3])(:[0-5]\d){2}(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** What is called how, and whether it stands folded up. @param {string} name @param {string | null} format Of its source; null where it is not known. */
export function nameField(name, format) {
  const added = format === null ? [] : TABLES.get(format);
  const isForeign = added !== undefined && ![...OWN, ...added].includes(name);
  const words = isForeign ? null : wordFor('field', SAME.get(name) ?? name);
  return { words, isTechnical: words !== null && TECHNICAL.includes(name) };
}

/** @param {Pick<RecordView, 'fields'>} post @param {string | null} format Of its source. @param {string} timeZone @returns {{ plain: Row[], technical: Row[] }} */
export function fieldRows({ fields }, format, timeZone) {
  /** @type {{ plain: Row[], technical: Row[] }} */
  const rows = { plain: [], technical: [] };
  for (const { name, value } of fields) {
    const { words, isTechnical } = nameField(name, format);
    const key = name.split(/(?<=_)/).flatMap((part) => [part, el('wbr')]);
    rows[isTechnical ? 'technical' : 'plain'].push({
      name: words === null ? el('bdi', {}, key) : el('span', { title: name }, words, isTechnical && [' ', el('code', { class: 'quiet', dir: 'ltr' }, key)]),
      value: el('bdi', {}, fieldValue(value, words !== null, name, timeZone)),
    });
  }
  return rows;
}

/** A field's value, which came as JSON. @param {string} json @param {boolean} isKnown @param {string} name @param {string} timeZone @returns {(Node | string)[]} */
function fieldValue(json, isKnown, name, timeZone) {
  try {
    const value = JSON.parse(json);
    if (isKnown && typeof value === 'boolean') return [say(value ? 'yes' : 'no')];
    // What was written stays as it was: no reader could say when it is.
    if (isKnown && name !== 'date_written' && typeof value === 'string' && isMoment(value)) return [el('time', { datetime: value, title: value }, formatDate(value, timeZone, 'long'))];
    if (name === 'also_in' && Array.isArray(value) && value.length > 0) return value.flatMap((place, i) => [...(i > 0 ? [el('br')] : []), ...(typeof place?.file === 'string' ? alsoIn(place) : plainly(place))]);
    return typeof value === 'number' ? [json] : plainly(value);
  } catch {
    // Not JSON after all, or more than numbers here can say: shown as it stands.
    return [json];
  }
}

/** Another place of a post: what stands there otherwise, and what was taken from there (src/gather/unite.rs). @param {{ file: string, lines?: unknown, bytes?: unknown, differs?: unknown, gave?: unknown }} place @returns {(Node | string)[]} */
function alsoIn({ file, lines, bytes, differs, gave, ...others }) {
  const where = placeWords(/** @type {import('./place.js').Place} */ ({ lines, bytes }), file);
  const told = /** @type {[string, unknown][]} */ ([[say('alsoDiffers'), differs], [say('alsoGave'), gave]]).filter(([, parts]) => parts !== undefined && !isEmpty(parts));
  return [
    where,
    ...told.flatMap(([label, parts]) => [el('br'), el('span', { class: 'quiet' }, say('namedValue', { name: label, value: '' })), ...plainly(parts)]),
    ...(isEmpty(others) ? [] : [el('br'), ...plainly(others)]),
  ];
}

/** @param {unknown} parts */
function isEmpty(parts) {
  return typeof parts === 'object' && parts !== null && Object.keys(parts).length === 0;
}

/** Whether this is a moment, of a day that there is: `Date` makes 1 March of 30 February. @param {string} text */
function isMoment(text) {
  return MOMENT.test(text) && Date.parse(text) > -Infinity && new Date(Date.parse(`${text.slice(0, 10)}T00:00Z`) || 0).toISOString().startsWith(text.slice(0, 10));
}

/** What JSON says, without its marks: an address as a link, a list one after the other, members by their names. @param {unknown} value @returns {(Node | string)[]} */
function plainly(value) {
  if (typeof value === 'string') return [safeHref(value) !== null && !value.startsWith('#') ? outerLink(value, [value]) : value];
  if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER) throw new RangeError('not exact');
  if (typeof value !== 'object' || value === null) return [String(value)];
  const isList = Array.isArray(value);
  const isOfLists = Object.values(value).some((part) => typeof part === 'object');
  const parts = Object.entries(value).map(([name, part]) => [...(isList ? [] : [el('span', { class: 'quiet' }, `${name} `)]), ...plainly(part)]);
  if (parts.length === 0) return ['–'];
  return parts.flatMap((part, i) => (i === 0 ? part : [isList && isOfLists ? '; ' : say('comma'), ...part]));
}
