/** Hosts that take frames and scripts away: what is left is a card, made of what the archive says of itself, and a link; and the frame
 *  for hosts that ask how to embed it. */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { fonds, publishSample, samplePath } from './fixtures.mjs';
import { reaches, shows } from './reading.mjs';
import { serve } from './server.mjs';
import { inEveryEngine } from './suite.mjs';

const root = mkdtempSync(join(tmpdir(), 'fonds-previews-'));
/** @type {import('./server.mjs').Server} */
let site;
/** @type {import('./server.mjs').Server} */
let host;
before(async () => {
  for (const folder of ['site', 'host']) mkdirSync(join(root, folder));
  site = await serve(join(root, 'site'));
  host = await serve(join(root, 'host'));
  fonds(['build', samplePath('posts.jsonl'), '-o', join(root, 'site/archive'), '--url', site.url('archive/'), '--meta', samplePath('owner/meta.toml'), '--logo', samplePath('owner/logo.svg'), '--quiet']);
});
after(async () => {
  await site.close();
  await host.close();
  rmSync(root, { recursive: true, force: true });
});

/** What a page says of itself in its head, as those see it who run nothing. */
function card() {
  const [head = ''] = readFileSync(join(root, 'site/archive/index.html'), 'utf8').split('</head>');
  const plain = (/** @type {string} */ text) => text.replace(/&quot;/g, '"').replace(/&#39;/g, "'").replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');
  const told = [...head.matchAll(/<meta property="og:([a-z:]+)" content="([^"]*)">/g)].map(([, name, content]) => [name, plain(content ?? '')]);
  return { ...Object.fromEntries(told), oembed: plain(/<link rel="alternate" type="application\/json\+oembed" href="([^"]*)"/.exec(head)?.[1] ?? '') };
}

/** @param {string} body @returns {string} The address of a page of another origin around it. */
function hosted(body) {
  writeFileSync(join(root, 'host/page.html'), `<!doctype html><html lang="en"><head><meta charset="utf-8"><link rel="icon" href="data:,"><title>A blog</title></head><body>${body}</body></html>`);
  return host.url('page.html');
}

inEveryEngine('previews', ({ check, open }) => {
  check('a host makes a card of title, description and picture', async () => {
    const told = card();
    assert.deepEqual([told.type, told.title, told.url], ['website', 'Harbour Bulletin', site.url('archive/')]);
    assert.ok(told.description && told.description.length <= 201, told.description);
    assert.match(told['image:alt'], /^370 posts, 2022–2024$/);
    const page = await open(hosted(`<a href="${told.url}"><img src="${told.image}" alt="${told['image:alt']}"></a>`));
    await page.waitFor('document.images[0].complete', undefined, 'the picture');
    assert.deepEqual(await page.evaluate('[document.images[0].naturalWidth, document.images[0].naturalHeight]'), [Number(told['image:width']), Number(told['image:height'])]);
    assert.deepEqual(await page.problems(), []);
  });

  check('who asks how to embed it gets a frame without an origin that works', async () => {
    const answer = JSON.parse(await (await fetch(card().oembed)).text());
    assert.deepEqual([answer.version, answer.type, answer.title], ['1.0', 'rich', 'Harbour Bulletin']);
    assert.equal((await fetch(answer.thumbnail_url)).status, 200);
    const page = await open(hosted(answer.html));
    const frame = await page.frame(() => document.querySelector('iframe'));
    await reaches(frame, 'ready');
    await shows(frame, publishSample().records.length);
    assert.equal(await frame.evaluate('self.origin'), 'null');
    assert.deepEqual(await page.problems(), []);
  });

  check('where script, frame and unknown elements are taken away, the link is left and leads there', async () => {
    const snippet = `<script src="${site.url('archive/embed.js')}"></script><fonds-archive src="${site.url('archive/index.html')}" q="storm"><a href="${site.url('archive/index.html#q=storm')}">Storm in the Harbour Bulletin</a></fonds-archive>`;
    const left = snippet.replace(/<script[^]*?<\/script>|<iframe[^]*?<\/iframe>|<\/?fonds-archive[^>]*>/g, '');
    const page = await open(hosted(left));
    await page.click('a');
    await page.waitFor('location.pathname.endsWith("/archive/index.html")', undefined, 'the archive');
    await shows(page, publishSample().search('storm*').total);
  });
});
