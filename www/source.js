/** Where the parts of an archive come from: a block inside index.html (single-file form) or a script of the folder, both by
 *  name. Nothing here knows what is in a part. */

/** @typedef {import('./types').Manifest} Manifest */

/** What the bootstrap (boot.js) defines. @typedef {{ (name: string, payload: unknown): void, take(name: string): Promise<unknown>, load(path: string): Promise<void>, early?: Promise<boolean>, fail(id: string): void }} FondsShard */

const FILES = new Map([['worker', 'fonds/worker.js'], ['core', 'fonds/core.js'], ['manifest', 'archive/manifest.js']]);

/** Parts beside those of the archive that are loaded when they are needed. */
const LATER = /^(more|room|desk|owner|account|words-[a-z]+)$/;

/** Wait before a file that could not be loaded over a network is asked for once more. */
const RETRY_MS = 600;

/** Gets parts by name. Asking twice for one that is on its way gives the same promise. */
export class Source {
  #shard;
  #document;
  /** @type {Map<string, Promise<unknown>>} */
  #underway = new Map();
  /** @type {Map<string, Element> | null} */
  #blocks = null;
  #rootTaken = false;
  #signal;

  /**
   * @param {FondsShard} shard
   * @param {Document} document
   * @param {AbortSignal} [signal] Once it is aborted nothing more is asked for.
   */
  constructor(shard, document, signal) {
    this.#shard = shard;
    this.#document = document;
    this.#signal = signal;
  }

  /** @returns {Promise<Manifest>} */
  async manifest() {
    return /** @type {Manifest} */ (await this.json('manifest'));
  }

  /** The worker's source text. @returns {Promise<string>} */
  async worker() {
    const part = String(await this.#get('worker'));
    return this.#inline('worker') ? new TextDecoder().decode(fromBase64(part)) : part;
  }

  /** What surrounds the hits. @returns {Promise<import('./room.js').RoomClass>} */
  async room() {
    return /** @type {import('./room.js').RoomClass} */ (await this.#get('room'));
  }

  /** Citations and the basket. @returns {Promise<import('./desk.js').DeskClass>} */
  async desk() {
    return /** @type {import('./desk.js').DeskClass} */ (await this.#get('desk'));
  }

  /** A part that is an object: `manifest` and its pages, `owner`, `account`, `words-…`. @param {string} name @returns {Promise<unknown>} */
  async json(name) {
    const part = await this.#get(name);
    return typeof part === 'string' ? JSON.parse(part) : part;
  }

  /** Address of the folder where spans of its files can be asked for, else null: scripts alone can be loaded from a disk, or in a
   *  frame without an origin, and the single file has nothing beside it. @returns {string | null} */
  get base() {
    const { location } = this.#document;
    const hasOrigin = this.#document.defaultView?.origin !== 'null';
    return /^https?:$/.test(location?.protocol ?? '') && hasOrigin && !this.#inline('manifest') ? location.href.replace(/[?#].*$/s, '').replace(/[^/]*$/, '') : null;
  }

  /** Id of the archive that the page was published with. */
  get archive() {
    return this.#document.documentElement.dataset.archive ?? '';
  }

  /** The core, packed. @returns {Promise<Uint8Array>} */
  async core() {
    return fromBase64(String(await this.#get('core')));
  }

  /** A page of the manifest as it is, or the bytes of a shard or of the whole core. @param {string} name @returns {Promise<unknown>} */
  async part(name) {
    if (name.startsWith('manifest-')) return this.json(name);
    const part = await this.#get(name);
    try {
      return fromBase64(String(part));
    } catch {
      throw new Error(damaged(pathOf(name)));
    }
  }

  /** @param {string} name @returns {Promise<unknown>} */
  #get(name) {
    const known = this.#underway.get(name);
    if (known) return known;
    const part = this.#load(name).finally(() => this.#underway.delete(name));
    this.#underway.set(name, part);
    return part;
  }

  /** @param {string} name @returns {Promise<unknown>} */
  async #load(name) {
    const block = this.#inline(name);
    if (block) return (block.textContent ?? '').trim();
    const taken = this.#shard.take(name);
    const path = FILES.get(name);
    // The bootstrap has already asked for these; it reports what failed under a name of its own.
    if (path) return Promise.race([taken, this.#shard.take(`missing:${path}`).then(() => Promise.reject(new Error(damaged(path))))]);
    // In the single file it has run already, or will.
    if ((name === 'room' || name === 'desk') && this.#inline('manifest')) return taken;
    await this.#inject(pathOf(name), name);
    const silent = after(0).then(() => Promise.reject(new Error(damaged(pathOf(name)))));
    return Promise.race([taken, silent]);
  }

  /** @param {string} path @param {string} name */
  async #inject(path, name) {
    // The bootstrap has asked for the shard that opens the archive.
    if (name === this.#document.documentElement.dataset.root && !this.#rootTaken) {
      this.#rootTaken = true;
      if (await this.#shard.early) return;
    }
    const load = async () => {
      this.#signal?.throwIfAborted();
      await this.#shard.load(path);
    };
    try {
      await load();
    } catch {
      if (!/^https?:$/.test(this.#document.location?.protocol ?? '')) throw new Error(damaged(path));
      await after(RETRY_MS);
      await load().catch(() => Promise.reject(new Error(unreachable(path))));
    }
  }

  /** The block of the single-file form with this name. @param {string} name */
  #inline(name) {
    this.#blocks ??= new Map([...this.#document.querySelectorAll('script[type="application/x-fonds"]')].map((block) => [block.getAttribute('data-name') ?? '', block]));
    return this.#blocks.get(name);
  }
}

/**
 * Decodes base64; throws on anything else.
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function fromBase64(text) {
  const native = /** @type {{ fromBase64?: (text: string) => Uint8Array<ArrayBuffer> }} */ (/** @type {unknown} */ (Uint8Array)).fromBase64;
  return native ? native.call(Uint8Array, text) : fromBase64ByHand(text);
}

/** The way for browsers without `Uint8Array.fromBase64`. @param {string} text @returns {Uint8Array<ArrayBuffer>} */
export function fromBase64ByHand(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** The file that holds a part. @param {string} name */
function pathOf(name) {
  return `${LATER.test(name) ? 'fonds' : 'archive'}/${name}.js`;
}

/** @param {string} path */
export function damaged(path) {
  return `${path} is missing or damaged: was the folder copied whole?`;
}

/** @param {string} path */
function unreachable(path) {
  return `${path} could not be loaded: is the connection still there, and was the folder uploaded whole?`;
}

/** @param {number} ms @returns {Promise<void>} */
function after(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
