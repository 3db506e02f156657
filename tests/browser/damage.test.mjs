/** Archives that lost something on their way: what is lost is named, and everything else works. */

import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LANGUAGES } from '../../www/messages.js';
import { FAULTS } from '../../www/languages/faults.js';
import { MANY, fonds, markerOf, publishMany, publishSample } from './fixtures.mjs';
import { reaches, resultUids, shows, showsText, visibleText, withState } from './reading.mjs';
import { serve } from './server.mjs';
import { inEveryEngine } from './suite.mjs';

/** Kinds of parts, by what their names begin with. */
const KINDS = ['root', 'uids', 'terms', 'postings', 'prefixes', 'weights', 'positions', 'times', 'facet-values', 'facet-columns', 'store-dictionary', 'store', 'numbers'];

/** A question that needs the first block of a kind of part. @param {string} kind @param {import('./fixtures.mjs').FondsRecord[]} records @returns {Record<string, string>} */
function askedOf(kind, records) {
  const words = records.flatMap(({ text }) => text.toLowerCase().match(/[a-z]+/g) ?? []);
  const first = words.reduce((a, b) => (b < a ? b : a));
  const oldest = records.find(({ text }) => text.startsWith(markerOf(0)));
  switch (kind) {
    case 'uids': return { m: String(oldest?.uid) };
    case 'store': case 'store-dictionary': return { q: markerOf(0) };
    case 'positions': return { q: `"${first} ${words[words.indexOf(first) + 1]}"` };
    case 'prefixes': return { q: 'b*' };
    case 'times': return { q: 'lantern', from: '2020-01-10', to: '2020-01-11' };
    case 'numbers': return { q: 'length:>10' };
    case 'terms': case 'postings': case 'weights': case 'facet-columns': return { q: first, sort: 'relevance' };
    default: return { q: 'lantern' };
  }
}

/** A copy of the folder of which one byte of a shard is wrong. @param {import('./fixtures.mjs').Published} archive @param {string} shard */
function damagedFolder(archive, shard) {
  const copy = archive.copy(`byte-${shard}`);
  damageBehind(join(copy.path, 'archive', shard), shard.replace('.js', ''));
  return copy;
}

/** A copy of the single html of which one byte of a part is wrong. @param {import('./fixtures.mjs').Published} archive @param {string} name */
function damagedSingle(archive, name) {
  const path = join(archive.root, `byte-${name}.html`);
  copyFileSync(archive.single, path);
  damageBehind(path, name);
  return pathToFileURL(path).href;
}

/** Changes a byte of the payload that stands behind the last mention of a name, in the first block. @param {string} path @param {string} name */
function damageBehind(path, name) {
  const text = readFileSync(path, 'latin1');
  const start = text.lastIndexOf(name) + name.length;
  const payload = /[A-Za-z0-9+/]{40,}/.exec(text.slice(start, start + 400_000));
  assert.ok(start >= name.length && payload, `${name} is not in ${path}`);
  const at = start + payload.index + (name.startsWith('root') ? 100 : 16);
  writeFileSync(path, text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1), 'latin1');
}

inEveryEngine('a damaged archive', ({ check, open }) => {
  /** Reads a folder as it lies on a disk. @param {import('./fixtures.mjs').Copy} copy @param {(look: (keys: Record<string, string>) => Promise<import('./engines.mjs').Scope>) => Promise<void>} read */
  const onDisk = (copy, read) => read((keys) => open(withState(copy.url, keys)));

  /** Reads it over http. @param {import('./server.mjs').ServerOptions} options @returns {typeof onDisk} */
  const overHttp = (options) => async (copy, read) => {
    const server = await serve(copy.path, options);
    try {
      await read((keys) => open(withState(server.url('index.html'), keys)));
    } finally {
      await server.close();
    }
  };

  /** Reads it in the frame that embed.js makes, within a page of another origin. @type {typeof onDisk} */
  const embedded = async (copy, read) => {
    const folder = mkdtempSync(join(tmpdir(), 'fonds-host-'));
    const [site, host] = [await serve(copy.path), await serve(folder)];
    let count = 0;
    try {
      await read(async (keys) => {
        const name = `host-${count += 1}.html`;
        const src = withState(site.url('index.html'), { ...keys, embed: '1' }).replace(/&/g, '&amp;');
        writeFileSync(join(folder, name), `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>A blog</title><iframe title="archive" sandbox="allow-scripts allow-popups" width="800" height="600" src="${src}"></iframe>`);
        const page = await open(host.url(name));
        return page.frame('document.querySelector("iframe")');
      });
    } finally {
      await Promise.all([site.close(), host.close()]);
      rmSync(folder, { recursive: true, force: true });
    }
  };

  const WAYS = { 'from a disk': onDisk, 'over http': overHttp({}), 'over http without Range': overHttp({ range: false }), 'in a frame': embedded };

  for (const [way, reading] of Object.entries(WAYS)) {
    check(`one damaged block costs the posts that are in it and no others, ${way}`, async () => {
      const archive = publishMany();
      const copy = archive.copy('block');
      const [oldest] = copy.storeShards;
      copy.corrupt(`archive/${oldest}`);
      const left = new Set(fonds(['extract', copy.path, '--format', 'jsonl'], [1]).split('\n').filter(Boolean).map((line) => JSON.parse(line).uid));
      const lost = archive.records.filter(({ uid }) => !left.has(uid)).length;
      assert.ok(lost > 1 && left.size > 1 && lost + left.size === MANY, `${lost} lost, ${left.size} left`);
      await reading(copy, async (look) => {
        for (const index of [0, lost - 1, lost, MANY - 1]) {
          const page = await look({ q: markerOf(index) });
          await shows(page, 1);
          if (index < lost) {
            await page.waitFor('document.querySelector("article.damaged") !== null', undefined, `the place of post ${index}`);
            await showsText(page, oldest);
            assert.doesNotMatch(await page.evaluate('document.querySelector("article.damaged").innerText'), /lantern/, `post ${index} is lost`);
          } else {
            await showsText(page, markerOf(index));
            assert.equal(await page.evaluate('document.querySelector("article.damaged")'), null, `post ${index} is there`);
          }
        }
        // A list in which both are.
        const page = await look({ q: `${markerOf(lost - 1)} OR ${markerOf(lost)}` });
        await shows(page, 2);
        await showsText(page, markerOf(lost));
        await page.waitFor('document.querySelectorAll("article.damaged").length === 1', undefined, 'one lost post beside one that is there');
      });
    });
  }

  /** @type {Record<string, (copy: import('./fixtures.mjs').Copy, shard: string) => void>} */
  const damages = {
    'a shard of posts is missing': (copy, shard) => copy.remove(`archive/${shard}`),
    'a byte in a shard of posts is wrong': (copy, shard) => copy.corrupt(`archive/${shard}`),
    'a shard of posts is no base64': (copy, shard) => copy.corrupt(`archive/${shard}`, '!'),
  };

  for (const [what, damage] of Object.entries(damages)) {
    for (const scheme of ['file', 'http']) {
      check(`when ${what}, the page names the file and the other posts work, on ${scheme}`, async () => {
        const copy = publishMany().copy('damaged');
        assert.ok(copy.storeShards.length > 1, 'the archive has one shard of posts only');
        const [oldest] = copy.storeShards;
        damage(copy, oldest);
        const server = scheme === 'http' ? await serve(copy.path) : null;
        const url = server ? server.url('index.html') : copy.url;
        try {
          // The index is whole, so counts are; and the newest posts lie in the last shard.
          const page = await open(withState(url, { q: 'lantern' }));
          await shows(page, MANY);
          await showsText(page, markerOf(MANY - 1));

          const newest = await open(withState(url, { q: markerOf(MANY - 1) }));
          await shows(newest, 1);
          await showsText(newest, markerOf(MANY - 1));

          const lost = await open(withState(url, { q: markerOf(0) }));
          await shows(lost, 1);
          await showsText(lost, oldest);
          assert.equal((await resultUids(lost)).length, 1, 'the lost post still has its place');

          const uid = publishMany().records.find(({ text }) => text.startsWith(markerOf(0)))?.uid;
          assert.ok(uid);
          const opened = await open(withState(url, { m: uid }));
          await showsText(opened, oldest);
        } finally {
          await server?.close();
        }
      });
    }
  }

  /** Archives of which one byte of a shard is wrong, in each form and way in which they are read. */
  const FORMS = /** @type {Record<string, (archive: import('./fixtures.mjs').Published, shard: string, read: Parameters<typeof onDisk>[1]) => Promise<void>>} */ ({
    ...Object.fromEntries(Object.entries(WAYS).map(([way, reading]) => [`a folder ${way}`, (archive, shard, read) => reading(damagedFolder(archive, shard), read)])),
    'a single html': (archive, shard, read) => read((keys) => open(withState(damagedSingle(archive, shard.replace('.js', '')), keys))),
  });
  for (const [form, reading] of process.env.FONDS_TORTURE ? Object.entries(FORMS) : []) {
    for (const kind of KINDS) {
      check(`one wrong byte of ${kind} in ${form}: the page says which part, and other posts stay readable`, async () => {
        const archive = publishMany();
        const shard = archive.copy('whole').shards(`${kind}-0`)[0];
        if (!shard) return assert.ok(kind === 'store-dictionary' || kind === 'prefixes', `there is no ${kind}`);
        await reading(archive, shard, async (look) => {
          const page = await look(askedOf(kind, archive.records));
          await reaches(page, 'ready', 'empty', 'error');
          // The lists of prefixes spare reading others, which are there.
          if (kind === 'prefixes') await shows(page, archive.search('b*').total);
          else await showsText(page, form === 'a single html' ? kind : shard);
          if (kind === 'root' || kind === 'store-dictionary') return;
          const newest = archive.records.find(({ text }) => text.startsWith(markerOf(MANY - 1)));
          const other = await look({ m: String(newest?.uid) });
          await showsText(other, markerOf(MANY - 1));
        });
      });
    }
  }

  check('when the columns of the filters are missing, the page says so once, beside the hits', async () => {
    const copy = publishSample().copy('no-columns');
    const columns = copy.shards('facet-columns-');
    for (const shard of columns) copy.remove(`archive/${shard}`);
    const page = await open(withState(copy.url, { q: 'storm' }));
    await shows(page, publishSample().search('storm*').total);
    assert.ok((await resultUids(page)).length > 0);
    const words = await page.evaluate('document.querySelector("#facets").innerText');
    assert.deepEqual(words.match(/facet-columns-[^ ]*\.js/g), columns);
  });

  check('when the manifest is missing, the page says so in a sentence', async () => {
    const copy = publishSample().copy('no-manifest');
    copy.remove('archive/manifest.js');
    const page = await open(copy.url);
    await reaches(page, 'error');
    assert.match(await visibleText(page), /manifest\.js[^]*\./);
  });

  for (const code of LANGUAGES.filter((code) => code !== 'en')) {
    check(`what is lost is told in the reader's language: ${code}`, async () => {
      const { default: table } = await import(`../../www/languages/${code}.js`);
      const lost = (/** @type {string} */ file) => `${FAULTS[0]?.[/** @type {'ru'} */ (code)]}`.replace('{1}', file);
      const spoken = (/** @type {string} */ url, /** @type {Record<string, string>} */ keys = {}) => withState(url, { lang: code, ...keys });

      const headless = publishSample().copy('no-manifest');
      headless.remove('archive/manifest.js');
      const none = await open(spoken(headless.url));
      await reaches(none, 'error');
      assert.deepEqual(await none.evaluate('[document.documentElement.lang, document.getElementById("broken").innerText.replace(/[\\u2066-\\u2069]/g, "")]'), [code, `${table.errorStart} ${lost('archive/manifest.js')} ${table.loadAgain}`]);

      const copy = publishMany().copy('damaged');
      const [oldest] = copy.storeShards;
      copy.remove(`archive/${oldest}`);
      const page = await open(spoken(copy.url, { q: markerOf(0) }));
      await shows(page, 1);
      await page.waitFor('document.querySelector("article.damaged") !== null', undefined, 'the place of the lost post');
      const told = (/** @type {string} */ selector) => page.evaluate(`document.querySelector(${JSON.stringify(selector)}).textContent.replace(/[\\u2066-\\u2069]/g, "")`);
      const words = await told('article.damaged');
      assert.ok(words.startsWith(table.damaged.replace('{reason}', lost(`archive/${oldest}`))), words);
      // Behind it, the place in the container.
      assert.doesNotMatch(words, /section |offset /);
    });
  }

  check('index.html alone says to extract, and shows the newest posts', async () => {
    const copy = publishSample().copy('page-only');
    copy.keepPageOnly();
    const page = await open(copy.url);
    // Two seconds is how long somebody looks at a page that does nothing.
    await page.waitFor('/extract/i.test(document.body.innerText)', 2000, 'a word about extracting');
    await showsText(page, publishSample().newestWords, 2000);
  });
});
