/** Opens an archive: the parts that everything needs, the worker, and the core within it. */

import { Core } from './core.js';
import { Source } from './source.js';

/** @typedef {import('./types').ArchiveInfo} ArchiveInfo */

const MB = 1 << 20;

/** Bytes to keep in memory: shards as they were loaded, and what the core has opened. A phone's browser ends a page that takes much;
 *  where the browser says that the device has little memory, a third. */
const BUDGET = { shards: 8 * MB, core: 16 * MB };
const BUDGET_SMALL = { shards: 3 * MB, core: 5 * MB };

/** Gigabytes, as `navigator.deviceMemory` gives them, up to which a device has little memory. */
const SMALL_MEMORY = 2;

/**
 * @param {import('./source.js').FondsShard} shard
 * @param {Document} document
 * @param {(loaded: number, total: number) => void} progress Bytes loaded, and asked for, since nothing was under way.
 * @param {AbortSignal} [signal] Ends the opening: nothing more is asked for, and the worker is ended.
 * @returns {Promise<{ core: Core, info: ArchiveInfo, source: Source }>}
 */
export async function openArchive(shard, document, progress, signal) {
  const source = new Source(shard, document, signal);
  // A worker takes some time to start, and need not wait for what it will be given.
  const started = source.worker().then((script) => {
    signal?.throwIfAborted();
    const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
    return new Core(() => new Worker(url), source, progress, signal);
  });
  const [core, packed, manifest] = await Promise.all([started, source.core(), source.manifest()]);
  const { deviceMemory = Infinity } = /** @type {{ deviceMemory?: number }} */ (navigator);
  const budget = deviceMemory <= SMALL_MEMORY ? BUDGET_SMALL : BUDGET;
  return { core, source, info: { ...(await core.open({ core: packed, manifest, archive: source.archive, base: source.base, local: location.protocol === 'file:', budget })), len: manifest.len } };
}
