/** The account: what each source is, how it was recognised, and what became of every record in it; for whoever wants to know whether all
 *  is here, and what never was. */

import { el } from '../dom.js';
import { formatNumber, formatSize, locale, say, sayParts } from '../messages.js';
import { teller } from './told.js';

/**
 * What `provenance.json` says of a source, without how skipped records begin.
 * @typedef {object} Account
 * @property {string} name
 * @property {number} size
 * @property {string} sha256
 * @property {string} format
 * @property {string | null} recognised_by A sentence of the program's own.
 * @property {number} in
 * @property {number} read
 * @property {number} merged
 * @property {number} removed
 * @property {number} skipped
 * @property {number} redacted
 * @property {number} [folded] Of those read, the ones that say the same as an earlier one; absent where it is not known.
 * @property {string[] | null} never_held
 * @property {string[]} dropped
 * @property {string[]} notes Sentences of the program's own.
 * @property {{ file: string, place: { lines?: [number, number], bytes?: [number, number] }, reason: string }[]} [skipped_first]
 */

/** Says a sentence of the program's own. @typedef {(sentence: string) => Node | Node[]} Own */

/** The accounts, and how what the program wrote into them is said. @typedef {{ accounts: Account[], own: Own }} Loaded */

/**
 * What is folded up until somebody wants to know: the accounts are loaded then.
 * @param {() => Promise<Loaded | undefined>} load
 */
export function accountView(load) {
  const details = el('details', { class: 'account' }, el('summary', {}, say('account')));
  details.addEventListener('toggle', () => void open(), { once: true });
  const open = async () => {
    const loaded = await load();
    if (loaded) details.append(...loaded.accounts.map((source) => sourceView(source, loaded.own)));
  };
  return details;
}

/** Brings the accounts, and where English is not spoken what their sentences are in that language. @param {import('../source.js').Source} source @returns {Promise<Loaded>} */
export async function loadAccounts(source) {
  const code = locale().slice(0, 2);
  // Without its words an account is read in English.
  const words = code === 'en' ? null : Promise.all(['words-account', `words-account${code}`].map((name) => source.json(name))).catch(() => null);
  const accounts = /** @type {Account[]} */ (await source.json('account'));
  const [sentences, said] = /** @type {[string[], string[]] | null} */ (await words) ?? [[], []];
  return { accounts, own: ownIn(teller(sentences, said, formatNumber)) };
}

/** What has no words in the language of the page stands there in English, and says so. @param {ReturnType<typeof teller>} tell @returns {Own} */
function ownIn(tell) {
  const english = (/** @type {string} */ text) => el('span', { lang: 'en', dir: 'ltr' }, text);
  return (sentence) => tell(sentence)?.map((part) => {
    if (typeof part === 'string') return document.createTextNode(part);
    return 'value' in part ? el('bdi', {}, part.value) : english(part.english);
  }) ?? english(sentence);
}

/** @param {Account} source @param {Own} own */
function sourceView(source, own) {
  const { name, size, sha256, format, recognised_by, never_held, dropped, redacted, folded, notes, skipped_first: skipped = [] } = source;
  // What the program wrote down itself, and notes that say what the list of skipped records says, are not said twice.
  const others = notes.filter((note) => !note.startsWith('skipped: '));
  return el('div', { class: 'source' },
    el('h4', {}, el('bdi', {}, name)),
    el('dl', { class: 'facts' },
      row('accountRecords', records(source)),
      (folded ?? 0) > 0 && row('accountFolded', formatNumber(folded ?? 0)),
      row('accountFormat', el('bdi', {}, format)),
      recognised_by !== null && row('accountRecognised', ...[own(recognised_by)].flat()),
      row('accountSize', formatSize(size)),
      row('accountHash', el('code', { class: 'hash' }, sha256)),
      never_held?.length ? row('accountNeverHeld', names(never_held)) : false,
      dropped.length > 0 && row('accountDropped', names(dropped)),
      redacted > 0 && row('accountRedacted', formatNumber(redacted)),
      others.length > 0 && row('accountNotes', el('ul', {}, others.map((note) => el('li', {}, ...[own(note)].flat())))),
      skipped.length > 0 && row('accountSkipped', el('ul', {}, skipped.map((entry) => skippedView(entry, own))), source.skipped > skipped.length && say('andMore', { n: formatNumber(source.skipped - skipped.length) })),
    ));
}

/** In = read + merged + removed + skipped, each of them said. @param {Account} source */
function records({ in: all, read, merged, removed, skipped }) {
  const parts = /** @type {const} */ ([['sourcesRead', read], ['sourcesMerged', merged], ['sourcesRemoved', removed], ['sourcesSkipped', skipped]]);
  return `${formatNumber(all)} = ${parts.map(([key, n]) => say(key, { n: formatNumber(n) })).join(' + ')}`;
}

/** @param {NonNullable<Account['skipped_first']>[0]} entry @param {Own} own */
function skippedView({ file, place, reason }, own) {
  const [first, last] = place.lines ?? place.bytes ?? [0, 0];
  const key = place.lines ? (first === last ? 'placeLine' : 'placeLines') : 'placeBytes';
  const where = sayParts(key, { from: formatNumber(first), to: formatNumber(last), file: el('bdi', {}, file) });
  return el('li', {}, sayParts('namedValue', { name: el('span', {}, where), value: el('span', {}, ...[own(reason)].flat()) }));
}

/** @param {import('../messages.js').Key} key @param {(Node | string | false | null)[]} value */
function row(key, ...value) {
  return el('div', {}, el('dt', {}, say(key)), el('dd', {}, ...value));
}

/** Names of fields, as searches and exports have them. @param {string[]} fields */
function names(fields) {
  return el('bdi', {}, fields.join(', '));
}
