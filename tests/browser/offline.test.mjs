/** A second visit with the host out of reach, where the owner wanted a worker that keeps the archive. */

import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { fonds, samplePath } from './fixtures.mjs';
import { reaches, resultUids, shows, withState } from './reading.mjs';
import { serve } from './server.mjs';
import { inEveryEngine } from './suite.mjs';

const root = mkdtempSync(join(tmpdir(), 'fonds-offline-'));
after(() => rmSync(root, { recursive: true, force: true }));

/** Builds the sample into a folder of its own. @param {string} name @param {...string} options @returns {string} */
function build(name, ...options) {
  const folder = join(root, name);
  fonds(['build', samplePath('posts.jsonl'), '-o', folder, '--quiet', '--force', ...options]);
  return folder;
}

/** What browsers keep of archives: the names of caches, and how many files each has. @returns {Promise<[string, number][]>} */
const kept = async () => Promise.all((await caches.keys()).map(async (name) => /** @type {[string, number]} */ ([name, (await (await caches.open(name)).keys()).length])));

/** @param {import('./engines.mjs').Page} page @param {number} files */
const keepsAll = (page, files) => page.waitFor(`(${kept})().then((caches) => caches.length === 1 && caches[0][1] >= ${files})`, undefined, 'the archive to be kept');

/** @param {import('./server.mjs').Server} server @param {string} path What a page asks for sooner or later. */
async function asks(server, path) {
  while (!server.log.some((asked) => asked.path === path)) await new Promise((resolve) => setTimeout(resolve, 20));
}

inEveryEngine('a second visit', ({ check, open }) => {
  check('works with the host out of reach, every search of it', async () => {
    const server = await serve(build('on', '--service-worker', 'yes'));
    const page = await open(server.url('index.html'));
    try {
      await reaches(page, 'ready');
      const { shell, shards } = await page.evaluate(async () => {
        const script = await (await fetch('sw.js')).text();
        return JSON.parse(/^self\.fondsKept=(.*);$/m.exec(script)?.[1] ?? '');
      });
      await keepsAll(page, shell.length + shards.length);
    } finally {
      await server.close();
    }
    // A space behind a word says that it is whole.
    for (const [q, total] of /** @type {[string, number][]} */ ([['storm', JSON.parse(fonds(['search', join(root, 'on'), 'storm', '--json'])).total], ['маяк', JSON.parse(fonds(['search', join(root, 'on'), 'маяк', '--json'])).total]])) {
      await page.goto('about:blank');
      await page.goto(withState(server.url('index.html'), { q: `${q} ` }));
      await reaches(page, 'ready');
      await shows(page, total);
      assert.ok((await resultUids(page)).length > 0);
    }
  });

  check('gives spans as a host does', async () => {
    const server = await serve(build('on', '--service-worker', 'yes'));
    try {
      const page = await open(server.url('index.html'));
      await reaches(page, 'ready');
      await page.waitFor(() => navigator.serviceWorker.controller !== null, undefined, 'a worker');
      const spans = await page.evaluate(async () => {
        const ask = async (/** @type {string} */ range) => {
          const response = await fetch('fonds/app.js', { headers: { range } });
          return [response.status, response.headers.get('content-range'), (await response.text()).length];
        };
        const size = (await (await fetch('fonds/app.js')).text()).length;
        return { size, some: await ask('bytes=2-5'), rest: await ask('bytes=10-'), beyond: await ask('bytes=99999999-') };
      });
      // The file has signs of several bytes; only a span within ASCII has as many characters as bytes.
      assert.deepEqual([spans.some[0], spans.some[2], spans.rest[0], spans.beyond[0]], [206, 4, 206, 416]);
      assert.match(String(spans.some[1]), /^bytes 2-5\/\d+$/);
    } finally {
      await server.close();
    }
  });

  check('shows a new version at once, and nothing of the old one stays', async () => {
    const folder = build('changing', '--service-worker', 'yes', '--title', 'The old one');
    const server = await serve(folder);
    try {
      const page = await open(server.url('index.html'));
      await reaches(page, 'ready');
      await keepsAll(page, 15);
      const [[before]] = /** @type {[string, number][]} */ (await page.evaluate(kept));
      build('changing', '--service-worker', 'yes', '--title', 'The new one');
      await page.goto('about:blank');
      await page.goto(server.url('index.html'));
      await reaches(page, 'ready');
      assert.match(await page.evaluate(() => document.title), /The new one/);
      await page.waitFor(`(${kept})().then((caches) => caches.length === 1 && caches[0][0] !== ${JSON.stringify(before)})`, undefined, 'the new version alone to be kept');
      // And the owner takes it back.
      build('changing', '--service-worker', 'no');
      await page.goto('about:blank');
      await page.goto(server.url('index.html'));
      await reaches(page, 'ready');
      await page.waitFor(`(async () => (await caches.keys()).length === 0)()`, undefined, 'nothing to be kept');
    } finally {
      await server.close();
    }
  });

  check('a disk that is full leaves an archive that is read over the network', async () => {
    const folder = build('full', '--service-worker', 'yes');
    const copy = join(root, 'full-copy');
    cpSync(folder, copy, { recursive: true });
    const script = readFileSync(join(copy, 'sw.js'), 'utf8');
    writeFileSync(join(copy, 'sw.js'), `Cache.prototype.put = () => Promise.reject(new DOMException('full', 'QuotaExceededError'));${script}`);
    const server = await serve(copy);
    try {
      const page = await open(withState(server.url('index.html'), { q: 'storm' }));
      await reaches(page, 'ready');
      await asks(server, '/sw.js');
      await page.waitFor(`navigator.serviceWorker.getRegistration().then((registration) => !registration)`, undefined, 'the worker to give up');
      assert.deepEqual(await page.evaluate(() => caches.keys()), []);
      assert.ok((await resultUids(page)).length > 0);
    } finally {
      await server.close();
    }
  });

  check('no worker is there unasked', async () => {
    const server = await serve(build('off'));
    try {
      const page = await open(server.url('index.html'));
      await reaches(page, 'ready');
      assert.equal(await page.evaluate('"offline" in document.documentElement.dataset'), false);
      assert.ok(!server.log.some(({ path }) => path === '/sw.js'));
      assert.equal(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length), 0);
    } finally {
      await server.close();
    }
  });
});
