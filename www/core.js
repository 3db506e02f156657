/** The page's side of the worker: questions out, answers in, and the shards that the worker asks for. */

/** @typedef {import('./types').Manifest} Manifest */
/** @typedef {import('./types').ArchiveInfo} ArchiveInfo */
/** @typedef {import('./types').SearchRequest} SearchRequest */
/** @typedef {import('./types').SearchPage} SearchPage */
/** @typedef {import('./types').PostRequest} PostRequest */
/** @typedef {import('./types').PostView} PostView */
/** @typedef {{ id: number, value?: unknown, error?: string, cancelled?: true } | { want: string }} Message */

export class Core {
  #worker;
  #source;
  #progress;
  #lens = new Map();
  #id = 0;
  /** @type {Map<number, { resolve: (value: any) => void, reject: (error: Error) => void }>} */
  #calls = new Map();
  /** Bytes of shards asked for and arrived since nothing was under way. */
  #total = 0;
  #loaded = 0;

  /**
   * @param {Worker} worker
   * @param {{ shard(name: string): Promise<Uint8Array> }} source
   * @param {(loaded: number, total: number) => void} progress
   */
  constructor(worker, source, progress) {
    this.#worker = worker;
    this.#source = source;
    this.#progress = progress;
    worker.onmessage = ({ data }) => this.#receive(data);
    worker.onerror = (event) => {
      const error = new Error(`The part of the page that searches has stopped (${event.message}): reload the page.`);
      for (const { reject } of this.#calls.values()) reject(error);
      this.#calls.clear();
    };
  }

  /** @param {Uint8Array} core @param {Manifest} manifest @returns {Promise<ArchiveInfo>} */
  open(core, manifest) {
    this.#lens = new Map(manifest.shards.map(({ name, len }) => [name, len]));
    return this.#call('open', { core, manifest }, [core.buffer]);
  }

  /**
   * Resolves with `undefined` when a newer question of the same kind came first.
   * @param {SearchRequest} request
   * @param {'search' | 'more' | 'facets'} kind A new question, more hits of the last one, or more values of its facets.
   * @returns {Promise<SearchPage | undefined>}
   */
  search(request, kind) {
    return this.#call(kind, request, []);
  }

  /** Resolves with `undefined` when a newer one came first. @param {PostRequest} request @returns {Promise<PostView | null | undefined>} */
  post(request) {
    return this.#call('post', request, []);
  }

  /** @param {string} method @param {object} args @param {Transferable[]} transfer @returns {Promise<any>} */
  #call(method, args, transfer) {
    const id = ++this.#id;
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve, reject });
      this.#worker.postMessage({ id, method, args }, transfer);
    });
  }

  /** @param {Message} message */
  #receive(message) {
    if ('want' in message) {
      void this.#deliver(message.want);
      return;
    }
    const call = this.#calls.get(message.id);
    this.#calls.delete(message.id);
    if (message.error !== undefined) call?.reject(new Error(message.error));
    else call?.resolve(message.cancelled ? undefined : message.value);
  }

  /** @param {string} name */
  async #deliver(name) {
    const len = this.#lens.get(name) ?? 0;
    this.#total += len;
    this.#progress(this.#loaded, this.#total);
    try {
      const bytes = await this.#source.shard(name);
      this.#worker.postMessage({ shard: name, bytes }, [bytes.buffer]);
    } catch (error) {
      this.#worker.postMessage({ shard: name, reason: error instanceof Error ? error.message : String(error) });
    }
    this.#loaded += len;
    this.#progress(this.#loaded, this.#total);
    if (this.#loaded === this.#total) this.#loaded = this.#total = 0;
  }
}
