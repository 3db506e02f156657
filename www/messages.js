/** Every word that the interface says, and every way in which it writes a number, a date or a size. A template holds `{name}` where
 *  a value goes; one that counts is an object by plural category, chosen by `n`. What only the parts that are loaded later say stands in
 *  words.js. Another language is another table. */

/** Language of the table, also for numbers and dates. British English, because it writes "24 June 2024". */
export const LOCALE = 'en-GB';

/** @typedef {string | { one: string, other: string }} Template */

export const MESSAGES = {
  andMore: 'and {n} more',
  atLeast: 'at least {posts}',
  author: 'Author',
  bytesLoaded: '{size} loaded',
  channel: 'Channel',
  damaged: 'This post cannot be read. {reason}',
  datesMentioned: 'Dates mentioned',
  domain: 'Domain',
  errorKept: 'What you see below is the last answer.',
  errorStart: 'This archive cannot be opened.',
  flag: 'Note',
  forwarded_from: 'Forwarded from',
  forwardedFrom: 'forwarded from {name}',
  help: 'Keys and query language',
  lang: 'Language',
  link: 'link',
  loading: 'Opening the archive',
  localTime: '{when}, local time',
  media: 'Media',
  mention: 'Mention',
  month: 'Month',
  newestPosts: 'Newest posts',
  openFull: 'Open the whole archive in a new tab',
  poll: 'Poll',
  portraitPosts: 'Posts',
  posts: { one: '{count} post', other: '{count} posts' },
  results: 'Results',
  search: 'Search the archive',
  showTag: 'Show posts with {tag}',
  sortFewest: 'fewest {name} first',
  sortMost: 'most {name} first',
  sortNew: 'newest first',
  sortOld: 'oldest first',
  sortSource: 'in the order of the source',
  sortRelevance: 'best match first',
  spoiler: 'Hidden text: press to show it',
  statusFor: 'for {query}',
  statusFrom: 'since {from}',
  statusIn: 'in {facet} {value}',
  statusNotIn: 'not in {facet} {value}',
  statusTo: 'until {to}',
  statusSpan: 'from {from} to {to}',
  statusSpanOne: 'in {from}',
  tag: 'Tag',
  year: 'Year',
};

/** Words for kinds of media and records; others are shown as the source names them. */
const KINDS = new Map([
  ['photo', 'photo'], ['video', 'video'], ['voice', 'voice message'], ['audio', 'sound recording'], ['file', 'file'], ['sticker', 'sticker'], ['poll', 'poll'],
  ['location', 'place'], ['contact', 'contact'], ['unsupported', 'item not shown'], ['post', 'post'], ['message', 'message'], ['service', 'notice'],
]);

/** Short words for flags; the table above explains each. */
const FLAGS = new Map([['elided', 'shortened'], ['read_more', '“Read in full”'], ['unsupported_media', 'media not shown'], ['boundary_uncertain', 'uncertain end'], ['incomplete', 'incomplete']]);

/** @typedef {keyof typeof MESSAGES | keyof typeof import('./words.js').WORDS} Key */

/** Adds messages to the table: those of the parts that are loaded later. @param {Record<string, Template>} messages */
export function extend(messages) {
  Object.assign(MESSAGES, messages);
}

const plural = new Intl.PluralRules(LOCALE);
const integer = new Intl.NumberFormat(LOCALE);
const languages = new Intl.DisplayNames([LOCALE], { type: 'language', fallback: 'code' });

/**
 * A message with its values.
 * @param {Key} key
 * @param {Record<string, string | number>} [values] `n` chooses the plural form and is shown by `{n}`; `{count}` is `n` with separators.
 * @returns {string}
 */
export function say(key, values = {}) {
  return sayParts(key, values).join('');
}

/**
 * A message whose values may be anything, elements too, in the order of the template.
 * @template T
 * @param {Key} key
 * @param {Record<string, T>} values
 * @returns {(string | T)[]}
 */
export function sayParts(key, values) {
  const entry = /** @type {Template} */ (/** @type {Record<string, Template>} */ (MESSAGES)[key]);
  const n = Number(values['n'] ?? 0);
  const template = typeof entry === 'string' ? entry : plural.select(n) === 'one' ? entry.one : entry.other;
  return template.split(/(\{[a-z]+\})/i).filter((part) => part !== '').map((part) => {
    const name = /^\{([a-z]+)\}$/i.exec(part)?.[1];
    if (name === undefined) return part;
    const value = values[name] ?? (name === 'count' ? formatNumber(n) : undefined);
    if (value === undefined) throw new Error(`the message "${key}" needs a value for {${name}}`);
    return value;
  });
}

/** @param {number} n */
export function formatNumber(n) {
  return integer.format(n);
}

/** @param {number} len in bytes. */
export function formatSize(len) {
  if (len < 1000) return `${len} B`;
  const [unit, size] = len < 1e6 ? ['kB', len / 1e3] : len < 1e9 ? ['MB', len / 1e6] : ['GB', len / 1e9];
  return `${new Intl.NumberFormat(LOCALE, { maximumSignificantDigits: 3 }).format(/** @type {number} */ (size))} ${unit}`;
}

/** @param {number} seconds */
export function formatDuration(seconds) {
  const two = (/** @type {number} */ n) => String(n).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** A facet's name in words; a field of the source's own is called what the source calls it. @param {string} facet */
export function nameFacet(facet) {
  if (facet === 'dates_mentioned') return say('datesMentioned');
  return Object.hasOwn(FACETS, facet) ? say(/** @type {Key} */ (facet)) : facet;
}

const FACETS = { channel: 1, author: 1, forwarded_from: 1, tag: 1, mention: 1, domain: 1, media: 1, lang: 1, year: 1, month: 1, flag: 1 };

/** A facet's value in words. @param {string} facet @param {string} value */
export function nameValue(facet, value) {
  if (facet === 'tag') return `#${value}`;
  if (facet === 'mention') return `@${value}`;
  if (facet === 'lang') return nameLanguage(value);
  if (facet === 'media') return nameKind(value);
  if (facet === 'flag') return nameFlag(value);
  if (facet === 'month' || facet === 'year' || facet === 'dates_mentioned') return formatDate(value, 'UTC');
  return value;
}

/** @param {string} kind */
export function nameKind(kind) {
  return KINDS.get(kind) ?? kind;
}

/** A flag in a word or two, for lists. @param {string} flag */
export function nameFlag(flag) {
  return FLAGS.get(flag) ?? flag.replaceAll('_', ' ');
}

/** What a flag means, as a phrase of its own. @param {string} flag */
export function explainFlag(flag) {
  return FLAGS.has(flag) ? say(/** @type {Key} */ (flag)) : nameFlag(flag);
}

/** @param {string} code */
export function nameLanguage(code) {
  try {
    return languages.of(code) ?? code;
  } catch {
    return code;
  }
}

/**
 * A date at the precision at which the source gave it, in the archive's time zone. What is no date comes back as it stands.
 * @param {string} date `1963`, `1963-01`, `1963-01-04`, RFC 3339, or a time without offset.
 * @param {string} timeZone
 * @param {'short' | 'long' | 'brief'} [style] `long` adds the time of day where the source has one; `brief` shortens the month.
 */
export function formatDate(date, timeZone, style = 'short') {
  const coarse = /^(\d{4})(?:-(\d\d))?(?:-(\d\d))?$/.exec(date);
  if (coarse) {
    const [, year, month, day] = coarse;
    const at = new Date(Date.UTC(Number(year), Number(month ?? 1) - 1, Number(day ?? 1)));
    if (Number.isNaN(at.getTime())) return date;
    if (month === undefined) return String(Number(year));
    const format = day === undefined ? MONTH : DAY;
    return dateFormat('UTC', style === 'brief' ? { ...format, month: 'short' } : format).format(at);
  }
  // A time without an offset is local to nobody knows where: it is shown as written.
  const local = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(date);
  const at = new Date(local ? `${date}Z` : date);
  if (Number.isNaN(at.getTime())) return date;
  const text = dateFormat(local ? 'UTC' : timeZone, style === 'long' ? MINUTE : DAY).format(at);
  return local && style === 'long' ? say('localTime', { when: text }) : text;
}

/** A span of time in words. @param {string} from @param {string} to */
export function formatSpan(from, to) {
  return from === to ? formatDate(from, 'UTC') : `${formatDate(from, 'UTC')} – ${formatDate(to, 'UTC')}`;
}

/** A span of time, whichever ends it has, as part of a sentence. @param {string | null} from @param {string | null} to */
export function timeWords(from, to) {
  if (from !== null && from === to) return say('statusSpanOne', { from: formatDate(from, 'UTC') });
  if (from !== null && to !== null) return say('statusSpan', { from: formatDate(from, 'UTC'), to: formatDate(to, 'UTC') });
  return from !== null ? say('statusFrom', { from: formatDate(from, 'UTC') }) : say('statusTo', { to: formatDate(to ?? '', 'UTC') });
}

/** The time of day where a date has one, else the empty string. @param {string} date @param {string} timeZone */
export function formatTime(date, timeZone) {
  if (!date.includes('T')) return '';
  const local = !/(Z|[+-]\d\d:\d\d)$/.test(date);
  const at = new Date(local ? `${date}Z` : date);
  return Number.isNaN(at.getTime()) ? '' : dateFormat(local ? 'UTC' : timeZone, TIME).format(at);
}

/** @type {Intl.DateTimeFormatOptions} */
const TIME = { hour: '2-digit', minute: '2-digit' };
/** @type {Intl.DateTimeFormatOptions} */
const MONTH = { month: 'long', year: 'numeric' };
/** @type {Intl.DateTimeFormatOptions} */
const DAY = { day: 'numeric', month: 'long', year: 'numeric' };
/** @type {Intl.DateTimeFormatOptions} */
const MINUTE = { ...DAY, hour: '2-digit', minute: '2-digit' };
/** Making a format costs more than using it a hundred times. @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/** @param {string} timeZone @param {Intl.DateTimeFormatOptions} options */
function dateFormat(timeZone, options) {
  const key = `${timeZone} ${options.day ?? ''} ${options.month ?? ''} ${options.hour ?? ''}`;
  let format = formats.get(key);
  if (!format) {
    try {
      format = new Intl.DateTimeFormat(LOCALE, { ...options, timeZone });
    } catch {
      format = new Intl.DateTimeFormat(LOCALE, { ...options, timeZone: 'UTC' });
    }
    formats.set(key, format);
  }
  return format;
}
