/** The basket: posts that a reader has marked, with notes. It lives in this page's storage under the archive's id, and in memory alone
 *  where storage throws, as it does in some frames. Two tabs share it: each change is made to what is stored at that moment. What it
 *  holds leaves it as a file (exports.js). */

/** @typedef {{ uid: string, note: string }} Kept */

/** More would not fit into a storage, nor into anyone's head. */
export const KEPT_MAX = 5000;

export const NOTE_MAX = 10_000;

export class Basket {
  #storage;
  /** @type {Map<string, string>} */
  #notes = new Map();
  /** Whether the last change is in memory alone, and gone tomorrow. */
  isFleeting = false;

  /** @param {string} archive Id of the archive. @param {() => Pick<Storage, 'getItem' | 'setItem'>} storage May throw. */
  constructor(archive, storage) {
    this.key = `fonds:${archive}:basket`;
    this.#storage = storage;
    this.read();
  }

  get size() {
    return this.#notes.size;
  }

  /** @returns {Kept[]} In the order in which they were marked. */
  get kept() {
    return [...this.#notes].map(([uid, note]) => ({ uid, note }));
  }

  /** @param {string} uid */
  has(uid) {
    return this.#notes.has(uid);
  }

  /** Takes what is stored for what there is, since another tab may have written it. What could not be stored stays as it is here. */
  read() {
    if (this.isFleeting) return;
    try {
      const { kept } = parseKept(this.#storage().getItem(this.key) ?? '[]');
      this.#notes = new Map();
      this.#put(kept);
    } catch {
      // What cannot be read is not there.
    }
  }

  /** @param {string} uid */
  remove(uid) {
    this.#change(() => this.#notes.delete(uid));
  }

  /** Takes everything out. @returns {Kept[]} what it held. */
  clear() {
    return this.#change(() => {
      const { kept } = this;
      this.#notes.clear();
      return kept;
    });
  }

  /** Writes a note where the post stands. @param {string} uid @param {string} note */
  setNote(uid, note) {
    this.#change(() => this.#notes.set(uid, note.slice(0, NOTE_MAX)));
  }

  /** Adds posts; one that is here keeps its note where it comes without. @param {Kept[]} kept @returns {number} how many had no room. */
  add(kept) {
    return this.#change(() => this.#put(kept));
  }

  /** @param {Kept[]} kept @returns {number} how many had no room. */
  #put(kept) {
    let left = 0;
    for (const { uid, note } of kept) {
      if (this.#notes.size >= KEPT_MAX && !this.#notes.has(uid)) left++;
      else this.#notes.set(uid, (note || this.#notes.get(uid) || '').slice(0, NOTE_MAX));
    }
    return left;
  }

  /** @template T @param {() => T} change @returns {T} */
  #change(change) {
    this.read();
    const done = change();
    try {
      this.#storage().setItem(this.key, JSON.stringify(this.kept));
      this.isFleeting = false;
    } catch {
      this.isFleeting = true;
    }
    return done;
  }
}

/**
 * @typedef {object} Read What a file of a basket holds.
 * @property {Kept[]} kept
 * @property {number} unread Entries that name no post.
 * @property {string | null} archive Title of the archive that it says it is of.
 * @property {string | null} hash The same archive's SHA-256, as far as it is said.
 */

/**
 * Reads a basket as exports.js writes it as JSON or as a table. Throws on anything else.
 * @param {string} text
 * @returns {Read}
 */
export function parseKept(text) {
  const bare = text.replace(/^\uFEFF/, '');
  return /^\s*[[{]/.test(bare) ? parseJson(bare) : parseTable(bare);
}

/** @param {string} json @returns {Read} */
function parseJson(json) {
  const value = JSON.parse(json);
  const list = Array.isArray(value) ? value : value?.posts;
  if (!Array.isArray(list)) throw new Error('no list of posts');
  const words = (/** @type {unknown} */ said) => (typeof said === 'string' ? said : null);
  return { ...named(list.map((post) => ({ uid: words(post?.uid) ?? '', note: words(post?.note) ?? '' }))), archive: words(value.archive), hash: words(value.sha256) };
}

/** A table may have been through a spreadsheet, which divides its cells by what its language does not write in numbers. @param {string} text @returns {Read} */
function parseTable(text) {
  const [head = ''] = text.split(/\r?\n/, 1);
  const sign = [',', ';', '\t'].find((sign) => head.split(sign).some((name) => bareCell(name) === 'uid'));
  if (sign === undefined) throw new Error('no column of uids');
  const [names = [], ...rows] = cellsOf(text, sign);
  const [uidAt, noteAt] = ['uid', 'note'].map((name) => names.indexOf(name));
  // What kept a cell from being run as a formula is no part of it.
  const cell = (/** @type {string[]} */ row, /** @type {number | undefined} */ at) => (row[at ?? -1] ?? '').replace(/^'(?=[=+\-@\t\r])/, '');
  return { ...named(rows.filter((row) => row.some((said) => said !== '')).map((row) => ({ uid: cell(row, uidAt), note: cell(row, noteAt) }))), archive: null, hash: null };
}

/** @param {string} cell */
function bareCell(cell) {
  return cell.trim().replace(/^"(.*)"$/, '$1');
}

/** Rows of a table as RFC 4180 has it. @param {string} text @param {string} sign What divides its cells. */
function cellsOf(text, sign) {
  /** @type {string[][]} */
  const rows = [[]];
  for (const [, quoted, plain = '', end] of text.matchAll(new RegExp(`(?:"((?:[^"]|"")*)"|([^${sign}"\\r\\n][^${sign}\\r\\n]*)?)(${sign}|\\r?\\n|\\r|$)`, 'g'))) {
    rows.at(-1)?.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === '') break;
    if (end !== sign) rows.push([]);
  }
  return rows;
}

/** @param {Kept[]} list */
function named(list) {
  const kept = list.filter(({ uid }) => uid !== '');
  return { kept, unread: list.length - kept.length };
}
