/** Every word that the interface says, and every way in which it writes a number, a date or a size. A template holds `{name}` where
 *  a value goes; one that counts is an object by plural category, chosen by `n`. What only the parts that are loaded later say stands in
 *  words.js. English is here and there, and answers for what another language lacks; each other language is one table of all of it in
 *  languages/, loaded when it is spoken. */

/** @typedef {string | (Partial<Record<Intl.LDMLPluralRule, string>> & { other: string })} Template */

/** Languages that the page speaks. */
export const LANGUAGES = ['en', 'ru', 'de', 'es', 'ar', 'zh'];

/** Locales whose numbers and dates are not those of the bare language: British English writes "24 June 2024"; Arabic gets the digits in
 *  which its readers type dates and numbers into this page. */
const LOCALES = new Map([['en', 'en-GB'], ['ar', 'ar-u-nu-latn']]);

export const MESSAGES = {
  andMore: 'and {n} more',
  atLeast: 'at least {posts}',
  bytesLoaded: '{size} loaded',
  comma: ', ',
  damaged: 'This post cannot be read. {reason}',
  errorKept: 'What you see below is the last answer.',
  errorStart: 'This archive cannot be opened.',
  facet_author: 'Author',
  facet_channel: 'Channel',
  facet_dates_mentioned: 'Dates mentioned',
  facet_domain: 'Domain',
  facet_flag: 'Note',
  facet_forwarded_from: 'Forwarded from',
  facet_lang: 'Language',
  facet_media: 'Media',
  facet_mention: 'Mention',
  facet_month: 'Month',
  facet_tag: 'Tag',
  facet_year: 'Year',
  flag_boundary_uncertain: 'uncertain end',
  flag_elided: 'shortened',
  flag_incomplete: 'incomplete',
  flag_read_more: '“Read in full”',
  flag_unsupported_media: 'media not shown',
  forwardedFrom: 'forwarded from {name}',
  help: 'Keys and query language',
  kind_audio: 'sound recording',
  kind_contact: 'contact',
  kind_file: 'file',
  kind_location: 'place',
  kind_message: 'message',
  kind_photo: 'photo',
  kind_poll: 'poll',
  kind_post: 'post',
  kind_service: 'notice',
  kind_sticker: 'sticker',
  kind_unsupported: 'item not shown',
  kind_video: 'video',
  kind_voice: 'voice message',
  loadAgain: 'load again',
  loading: 'Opening the archive',
  localTime: '{when}, local time',
  newestPosts: 'Newest posts',
  openFull: 'Open the whole archive in a new tab',
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
  statusDay: 'on {from}',
  statusFor: 'for {query}',
  statusFrom: 'since {from}',
  statusIn: 'in {facet} {value}',
  statusNotIn: 'not in {facet} {value}',
  statusTo: 'until {to}',
  statusSpan: 'from {from} to {to}',
  statusSpanOne: 'in {from}',
  stop: 'stop',
  stopped: 'Opening was stopped.',
};

/** @typedef {keyof typeof MESSAGES | keyof typeof import('./words.js').WORDS} Key */
/** @typedef {Record<Key | keyof typeof import('./static.js').STATIC, Template>} Table What a language says. */
/** @typedef {Partial<Table> & { faults?: [string, string][] }} Spoken The same as it is loaded, with what it says for sentences that come in English: languages/faults.js. */

let language = '';
/** @type {Spoken} */
let table = {};
/** @type {Intl.PluralRules} */
let plural;
/** Making a format costs more than using it a hundred times. @type {Map<string, Intl.DateTimeFormat | Intl.NumberFormat>} */
const formats = new Map();
/** @type {Intl.DisplayNames} */
let languages;
speak('en', {});

/** Says everything in another language from now on. @param {string} code @param {Spoken} words */
export function speak(code, words) {
  language = code;
  table = words;
  formats.clear();
  plural = new Intl.PluralRules(locale());
  languages = new Intl.DisplayNames([locale()], { type: 'language', fallback: 'code' });
}

/** What is spoken, for numbers and dates too. */
export function locale() {
  return LOCALES.get(language) ?? language;
}

/** Whether what is spoken is written from right to left. */
export function isMirrored() {
  return language === 'ar';
}

/** The first of the languages wanted that the page speaks, else English. @param {readonly string[]} wanted Tags as browsers give them. */
export function pickLanguage(wanted) {
  return wanted.map((tag) => tag.toLowerCase().split(/[-_]/)[0] ?? '').find((code) => LANGUAGES.includes(code)) ?? 'en';
}

/** Adds messages to the English table: those of the parts that are loaded later. @param {Record<string, Template>} messages */
export function extend(messages) {
  Object.assign(MESSAGES, messages);
}

/**
 * A message with its values. A value whose direction may be another than the sentence's is kept from reordering what stands around it.
 * @param {Key} key
 * @param {Record<string, string | number>} [values] `n` chooses the plural form and is shown by `{n}`; `{count}` is `n` with separators.
 * @returns {string}
 */
export function say(key, values = {}) {
  const isolated = Object.entries(values).map(([name, given]) => {
    const value = typeof given === 'string' && /^(reason|message)$/.test(name) ? retell(given) : given;
    return [name, typeof value === 'string' && value !== '' && (isMirrored() || RIGHT_TO_LEFT.test(value)) ? `\u2068${value}\u2069` : value];
  });
  return sayParts(key, Object.fromEntries(isolated)).join('');
}

/** A sentence of the worker or the core, which know English alone. @param {string} sentence */
export function retell(sentence) {
  return (table.faults ?? []).reduce((told, [english, said]) => told.replace(new RegExp(english, 'u'), said), sentence);
}

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

/**
 * A message whose values may be anything, elements too, in the order of the template.
 * @template T
 * @param {Key} key
 * @param {Record<string, T>} values
 * @returns {(string | T)[]}
 */
export function sayParts(key, values) {
  const entry = /** @type {Template} */ (table[key] ?? /** @type {Record<string, Template>} */ (MESSAGES)[key]);
  const n = Number(values['n'] ?? 0);
  const template = typeof entry === 'string' ? entry : (entry[plural.select(n)] ?? entry.other);
  return template.split(/(\{[a-z]+\})/i).filter((part) => part !== '').map((part) => {
    const name = /^\{([a-z]+)\}$/i.exec(part)?.[1];
    if (name === undefined) return part;
    const value = values[name] ?? (name === 'count' ? formatNumber(n) : undefined);
    if (value === undefined) throw new Error(`the message "${key}" needs a value for {${name}}`);
    return value;
  });
}

/** The word for a name of the sources' own, where there is one: a language has all of its words before English has those of words.js. @param {string} kind @param {string} name */
export function wordFor(kind, name) {
  const key = `${kind}_${name}`;
  return Object.hasOwn(MESSAGES, key) || Object.hasOwn(table, key) ? say(/** @type {Key} */ (key)) : null;
}

/** @param {number} n @param {Intl.NumberFormatOptions} [options] */
export function formatNumber(n, options = {}) {
  return /** @type {Intl.NumberFormat} */ (format(JSON.stringify(options), () => new Intl.NumberFormat(locale(), options))).format(n);
}

/** @param {number} len in bytes. */
export function formatSize(len) {
  const [unit, size] = len < 1e6 ? ['kilo', len / 1e3] : len < 1e9 ? ['mega', len / 1e6] : ['giga', len / 1e9];
  return formatNumber(size, { style: 'unit', unit: `${unit}byte`, maximumSignificantDigits: 3 });
}

/** A facet's name in words; a field of the source's own is called what the source calls it. @param {string} facet */
export function nameFacet(facet) {
  return wordFor('facet', facet) ?? facet;
}

/** A facet's name within a sentence. German writes its nouns with a capital everywhere. @param {string} facet */
export function nameFacetWithin(facet) {
  return language === 'de' ? nameFacet(facet) : nameFacet(facet).toLocaleLowerCase(locale());
}

/** A facet's value in words. @param {string} facet @param {string} value */
export function nameValue(facet, value) {
  if (facet === 'tag') return `#${value}`;
  if (facet === 'mention') return `@${value}`;
  if (facet === 'lang') return nameLanguage(value);
  if (facet === 'media' || facet === 'kind') return nameKind(value);
  if (facet === 'flag') return nameFlag(value);
  // What it is and has, the kinds of its media, and its flags.
  if (facet === 'is') return wordFor('is', value) ?? wordFor('kind', value) ?? nameFlag(value);
  if (facet === 'month' || facet === 'year' || facet === 'dates_mentioned') return formatDate(value, 'UTC');
  return value;
}

/** Kinds of media and records; others are shown as the source names them. @param {string} kind */
export function nameKind(kind) {
  return wordFor('kind', kind) ?? kind;
}

/** A flag in a word or two, for lists; words.js explains each. @param {string} flag */
export function nameFlag(flag) {
  return wordFor('flag', flag) ?? flag.replaceAll('_', ' ');
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
    const at = new Date(`${year}-${month ?? '01'}-${day ?? '01'}T00:00Z`);
    if (Number.isNaN(at.getTime())) return date;
    if (month === undefined) return String(Number(year));
    const shape = day === undefined ? MONTH : DAY;
    return dateFormat('UTC', style === 'brief' ? { ...shape, month: 'short' } : shape).format(at);
  }
  // A time without an offset is local to nobody knows where: it is shown as written.
  const local = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(date);
  const at = new Date(local ? `${date}Z` : date);
  if (Number.isNaN(at.getTime())) return date;
  const text = dateFormat(local ? 'UTC' : timeZone, style === 'long' ? MINUTE : DAY).format(at);
  return local && style === 'long' ? say('localTime', { when: text }) : text;
}

/** A span of time, whichever ends it has, as part of a sentence. @param {string | null} from @param {string | null} to */
export function timeWords(from, to) {
  if (from !== null && from === to) return say(from.length > 7 ? 'statusDay' : 'statusSpanOne', { from: formatDate(from, 'UTC') });
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

/** @param {string} key @param {() => Intl.DateTimeFormat | Intl.NumberFormat} make */
function format(key, make) {
  const known = formats.get(key) ?? make();
  formats.set(key, known);
  return known;
}

/** @param {string} timeZone @param {Intl.DateTimeFormatOptions} options */
function dateFormat(timeZone, options) {
  return /** @type {Intl.DateTimeFormat} */ (format(timeZone + JSON.stringify(options), () => {
    try {
      return new Intl.DateTimeFormat(locale(), { ...options, timeZone });
    } catch {
      return new Intl.DateTimeFormat(locale(), { ...options, timeZone: 'UTC' });
    }
  }));
}
