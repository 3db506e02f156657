/** The snippets of docs/EMBEDDING.md, each as its system would put it into a page, and what is told to hosts that take frames out. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { fonds, samplePath } from './fixtures.mjs';
import { reaches, resultUids } from './reading.mjs';
import { serve } from './server.mjs';
import { inEveryEngine } from './suite.mjs';

const DOCS = readFileSync(new URL('../../docs/EMBEDDING.md', import.meta.url), 'utf8');

/** A snippet of the docs, by the word behind its fence. @param {string} name @returns {string} */
function snippet(name) {
  const found = new RegExp(`^\`\`\`html ${name}\n([\\s\\S]*?)^\`\`\``, 'm').exec(DOCS)?.[1];
  assert.ok(found, `docs/EMBEDDING.md has no snippet called ${name}`);
  return found;
}

/**
 * What the templates of Hugo and Jekyll make of their values: the few expressions that the snippets use. Hugo encodes what stands behind the
 * # of an address by itself, with %20 for a space; Liquid's url_encode has + for it. Both as Hugo 0.111 and Jekyll 4.3 were seen to do.
 * @param {string} template @param {Record<string, string>} values
 */
function filled(template, values) {
  return template.replace(/(#q=)?\{\{\s*(\.Get "\w+"|include\.\w+)(.*?)\}\}/g, (_, fragment = '', source, rest) => {
    const isHugo = source.startsWith('.Get');
    let value = values[/\w+(?="?$)/.exec(source)?.[0] ?? ''];
    for (const [, filter, given] of rest.matchAll(/\|\s*(\w+):?\s*((?:(?!\|).)*)/g)) {
      const words = [...given.matchAll(/"([^"]*)"|'([^']*)'|([\w.]+)/g)].map(([, a, b, c]) => a ?? b ?? c);
      if (filter === 'default') value ??= words[0];
      else if (filter === 'url_encode') value = encodeURIComponent(value ?? '').replaceAll('%20', '+');
      else if (filter === 'replace') value = value?.replaceAll(words[0] ?? '', words[1] ?? '');
      else throw new Error(`a filter that this test does not know: ${filter}`);
    }
    return fragment + (isHugo && fragment ? encodeURIComponent(value ?? '') : value ?? '');
  });
}

const [folder, root] = ['host', 'site'].map((name) => mkdtempSync(join(tmpdir(), `fonds-snippets-${name}-`)));
/** @type {import('./server.mjs').Server} */
let host;
/** @type {import('./server.mjs').Server} */
let site;
before(async () => {
  host = await serve(folder);
  site = await serve(root);
  fonds(['build', samplePath('posts.jsonl'), '-o', join(root, 'archive'), '--quiet', '--url', `${site.origin}/archive/`, '--about', samplePath('owner/about.md')]);
});
after(async () => {
  await host.close();
  await site.close();
  for (const path of [folder, root]) rmSync(path, { recursive: true, force: true });
});

/** What templates are asked for: a space is what encodings differ by. */
const TWO_WORDS = 'ferry bridge';

/** The pages around a snippet: how each system wraps what its author wrote. @type {Record<string, (html: string, archive: string) => string>} */
const AROUND = {
  plain: (html) => html,
  frame: (html) => html,
  hugo: (html, archive) => `<main><article class="post-single"><div class="post-content"><p>Before.</p>${filled(html, { src: archive, q: TWO_WORDS })}<p>After.</p></div></article></main>`,
  jekyll: (html, archive) => `<main class="page-content"><div class="wrapper"><article class="post h-entry"><div class="post-content e-content"><p>Before.</p>${filled(html, { src: archive, q: TWO_WORDS })}</div></article></div></main>`,
  wordpress: (html) => `<div class="wp-site-blocks"><main><div class="entry-content wp-block-post-content is-layout-constrained"><p>Before.</p>\n${html}\n<p>After.</p></div></main></div>`,
  ghost: (html) => `<main class="gh-main"><article class="gh-article"><section class="gh-content gh-canvas"><p>Before.</p><!--kg-card-begin: html-->\n${html}<!--kg-card-end: html--></section></article></main>`,
};

/** Policies that hosts have: none, and as strict as lets a frame of the archive in, with or without its script. @param {string} origin */
const policies = (origin) => ({ frame: `default-src 'none'; frame-src ${origin}; style-src-attr 'unsafe-inline'; img-src data:`, script: `default-src 'none'; frame-src ${origin}; script-src ${origin}; style-src 'unsafe-inline'; img-src data:` });

/** @param {string} name @param {string} body @param {string} [policy] */
function hostPage(name, body, policy) {
  const csp = policy ? `<meta http-equiv="Content-Security-Policy" content="${policy}">` : '';
  writeFileSync(join(folder, `${name}.html`), `<!doctype html><html lang="en"><head><meta charset="utf-8">${csp}<link rel="icon" href="data:,"><title>A blog</title></head><body>${body}</body></html>`);
  return host.url(`${name}.html`);
}

const findFrame = () => {
  const element = document.querySelector('fonds-archive');
  return element ? element.shadowRoot?.querySelector('iframe') ?? null : document.querySelector('iframe');
};

/** @param {import('./engines.mjs').Page} page @param {string | null} asked */
async function hasHits(page, asked = 'storm') {
  await page.waitFor(`(${findFrame})() !== null`, undefined, 'a frame');
  assert.equal(await page.evaluate(`(${findFrame})().getAttribute('sandbox')`), 'allow-scripts allow-popups allow-popups-to-escape-sandbox');
  const frame = await page.frame(findFrame);
  await reaches(frame, 'ready');
  assert.ok((await resultUids(frame)).length > 0);
  if (asked !== null) assert.equal(await frame.evaluate(() => /** @type {HTMLInputElement} */ (document.getElementById('q')).value), asked);
}

inEveryEngine('a snippet', ({ check, open }) => {
  for (const [name, around] of Object.entries(AROUND)) {
    for (const strict of [false, true]) {
      check(`of ${name} shows hits in a page ${strict ? 'with a strict policy' : 'without a policy'}`, async () => {
        const archive = `${site.origin}/archive`;
        const html = snippet(name);
        const policy = policies(site.origin)[html.includes('<script') ? 'script' : 'frame'];
        const page = await open(hostPage(`${name}-${strict}`, around(html, archive).replaceAll('ARCHIVE', archive), strict ? policy : undefined));
        await hasHits(page, html.includes('{{') ? TWO_WORDS : 'storm');
      });
    }
  }

  check('of oEmbed shows the archive', async () => {
    const html = await (await fetch(`${site.origin}/archive/index.html`)).text();
    const address = /<link rel="alternate" type="application\/json\+oembed" href="([^"]+)"/.exec(html)?.[1] ?? '';
    const answer = /** @type {any} */ (await (await fetch(address)).json());
    assert.deepEqual([answer.version, answer.type, answer.title], ['1.0', 'rich', 'Harbour Bulletin']);
    const page = await open(hostPage('oembed', answer.html));
    await hasHits(page, null);
  });

  check('of the card is a picture that leads to the archive', async () => {
    const archive = `${site.origin}/archive`;
    const html = await (await fetch(`${archive}/index.html`)).text();
    const og = new Map([...html.matchAll(/<meta property="og:([\w:]+)" content="([^"]*)">/g)].map(([, name, value]) => [name, value]));
    assert.deepEqual([og.get('title'), og.get('type'), og.get('url'), og.get('image')], ['Harbour Bulletin', 'website', `${archive}/`, `${archive}/fonds/card.png`]);
    assert.match(og.get('description') ?? '', /^Posts of the Harbour Bulletin, kept by/);
    const page = await open(hostPage('card', snippet('card').replaceAll('ARCHIVE', archive)));
    await page.waitFor(() => /** @type {HTMLImageElement} */ (document.querySelector('img')).naturalWidth === 1200, undefined, 'the picture');
    await page.click('a');
    await page.waitFor(() => document.title.includes('Harbour Bulletin'), undefined, 'the archive');
  });
});
