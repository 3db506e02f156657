import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Host } from '../../www/host.js';
import { GAP, Loader, joined } from '../../www/loader.js';
import { Directory } from '../../www/manifest.js';
import { randomFrom } from './random.mjs';

const NEVER = new AbortController().signal;

/** Bytes of a container of `len` that name their own place. */
const bytesOf = (len) => Uint8Array.from({ length: len }, (_, i) => (i * 7 + (i >> 8)) & 255);

/** An archive of shards of `len` bytes, `perPart` of which each part of the manifest names. */
function archive(numShards, len, perPart = numShards) {
  const container = bytesOf(numShards * len);
  const shards = Array.from({ length: numShards }, (_, i) => [`s-${i}`, len]);
  const parts = [];
  for (let i = 0; i < numShards; i += perPart) parts.push({ archive: 'a1', shards: shards.slice(i, i + perPart) });
  const pages = parts.slice(1).map((_, i) => [`manifest-${i + 1}`, (i + 1) * perPart * len]);
  const manifest = { version: 2, archive: 'a1', title: '', lang: 'en', len: container.length, shards: parts[0].shards, pages };
  const bytes = (name) => container.slice(Number(name.slice(2)) * len, (Number(name.slice(2)) + 1) * len);
  const part = (name) => (name.startsWith('manifest') ? parts[Number(name.slice(9))] : bytes(name));
  return { container, manifest, part, script: (name) => `fondsShard("${name}","${Buffer.from(bytes(name)).toString('base64')}");\n` };
}

/** A host with one way of answering; counts what it is asked. */
function fakeHost({ script }, how) {
  const asked = [];
  const fetch = async (url, { headers, signal }) => {
    const name = /archive\/(.*)\.js\?/.exec(url)[1];
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers.Range).map(Number);
    asked.push({ name, url, len: last - first + 1 });
    const text = script(name);
    await new Promise((resolve) => setTimeout(resolve));
    if (signal.aborted) throw signal.reason;
    const answer = (status, body, range = `bytes ${first}-${last}/${text.length}`) => ({ status, text: async () => body, headers: new Map([['content-range', range]]) });
    return how({ name, text, first, last, answer });
  };
  return { asked, fetch };
}

const honest = ({ text, first, last, answer }) => answer(206, text.slice(first, last + 1));

/** A loader over an archive; the core accepts what the container has at that place, as its checksums do. */
function loaderOf(site, { fetch = null, budget = 1 << 20, part = site.part } = {}) {
  const supplied = new Map();
  const lost = new Map();
  const parts = [];
  const sink = {
    supply(offset, bytes) {
      if (bytes.length === 0 || bytes.some((byte, i) => byte !== site.container[offset + i])) throw new Error('checksum');
      supplied.set(offset, bytes.length);
    },
    lose: (offset, reason) => lost.set(offset, reason),
  };
  const progress = [];
  const host = fetch ? new Host('http://host/', fetch) : null;
  const loader = new Loader({ directory: new Directory(site.manifest, 'a1'), host, part: async (name) => (parts.push(name), part(name)), sink, budget, progress: (loaded, total) => progress.push([loaded, total]) });
  return { loader, host, supplied, lost, parts, progress };
}

test('what the first posts need is loaded before it is asked for, once, and asked for again where it did not come', async () => {
  const site = archive(3, 300);
  const name = 'store-dictionary-000-0123abcd';
  const manifest = { ...site.manifest, shards: [...site.manifest.shards.slice(0, 2), [name, 300]] };
  for (const fails of [false, true]) {
    let trials = 0;
    const part = (/** @type {string} */ asked) => (asked === name && fails && trials++ === 0 ? Promise.reject(new Error('gone')) : site.part(asked === name ? 's-2' : asked));
    const { loader, supplied, parts } = loaderOf({ ...site, manifest }, { part });
    loader.prepare();
    assert.deepEqual(parts, [name]);
    await new Promise((resolve) => setTimeout(resolve));
    await loader.load([{ offset: 600, len: 300 }], NEVER);
    assert.deepEqual([supplied.size, parts.length], [1, fails ? 2 : 1]);
  }
  const { loader, parts } = loaderOf(site);
  loader.prepare();
  assert.deepEqual(parts, [], 'an archive without one');
});

test('a block is found in the shard that holds all of it, as by a plain scan', () => {
  const random = randomFrom(4);
  for (let round = 0; round < 300; round++) {
    let offset = 0;
    const shards = Array.from({ length: 1 + Math.floor(random() * 20) }, (_, i) => {
      const shard = { name: `s-${i}`, offset, len: 1 + Math.floor(random() * 50) };
      offset += shard.len;
      return shard;
    });
    const manifest = { version: 2, archive: 'a', title: '', lang: '', len: offset, shards: shards.map(({ name, len }) => [name, len]), pages: [] };
    const block = { offset: Math.floor(random() * (offset + 10)), len: 1 + Math.floor(random() * 20) };
    const found = shards.find((shard) => shard.offset <= block.offset && block.offset + block.len <= shard.offset + shard.len);
    assert.deepEqual(new Directory(manifest, 'a').locate(block), found ?? null);
  }
});

test('a manifest of another version, of another archive or with other names is refused', () => {
  const { manifest } = archive(3, 300);
  assert.throws(() => new Directory({ ...manifest, version: 9 }, 'a1'), /version 9/);
  assert.throws(() => new Directory(manifest, 'b2'), /another archive/);
  assert.throws(() => new Directory({ ...manifest, shards: [['../x', 3]] }, 'a1'), /manifest/);
  assert.throws(() => new Directory({ ...manifest, shards: [] }, 'a1').root, /no shards/);
});

test('the shards that open the segments come in their order, each whole', async () => {
  const site = archive(6, 300);
  const { loader } = loaderOf(site);
  assert.deepEqual(await loader.roots(), [site.part('s-0')]);
  const manifest = { ...site.manifest, segments: [['a', 900, 's-0'], ['b', 900, 's-3']] };
  const segments = loaderOf({ ...site, manifest });
  assert.deepEqual(await segments.loader.roots(), [site.part('s-0'), site.part('s-3')]);
  assert.deepEqual(segments.parts, ['s-0', 's-3']);
  assert.throws(() => new Directory({ ...manifest, segments: [['a', 1800, '../x']] }, 'a1').roots, /manifest/);
});

test('a page of the manifest is loaded when a block needs it, once, and its blocks are lost under its name when it does not come', async () => {
  const site = archive(40, 300, 16);
  const { loader, supplied, parts } = loaderOf(site);
  await loader.load([{ offset: 0, len: 30 }, { offset: 39 * 300, len: 300 }], NEVER);
  await loader.load([{ offset: 38 * 300, len: 300 }], NEVER);
  assert.deepEqual(parts.filter((name) => name.startsWith('manifest')), ['manifest-2']);
  assert.equal(supplied.size, 3);
  const poor = loaderOf(site, { part: () => Promise.reject(new Error('gone')) });
  await poor.loader.load([{ offset: 20 * 300, len: 30 }], NEVER);
  assert.match(poor.lost.get(20 * 300), /manifest-1/);
});

test('blocks come by spans of exactly their bytes, near ones together', async () => {
  const site = archive(2, 30000);
  const host = fakeHost(site, honest);
  const { loader, supplied, parts } = loaderOf(site, { fetch: host.fetch });
  const blocks = [{ offset: 30, len: 100 }, { offset: 132, len: 50 }, { offset: 132 + 50 + GAP + 100 - ((50 + GAP + 100) % 3), len: 10 }, { offset: 30003, len: 7 }];
  await loader.load(blocks, NEVER);
  assert.equal(supplied.size, 4);
  assert.deepEqual(host.asked.map(({ len }) => len), [204, 16, 12]);
  assert.equal(new Set(host.asked.map(({ url }) => url)).size, 3, 'a cache lets one request for an address through at a time');
  assert.deepEqual(parts, []);
});

test('the last block of a container whose end is no multiple of three comes by a span', async () => {
  const site = archive(1, 3001);
  const host = fakeHost(site, honest);
  const { loader, supplied } = loaderOf(site, { fetch: host.fetch });
  await loader.load([{ offset: 2997, len: 4 }], NEVER);
  assert.equal(supplied.size, 1);
  assert.equal(host.asked.length, 1);
});

test('a host that does not honour Range is asked once, and answers all the same', async () => {
  const ways = {
    'everything': ({ text, answer }) => answer(200, text),
    'another range': ({ text, first, last, answer }) => answer(206, text.slice(first + 4, last + 5)),
    'a range of something longer': ({ text, first, last, answer }) => answer(206, text.slice(first, last + 1), `bytes ${first}-${last}/999999`),
    'a cut range': ({ text, first, last, answer }) => answer(206, text.slice(first, last)),
    'compressed bytes': ({ first, last, answer }) => answer(206, '\u001f\u008b'.padEnd(last - first + 1, '\u0001')),
    'an error page': ({ answer }) => answer(403, 'no'),
    'nothing': () => { throw new TypeError('failed to fetch'); },
  };
  for (const [name, how] of Object.entries(ways)) {
    const site = archive(3, 30000);
    const host = fakeHost(site, how);
    const { loader, supplied, lost } = loaderOf(site, { fetch: host.fetch });
    await loader.load([{ offset: 300, len: 60 }], NEVER);
    await loader.load([{ offset: 30300, len: 60 }, { offset: 300, len: 60 }], NEVER);
    assert.deepEqual([...supplied.keys()], [300, 30300], name);
    assert.equal(lost.size, 0, name);
    assert.equal(host.asked.length, 1, name);
  }
});

test('a block that is damaged on the host is lost, and spans go on', async () => {
  const site = archive(2, 30000);
  const spoil = (name, text) => (name === 's-0' ? `${text.slice(0, 425)}${text[425] === 'A' ? 'B' : 'A'}${text.slice(426)}` : text);
  const host = fakeHost(site, ({ name, text, first, last, answer }) => answer(206, spoil(name, text).slice(first, last + 1)));
  const part = (name) => {
    const bytes = site.part(name);
    if (name === 's-0') bytes[305] ^= 1;
    return bytes;
  };
  const { loader, lost, supplied } = loaderOf(site, { fetch: host.fetch, part });
  await loader.load([{ offset: 300, len: 60 }], NEVER);
  assert.match(lost.get(300), /s-0\.js is missing or damaged/);
  await loader.load([{ offset: 30300, len: 60 }], NEVER);
  assert.deepEqual([...supplied.keys()], [30300]);
  assert.equal(host.asked.length, 2);
});

test('what is on its way is asked for once, and broken off when nobody waits for it', async () => {
  const site = archive(1, 30000);
  const host = fakeHost(site, honest);
  const { loader, supplied } = loaderOf(site, { fetch: host.fetch });
  const [first, second] = [new AbortController(), new AbortController()];
  const block = { offset: 300, len: 60 };
  const waits = [loader.load([block], first.signal), loader.load([block], second.signal)];
  first.abort(new Error('older'));
  await assert.rejects(waits[0], /older/);
  await waits[1];
  assert.equal(host.asked.length, 1);
  assert.equal(supplied.size, 1);

  const alone = new AbortController();
  const wait = loader.load([{ offset: 600, len: 60 }], alone.signal);
  alone.abort(new Error('older'));
  await assert.rejects(wait, /older/);
  // The request has been told to end; a question that comes before it has ended must not wait for it.
  const next = loader.load([{ offset: 600, len: 60 }], NEVER);
  await next;
  assert.deepEqual([...supplied.keys()], [300, 600]);
  assert.equal(host.asked.length, 3);
});

test('shards that are held stay within their budget, the least recently used goes first', async () => {
  const site = archive(10, 3000);
  const { loader, parts } = loaderOf(site, { budget: 9000 });
  const use = (shard) => loader.load([{ offset: shard * 3000, len: 30 }], NEVER);
  for (const shard of [0, 1, 2, 0, 3, 0, 1]) {
    await use(shard);
    assert.ok(loader.stats.held <= 9000);
  }
  assert.deepEqual(parts, ['s-0', 's-1', 's-2', 's-3', 's-1']);
  const small = loaderOf(site, { budget: 10 });
  await small.loader.load([{ offset: 0, len: 30 }], NEVER);
  assert.equal(small.loader.stats.held, 0);
  assert.equal(small.supplied.size, 1);
});

test('a block that came by a span is held, and supplied again without a request', async () => {
  const site = archive(1, 30000);
  const host = fakeHost(site, honest);
  const { loader, supplied } = loaderOf(site, { fetch: host.fetch, budget: 100 });
  const use = (offset) => loader.load([{ offset, len: 60 }], NEVER);
  await use(300);
  supplied.clear();
  await use(300);
  assert.deepEqual([...supplied], [[300, 60]]);
  assert.equal(host.asked.length, 1);
  assert.equal(loader.stats.brought, 60);
  await use(9000);
  assert.ok(loader.stats.held <= 100);
  await use(300);
  assert.equal(host.asked.length, 3);
});

test('shards of words are brought while nobody asks, one at a time and once each, where they are few', async () => {
  const site = archive(4, 300);
  const names = ['s-0', 'terms-000-0123abcd', 'terms-001-0123abcd', 'prefixes-000-0123abcd'];
  const manifest = { ...site.manifest, shards: names.map((name) => [name, 300]) };
  const part = (/** @type {string} */ asked) => (asked === names[2] ? Promise.reject(new Error('gone')) : site.part(`s-${names.indexOf(asked)}`));
  const { loader, supplied, parts } = loaderOf({ ...site, manifest }, { part, budget: 3600 });
  await loader.load([{ offset: 300, len: 30 }], NEVER);
  // The first is here, the second does not come, and the third is the last.
  assert.deepEqual([await loader.warm(), await loader.warm(), await loader.warm(), await loader.warm()], [true, true, true, false]);
  assert.deepEqual(parts, names.slice(1));
  await loader.load([{ offset: 900, len: 300 }], NEVER);
  assert.deepEqual([supplied.size, parts.length], [2, 3]);
  const few = loaderOf({ ...site, manifest }, { part, budget: 3599 });
  assert.deepEqual([await few.loader.warm(), few.parts], [false, []]);
});

test('a shard that did not come may be asked for again', async () => {
  const site = archive(1, 3000);
  let there = false;
  const { loader, supplied, lost } = loaderOf(site, { part: (name) => (there ? site.part(name) : Promise.reject(new Error('s-0 is gone'))) });
  await loader.load([{ offset: 30, len: 30 }], NEVER);
  assert.equal(lost.get(30), 's-0 is gone');
  assert.deepEqual(loader.takeMissed(), [30]);
  assert.deepEqual(loader.takeMissed(), []);
  there = true;
  await loader.load([{ offset: 30, len: 30 }], NEVER);
  assert.equal(supplied.size, 1);
});

test('progress ends at what was asked for', async () => {
  const site = archive(4, 3000);
  const { loader, progress } = loaderOf(site);
  await loader.load([{ offset: 30, len: 30 }, { offset: 3030, len: 30 }], NEVER);
  assert.deepEqual(progress.at(-1), [6000, 6000]);
});

test('runs of blocks have no wider gaps than allowed', () => {
  assert.deepEqual(joined([{ offset: 50, len: 5 }, { offset: 0, len: 10 }, { offset: 15, len: 5 }], 10).map((run) => run.map(({ offset }) => offset)), [[0, 15], [50]]);
  assert.deepEqual(joined([], 10), []);
});
