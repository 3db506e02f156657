/** The page's side of the worker: questions out, answers in, and the parts that the worker asks for.
 *
 *  With open.js and source.js this is all of loading and searching, without any view. In a page with boot.js (or with a `fondsShard`
 *  that does what it does):
 *
 *      const { core, info } = await openArchive(fondsShard, document, (loaded, total) => {});
 *      const page = await core.search({ query: 'storm', typing: false, filters: [], from: null, to: null, sort: 'relevance',
 *                                       offset: 0, limit: 10, facet_limit: 0 });
 *
 *  types.d.ts has every shape. A question that a newer one of its kind overtook resolves with `undefined`. */

/** @typedef {import('./types').Setup} Setup */
/** @typedef {import('./types').Stats} Stats */
/** @typedef {import('./types').ArchiveInfo} ArchiveInfo */
/** @typedef {import('./types').SearchRequest} SearchRequest */
/** @typedef {import('./types').SearchPage} SearchPage */
/** @typedef {import('./types').PostRequest} PostRequest */
/** @typedef {import('./types').PostView} PostView */
/** @typedef {import('./types').CompleteRequest} CompleteRequest */
/** @typedef {import('./source.js').Source} Source */
/** @typedef {{ id: number, value?: unknown, error?: string, cancelled?: true } | { want: string } | { loaded: number, total: number }} Message */

/** Wait after a first answer before the whole core is loaded: what belongs to the answer comes first. */
const LATER_MS = 300;

export class Core {
  #start;
  #worker;
  #source;
  #progress;
  #id = 0;
  /** The timer that starts the whole core. @type {ReturnType<typeof setTimeout> | undefined} */
  #soon;
  /** @type {Map<number, { resolve: (value: any) => void, reject: (error: Error) => void }>} */
  #calls = new Map();

  /**
   * @param {() => Worker} start Starts a worker of worker.js.
   * @param {Pick<Source, 'part'>} source
   * @param {(loaded: number, total: number) => void} progress
   * @param {AbortSignal} [signal] Ends the worker.
   */
  constructor(start, source, progress, signal) {
    this.#start = start;
    const worker = start();
    this.#worker = worker;
    this.#source = source;
    this.#progress = progress;
    signal?.addEventListener('abort', () => worker.terminate());
    worker.onmessage = ({ data }) => this.#receive(data);
    worker.onerror = (event) => {
      const error = new Error(`The part of the page that searches has stopped (${event.message}): reload the page.`);
      for (const { reject } of this.#calls.values()) reject(error);
      this.#calls.clear();
    };
  }

  /** @param {Setup} setup @returns {Promise<Omit<ArchiveInfo, 'len'>>} */
  open(setup) {
    return this.#call('open', setup, [setup.core.buffer]);
  }

  /**
   * Resolves with `undefined` when a newer question of the same kind came first.
   * @param {SearchRequest} request
   * @param {'search' | 'more' | 'facets' | 'zoom' | 'aside'} [kind] A new question, more hits of the last one, the values of its facets, or bars of a part of its time;
   *   or one aside, which no other ends.
   * @returns {Promise<SearchPage | undefined>}
   */
  search(request, kind = 'search') {
    return this.#call('search', request, [], kind);
  }

  /** Loads what a request would need, until any question comes. @param {SearchRequest} request @returns {Promise<unknown>} */
  ahead(request) {
    return this.#call('search', request, [], 'ahead');
  }

  /** Resolves with `undefined` when a newer one came first, unless it is asked aside. @param {PostRequest} request @param {'post' | 'aside'} [kind] @returns {Promise<PostView | null | undefined>} */
  post(request, kind = 'post') {
    return this.#call('post', request, [], kind);
  }

  /** Words that what is typed may become; `undefined` when a newer question came first. @param {CompleteRequest} request @returns {Promise<{ text: string, count: number }[] | undefined>} */
  complete(request) {
    return this.#call('complete', request, [], 'complete');
  }

  /** Starts the whole core ahead of a question that will need it. @returns {Promise<void>} */
  whole() {
    return this.#call('whole', null, []);
  }

  /** Starts the whole core a moment after the first answer: it is faster, and knows more. Where it cannot be had, the small one goes on. */
  wholeSoon() {
    this.#soon ??= setTimeout(() => this.whole().catch(() => (this.#soon = undefined)), LATER_MS);
  }

  /** What the worker holds in memory. @returns {Promise<Stats>} */
  stats() {
    return this.#call('stats', null, []);
  }

  /** @param {string} method @param {object | null} args @param {Transferable[]} transfer @param {string} [kind] @returns {Promise<any>} */
  #call(method, args, transfer, kind) {
    const id = ++this.#id;
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve, reject });
      this.#worker.postMessage({ id, method, kind, args }, transfer);
    });
  }

  /** @param {Message} message */
  #receive(message) {
    if ('want' in message) return void this.#deliver(message.want);
    if ('total' in message) return this.#progress(message.loaded, message.total);
    const call = this.#calls.get(message.id);
    this.#calls.delete(message.id);
    if (message.error !== undefined) call?.reject(new Error(message.error));
    else call?.resolve(message.cancelled ? undefined : message.value);
  }

  /** @param {string} name */
  async #deliver(name) {
    try {
      let value = await this.#source.part(name);
      if (name === 'more') value = await this.#unpack(/** @type {Uint8Array} */ (value));
      this.#worker.postMessage({ part: name, value }, value instanceof Uint8Array ? [value.buffer] : []);
    } catch (error) {
      this.#worker.postMessage({ part: name, reason: error instanceof Error ? error.message : String(error) });
    }
  }

  /** The whole core, unpacked by a worker of its own: it takes as long as several answers, which would have to wait. @param {Uint8Array} packed @returns {Promise<Uint8Array>} */
  #unpack(packed) {
    const worker = this.#start();
    const unpacked = new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => (data.error === undefined ? resolve(data.value) : reject(new Error(data.error)));
      worker.onerror = ({ message }) => reject(new Error(message));
    });
    worker.postMessage({ id: 0, method: 'unpack', args: packed }, [packed.buffer]);
    return unpacked.finally(() => worker.terminate());
  }
}
