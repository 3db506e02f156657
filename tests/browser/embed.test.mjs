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

  /** A host page with elements, and what they told it. @param {(site: import('./server.mjs').Server) => string} elements @param {(page: import('./engines.mjs').Page, site: import('./server.mjs').Server) => Promise<void>} look @param {string} [head] */
  async function hosted(elements, look, head = '') {
    const site = await serve(publishSample().root);
    try {
      const page = await open(host.url(hostPage(`${head}<script>told = []; for (const name of ['ready', 'navigate', 'resize', 'error']) addEventListener('fonds:' + name, ({ target, detail }) => told.push({ name, id: target.id, ...detail }));</script><script src="${site.url('folder/embed.js')}"></script>${elements(site)}`)));
      await look(page, site);
    } finally {
      await site.close();
    }
  }
  const inside = (/** @type {import('./engines.mjs').Page} */ page, /** @type {string} */ id) => page.frame(`document.getElementById(${JSON.stringify(id)}).shadowRoot.querySelector('iframe')`);
  const told = (/** @type {import('./engines.mjs').Page} */ page, /** @type {string} */ test) => page.waitFor(`told.find((one) => ${test})`, undefined, `an event with ${test}`);
  const framed = (/** @type {import('./engines.mjs').Page} */ page, /** @type {string} */ id) => page.waitFor(`document.getElementById(${JSON.stringify(id)})?.shadowRoot?.querySelector('iframe') != null`, undefined, 'a frame');

  check('every attribute reaches the page, and two on one page stand by themselves', async () => {
    const { uid } = publishSample().longest;
    const [tag] = publishSample().records.find(({ tags }) => (tags?.length ?? 0) > 0)?.tags ?? [];
    assert.ok(tag);
    const count = publishSample().records.filter(({ tags }) => tags?.includes(tag)).length;
    await hosted((site) => `<fonds-archive id="a" src="${site.url('folder/index.html')}" filter="tag=${encodeURIComponent(tag)}" lang="de" title="First"></fonds-archive>
      <fonds-archive id="b" src="${site.url('folder/index.html')}" item="${encodeURIComponent(uid).replace(/%2F/g, '/').replace(/%20/g, ' ')}" height="700"></fonds-archive>`, async (page) => {
      await framed(page, 'a');
      await framed(page, 'b');
      assert.equal((await told(page, 'one.id === "a" && one.name === "ready"')).total, count);
      assert.match((await told(page, 'one.id === "b" && one.name === "navigate"')).address, /^m=/);
      const first = await inside(page, 'a');
      await first.waitFor('document.documentElement.lang === "de"', undefined, 'German');
      await shows(first, count);
      const second = await inside(page, 'b');
      await second.waitFor((/** @type {string} */ uid) => /** @type {HTMLElement | null} */ (document.querySelector('#post .whole'))?.dataset.post === uid, undefined, 'the post', uid);
      assert.equal(await page.evaluate('document.getElementById("a").shadowRoot.querySelector("iframe").title'), 'First');
      assert.equal(await page.evaluate('document.getElementById("b").getBoundingClientRect().height'), 700);
      assert.deepEqual(await page.problems(), []);
    });
  });

  check('with load=click nothing is asked for before the click', async () => {
    await hosted((site) => `<fonds-archive id="a" load="click" title="The archive" src="${site.url('folder/index.html')}"><a href="x">Elsewhere</a></fonds-archive>`, async (page, site) => {
      await page.waitFor('document.getElementById("a")?.shadowRoot?.querySelector("button")?.textContent === "The archive"', undefined, 'the button');
      assert.deepEqual(site.log.filter(({ path }) => !/embed\.js$/.test(path)), []);
      assert.equal(await page.evaluate('document.querySelector("fonds-archive a").getClientRects().length'), 1, 'the link stays');
      await page.evaluate('document.getElementById("a").shadowRoot.querySelector("button").click()');
      await told(page, 'one.id === "a" && one.name === "ready"');
      assert.deepEqual(await page.problems(), []);
    });
  });

  check('the host chooses scheme and colours, and its own page takes none of the archive', async () => {
    const before = 'getComputedStyle(document.querySelector("h1")).cssText + getComputedStyle(document.body).backgroundColor + Object.keys(localStorage).join()';
    await hosted((site) => `<script>before = ${before}</script><fonds-archive id="a" theme="dark" src="${site.url('folder/index.html')}"></fonds-archive>`, async (page) => {
      await told(page, 'one.id === "a" && one.name === "ready"');
      const frame = await inside(page, 'a');
      await frame.waitFor('getComputedStyle(document.documentElement).backgroundColor === "rgb(1, 2, 3)"', undefined, 'the ground of the host');
      const seen = await frame.evaluate('({ ink: getComputedStyle(document.documentElement).color, accent: getComputedStyle(document.documentElement).getPropertyValue("--accent"), font: getComputedStyle(document.querySelector("#results .text")).fontFamily, radius: getComputedStyle(document.getElementById("q")).borderTopLeftRadius })');
      assert.deepEqual(seen, { ink: 'rgb(236, 231, 221)', accent: 'rgb(4, 200, 6)', font: 'monospace', radius: '9px' });
      assert.equal(await page.evaluate(`before === ${before}`), true, 'the host is as it was');
      // What the host changes later is followed: on the element, and on the host's root, by which a blog switches its theme.
      await page.evaluate('document.getElementById("a").style.setProperty("--fonds-bg", "rgb(7, 7, 7)")');
      await frame.waitFor('getComputedStyle(document.documentElement).backgroundColor === "rgb(7, 7, 7)"', undefined, 'the new ground');
      await page.evaluate('[...document.querySelectorAll("style")].forEach((sheet) => sheet.remove())');
      await page.evaluate('document.documentElement.style.setProperty("--fonds-accent", "rgb(9, 9, 200)")');
      await frame.waitFor('getComputedStyle(document.documentElement).getPropertyValue("--accent") === "rgb(9, 9, 200)"', undefined, 'the accent of the root');
      assert.deepEqual(await page.problems(), []);
    }, '<style>fonds-archive { --fonds-bg: rgb(1, 2, 3); --fonds-accent: rgb(4, 200, 6); --fonds-font: monospace; --fonds-radius: 9px; --fonds-fg: url(x) }</style>');
  });

  check('height=auto follows the page and cannot grow for ever', async () => {
    await hosted((site) => `<fonds-archive id="a" height="auto" src="${site.url('folder/index.html')}"></fonds-archive><fonds-archive id="b" height="auto" q="qzxvkwj" src="${site.url('folder/index.html')}"></fonds-archive>`, async (page) => {
      await told(page, 'one.id === "a" && one.name === "ready"');
      await told(page, 'one.id === "a" && one.name === "resize" && one.height > innerHeight');
      const height = 'document.getElementById("a").shadowRoot.querySelector("iframe").getBoundingClientRect().height';
      await page.waitFor(`${height} === innerHeight`, undefined, 'the height of the window');
      // The list is longer than any window; whoever scrolls in it makes it longer still.
      const frame = await inside(page, 'a');
      for (let turn = 0; turn < 5; turn++) await frame.evaluate('new Promise((done) => { scrollTo({ top: 1e6 }); requestAnimationFrame(() => requestAnimationFrame(done)); })');
      assert.equal(await page.evaluate(`${height} === innerHeight`), true);
      await page.evaluate('document.getElementById("b").scrollIntoView()');
      await told(page, 'one.id === "b" && one.name === "ready"');
      await told(page, 'one.id === "b" && one.name === "resize"');
      await page.waitFor(() => {
        const last = window.told.filter((one) => one.id === 'b' && one.name === 'resize').at(-1);
        const { height } = document.getElementById('b').shadowRoot.querySelector('iframe').getBoundingClientRect();
        return height !== 480 && height === Math.min(innerHeight, Math.max(240, Math.ceil(last.height)));
      }, undefined, 'a frame as high as what is in it');
      assert.deepEqual(await page.problems(), []);
    });
  });

  check('an archive that cannot be opened is told to the host', async () => {
    const copy = publishSample().copy('embed');
    copy.remove('archive/manifest.js');
    const site = await serve(copy.path);
    try {
      const page = await open(host.url(hostPage(`<script>told = []; addEventListener('fonds:error', ({ detail }) => told.push(detail.message));</script><script src="${site.url('embed.js')}"></script><fonds-archive src="${site.url('index.html')}"></fonds-archive>`)));
      await page.waitFor('told.length > 0', undefined, 'an error');
      assert.match(await page.evaluate('told[0]'), /archive\/manifest\.js is missing/);
    } finally {
      await site.close();
    }
  });

  check('an archive that is not there is told to the host, and the link stands in its place', async () => {
    // A page that says 404, and a host that says nothing: of the second some engines never say that it was loaded.
    const element = (/** @type {string} */ id, /** @type {string} */ src) => `<fonds-archive id="${id}" height="200" src="${src}"><a href="${src}">The archive</a></fonds-archive>`;
    await hosted((site) => element('lost', site.url('nowhere/index.html')) + element('mute', 'http://127.0.0.1:9/nowhere.html'), async (page) => {
      const linkSeen = (/** @type {string} */ id) => (document.querySelector(`#${id} a`)?.getClientRects().length ?? 0) > 0;
      assert.ok(!(await page.evaluate(linkSeen, 'lost')));
      for (const id of ['lost', 'mute']) {
        const error = await page.waitFor((/** @type {string} */ id) => told.find((/** @type {{ id: string, name: string }} */ one) => one.id === id && one.name === 'error'), 40_000, `an error of ${id}`, id);
        assert.match(error.message, /no archive answers from .*nowhere/);
        assert.ok(await page.evaluate(linkSeen, id));
      }
    });
  });

  check('a host that reads, floods and lies, and a frame that passes for it, get nothing and break nothing', async () => {
    await hosted((site) => `<fonds-archive id="a" q="${WORD}" src="${site.url('folder/index.html')}"></fonds-archive><iframe id="liar" sandbox="allow-scripts" srcdoc="<p>A liar</p>"></iframe>`, async (page) => {
      await told(page, 'one.id === "a" && one.name === "ready"');
      const frame = await inside(page, 'a');
      await answersInFrame(frame);
      const ground = await frame.evaluate('getComputedStyle(document.documentElement).backgroundColor');
      // What another origin may not read, whatever it tries.
      const read = await page.evaluate(() => {
        const frame = document.getElementById('a').shadowRoot.querySelector('iframe');
        return ['document', 'localStorage', 'fondsShard', 'caches'].map((name) => {
          try {
            return String(frame.contentWindow[name]);
          } catch {
            return 'refused';
          }
        }).concat(String(frame.contentDocument));
      });
      assert.deepEqual(read, ['refused', 'refused', 'refused', 'refused', 'null']);
      // A frame beside it speaks to the archive as if it were the host, and to the host as if it were the archive.
      const liar = await page.frame('document.getElementById("liar")');
      await liar.evaluate(() => {
        for (const event of ['ready', 'navigate', 'resize', 'error']) parent.postMessage({ fonds: event, total: -1, address: '#m=lie', height: 1e9, message: 'lie' }, '*');
        for (let i = 0; i < parent.length; i += 1) parent[i].postMessage({ fonds: 'look', theme: 'dark', style: { bg: 'rgb(9, 9, 9)' } }, '*');
      });
      await page.evaluate(() => {
        const { contentWindow } = document.getElementById('a').shadowRoot.querySelector('iframe');
        const lies = [
          null, 0, 'look', [], { fonds: null }, { fonds: 'look', style: null }, { fonds: 'look', style: 'x', theme: {} }, { fonds: 'search', q: 'x' },
          { fonds: 'look', style: { bg: 'url(https://evil.example/a.png)', accent: 'red;}*{display:none', font: 'x{}</style><script>alert(1)</' + 'script>', radius: { toString: 1 } } },
          { fonds: 'look', style: { bg: 'var(--none, url(https://evil.example/b.png))', fg: 'env(none, url(https://evil.example/c.png))' } },
          { id: 1, method: 'open', args: [] }, { fonds: 'look', style: Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`x${i}`, 'x'.repeat(100)])) },
        ];
        for (let i = 0; i < 2000; i += 1) contentWindow.postMessage(lies[i % lies.length], '*');
      });
      // What the page in the frame says of another form than it has is not passed on, nor what it says besides.
      await frame.evaluate(() => {
        for (const [address, total] of [[{}, 1], ['x'.repeat(20_000), 1], ['#q=x', '1'], ['#q=x', -1], ['#q=x', Infinity]]) parent.postMessage({ fonds: 'navigate', address, total, lie: true }, '*');
        parent.postMessage({ fonds: 'constructor' }, '*');
        parent.postMessage({ fonds: 'navigate', address: '#q=told', total: 7, lie: true }, '*');
      });
      const said = await page.waitFor('told.find(({ address }) => address === "#q=told")', undefined, 'what is in order');
      assert.equal(said.lie, undefined);
      assert.ok((await page.evaluate('told')).every((/** @type {any} */ one) => one.total === undefined || (Number.isFinite(one.total) && one.total >= 0)));
      // Messages come in order: once this one has come, all before it have.
      await page.evaluate('document.getElementById("a").setAttribute("q", "ferry")');
      const total = publishSample().search('ferry').total;
      await frame.waitFor(`document.querySelector("input[type=search]").value === "ferry" && ["ready", "empty"].includes(document.documentElement.dataset.state)`, undefined, 'an answer after the flood');
      await shows(frame, total);
      assert.equal(await frame.evaluate('getComputedStyle(document.documentElement).backgroundColor'), ground);
      assert.equal(await frame.evaluate('document.querySelectorAll("article[data-uid]").length > 0 && document.querySelector("#results").getClientRects().length > 0'), true);
      assert.deepEqual((await page.evaluate('told')).filter((/** @type {any} */ one) => one.total === -1 || one.message === 'lie' || one.height > 1e6), []);
      assert.deepEqual((await page.requests()).filter((url) => url.includes('evil')), []);
      assert.deepEqual(await page.problems(), []);
    });
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
