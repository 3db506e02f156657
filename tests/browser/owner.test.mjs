/** What an owner gives an archive, as readers meet it: in the folder, in one file, and in a frame of another page. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after } from 'node:test';
import { axeFinds } from './axe.mjs';
import { watchedTwin } from './engines.mjs';
import { fonds, samplePath } from './fixtures.mjs';
import { reaches, withState } from './reading.mjs';
import { serve } from './server.mjs';
import { inEveryEngine } from './suite.mjs';

const root = mkdtempSync(join(tmpdir(), 'fonds-owner-'));
after(() => rmSync(root, { recursive: true, force: true }));

const GIVEN = ['--about', samplePath('owner/about.md'), '--logo', samplePath('owner/logo.svg'), '--css', samplePath('owner/owner.css'), '--accent', 'teal', '--licence', 'CC-BY-4.0', '--meta', samplePath('owner/meta.toml'), '--quiet'];

/** @type {Map<string, string>} */
const built = new Map();

/** The sample with all that an owner can give. @param {string} lang @returns {string} Address of its folder's page; the single html is beside the folder. */
function owned(lang) {
  const known = built.get(lang);
  if (known) return known;
  const folder = join(root, lang);
  fonds(['build', samplePath('posts.jsonl'), '-o', folder, '--single', `${folder}.html`, '--lang', lang, ...GIVEN]);
  watchedTwin(join(folder, 'index.html'));
  watchedTwin(`${folder}.html`);
  built.set(lang, pathToFileURL(join(folder, 'index.html')).href);
  return /** @type {string} */ (built.get(lang));
}

/** What About says, as a reader sees it. */
const said = () => {
  const owner = /** @type {HTMLElement | null} */ (document.querySelector('#about .owner'));
  return owner && { text: owner.innerText, links: [...owner.querySelectorAll('a')].map(({ href, rel, target }) => ({ href, rel, target })), tags: [...owner.querySelectorAll('*')].map(({ localName }) => localName) };
};

inEveryEngine('the owner’s hand', ({ check, open }) => {
  for (const form of ['folder', 'single html']) {
    check(`in the ${form} it is shown as text and elements, with no word of it run`, async () => {
      const page = await open(form === 'folder' ? owned('en') : owned('en').replace('/index.html', '.html'), { width: 1280, watch: true });
      await reaches(page, 'ready');
      const about = await page.waitFor(said, undefined, 'what the owner says');
      for (const part of ['The harbour\'s own paper', 'Society of the Old Pier', '<script>alert("this is text")</script>', 'CC-BY-4.0', 'Лидия Северцева', 'Created by', 'Terms of use']) assert.ok(about.text.includes(part), `${part} in ${about.text}`);
      for (const tag of ['h3', 'em', 'strong', 'li', 'blockquote', 'table', 'pre']) assert.ok(about.tags.includes(tag), tag);
      assert.ok(!about.tags.includes('script'));
      assert.deepEqual(about.links.filter(({ href, rel, target }) => !/^(https?|mailto):/.test(href) || rel !== 'noopener noreferrer' || target !== '_blank'), []);
      assert.deepEqual(await page.evaluate(() => {
        const logo = /** @type {HTMLImageElement} */ (document.getElementById('logo'));
        return [logo.complete && logo.naturalWidth > 0, logo.alt, getComputedStyle(/** @type {Element} */ (document.querySelector('.masthead'))).borderBlockStartWidth, getComputedStyle(/** @type {Element} */ (document.querySelector('.more'))).color];
      }), [true, 'Harbour Bulletin', '3px', 'rgb(0, 128, 128)']);
      assert.deepEqual(await page.problems(), []);
    });
  }

  check('the page speaks the owner’s language until its reader chooses one', async () => {
    const server = await serve(root);
    try {
      owned('ar');
      const page = await open(server.url('ar/index.html'));
      const spoken = () => [document.documentElement.lang, document.documentElement.dir];
      await reaches(page, 'ready');
      assert.deepEqual(await page.evaluate(spoken), ['ar', 'rtl']);
      await page.evaluate(() => localStorage.setItem(`fonds:${document.documentElement.dataset.archive}:language`, 'en'));
      await page.reload();
      await reaches(page, 'ready');
      assert.deepEqual(await page.evaluate(spoken), ['en', 'ltr']);
      assert.deepEqual(await page.problems(), []);
    } finally {
      await server.close();
    }
  });

  check('picture, colour and sheet are there in a frame without an origin', async () => {
    const server = await serve(root);
    try {
      writeFileSync(join(root, 'host.html'), `<!doctype html><link rel="icon" href="data:,"><iframe width="900" height="600" sandbox="allow-scripts" src="${withState(server.url('en/index.html'), { q: 'storm', embed: '1' }).replace(/&/g, '&amp;')}"></iframe>`);
      owned('en');
      const page = await open(server.url('host.html'));
      const frame = await page.frame(() => document.querySelector('iframe'));
      await reaches(frame, 'ready');
      assert.deepEqual(await frame.evaluate(() => {
        const logo = /** @type {HTMLImageElement} */ (document.getElementById('logo'));
        return [logo.complete && logo.naturalWidth > 0, getComputedStyle(/** @type {Element} */ (document.querySelector('.masthead'))).borderBlockStartColor];
      }), [true, 'rgb(0, 128, 128)']);
    } finally {
      await server.close();
    }
  });

  for (const width of [1440, 820]) {
    for (const scheme of ['light', 'dark']) {
      check(`axe finds nothing in About with all that an owner says, at ${width} pixels, ${scheme}`, async () => {
        const page = await open(owned('en'), { width, dark: scheme === 'dark' });
        await reaches(page, 'ready');
        await page.waitFor(said, undefined, 'what the owner says');
        await page.evaluate(() => /** @type {HTMLElement | null} */ (document.querySelector('details.owner:not([open]) summary'))?.click());
        assert.deepEqual(await axeFinds(page), []);
      });
    }
  }

  check('the archive is cited with all that its owner says, and its sizes are told', async () => {
    const page = await open(owned('en'));
    await reaches(page, 'ready');
    await page.waitFor(said, undefined, 'what the owner says');
    const about = await page.evaluate('document.getElementById("about").innerText');
    const whole = String(await page.evaluate('document.documentElement.dataset.sha256'));
    assert.match(whole, /^[0-9a-f]{64}$/);
    assert.ok(whole.startsWith(String(await page.evaluate('document.documentElement.dataset.archive'))));
    assert.ok(about.includes(`Society of the Old Pier, Лидия Северцева, Harbour Bulletin, 1 January 2022 – 31 December 2024, 370 posts, Harbour Office, SHA-256 ${whole}, CC-BY-4.0`), about);
    assert.ok(about.includes(`A page cannot vouch for itself: whoever changes it can change this line too. The SHA-256 of the archive is ${whole}. Compare it`), about);
    assert.match(about, /The archive takes [\d.]+ kB; its sources took [\d.]+ kB\./);
  });

  check('on a narrow page it waits behind a line that opens it, and nothing moves sideways', async () => {
    const page = await open(owned('en'), { width: 320, height: 700 });
    await reaches(page, 'ready');
    await page.waitFor(said, undefined, 'what the owner says');
    await page.click('.owner summary');
    await page.waitFor(() => document.querySelector('details.owner[open]') !== null, undefined, 'the owner’s text');
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  });
});
