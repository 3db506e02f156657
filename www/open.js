/** Opens an archive: the parts that everything needs, the worker, and the core within it. */

import { Core } from './core.js';
import { Source } from './source.js';

/** @typedef {import('./types').ArchiveInfo} ArchiveInfo */

/**
 * @param {import('./source.js').FondsShard} shard
 * @param {Document} document
 * @param {(loaded: number, total: number) => void} progress Bytes of shards that are under way.
 * @returns {Promise<{ core: Core, info: ArchiveInfo }>}
 */
export async function openArchive(shard, document, progress) {
  const source = new Source(shard, document);
  const [script, bytes, manifest] = await Promise.all([source.worker(), source.core(), source.manifest()]);
  const worker = new Worker(URL.createObjectURL(new Blob([script], { type: 'text/javascript' })));
  const core = new Core(worker, source, progress);
  return { core, info: await core.open(bytes, manifest) };
}
