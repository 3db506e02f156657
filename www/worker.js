/** The worker owns the core. It answers `{ id, method, args }` with `{ id, value }`, `{ id, error }` or `{ id, cancelled }`,
 *  asks the page for parts with `{ want: name }`, which come back as `{ part: name, value }` or `{ part: name, reason }`, and tells
 *  `{ loaded, total }` in bytes. The core does no I/O: it names the blocks that it lacks, and is called again once they are here or
 *  given up. */

import { Host } from './host.js';
import { Loader } from './loader.js';
import { unlzma } from './lzma.js';
import { Directory } from './manifest.js';
import { weave } from './weave.js';

/** @typedef {import('./types').Explorer} Explorer */
/** @typedef {import('./types').Setup} Setup */
/** @typedef {'search' | 'more' | 'facets' | 'zoom' | 'ahead' | 'post' | 'complete' | 'aside'} Kind */
/** @typedef {{ id: number, method: 'open' | 'unpack' | 'stats' | 'whole' | 'search' | 'post' | 'complete', kind: Kind, args: any }} Call */
/** @typedef {{ part: string, value?: unknown, reason?: string }} Delivery */

/** How often one question may ask for more blocks. The tests of the core allow eight; more is a fault, not a need. */
const ROUNDS_MAX = 64;

/** Nobody has asked anything for so long: what was answered has been drawn. */
const REST_MS = 100;

/** Kinds of questions that a new one of a kind makes useless: what was asked about the last answer, or guessed from it. What is asked
 *  aside, such as for an export, is answered whatever else is asked. @type {Record<Kind, Kind[]>} */
const ENDS = { search: ['search', 'more', 'facets', 'zoom', 'ahead'], more: ['more', 'ahead'], facets: ['facets'], zoom: ['zoom'], ahead: ['ahead'], post: ['post', 'ahead'], complete: ['complete'], aside: [] };

/** Between two words on what was loaded: each costs the page a turn, and a frame where it is shown. */
const TELLING_MS = 100;

/** @type {Explorer} */
let explorer;
/** @type {Loader} */
let loader;
/** @type {Setup} */
let setup;
/** Memory of the core in use. @type {WebAssembly.Memory} */
let memory;
/** The swap to the whole core, once a question has needed it. @type {Promise<void> | null} */
let swap = null;
/** Parts asked of the page. @type {Map<string, { resolve: (value: any) => void, reject: (error: Error) => void }>} */
const wanted = new Map();
/** The newest question of each kind, or the one that ended it. @type {Map<Kind, number>} */
const newest = new Map();
/** How to break off what the newest question of each kind loads. @type {Map<Kind, AbortController>} */
const controllers = new Map();

self.onmessage = (/** @type {MessageEvent<Call | Delivery>} */ { data }) => {
  if ('part' in data) receive(data);
  else void answer(data);
};

/** @param {Call} call */
async function answer({ id, method, kind, args }) {
  try {
    self.postMessage({ id, value: await reply(id, method, kind, args) });
  } catch (error) {
    if (error === CANCELLED) self.postMessage({ id, cancelled: true });
    else self.postMessage({ id, error: sentence(error) });
  }
}

/** @param {number} id @param {Call['method']} method @param {Kind} kind @param {any} args */
function reply(id, method, kind, args) {
  if (method === 'open') return open(args);
  if (method === 'unpack') return unpacked(args);
  if (method === 'stats') return stats();
  if (method === 'whole') return swapCore();
  return ask(id, method, kind, args);
}

/** @param {Setup} given */
async function open(given) {
  setup = given;
  const { manifest, archive, base, budget } = setup;
  const directory = new Directory(manifest, archive);
  loader = new Loader({
    directory,
    host: base === null ? null : new Host(base, fetch.bind(self)),
    part,
    sink: { supply: (offset, bytes) => explorer.supply(offset, bytes), lose: (offset, reason) => explorer.lose(offset, reason) },
    budget: budget.shards,
    progress: tell,
  });
  const heads = loader.roots();
  const hidden = manifest.hidden ? part(manifest.hidden) : null;
  const opening = await heads;
  loader.prepare();
  explorer = await start(unpacked(setup.core), opening);
  if (hidden) explorer.hide(await hidden);
  // What is published of several segments begins with the whole core.
  if (manifest.segments) swap = Promise.resolve();
  return explorer.info();
}

/** A core with the archive open in it. @param {Uint8Array<ArrayBuffer>} module @param {Uint8Array[]} heads */
async function start(module, [head, ...others]) {
  const glue = fondsGlue();
  ({ memory } = await glue({ module_or_path: module }));
  try {
    const explorer = new glue.Explorer(/** @type {Uint8Array} */ (head));
    for (const head of others) explorer.append(head);
    explorer.set_budget(setup.budget.core);
    return explorer;
  } catch (error) {
    throw new Error(`archive/${new Directory(setup.manifest, '').root.name}.js: ${sentence(error)}`);
  }
}

/** @param {Uint8Array} packed */
function unpacked(packed) {
  try {
    return weave(unlzma(packed));
  } catch {
    throw new Error('The search part of this page (fonds/core.js or fonds/more.js) is damaged: was the folder copied whole?');
  }
}

/** What was last said of loading, and not yet to the page. @type {{ loaded: number, total: number } | null} */
let untold = null;

/** Tells the page what has been loaded of what was asked for, now and then. @param {number} loaded @param {number} total */
function tell(loaded, total) {
  if (untold === null) {
    setTimeout(() => {
      self.postMessage(untold);
      untold = null;
    }, TELLING_MS);
  }
  untold = { loaded, total };
}

/** Changes to the whole core, which has what few queries need. It asks for its blocks anew: shards that are held come at once. */
function swapCore() {
  swap ??= Promise.all([part('more'), loader.roots()]).then(async ([module, heads]) => {
    const whole = await start(module, heads);
    explorer.free();
    explorer = whole;
  });
  swap.catch(() => (swap = null));
  return swap;
}

/**
 * Asks the core until it lacks nothing.
 * @param {number} id
 * @param {'search' | 'post' | 'complete'} method
 * @param {Kind} kind
 * @param {any} args
 * @returns {Promise<unknown>}
 */
async function ask(id, method, kind, args) {
  const controller = new AbortController();
  const older = ENDS[kind].flatMap((ended) => controllers.get(ended) ?? []);
  for (const ended of ENDS[kind]) {
    newest.set(ended, id);
    controllers.delete(ended);
  }
  if (ENDS[kind].includes(kind)) controllers.set(kind, controller);
  // What the older questions load is broken off only once this one has said what it needs, since it may need the same.
  const release = () => {
    for (const controller of older.splice(0)) controller.abort(CANCELLED);
  };
  clearTimeout(resting);
  try {
    // Keys pressed meanwhile are already in the queue; only the last one is worth an answer.
    await nextTask();
    for (const offset of loader.takeMissed()) explorer.forget_lost(offset);
    for (let round = 0; round < ROUNDS_MAX; round++) {
      if ((newest.get(kind) ?? id) !== id) throw CANCELLED;
      const { need, page, more } = method === 'post' ? explorer.post(args) : method === 'complete' ? explorer.complete(args.query, args.limit) : explorer.search(args);
      if (more) await swapCore();
      else if (need.length === 0) return kind === 'ahead' ? null : page;
      else {
        const loaded = loader.load(need, controller.signal, kind);
        release();
        await loaded;
      }
    }
    throw new Error('The archive asks for the same parts again and again: its index is damaged.');
  } finally {
    release();
    rest();
  }
}

/** Timer of what is brought while nobody asks. */
let resting = 0;

/** From a disk the words of the archive are brought between questions: bytes cost nothing there, and a key waits for each file. */
function rest() {
  clearTimeout(resting);
  if (setup.local) resting = setTimeout(async () => (await loader.warm()) && rest(), REST_MS);
}

/** What is in memory, in bytes, and what was asked for. @returns {import('./types').Stats} */
function stats() {
  return { ...loader.stats, memory: memory.buffer.byteLength, core: explorer.loaded_len(), whole: swap !== null, trace: loader.trace };
}

/** A part from the page, unpacked. @param {string} name @returns {Promise<any>} */
function part(name) {
  return new Promise((resolve, reject) => {
    wanted.set(name, { resolve, reject });
    self.postMessage({ want: name });
  });
}

/** @param {Delivery} delivery */
function receive({ part, value, reason }) {
  const waiting = wanted.get(part);
  wanted.delete(part);
  if (reason === undefined) waiting?.resolve(value);
  else waiting?.reject(new Error(reason));
}

/** @param {unknown} error */
function sentence(error) {
  return error instanceof Error ? error.message : String(error);
}

const turn = new MessageChannel();
/** @type {(() => void)[]} */
const turns = [];
turn.port1.onmessage = () => turns.shift()?.();

/** @returns {Promise<void>} */
function nextTask() {
  return new Promise((resolve) => {
    turns.push(resolve);
    turn.port2.postMessage(null);
  });
}

const CANCELLED = Symbol('a newer question came');
