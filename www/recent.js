/** The last searches of a reader in this archive. They live in this page's storage under the archive's id, and nowhere else; where storage
 *  throws, as in some frames, there are none. */

/** As many as one looks through. */
export const RECENT_MAX = 8;

/** A longer query is not one that a list can show. */
const QUERY_MAX = 200;

export class Recent {
  #key;
  #storage;

  /** @param {string} archive Id of the archive. @param {() => Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>} storage May throw. */
  constructor(archive, storage) {
    this.#key = `fonds:${archive}:recent`;
    this.#storage = storage;
  }

  /** @returns {string[]} The newest first. */
  get queries() {
    try {
      const list = JSON.parse(this.#storage().getItem(this.#key) ?? '[]');
      return Array.isArray(list) ? list.filter((query) => typeof query === 'string' && query !== '' && query.length <= QUERY_MAX).slice(0, RECENT_MAX) : [];
    } catch {
      // What cannot be read is not there.
      return [];
    }
  }

  /** Puts a query first. One that it continues was on the way to it, and goes. @param {string} q */
  add(q) {
    const query = q.trim();
    if (query === '' || query.length > QUERY_MAX) return;
    const others = this.queries.filter((other) => other !== query && !query.startsWith(other));
    try {
      this.#storage().setItem(this.#key, JSON.stringify([query, ...others].slice(0, RECENT_MAX)));
    } catch {
      // It is forgotten with the page.
    }
  }

  clear() {
    try {
      this.#storage().removeItem(this.#key);
    } catch {
      // Then nothing was kept.
    }
  }
}
