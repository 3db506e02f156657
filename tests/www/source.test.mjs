import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromBase64ByHand, Source } from '../../www/source.js';
import { randomFrom } from './random.mjs';

test('base64 without help from the browser gives the same bytes', () => {
  const random = randomFrom(5);
  for (const len of [0, 1, 2, 3, 4, 1000]) {
    const bytes = Uint8Array.from({ length: len }, () => Math.floor(random() * 256));
    assert.deepEqual(fromBase64ByHand(Buffer.from(bytes).toString('base64')), bytes);
  }
  assert.throws(() => fromBase64ByHand('not base64!'));
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
  return { location: { protocol, href: `${protocol}//host/index.html?x#y` }, defaultView: { origin: 'http://host' }, documentElement: { dataset: { root: 'root-000', archive: 'a1' } }, querySelectorAll: () => elements };
}

test('a shard is asked for once, however many wait for it', async () => {
  const { shard, loads } = fakeShard({ 'archive/s.js': (to) => to('s', 'AQID') });
  const source = new Source(shard, fakeDocument());
  const [a, b] = await Promise.all([source.part('s'), source.part('s')]);
  assert.deepEqual([...a], [1, 2, 3]);
  assert.deepEqual([...b], [1, 2, 3]);
  assert.deepEqual(loads, ['archive/s.js']);
});

test('a shard that was given up can be asked for again', async () => {
  const files = {};
  const { shard } = fakeShard(files);
  const source = new Source(shard, fakeDocument());
  await assert.rejects(source.part('s'), { message: 'archive/s.js is missing or damaged: was the folder copied whole?' });
  files['archive/s.js'] = (to) => to('s', 'AQID');
  assert.deepEqual([...(await source.part('s'))], [1, 2, 3]);
});

test('a file that loads but holds something else is named', async () => {
  const { shard } = fakeShard({ 'archive/s.js': (to) => to('other', 'AQID'), 'archive/t.js': (to) => to('t', '%%%') });
  const source = new Source(shard, fakeDocument());
  await assert.rejects(source.part('s'), /^Error: archive\/s\.js is missing or damaged/);
  await assert.rejects(source.part('t'), /^Error: archive\/t\.js is missing or damaged/);
});

test('over a network a file is asked for twice before it is given up', async () => {
  const { shard, loads } = fakeShard({});
  await assert.rejects(new Source(shard, fakeDocument({}, 'https:')).part('s'), /could not be loaded/);
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
  assert.deepEqual([...(await source.part('s'))], [1, 2, 3]);
  assert.equal(await source.worker(), 'self.x = "é"');
  assert.deepEqual([...(await source.core())], [1]);
  assert.deepEqual(loads, []);
});

test('spans are asked for where there is a server and an origin, and nothing stands inside the page', () => {
  const { shard } = fakeShard({});
  assert.equal(new Source(shard, fakeDocument({}, 'https:')).base, 'https://host/');
  assert.equal(new Source(shard, fakeDocument({}, 'file:')).base, null);
  assert.equal(new Source(shard, fakeDocument({ manifest: '{}' }, 'https:')).base, null);
  assert.equal(new Source(shard, { ...fakeDocument({}, 'https:'), defaultView: { origin: 'null' } }).base, null);
});

test('the shard that the bootstrap has asked for is not asked for again, unless it did not come', async () => {
  for (const comes of [true, false]) {
    const { shard, loads } = fakeShard({ 'archive/root-000.js': (to) => to('root-000', 'AQID') });
    shard.early = Promise.resolve(comes);
    if (comes) shard('root-000', 'AQID');
    assert.deepEqual([...(await new Source(shard, fakeDocument()).part('root-000'))], [1, 2, 3]);
    assert.equal(loads.length, comes ? 0 : 1);
  }
});

test('whoever stops the opening has nothing asked for any more', async () => {
  const { shard, loads } = fakeShard({ 'archive/root-000.js': (to) => to('root-000', 'AQID') });
  const stopping = new AbortController();
  let give;
  shard.early = new Promise((resolve) => (give = resolve));
  const source = new Source(shard, fakeDocument({}, 'https:'), stopping.signal);
  const parts = [source.part('root-000'), source.part('s')];
  const rejected = Promise.all(parts.map((part) => assert.rejects(part)));
  await new Promise((resolve) => setTimeout(resolve));
  // What the browser gives up then fails, and is not asked for once more.
  stopping.abort();
  give(false);
  await rejected;
  assert.deepEqual(loads, ['archive/s.js']);
});

test('a page of the manifest comes as it is, from a script and from inside the page', async () => {
  const page = { archive: 'a1', shards: [['s', 3]] };
  const { shard } = fakeShard({ 'archive/manifest-001.js': (to) => to('manifest-001', page) });
  assert.deepEqual(await new Source(shard, fakeDocument()).part('manifest-001'), page);
  assert.deepEqual(await new Source(shard, fakeDocument({ 'manifest-001': JSON.stringify(page) })).part('manifest-001'), page);
});
