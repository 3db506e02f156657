/** The worker owns the core. It answers `{ id, method, args }` with `{ id, value }`, `{ id, error }` or `{ id, cancelled }`,
 *  and asks the page for shards with `{ want: name }`, which come back as `{ shard: name, bytes }` or `{ shard: name, reason }`.
 *  The core does no I/O: it names the blocks that it lacks, and is called again once they are here or given up. */

import { damaged, gunzip, locate } from './source.js';

/** @typedef {import('./types').Manifest} Manifest */
/** @typedef {import('./types').BlockRef} BlockRef */
/** @typedef {import('./types').Explorer} Explorer */
/** @typedef {{ id: number, method: 'open' | 'search' | 'more' | 'facets' | 'post', args: any }} Call */
/** @typedef {{ shard: string, bytes?: Uint8Array, reason?: string }} Delivery */

/** Bytes of shards to keep; the oldest go first and are asked for again when needed. What the core has opened stays
 *  with it beside these. */
const HELD_LEN_MAX = 96 * 1024 * 1024;

/** How often one question may ask for more blocks. The tests of the core allow eight; more is a fault, not a need. */
const ROUNDS_MAX = 64;

/** Blocks given up since their file did not come: the next question tries once more, as a connection may be there again.
 *  @type {Set<number>} */
const missed = new Set();

/** @type {Explorer} */
let explorer;
/** @type {Manifest['shards']} */
let shards = [];
/** Shards held, in the order of their last use. @type {Map<string, Uint8Array>} */
const held = new Map();
let heldLen = 0;
/** @type {Map<string, { promise: Promise<Uint8Array>, resolve: (bytes: Uint8Array) => void, reject: (error: Error) => void }>} */
const wanted = new Map();
/** The newest call of each method: an older one that still waits is dropped. @type {Map<string, number>} */
const newest = new Map();

self.onmessage = (/** @type {MessageEvent<Call | Delivery>} */ { data }) => {
  if ('shard' in data) receive(data);
  else void answer(data);
};

/** @param {Call} call */
async function answer({ id, method, args }) {
  newest.set(method, id);
  // What was asked about the last question's answer is of no use once there is a new one.
  if (method === 'search') for (const about of ['more', 'facets']) newest.set(about, id);
  try {
    const value = method === 'open' ? await open(args) : await ask(id, method, /** @type {() => import('./types').Answer<unknown>} */ (() => (method === 'post' ? explorer.post(args) : explorer.search(args))));
    self.postMessage({ id, value });
  } catch (error) {
    if (error === CANCELLED) self.postMessage({ id, cancelled: true });
    else self.postMessage({ id, error: sentence(error) });
  }
}

/** @param {{ core: Uint8Array<ArrayBuffer>, manifest: Manifest }} parts */
async function open({ core, manifest }) {
  shards = manifest.shards;
  const first = shards[0];
  if (!first) throw new Error('archive/manifest.js names no shards: was the folder written whole?');
  const [wasm, head] = await Promise.all([gunzip(core), shard(first.name)]);
  await wasm_bindgen({ module_or_path: wasm });
  try {
    explorer = new wasm_bindgen.Explorer(head);
  } catch (error) {
    throw new Error(`archive/${first.name}.js: ${sentence(error)}`);
  }
  return explorer.info();
}

/**
 * Asks the core until it lacks nothing.
 * @template T
 * @param {number} id
 * @param {string} method
 * @param {() => import('./types').Answer<T>} question
 * @returns {Promise<T | null>}
 */
async function ask(id, method, question) {
  // Keys pressed meanwhile are already in the queue; only the last one is worth an answer.
  await nextTask();
  for (const offset of missed) explorer.forget_lost(offset);
  missed.clear();
  for (let round = 0; round < ROUNDS_MAX; round++) {
    if (newest.get(method) !== id) throw CANCELLED;
    const { need, page } = question();
    if (need.length === 0) return page;
    await Promise.all(need.map(supply));
  }
  throw new Error('The archive asks for the same parts again and again: its index is damaged.');
}

/** Hands one block to the core, or gives it up and names the file that should have held it. @param {BlockRef} block */
async function supply({ offset, len }) {
  const place = locate(shards, { offset, len });
  // A block that no shard holds is the manifest's fault.
  const name = place ? /** @type {Manifest['shards'][0]} */ (shards[place.index]).name : 'manifest';
  const path = `archive/${name}.js`;
  try {
    if (!place) throw new Error(damaged(path));
    missed.add(offset);
    const bytes = await shard(name);
    missed.delete(offset);
    explorer.supply(offset, bytes.subarray(place.start, place.start + len));
  } catch (error) {
    // The core knows bytes and no files: what it refuses is said in the words of the source.
    const reason = sentence(error);
    explorer.lose(offset, reason.includes(path) ? reason : damaged(path));
  }
}

/** @param {string} name @returns {Promise<Uint8Array>} */
function shard(name) {
  const bytes = held.get(name);
  if (bytes) {
    held.delete(name);
    held.set(name, bytes);
    return Promise.resolve(bytes);
  }
  const waiting = wanted.get(name);
  if (waiting) return waiting.promise;
  /** @type {(bytes: Uint8Array) => void} */
  let resolve = () => {};
  /** @type {(error: Error) => void} */
  let reject = () => {};
  /** @type {Promise<Uint8Array>} */
  const promise = new Promise((yes, no) => {
    resolve = yes;
    reject = no;
  });
  wanted.set(name, { promise, resolve, reject });
  self.postMessage({ want: name });
  return promise;
}

/** @param {Delivery} delivery */
function receive({ shard: name, bytes, reason }) {
  const waiting = wanted.get(name);
  wanted.delete(name);
  if (!bytes) {
    waiting?.reject(new Error(reason));
    return;
  }
  held.set(name, bytes);
  heldLen += bytes.length;
  for (const [oldest, old] of held) {
    if (heldLen <= HELD_LEN_MAX || oldest === name) break;
    held.delete(oldest);
    heldLen -= old.length;
  }
  waiting?.resolve(bytes);
}

/** @param {unknown} error */
function sentence(error) {
  return error instanceof Error ? error.message : String(error);
}

/** @returns {Promise<void>} */
function nextTask() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

const CANCELLED = Symbol('a newer question of the same kind came');
