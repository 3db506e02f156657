/** What is loaded, and how: spans where the host gives them, whole shards elsewhere, and no more in memory than the budget. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MANY, markerOf, publishMany, publishSample } from './fixtures.mjs';
import { reaches, resultUids, shows, showsText, withState } from './reading.mjs';
import { serve } from './server.mjs';
import { inEveryEngine } from './suite.mjs';

/** Requests for shards, but the one that opens the archive and is always loaded whole. @param {import('./server.mjs').Server} server */
const shardsAsked = ({ log }) => log.filter(({ path }) => /archive\/(?!manifest|root-000)/.test(path));

/** Bundles session.js into a copy of the archive, whose page names archive and root as index.html does. @returns {Promise<import('./fixtures.mjs').Copy>} */
async function sessionCopy() {
  const copy = publishMany().copy('session');
  const { build } = createRequire(new URL('../../www/package.json', import.meta.url))('esbuild');
  await build({ entryPoints: [new URL('session.js', import.meta.url).pathname], outfile: join(copy.path, 'session.js'), bundle: true, format: 'iife', logLevel: 'error' });
  const root = /<html[^>]*>/.exec(readFileSync(join(copy.path, 'index.html'), 'utf8'))?.[0];
  writeFileSync(join(copy.path, 'session.html'), `<!doctype html>${root}<meta charset="utf-8"><link rel="icon" href="data:,"><title>session</title><p id="unextracted" hidden></p><script src="session.js"></script></html>`);
  return copy;
}

/** Words that many posts have, and words that one has, spread over the archive. */
const QUERIES = Array.from({ length: 60 }, (_, i) => (i % 3 === 0 ? 'lantern' : markerOf((i * 677) % MANY)));

inEveryEngine('loading', ({ engine, check, open }) => {
  check('over http, blocks come by Range, and no shard comes whole but those that are wanted whole', async () => {
    const server = await serve(publishMany().folder);
    try {
      const page = await open(withState(server.url('index.html'), { q: markerOf(7) }), { watch: true });
      await shows(page, 1);
      await showsText(page, markerOf(7));
      const asked = shardsAsked(server);
      assert.ok(asked.some(({ path, range }) => /\/store-/.test(path) && range !== null));
      // Counts read the columns of the filters from end to end, and what is wanted whole is loaded as it lies.
      const others = asked.filter(({ path }) => !/\/facet-/.test(path));
      assert.deepEqual(others.filter(({ range, status }) => range === null || status !== 206), []);
      assert.deepEqual(await page.problems(), []);
    } finally {
      await server.close();
    }
  });

  for (const [host, options] of Object.entries({ 'ignores Range': { range: false }, 'compresses everything': { gzip: true } })) {
    check(`a host that ${host} is asked for a Range once at a time, then no more`, async () => {
      const server = await serve(publishMany().folder, options);
      try {
        const page = await open(withState(server.url('index.html'), { q: markerOf(7) }));
        await shows(page, 1);
        const asked = shardsAsked(server).filter(({ range }) => range !== null).length;
        // Those of the first round leave before the first answer comes.
        assert.ok(asked >= 1 && asked <= 6, `${asked} requests with Range`);
        await page.evaluate((/** @type {string} */ word) => { location.hash = `#q=${word}`; }, markerOf(MANY - 7));
        await showsText(page, markerOf(MANY - 7));
        await shows(page, 1);
        assert.equal(shardsAsked(server).filter(({ range }) => range !== null).length, asked);
      } finally {
        await server.close();
      }
    });
  }

  check('the poorest host, with all faults at once, gives the same answers', async () => {
    const server = await serve(publishSample().root, { prefix: '/deep/below', range: false, gzip: true, wrongTypes: true, stripsQuery: true });
    try {
      const page = await open(server.url('folder/index.html?from=a%20letter'), { watch: true });
      for (const query of ['(storm)', '"of the"', '(harbour ferry)', 'views:>1000 (harbour)', '/st.rm/', '(storm) -has:photo', 'nowhere OR (lamp*)']) {
        await page.evaluate((/** @type {string} */ q) => { location.hash = `#q=${encodeURIComponent(q)}`; }, query);
        await page.waitFor((/** @type {string} */ q) => document.querySelector('#status em')?.textContent === q, undefined, `the answer to ${query}`, query);
        const { total, hits } = publishSample().search(query);
        await shows(page, total);
        assert.deepEqual((await resultUids(page)).slice(0, 3), hits.map(({ uid }) => uid).slice(0, 3), query);
      }
    } finally {
      await server.close();
    }
  });

  check('a frame without an origin loads shards as scripts', async () => {
    const server = await serve(publishMany().folder);
    const copy = publishMany().copy('framed');
    const host = await serve(copy.path);
    try {
      writeFileSync(join(copy.path, 'host.html'), `<!doctype html><link rel="icon" href="data:,"><iframe sandbox="allow-scripts" src="${withState(server.url('index.html'), { q: markerOf(7) })}"></iframe>`);
      const page = await open(host.url('host.html'));
      const frame = await page.frame(() => document.querySelector('iframe'));
      await shows(frame, 1);
      assert.deepEqual(await resultUids(frame), publishMany().search(markerOf(7)).hits.map(({ uid }) => uid));
      assert.deepEqual(shardsAsked(server).filter(({ range }) => range !== null), []);
    } finally {
      await server.close();
      await host.close();
    }
  });

  for (const scheme of ['file', 'http', 'http without Range']) {
    check(`a long session stays within its budget, on ${scheme}`, async () => {
      const copy = await sessionCopy();
      const server = scheme === 'file' ? null : await serve(copy.path, { range: scheme === 'http' });
      try {
        const page = await open(server ? server.url('session.html') : pathToFileURL(join(copy.path, 'session.html')).href);
        const budget = { shards: 400_000, core: 1_000_000 };
        await page.evaluate((/** @type {any} */ budget) => /** @type {any} */ (window).session.open(budget), budget);
        for (const query of QUERIES.slice(0, 30)) {
          const [total] = await page.evaluate((/** @type {string[]} */ queries) => /** @type {any} */ (window).session.together(queries), [query]);
          assert.equal(total, query === 'lantern' ? MANY : 1);
          const stats = await page.evaluate(() => /** @type {any} */ (window).session.stats());
          assert.ok(stats.held <= budget.shards, `${stats.held} bytes of shards`);
          assert.ok(stats.core <= budget.core, `${stats.core} bytes in the core`);
        }
        const { memory } = await page.evaluate(() => /** @type {any} */ (window).session.stats());
        for (const query of QUERIES.slice(30)) await page.evaluate((/** @type {string} */ query) => /** @type {any} */ (window).session.uids(query), query);
        const after = await page.evaluate(() => /** @type {any} */ (window).session.stats());
        assert.ok(after.memory <= memory + (1 << 20), `${memory} bytes of memory grew to ${after.memory}`);
        if (scheme === 'http') assert.equal(after.shards, 1, 'only the first shard came whole');
      } finally {
        await server?.close();
      }
    });
  }

  /** Why a page that is still loading cannot be looked at; null where it can. */
  const NO_EARLY_PAGE = engine === 'webkit' ? 'its driver waits for the load before a script may take its time' : null;

  /** A page of a server that holds back what opens the archive, once it can be stopped. @param {Awaited<ReturnType<typeof serve>>} server */
  async function openHeld(server) {
    const page = await open(server.url('index.html'), { early: true });
    await page.waitFor('document.querySelector("#bar:not([hidden]) .link") !== null', undefined, 'the way to stop it');
    return page;
  }

  check('whoever does not want to wait for an archive to open stops it, and may load it again', async () => {
    const server = await serve(publishSample().folder, { hold: /fonds.core|archive.root/ });
    try {
      const page = await openHeld(server);
      await page.click('#bar .link');
      await reaches(page, 'error');
      assert.equal(await page.evaluate('document.getElementById("broken").textContent'), 'Opening was stopped. load again');
      assert.equal(await page.evaluate('document.getElementById("bar").hidden'), true);
      assert.ok(await page.evaluate('document.querySelector("#static article").getClientRects().length > 0'), 'the newest posts stay');
      const times = () => server.log.filter(({ path }) => path.endsWith('index.html')).length;
      const before = times();
      await page.click('#broken .link');
      await page.waitFor('document.documentElement.dataset.state === "loading" && document.querySelector("#bar:not([hidden]) .link") !== null', undefined, 'the archive being opened again');
      assert.equal(times(), before + 1);
    } finally {
      await server.close();
    }
  }, NO_EARLY_PAGE);

  check('a stopped archive asks for nothing more, and tells no page around it of an error', async () => {
    const server = await serve(publishSample().folder, { hold: /archive.root/ });
    try {
      const page = await openHeld(server);
      await page.waitFor('performance.getEntriesByType("resource").some(({ name }) => name.endsWith("/manifest.js"))', undefined, 'the manifest');
      await page.evaluate(() => {
        /** @type {any} */
        const seen = { ended: 0, told: [] };
        Object.assign(globalThis, { seen });
        const { terminate } = Worker.prototype;
        Worker.prototype.terminate = function () {
          seen.ended++;
          terminate.call(this);
        };
        addEventListener('message', ({ data }) => seen.told.push(data));
        /** @type {HTMLElement | null} */ (document.querySelector('#bar .link'))?.focus();
      });
      // Until the worker waits for the shard that opens the archive.
      await new Promise((resolve) => setTimeout(resolve, 500));
      const before = server.log.length;
      await page.press('Enter');
      await reaches(page, 'error');
      assert.equal(await page.evaluate('document.activeElement === document.querySelector("#broken .link")'), true, 'what had the focus hands it on');
      // More than the wait before what failed is asked for once more.
      await new Promise((resolve) => setTimeout(resolve, 1500));
      assert.deepEqual(server.log.slice(before).map(({ path }) => path), []);
      assert.deepEqual(await page.evaluate('seen'), { ended: 1, told: [] });
    } finally {
      await server.close();
    }
  }, NO_EARLY_PAGE);

  check('where an archive opens while the way to stop it has the focus, the box has it next', async () => {
    const server = await serve(publishSample().folder, { hold: /archive.root/ });
    try {
      const page = await openHeld(server);
      assert.ok(await page.evaluate('document.querySelector("#bar .link").getBoundingClientRect().height') >= 24);
      await page.evaluate('document.querySelector("#bar .link").focus()');
      server.release();
      await reaches(page, 'ready');
      assert.equal(await page.evaluate('document.activeElement.id'), 'q');
    } finally {
      await server.close();
    }
  }, NO_EARLY_PAGE);

  check('of questions asked in a row the last is answered', async () => {
    const copy = await sessionCopy();
    const page = await open(pathToFileURL(join(copy.path, 'session.html')).href);
    await page.evaluate(() => /** @type {any} */ (window).session.open({ shards: 1e6, core: 1e6 }));
    const totals = await page.evaluate((/** @type {string[]} */ queries) => /** @type {any} */ (window).session.together(queries), ['lantern', markerOf(3), markerOf(4)]);
    assert.deepEqual(totals, [null, null, 1]);
  });

  for (const scheme of ['file', 'http']) {
    check(`the whole core takes over in the middle of a session, on ${scheme}`, async () => {
      const copy = await sessionCopy();
      const server = scheme === 'file' ? null : await serve(copy.path);
      try {
        const page = await open(server ? server.url('session.html') : pathToFileURL(join(copy.path, 'session.html')).href);
        await page.evaluate(() => /** @type {any} */ (window).session.open({ shards: 1e6, core: 1e6 }));
        const ask = (/** @type {string} */ query) => page.evaluate((/** @type {string} */ query) => /** @type {any} */ (window).session.uids(query), query);
        const before = await ask(markerOf(3));
        assert.equal((await page.evaluate(() => /** @type {any} */ (window).session.stats())).whole, false);
        await page.evaluate(() => /** @type {any} */ (window).session.whole());
        assert.equal((await page.evaluate(() => /** @type {any} */ (window).session.stats())).whole, true);
        assert.deepEqual(await ask(markerOf(3)), before);
        assert.equal((await ask('lantern')).length, 10);
      } finally {
        await server?.close();
      }
    });
  }
});
