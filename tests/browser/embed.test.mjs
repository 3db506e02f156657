/** An archive inside a page of another origin, with and without the script that comes with it. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before } from 'node:test';
import { publishSample } from './fixtures.mjs';
import { reaches, resultUids, shows, withState } from './reading.mjs';
import { serve } from './server.mjs';
import { inEveryEngine } from './suite.mjs';

const SANDBOX = 'allow-scripts allow-popups allow-popups-to-escape-sandbox';
const WORD = 'storm';

const folder = mkdtempSync(join(tmpdir(), 'fonds-host-'));
/** @type {import('./server.mjs').Server} */
let host;
before(async () => {
  host = await serve(folder);
});
after(async () => {
  await host.close();
  rmSync(folder, { recursive: true, force: true });
});

/** @param {string} body @returns {string} The name of a host page around it. */
function hostPage(body) {
  writeFileSync(join(folder, 'host.html'), `<!doctype html><html lang="en"><head><meta charset="utf-8"><link rel="icon" href="data:,"><title>A blog</title></head><body><h1>A blog</h1>${body}</body></html>`);
  return 'host.html';
}

/** Finds the frame in the light or the shadow tree of the element. */
const findFrame = () => {
  const element = document.querySelector('fonds-archive');
  return element ? element.shadowRoot?.querySelector('iframe') ?? element.querySelector('iframe') : document.querySelector('iframe');
};

/** @param {import('./engines.mjs').Scope} frame */
async function answersInFrame(frame) {
  await reaches(frame, 'ready');
  // A query in an address may be whole or still being typed; both are answers to it.
  const totals = [publishSample().search(WORD).total, publishSample().search(`${WORD}*`).total];
  const shown = await frame.waitFor('document.querySelector("[role=status][data-exact=true]")?.getAttribute("data-total")', undefined, 'an exact total in the frame');
  assert.ok(totals.includes(Number(shown)) && Number(shown) > 0, `${shown} is none of ${totals}`);
  await shows(frame, Number(shown));
  assert.ok((await resultUids(frame)).length > 0);
}

inEveryEngine('an embedded archive', ({ check, open }) => {
  check('the element makes a sandboxed frame that answers its query', async () => {
    const site = await serve(publishSample().root);
    try {
      const page = await open(host.url(hostPage(
        `<script src="${site.url('folder/embed.js')}"></script><fonds-archive src="${site.url('folder/index.html')}" q="${WORD}"></fonds-archive>`,
      )));
      await page.waitFor(`(${findFrame})() !== null`, undefined, 'a frame in the element');
      assert.equal(await page.evaluate(`(${findFrame})().getAttribute('sandbox')`), SANDBOX);
      await answersInFrame(await page.frame(findFrame));
      assert.deepEqual(await page.problems(), []);
    } finally {
      await site.close();
    }
  });

  check('a plain sandboxed frame works without the script', async () => {
    const site = await serve(publishSample().root);
    try {
      const url = withState(site.url('folder/index.html'), { q: WORD, embed: '1' }).replace(/&/g, '&amp;');
      const page = await open(host.url(hostPage(`<iframe title="archive" sandbox="${SANDBOX}" width="800" height="600" src="${url}"></iframe>`)));
      await answersInFrame(await page.frame(findFrame));
    } finally {
      await site.close();
    }
  });

  check('the single page works in a sandboxed frame of a file', async () => {
    const url = withState(publishSample().fileUrl('single.html'), { q: WORD, embed: '1' }).replace(/&/g, '&amp;');
    const name = hostPage(`<iframe title="archive" sandbox="${SANDBOX}" width="800" height="600" src="${url}"></iframe>`);
    const page = await open(pathToFileURL(join(folder, name)).href);
    await answersInFrame(await page.frame(findFrame));
  });
});
