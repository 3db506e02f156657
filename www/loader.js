/** Brings blocks to the core: by spans over http, by whole shards elsewhere. What is on its way is asked for once, whoever waits for
 *  it; what nobody waits for any longer is broken off. Whole shards, and single blocks of others, are held within a budget, the least
 *  recently used goes first: a core that let go of a block, or that takes the place of another, gets it at once. */

import { damaged } from './source.js';

/** @typedef {import('./types').BlockRef} BlockRef */
/** @typedef {import('./manifest.js').Directory} Directory */
/** @typedef {import('./manifest.js').Shard} Shard */
/** @typedef {import('./host.js').Host} Host */

/** @typedef {object} Sink The core's side: where blocks go.
 *  @property {(offset: number, bytes: Uint8Array) => void} supply Throws when the checksum is wrong.
 *  @property {(offset: number, reason: string) => void} lose */

/** @typedef {import('./types').Stats['trace'][0]} Request */

/** @typedef {{ blocks: BlockRef[], waiting: number, controller: AbortController, done: Promise<void> }} Errand One request, and for how many questions. */

/** Requests that are remembered, for those who ask what was loaded. */
const TRACE_MAX = 200;

/** Bytes between two blocks that are loaded along to save a request: 3 ms at 10 Mbit/s, where a request of its own takes tens of them. */
export const GAP = 4096;

/** From this share of a shard on, the whole is asked for: a script comes compressed where the host compresses, a span never. */
const WHOLE_SHARE = 0.75;

/** No more than this part of the budget is brought before anybody asks. */
const WARM_PART = 4;

export class Loader {
  #directory;
  #host;
  #part;
  #sink;
  #budget;
  #progress;
  /** Shards by name, blocks of other shards by offset; least recently used first. @type {Map<string | number, Uint8Array>} */
  #held = new Map();
  #heldLen = 0;
  /** Whole shards on their way. @type {Map<string, Promise<Uint8Array>>} */
  #shards = new Map();
  /** Errands under way, by the offset of each of their blocks. @type {Map<number, Errand>} */
  #underway = new Map();
  /** Blocks given up since their file did not come. @type {Set<number>} */
  #missed = new Set();
  /** Blocks given up, whatever the reason. @type {Set<number>} */
  #lost = new Set();
  /** Shards that are brought before anybody asks. @type {Shard[] | null} */
  #beginnings = null;
  #total = 0;
  #loaded = 0;
  /** Every byte and request so far, for those who count. */
  #brought = 0;
  #spans = 0;
  #wholes = 0;
  /** The last of them, oldest first. @type {Request[]} */
  trace = [];

  /**
   * @param {object} parts
   * @param {Directory} parts.directory
   * @param {Host | null} parts.host Null where spans cannot be had.
   * @param {(name: string) => Promise<any>} parts.part Loads a part by its name through the page: bytes of a shard, or a page of the manifest.
   * @param {Sink} parts.sink
   * @param {number} parts.budget Bytes to hold at most.
   * @param {(loaded: number, total: number) => void} parts.progress
   */
  constructor({ directory, host, part, sink, budget, progress }) {
    this.#directory = directory;
    this.#host = host;
    this.#part = part;
    this.#sink = sink;
    this.#budget = budget;
    this.#progress = progress;
  }

  /** Bytes held and brought, and requests made. */
  get stats() {
    return { held: this.#heldLen, brought: this.#brought, spans: this.#spans, shards: this.#wholes };
  }

  /** Blocks that may be tried once more, as a connection may be there again; forgets them. @returns {number[]} */
  takeMissed() {
    const missed = [...this.#missed];
    this.#missed.clear();
    return missed;
  }

  /** The shards that open the archive: one for each segment. @returns {Promise<Uint8Array[]>} */
  roots() {
    return Promise.all(this.#directory.roots.map((name) => this.#held.get(name) ?? this.#whole({ name })));
  }

  /** Brings what the first posts will need, while there is nothing else to wait for. */
  prepare() {
    const { dictionary } = this.#directory;
    // What does not come is asked for again once it is missed.
    if (dictionary) this.#whole(dictionary).catch(() => {});
  }

  /** Brings one more of the shards that most queries begin with, where these are few. @returns {Promise<boolean>} whether there was one. */
  async warm() {
    this.#beginnings ??= this.#directory.beginnings(this.#budget / WARM_PART);
    const shard = this.#beginnings.shift();
    // What does not come is asked for again once it is missed.
    if (shard && !this.#held.has(shard.name)) await this.#whole(shard).catch(() => {});
    return shard !== undefined;
  }

  /**
   * Resolves once each block was supplied or given up; rejects when aborted. Requests leave before this returns its promise, unless a
   * page of the manifest has to come first.
   * @param {BlockRef[]} blocks
   * @param {AbortSignal} signal
   * @param {Request['kind']} [kind] What they are for.
   * @returns {Promise<unknown>}
   */
  load(blocks, signal, kind = 'search') {
    const pages = new Set(blocks.map(({ offset }) => this.#directory.missing(offset)).filter((name) => name !== null));
    if (pages.size === 0) return this.#load(blocks, signal, kind);
    return Promise.all([...pages].map((name) => this.#page(name))).then(() => (signal.aborted ? Promise.reject(signal.reason) : this.#load(blocks, signal, kind)));
  }

  /** @param {string} name of a page of the manifest. */
  async #page(name) {
    try {
      this.#directory.add(name, await this.#part(name));
    } catch {
      // Its blocks are found nowhere, and given up under the name of this file.
    }
  }

  /** @param {BlockRef[]} blocks @param {AbortSignal} signal @param {Request['kind']} kind */
  #load(blocks, signal, kind) {
    /** @type {Set<Errand>} */
    const errands = new Set();
    /** @type {Map<Shard, BlockRef[]>} */
    const open = new Map();
    for (const block of blocks) {
      const known = this.#underway.get(block.offset);
      const errand = known?.controller.signal.aborted ? undefined : known;
      const shard = errand ? null : this.#directory.locate(block);
      if (errand) errands.add(errand);
      else if (shard) open.set(shard, [...(open.get(shard) ?? []), block]);
      // A block that no shard holds is the manifest's fault.
      else this.#sink.lose(block.offset, damaged(`archive/${this.#directory.missing(block.offset) ?? 'manifest'}.js`));
    }
    for (const [shard, wanted] of open) for (const errand of this.#plan(shard, wanted, kind)) errands.add(errand);
    for (const errand of errands) errand.waiting++;
    return this.#wait([...errands], signal);
  }

  /** @param {Errand[]} errands @param {AbortSignal} signal */
  async #wait(errands, signal) {
    /** @type {(reason: unknown) => void} */
    let stop = () => {};
    const aborted = new Promise((_, reject) => (stop = () => reject(signal.reason)));
    signal.addEventListener('abort', stop);
    try {
      await Promise.race([Promise.all(errands.map(({ done }) => done)), aborted]);
    } finally {
      signal.removeEventListener('abort', stop);
      for (const errand of errands) if (--errand.waiting === 0) errand.controller.abort();
    }
  }

  /** The requests that bring some blocks of one shard. @param {Shard} shard @param {BlockRef[]} blocks @param {Request['kind']} kind @returns {Errand[]} */
  #plan(shard, blocks, kind) {
    const start = (/** @type {BlockRef[]} */ wanted) => Math.min(...wanted.map(({ offset }) => offset)) - shard.offset;
    const note = (/** @type {BlockRef[]} */ wanted, /** @type {number} */ len, /** @type {boolean} */ whole) => this.#note({ kind, shard: shard.name, start: whole ? 0 : start(wanted), len, blocks: wanted.length, whole, ms: null });
    const held = this.#held.get(shard.name);
    if (held) {
      this.#hold(shard.name, held);
      this.#settle(shard, blocks, held);
      note(blocks, blocks.reduce((sum, block) => sum + block.len, 0), false);
      return [];
    }
    blocks = blocks.filter((block) => !this.#again(shard, block));
    if (blocks.length === 0) return [];
    const len = blocks.reduce((sum, block) => sum + block.len, 0);
    if (!this.#host?.isTrusted || this.#shards.has(shard.name) || len > shard.len * WHOLE_SHARE) return [this.#errand(blocks, note(blocks, shard.len, true), () => this.#fromWhole(shard, blocks))];
    return joined(blocks, GAP).map((span) => {
      const end = Math.max(...span.map(({ offset, len }) => offset + len)) - shard.offset;
      return this.#errand(span, note(span, end - start(span), false), (signal) => this.#fromSpan(shard, span, start(span), end, signal));
    });
  }

  /** Supplies a block that is held by itself. @param {Shard} shard @param {BlockRef} block */
  #again(shard, block) {
    const bytes = this.#held.get(block.offset);
    if (!bytes) return false;
    this.#hold(block.offset, bytes);
    return this.#unpack(shard, [block], { start: block.offset - shard.offset, bytes }).length === 0;
  }

  /** @param {Request} request @returns {Request} */
  #note(request) {
    this.trace.push(request);
    if (this.trace.length > TRACE_MAX) this.trace.shift();
    return request;
  }

  /** @param {BlockRef[]} blocks @param {Request} request @param {(signal: AbortSignal) => Promise<void>} run @returns {Errand} */
  #errand(blocks, request, run) {
    const { len } = request;
    const began = performance.now();
    const controller = new AbortController();
    this.#count(0, len);
    const done = run(controller.signal).finally(() => {
      for (const { offset } of blocks) if (this.#underway.get(offset) === errand) this.#underway.delete(offset);
      this.#count(len, 0);
      request.ms = performance.now() - began;
    });
    // Where nobody waits any longer, nobody hears of the end either.
    done.catch(() => {});
    /** @type {Errand} */
    const errand = { blocks, waiting: 0, controller, done };
    for (const { offset } of blocks) this.#underway.set(offset, errand);
    return errand;
  }

  /** @param {number} loaded @param {number} asked */
  #count(loaded, asked) {
    this.#brought += loaded;
    this.#loaded += loaded;
    this.#total += asked;
    this.#progress(this.#loaded, this.#total);
    if (this.#loaded === this.#total) this.#loaded = this.#total = 0;
  }

  /** @param {Shard} shard @param {BlockRef[]} blocks @param {number} start @param {number} end @param {AbortSignal} signal */
  async #fromSpan(shard, blocks, start, end, signal) {
    this.#spans++;
    const host = /** @type {Host} */ (this.#host);
    const span = await host.span(shard, start, end, signal);
    const refused = span ? this.#unpack(shard, blocks, span) : blocks;
    if (span && refused.length === 0) return this.#holdSpan(shard, blocks, span);
    await this.#fromWhole(shard, refused);
    // Wrong bytes of a shard that is whole are the host's fault; of a damaged one they are not.
    if (span && refused.every(({ offset }) => !this.#lost.has(offset))) host.distrust();
  }

  /** @param {Shard} shard @param {BlockRef[]} blocks */
  async #fromWhole(shard, blocks) {
    const path = `archive/${shard.name}.js`;
    try {
      const bytes = await this.#whole(shard);
      this.#settle(shard, blocks, bytes);
    } catch (error) {
      for (const { offset } of blocks) {
        this.#missed.add(offset);
        this.#lose(offset, error instanceof Error ? error.message : damaged(path));
      }
    }
  }

  /** Supplies blocks from their whole shard, or gives them up. @param {Shard} shard @param {BlockRef[]} blocks @param {Uint8Array} bytes */
  #settle(shard, blocks, bytes) {
    for (const { offset } of this.#unpack(shard, blocks, { start: 0, bytes })) this.#lose(offset, damaged(`archive/${shard.name}.js`));
  }

  /** @param {number} offset @param {string} reason */
  #lose(offset, reason) {
    this.#lost.add(offset);
    this.#sink.lose(offset, reason);
  }

  /**
   * Supplies blocks from bytes that hold them; gives back those that the core refused.
   * @param {Shard} shard @param {BlockRef[]} blocks @param {{ start: number, bytes: Uint8Array }} span
   */
  #unpack(shard, blocks, { start, bytes }) {
    return blocks.filter(({ offset, len }) => {
      const at = offset - shard.offset - start;
      try {
        this.#sink.supply(offset, bytes.subarray(at, at + len));
        this.#lost.delete(offset);
        return false;
      } catch {
        return true;
      }
    });
  }

  /** @param {Pick<Shard, 'name'>} shard @returns {Promise<Uint8Array>} */
  #whole({ name }) {
    const known = this.#shards.get(name);
    if (known) return known;
    this.#wholes++;
    const whole = Promise.resolve(this.#part(name)).then((bytes) => {
      this.#hold(name, bytes);
      return bytes;
    }).finally(() => this.#shards.delete(name));
    this.#shards.set(name, whole);
    return whole;
  }

  /** @param {Shard} shard @param {BlockRef[]} blocks @param {{ start: number, bytes: Uint8Array }} span that holds them, and was found good. */
  #holdSpan(shard, blocks, { start, bytes }) {
    if (bytes.length === shard.len) return this.#hold(shard.name, bytes);
    for (const { offset, len } of blocks) {
      const at = offset - shard.offset - start;
      this.#hold(offset, bytes.slice(at, at + len));
    }
  }

  /** Holds bytes as the most recently used, and lets go of what the budget has no room for. @param {string | number} key @param {Uint8Array} bytes */
  #hold(key, bytes) {
    if (!this.#held.delete(key)) this.#heldLen += bytes.length;
    this.#held.set(key, bytes);
    for (const [oldest, { length }] of this.#held) {
      if (this.#heldLen <= this.#budget) break;
      this.#held.delete(oldest);
      this.#heldLen -= length;
    }
  }
}

/**
 * Blocks of one shard in runs, where no two neighbours of a run are further apart than `gap` bytes.
 * @param {BlockRef[]} blocks @param {number} gap @returns {BlockRef[][]}
 */
export function joined(blocks, gap) {
  /** @type {BlockRef[][]} */
  const runs = [];
  let end = -Infinity;
  for (const block of [...blocks].sort((a, b) => a.offset - b.offset)) {
    if (block.offset - end <= gap) runs[runs.length - 1]?.push(block);
    else runs.push([block]);
    end = Math.max(end, block.offset + block.len);
  }
  return runs;
}
