/** Spans of shards over http. A shard is a script whose payload is base64; bytes that begin at a multiple of three are characters that
 *  begin at a multiple of four, so a span of it can be asked for by Range. Hosts that do not honour Range, or say so and do otherwise,
 *  are found out and not asked again: then whole shards are loaded as scripts, as from a disk. */

import { fromBase64 } from './source.js';

/** @typedef {import('./manifest.js').Shard} Shard */

export class Host {
  #base;
  #fetch;
  #trusted = true;
  /** Whether a span ever came as it was asked for. */
  #proven = false;

  /** @param {string} base address of the folder, with a slash at its end. @param {typeof globalThis.fetch} fetch */
  constructor(base, fetch) {
    this.#base = base;
    this.#fetch = fetch;
  }

  /** Whether spans are worth asking for. */
  get isTrusted() {
    return this.#trusted;
  }

  /** What came was not what was asked for. */
  distrust() {
    this.#trusted = false;
  }

  /**
   * Bytes of a shard, from `start` (a multiple of 3) to at least `end`, or the whole payload where the host ignores Range.
   * @param {Shard} shard
   * @param {number} start
   * @param {number} end
   * @param {AbortSignal} signal
   * @returns {Promise<{ start: number, bytes: Uint8Array } | null>} null when the shard must be had in another way.
   */
  async span(shard, start, end, signal) {
    const before = `fondsShard("${shard.name}","`.length;
    const first = before + (start / 3) * 4;
    const last = before + Math.ceil(end / 3) * 4 - 1;
    const size = before + Math.ceil(shard.len / 3) * 4 + '");\n'.length;
    let text = '';
    try {
      // Each span has an address of its own: of one address, browsers' caches let one request through at a time.
      const response = await this.#fetch(`${this.#base}archive/${shard.name}.js?${first}-${last}`, { headers: { Range: `bytes=${first}-${last}` }, signal });
      if (response.status === 200) {
        this.distrust();
        return payload(shard, await response.text());
      }
      if (response.status === 206 && response.headers.get('content-range') === `bytes ${first}-${last}/${size}`) text = await response.text();
    } catch (error) {
      if (signal.aborted) throw error;
      // The connection may be gone, which says nothing of the host; unless it has never worked: a policy of the host's may forbid it.
      if (!this.#proven) this.distrust();
      return null;
    }
    if (text.length === last - first + 1) {
      try {
        const bytes = fromBase64(text);
        this.#proven = true;
        return { start, bytes };
      } catch {
        // Not base64: some other bytes of the file.
      }
    }
    this.distrust();
    return null;
  }
}

/** The payload of a shard's script. @param {Shard} shard @param {string} script */
function payload({ name, len }, script) {
  const before = `fondsShard("${name}","`;
  const after = '");';
  const body = script.trimEnd();
  if (!body.startsWith(before) || !body.endsWith(after)) return null;
  try {
    const bytes = fromBase64(body.slice(before.length, -after.length));
    return bytes.length === len ? { start: 0, bytes } : null;
  } catch {
    return null;
  }
}
