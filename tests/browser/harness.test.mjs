/**
 * The harness itself: a test that cannot fail is worthless, so every kind of trouble is planted once and must be reported.
 * Everything stays on loopback.
 */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { pathToFileURL } from 'node:url';
import { watchedTwin } from './engines.mjs';
import { serve } from './server.mjs';
import { inEveryEngine } from './suite.mjs';

const folder = mkdtempSync(join(tmpdir(), 'fonds-harness-'));
/** @type {import('./server.mjs').Server} */
let site;
/** @type {import('./server.mjs').Server} */
let foreign;
before(async () => {
  site = await serve(folder);
  mkdirSync(join(folder, 'foreign'));
  foreign = await serve(join(folder, 'foreign'));
});
after(async () => {
  await site.close();
  await foreign.close();
  rmSync(folder, { recursive: true, force: true });
});

let count = 0;

/**
 * Writes a page into the folder and its twin beside it.
 *
 * @param {string} body @param {string} [policy] A content security policy.
 * @returns {string} The file's name.
 */
function plant(body, policy) {
  const name = `page-${(count += 1)}.html`;
  const meta = policy ? `<meta http-equiv="Content-Security-Policy" content="${policy}">` : '';
  writeFileSync(join(folder, name), `<!doctype html><html lang="en"><head><meta charset="utf-8">${meta}<title>planted</title></head><body>${body}</body></html>`);
  watchedTwin(join(folder, name));
  return name;
}

/**
 * Waits until one of the lines that a page reports is the expected one.
 *
 * @param {import('./engines.mjs').Page} page @param {'problems' | 'requests'} list @param {RegExp} expected
 */
async function listed(page, list, expected) {
  const until = Date.now() + 15_000;
  /** @type {string[]} */
  let seen = [];
  while (!seen.some((line) => expected.test(line)) && Date.now() < until) {
    seen = await page[list]();
    // Lets the messages of the browser in.
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  assert.ok(seen.some((line) => expected.test(line)), `nothing matches ${expected} among ${JSON.stringify(seen)}`);
}

inEveryEngine('the harness', ({ engine, check, open }) => {
  const addresses = {
    file: (/** @type {string} */ name) => pathToFileURL(join(folder, name)).href,
    http: (/** @type {string} */ name) => site.url(name),
  };

  for (const [scheme, address] of Object.entries(addresses)) {
    /**
     * @param {string} what @param {() => string} body @param {RegExp} expected @param {() => string} [policy]
     * @param {'problems' | 'requests'} [list] @param {string | false} [skip]
     */
    const reports = (what, body, expected, policy, list = 'problems', skip = false) => {
      check(`${what} is reported on ${scheme}`, async () => {
        const page = await open(address(plant(body(), policy?.())), { watch: true });
        await listed(page, list, expected);
      }, skip);
    };
    // The script of a file counts as foreign to the file itself, so WebKit keeps its words back.
    const muted = engine === 'webkit' && scheme === 'file';

    reports('a console error', () => '<script>console.error("planted trouble")</script>', /console error: planted trouble/);
    reports('an uncaught error', () => '<script>throw new Error("planted throw")</script>', muted ? /uncaught error/ : /uncaught error: .*planted throw/);
    reports('a rejection that nobody handles', () => '<script>Promise.reject(new Error("planted rejection"))</script>', /uncaught error: .*planted rejection/, undefined, 'problems',
      engine === 'chromium' && scheme === 'file' && 'Chromium tells nobody of rejections in the scripts of a file');
    reports('a missing script', () => '<script src="not-there.js"></script>', /failed request: .*not-there\.js/);
    reports('a policy violation', () => '<script>document.body.append("ran")</script>', /polic/i, () => "script-src 'self'");
    reports('an error in a worker', () => `<script>
      const source = 'throw new Error("planted in a worker")';
      globalThis.planted = new Worker(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })));
    </script>`, muted ? /uncaught error/ : /planted in a worker/);
    reports('an image from another origin', () => `<img alt="" src="${foreign.url('planted.png')}">`, /planted\.png/, undefined, 'requests');
    reports('a fetch to another origin', () => `<script>fetch("${foreign.url('planted-fetch')}").catch(() => {})</script>`, /planted-fetch/, undefined, 'requests');
    reports('a fetch to another origin from a worker', () => `<script>
      const source = 'fetch("${foreign.url('planted-worker')}").catch(() => {})';
      globalThis.planted = new Worker(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })));
    </script>`, /planted-worker/, undefined, 'requests');
    reports('a script beside the page', () => '<script src="beside.js"></script>', /beside\.js/, undefined, 'requests');

    check(`a dialog is reported on ${scheme}`, async () => {
      const page = await open(address(plant('<button>press</button><script>document.querySelector("button").onclick = () => setTimeout(() => alert("planted dialog"), 0)</script>')), { watch: true });
      await page.click('button');
      await listed(page, 'problems', /dialog: /);
    });

    check(`a faultless page is reported as faultless on ${scheme}`, async () => {
      const name = plant('<p>nothing here</p><script>console.log("fine"); new Worker(URL.createObjectURL(new Blob(["1"])))</script>');
      const page = await open(address(name), { watch: true });
      await page.waitFor('document.readyState === "complete"');
      assert.deepEqual(await page.problems(), []);
      for (const url of await page.requests()) assert.match(url, /^(blob:|file:|http:\/\/127\.0\.0\.1:)/);
    });

    check(`keys, clicks, history and size reach the page on ${scheme}`, async () => {
      const name = plant(`<input type="search"><button>press</button><script>
        globalThis.keys = [];
        addEventListener('keydown', (event) => keys.push(event.key));
        document.querySelector('button').onclick = () => history.pushState(null, '', '#pressed');
      </script>`);
      const page = await open(address(name), { width: 320, height: 640 });
      assert.deepEqual(await page.evaluate('[innerWidth, innerHeight]'), [320, 640]);
      await page.type('input', 'a é');
      assert.equal(await page.evaluate(() => document.querySelector('input')?.value), 'a é');
      await page.press('Control+a');
      await page.press('Backspace');
      await page.press('/');
      await page.press('ArrowDown');
      await page.press('Escape');
      assert.deepEqual(await page.evaluate('keys.filter((key) => key === "/" || key.length > 3)'), ['Control', 'Backspace', '/', 'ArrowDown', 'Escape']);
      await page.click('button');
      await page.waitFor('location.hash === "#pressed"');
      await page.back();
      await page.waitFor('location.hash === ""');
      await page.forward();
      await page.waitFor('location.hash === "#pressed"');
      await page.reload();
      assert.equal(await page.evaluate('location.hash'), '#pressed');
      await page.setViewport({ width: 1440, height: 900 });
      assert.equal(await page.evaluate('innerWidth'), 1440);
    });

    check(`the dark scheme is the reader's wish on ${scheme}`, async () => {
      const name = plant('<p>dark</p>');
      const query = 'matchMedia("(prefers-color-scheme: dark)").matches';
      assert.equal(await (await open(address(name), { dark: true })).evaluate(query), true);
      assert.equal(await (await open(address(name))).evaluate(query), false);
    });

    check(`a sandboxed frame can be entered on ${scheme}`, async () => {
      const inner = plant('<p id="inner">inside</p>');
      const page = await open(address(plant(`<iframe sandbox="allow-scripts" src="${inner}"></iframe>`)));
      const frame = await page.frame(() => document.querySelector('iframe'));
      assert.equal(await frame.waitFor('document.getElementById("inner") && document.getElementById("inner").textContent'), 'inside');
      assert.equal(await page.evaluate('document.querySelectorAll("iframe").length'), 1);
    });
  }

  check('a file may not read its sibling, as in a reader\'s browser', async () => {
    const sibling = plant('<p>sibling</p>');
    const page = await open(pathToFileURL(join(folder, plant('<p>here</p>'))).href);
    const answer = await page.evaluate((/** @type {string} */ sibling) => fetch(sibling).then(() => 'read', () => 'refused'), sibling);
    assert.equal(answer, 'refused');
  });

  check('scripts can be switched off', async () => {
    const page = await open('about:blank');
    await page.setJavaScript(false);
    await page.goto(pathToFileURL(join(folder, plant('<noscript>no script</noscript><script>document.body.append("ran")</script>'))).href);
    assert.doesNotMatch(await page.evaluate('document.body.innerText'), /ran/);
  }, engine === 'chromium' ? null : 'only Chromium can switch scripts off here');
});
