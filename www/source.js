/** Where the parts of an archive come from: a block inside index.html (single-file form) or a script of the folder, both by
 *  name. Nothing here knows what is in a part. */

/** @typedef {import('./types').Manifest} Manifest */
/** @typedef {import('./types').BlockRef} BlockRef */
/** @typedef {{ index: number, start: number }} Position A shard's place in the manifest, and an offset within it. */

/** What the bootstrap (boot.js) defines. @typedef {{ (name: string, payload: unknown): void, take(name: string): Promise<unknown>, load(path: string): Promise<void>, fail(id: string): void }} FondsShard */

const FILES = new Map([['worker', 'fonds/worker.js'], ['core', 'fonds/core.js'], ['manifest', 'archive/manifest.js']]);

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

  /**
   * @param {FondsShard} shard
   * @param {Document} document
   */
  constructor(shard, document) {
    this.#shard = shard;
    this.#document = document;
  }

  /** @returns {Promise<Manifest>} */
  async manifest() {
    const part = await this.#get('manifest');
    return /** @type {Manifest} */ (typeof part === 'string' ? JSON.parse(part) : part);
  }

  /** The worker's source text. @returns {Promise<string>} */
  async worker() {
    const part = String(await this.#get('worker'));
    return this.#inline('worker') ? new TextDecoder().decode(fromBase64(part)) : part;
  }

  /** The core as gzip of wasm. @returns {Promise<Uint8Array>} */
  async core() {
    return fromBase64(String(await this.#get('core')));
  }

  /** One shard's bytes. @param {string} name @returns {Promise<Uint8Array>} */
  async shard(name) {
    const part = String(await this.#get(name));
    try {
      return fromBase64(part);
    } catch {
      throw new Error(damaged(`archive/${name}.js`));
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
    await this.#inject(`archive/${name}.js`);
    const silent = after(0).then(() => Promise.reject(new Error(damaged(`archive/${name}.js`))));
    return Promise.race([taken, silent]);
  }

  /** @param {string} path */
  async #inject(path) {
    try {
      await this.#shard.load(path);
    } catch {
      if (!/^https?:$/.test(this.#document.location?.protocol ?? '')) throw new Error(damaged(path));
      await after(RETRY_MS);
      await this.#shard.load(path).catch(() => Promise.reject(new Error(unreachable(path))));
    }
  }

  /** The block of the single-file form with this name. @param {string} name */
  #inline(name) {
    this.#blocks ??= new Map([...this.#document.querySelectorAll('script[type="application/x-fonds"]')].map((block) => [block.getAttribute('data-name') ?? '', block]));
    return this.#blocks.get(name);
  }
}

/**
 * The shard that holds a block, by binary search; null when none holds all of it.
 * @param {Manifest['shards']} shards in the order of their offsets.
 * @param {BlockRef} block
 * @returns {Position | null}
 */
export function locate(shards, block) {
  let low = 0;
  let high = shards.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (/** @type {Manifest['shards'][0]} */ (shards[middle]).offset <= block.offset) low = middle + 1;
    else high = middle;
  }
  const shard = shards[low - 1];
  if (!shard || block.offset + block.len > shard.offset + shard.len) return null;
  return { index: low - 1, start: block.offset - shard.offset };
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

/** @param {Uint8Array<ArrayBuffer>} bytes @returns {Promise<Uint8Array<ArrayBuffer>>} */
export async function gunzip(bytes) {
  const { readable, writable } = new DecompressionStream('gzip');
  // Not through a Blob: WebKit cannot read one in the worker of a page on file://. What goes wrong here shows at the other end.
  const writer = writable.getWriter();
  for (const step of [writer.write(bytes), writer.close()]) step.catch(() => {});
  return new Uint8Array(await new Response(readable).arrayBuffer());
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
