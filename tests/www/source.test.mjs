import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { fromBase64ByHand, gunzip, locate, Source } from '../../www/source.js';
import { randomFrom } from './random.mjs';

const SHARDS = [{ name: 'head-000', offset: 0, len: 300 }, { name: 'store-000', offset: 300, len: 900 }, { name: 'store-001', offset: 1200, len: 3 }];

test('a block lies in the shard that holds all of it', () => {
  assert.deepEqual(locate(SHARDS, { offset: 0, len: 300 }), { index: 0, start: 0 });
  assert.deepEqual(locate(SHARDS, { offset: 300, len: 1 }), { index: 1, start: 0 });
  assert.deepEqual(locate(SHARDS, { offset: 1199, len: 1 }), { index: 1, start: 899 });
  assert.deepEqual(locate(SHARDS, { offset: 1200, len: 3 }), { index: 2, start: 0 });
});

test('a block that no shard holds is nowhere', () => {
  for (const block of [{ offset: 299, len: 2 }, { offset: 1203, len: 1 }, { offset: -1, len: 1 }, { offset: 9e15, len: 1 }]) assert.equal(locate(SHARDS, block), null);
  assert.equal(locate([], { offset: 0, len: 1 }), null);
});

test('the search agrees with a plain scan', () => {
  const random = randomFrom(4);
  for (let round = 0; round < 500; round++) {
    let offset = 0;
    const shards = Array.from({ length: Math.floor(random() * 20) }, (_, i) => {
      const shard = { name: String(i), offset, len: 1 + Math.floor(random() * 50) };
      offset += shard.len;
      return shard;
    });
    const block = { offset: Math.floor(random() * (offset + 10)), len: 1 + Math.floor(random() * 20) };
    const index = shards.findIndex((shard) => shard.offset <= block.offset && block.offset + block.len <= shard.offset + shard.len);
    assert.deepEqual(locate(shards, block), index < 0 ? null : { index, start: block.offset - shards[index].offset });
  }
});

test('base64 without help from the browser gives the same bytes', () => {
  const random = randomFrom(5);
  for (const len of [0, 1, 2, 3, 4, 1000]) {
    const bytes = Uint8Array.from({ length: len }, () => Math.floor(random() * 256));
    assert.deepEqual(fromBase64ByHand(Buffer.from(bytes).toString('base64')), bytes);
  }
  assert.throws(() => fromBase64ByHand('not base64!'));
});

test('gzip comes back as it went', async () => {
  const bytes = Buffer.from('harbour '.repeat(1000));
  assert.deepEqual(Buffer.from(await gunzip(new Uint8Array(gzipSync(bytes)))), bytes);
});

/** A bootstrap whose files are given; a missing one fails to load as it does in a browser. */
function fakeShard(files) {
  const parts = new Map();
  const waiting = new Map();
  const loads = [];
  const shard = (name, payload) => {
    const resolve = waiting.get(name);
    waiting.delete(name);
    if (resolve) resolve(payload);
    else parts.set(name, payload);
  };
  shard.take = (name) => new Promise((resolve) => {
    if (parts.has(name)) resolve(parts.get(name));
    else waiting.set(name, resolve);
    parts.delete(name);
  });
  shard.load = async (path) => {
    loads.push(path);
    await null;
    if (!(path in files)) throw new Error(path);
    files[path](shard);
  };
  shard.fail = () => {};
  return { shard, loads };
}

/** A document with inline blocks. */
function fakeDocument(blocks = {}, protocol = 'file:') {
  const elements = Object.entries(blocks).map(([name, textContent]) => ({ textContent, getAttribute: () => name }));
  return { location: { protocol }, querySelectorAll: () => elements };
}

test('a shard is asked for once, however many wait for it', async () => {
  const { shard, loads } = fakeShard({ 'archive/s.js': (to) => to('s', 'AQID') });
  const source = new Source(shard, fakeDocument());
  const [a, b] = await Promise.all([source.shard('s'), source.shard('s')]);
  assert.deepEqual([...a], [1, 2, 3]);
  assert.deepEqual([...b], [1, 2, 3]);
  assert.deepEqual(loads, ['archive/s.js']);
});

test('a shard that was given up can be asked for again', async () => {
  const files = {};
  const { shard } = fakeShard(files);
  const source = new Source(shard, fakeDocument());
  await assert.rejects(source.shard('s'), { message: 'archive/s.js is missing or damaged: was the folder copied whole?' });
  files['archive/s.js'] = (to) => to('s', 'AQID');
  assert.deepEqual([...(await source.shard('s'))], [1, 2, 3]);
});

test('a file that loads but holds something else is named', async () => {
  const { shard } = fakeShard({ 'archive/s.js': (to) => to('other', 'AQID'), 'archive/t.js': (to) => to('t', '%%%') });
  const source = new Source(shard, fakeDocument());
  await assert.rejects(source.shard('s'), /^Error: archive\/s\.js is missing or damaged/);
  await assert.rejects(source.shard('t'), /^Error: archive\/t\.js is missing or damaged/);
});

test('over a network a file is asked for twice before it is given up', async () => {
  const { shard, loads } = fakeShard({});
  await assert.rejects(new Source(shard, fakeDocument({}, 'https:')).shard('s'), /could not be loaded/);
  assert.equal(loads.length, 2);
});

test('a part that the bootstrap could not load is named with its remedy', async () => {
  const { shard } = fakeShard({});
  const manifest = new Source(shard, fakeDocument()).manifest();
  shard('missing:archive/manifest.js', 'archive/manifest.js');
  await assert.rejects(manifest, /^Error: archive\/manifest\.js is missing or damaged: was the folder copied whole\?$/);
});

test('the single-file form loads nothing', async () => {
  const { shard, loads } = fakeShard({});
  const worker = Buffer.from('self.x = "é"').toString('base64');
  const source = new Source(shard, fakeDocument({ manifest: '{"title":"\\u003cb>"}', s: '\nAQID\n', worker, core: 'AQ==' }));
  assert.deepEqual(await source.manifest(), { title: '<b>' });
  assert.deepEqual([...(await source.shard('s'))], [1, 2, 3]);
  assert.equal(await source.worker(), 'self.x = "é"');
  assert.deepEqual([...(await source.core())], [1]);
  assert.deepEqual(loads, []);
});
