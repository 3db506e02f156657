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
 * Reads a basket as exports.js writes it as JSON. Throws on anything else.
 * @param {string} json
 * @returns {{ kept: Kept[], unread: number }} What it holds, and how many of its entries name no post.
 */
export function parseKept(json) {
  const value = JSON.parse(json);
  const list = Array.isArray(value) ? value : value?.posts;
  if (!Array.isArray(list)) throw new Error('no list of posts');
  const named = list.filter((post) => typeof post?.uid === 'string' && post.uid !== '');
  return { kept: named.map(({ uid, note }) => ({ uid, note: typeof note === 'string' ? note : '' })), unread: list.length - named.length };
}
