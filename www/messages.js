/** Every word that the interface says, and every way in which it writes a number, a date or a size. A template holds `{name}` where
 *  a value goes; one that counts is an object by plural category, chosen by `n`. Another language is another table. */

/** Language of the table, also for numbers and dates. British English, because it writes "24 June 2024". */
export const LOCALE = 'en-GB';

/** @typedef {string | { one: string, other: string }} Template */

export const MESSAGES = {
  about: 'About this archive',
  andMore: 'and {n} more',
  atLeast: 'at least {posts}',
  author: 'Author',
  back: 'Back',
  barReadout: '{when}: {count} of {total}',
  barReadoutAll: '{when}: {count}',
  boundsDates: 'Dates',
  boundsFrom: '{what}: from',
  boundsTo: '{what}: to',
  boundary_uncertain: 'where this post ends is not certain',
  bytesLoaded: '{size} loaded',
  calendar: 'Calendar',
  calendarDay: '{when}: {count} of {total}',
  calendarDayAll: '{when}: {count}',
  calendarEarlier: 'Earlier month',
  calendarLater: 'Later month',
  calendarMonth: 'Month',
  calendarNone: '{when}: no posts',
  calendarToday: 'On this day',
  calendarTodayNone: 'No year has a post of {when}.',
  channel: 'Channel',
  chipAlso: { one: 'and {count} other form', other: 'and {count} other forms' },
  chipExact: 'only as typed',
  chipExclude: 'not {label}',
  chipForms: 'with other forms',
  chipInclude: '{facet}: {value}',
  chipRemove: 'Remove this condition: {label}',
  clearAll: 'clear all',
  close: 'Close',
  completions: 'Words that begin so',
  coarse: { one: '{count} whose date is known too roughly', other: '{count} whose dates are known too roughly' },
  copied: 'Copied',
  copyByHand: 'Copy this address',
  copyLink: 'Copy link',
  damaged: 'This post cannot be read. {reason}',
  datesMentioned: 'Dates mentioned',
  domain: 'Domain',
  edited: 'edited {when}',
  elided: 'shortened at the source',
  emptyHint: 'Every word must occur in a post. Try fewer words, or remove a condition.',
  emptyTitle: 'No post has all of this.',
  emptyWithout: 'Search without “{label}”',
  errorKept: 'What you see below is the last answer.',
  errorStart: 'This archive cannot be opened.',
  excludeValue: 'Leave out {value}',
  facetFind: 'Find in {facet}',
  facetLess: 'fewer',
  facetMore: { one: '{count} more', other: '{count} more' },
  facetNothing: 'none of this name',
  filtersShow: 'Filters',
  filtersShowCount: 'Filters ({n})',
  flag: 'Note',
  forwarded_from: 'Forwarded from',
  forwardedFrom: 'forwarded from {name}',
  help: 'Keys and query language',
  helpEnter: 'open the chosen post',
  helpEsc: 'go back; in the box: clear it',
  helpExclude: 'A click on a filter’s value keeps the posts that have it; “not” beside it, or Alt and a click, leaves them out.',
  helpKeys: 'Keys',
  helpMove: 'next and previous post',
  helpQuery: 'What you can ask',
  helpQuestion: 'this help',
  helpSearch: 'go to the search box',
  helpSigns: 'Put words "side by side" to find them in that order. Write begin* for all words that begin so, =word for just that word, -word to leave posts out, this OR that for a choice, brackets to group, #tag and @name for tags and people. Fields: from:name, channel:name, site:example.org, has:photo, is:edited, lang:en, on:2024-06, before:2024, date:2024-06..2024-07, about:2024-06, views:>1000. Also *part* of a word, /expression/ over the texts, sort:old, sort:views, match:any.',
  helpWords: 'Every word must occur in the post; case and accents do not matter. While you type, the last word also finds longer words that begin with it; a space after it closes it.',
  incomplete: 'incomplete at the source',
  lang: 'Language',
  link: 'link',
  loading: 'Opening the archive',
  localTime: '{when}, local time',
  media: 'Media',
  mediaUnseen: 'a {kind} that this archive does not hold',
  mediaUnsupported: 'something that the web preview did not show',
  mediaOpen: 'open the original',
  mention: 'Mention',
  month: 'Month',
  newestPosts: 'Newest posts',
  noDates: 'Its posts have no dates.',
  openFull: 'Open the whole archive in a new tab',
  opens: 'opens in a new tab',
  original: 'Original',
  partLost: 'Something is missing here. {reason}',
  placeBytes: 'bytes {from}–{to} of {file}',
  placeCopies: { one: 'a second copy at {where} folded in', other: '{count} more copies at {where} folded in' },
  placeLine: 'line {from} of {file}',
  placeLines: 'lines {from}–{to} of {file}',
  placeBytesShort: 'bytes {from}–{to}',
  placeLineShort: 'line {from}',
  placeLinesShort: 'lines {from}–{to}',
  poll: 'Poll',
  pollVoters: { one: '{count} voter', other: '{count} voters' },
  pollVotes: { one: '{count} vote', other: '{count} votes' },
  portraitPosts: 'Posts',
  posts: { one: '{count} post', other: '{count} posts' },
  postId: 'Identifier',
  postGone: 'No post of this archive has the address “{uid}”.',
  postNext: 'Next post',
  postOf: '{at} of {count}',
  postPrevious: 'Previous post',
  problem: 'Searched as plain words: {message}',
  read_more: '“Read in full”: a link to the whole text stood here',
  relaxed: 'No post has all of these words. These posts have at least one.',
  remove: 'remove',
  replyTo: 'answers post {id}',
  results: 'Results',
  scanned: '{scanned} of {all} texts looked at',
  scanning: 'Looking through the texts',
  scanStop: 'stop',
  search: 'Search the archive',
  showTag: 'Show posts with {tag}',
  sortFewest: 'fewest {name} first',
  sortMost: 'most {name} first',
  sortNew: 'newest first',
  sortOld: 'oldest first',
  sortSource: 'in the order of the source',
  sortRelevance: 'best match first',
  source: 'Source',
  sources: 'Sources',
  sourcesMerged: '{n} merged',
  sourcesRead: '{n} read',
  sourcesRemoved: '{n} removed on request',
  sourcesSkipped: '{n} skipped',
  spoiler: 'Hidden text: press to show it',
  statusFor: 'for {query}',
  statusFrom: 'since {from}',
  statusIn: 'in {facet} {value}',
  statusNotIn: 'not in {facet} {value}',
  statusTo: 'until {to}',
  statusSpan: 'from {from} to {to}',
  statusSpanOne: 'in {from}',
  suggestions: 'Did you mean',
  tag: 'Tag',
  thread: 'thread {id}',
  timeCloser: 'closer',
  timeFrom: 'From',
  timeHint: 'Drag over the bars to choose a time',
  timeTo: 'To',
  timeWhole: 'the whole time',
  timeZone: 'Times are given in {zone}.',
  trace: 'What was loaded',
  traceAhead: 'next hits, ahead',
  traceBlocks: { one: '{count} block', other: '{count} blocks' },
  traceComplete: 'words that begin so',
  traceFacets: 'counts and bars',
  traceFile: 'From',
  traceHeld: 'was here',
  traceMore: 'more hits',
  traceOpen: 'opening',
  tracePost: 'the post',
  traceSearch: 'the query',
  traceSection: 'Part',
  traceSize: 'Size',
  traceSpan: '{shard}, bytes {from}–{to}',
  traceSum: '{requests} requests, {size}; {held} kept of it, in {memory} of memory.',
  traceTime: 'Took',
  traceWhole: '{shard}, whole',
  traceWhy: 'For',
  undated: { one: '{count} without a date', other: '{count} without a date' },
  undatedPost: 'undated',
  unsupported_media: 'something here was not shown by the web preview',
  views: { one: 'seen once', other: 'seen {count} times' },
  year: 'Year',
};

/** Words for kinds of media and records; others are shown as the source names them. */
const KINDS = new Map([
  ['photo', 'photo'], ['video', 'video'], ['voice', 'voice message'], ['audio', 'sound recording'], ['file', 'file'], ['sticker', 'sticker'], ['poll', 'poll'],
  ['location', 'place'], ['contact', 'contact'], ['unsupported', 'item not shown'], ['post', 'post'], ['message', 'message'], ['service', 'notice'],
]);

/** Short words for flags; the table above explains each. */
const FLAGS = new Map([['elided', 'shortened'], ['read_more', '“Read in full”'], ['unsupported_media', 'media not shown'], ['boundary_uncertain', 'uncertain end'], ['incomplete', 'incomplete']]);

/** @typedef {keyof typeof MESSAGES} Key */

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
  const entry = /** @type {Template} */ (MESSAGES[key]);
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
  if (facet === 'dates_mentioned') return MESSAGES.datesMentioned;
  return Object.hasOwn(FACETS, facet) ? /** @type {string} */ (MESSAGES[/** @type {Key} */ (facet)]) : facet;
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
  return FLAGS.has(flag) ? /** @type {string} */ (MESSAGES[/** @type {Key} */ (flag)]) : nameFlag(flag);
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
