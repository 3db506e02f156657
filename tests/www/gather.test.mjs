import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allHits, askScanned } from '../../www/gather.js';

const REQUEST = /** @type {any} */ ({ query: 'storm', offset: 0, limit: 10, scan_limit: 400 });

/** A core that finds so many posts, of which it folds some, and has so many slices to scan. @param {number} total @param {{ folded?: number, slices?: number }} [how] */
function coreOf(total, { folded = 0, slices = 0 } = {}) {
  /** @type {any[]} */
  const asked = [];
  let scanned = 0;
  const search = async (/** @type {any} */ request, /** @type {string} */ kind) => {
    asked.push({ ...request, kind });
    scanned = request.scan_limit === 0 ? slices : Math.min(slices, scanned + 1);
    const left = Math.max(0, Math.min(request.limit, total - folded - request.offset));
    return { total, folded, scan: slices > 0 ? [scanned, slices] : null, hits: Array.from({ length: left }, (_, i) => ({ uid: `p/${request.offset + i}` })) };
  };
  return { core: /** @type {any} */ ({ search }), asked };
}

const watch = (/** @type {Partial<import('../../www/gather.js').Watch>} */ some = {}) => ({ isStopped: () => false, scanned: () => {}, ...some });

/** @param {AsyncIterable<string[]>} batches */
async function all(batches) {
  const uids = [];
  for await (const batch of batches) uids.push(...batch);
  return uids;
}

test('every hit comes once, however many there are, and none beyond those that are folded', async () => {
  for (const [total, folded] of [[0, 0], [1, 0], [200, 0], [401, 0], [11_352, 0], [450, 60]]) {
    const { core, asked } = coreOf(total, { folded });
    const uids = await all(allHits(core, REQUEST, watch()));
    assert.deepEqual([uids.length, new Set(uids).size], [total - folded, total - folded]);
    assert.ok(asked.every(({ kind, query }) => kind === 'aside' && query === 'storm'));
  }
});

test('hits of a scan come once every text was looked at, and it is told how far that is', async () => {
  const { core } = coreOf(7, { slices: 5 });
  /** @type {number[][]} */
  const told = [];
  assert.equal((await all(allHits(core, REQUEST, watch({ scanned: (...at) => told.push(at) })))).length, 7);
  assert.deepEqual(told, [[1, 5], [2, 5], [3, 5], [4, 5]]);
});

test('a scan and a gathering end where the reader stops them', async () => {
  const scan = coreOf(7, { slices: 1000 });
  let left = 3;
  assert.equal(await askScanned(scan.core, REQUEST, watch({ isStopped: () => left-- === 0 })), null);
  assert.equal(scan.asked.length, 3);
  const { core, asked } = coreOf(100_000);
  let isStopped = false;
  for await (const batch of allHits(core, REQUEST, watch({ isStopped: () => isStopped }))) isStopped = batch.length > 0;
  assert.ok(asked.length <= 3);
});
