/**
 * One small interface over three browsers, so that a test is written once and runs in Chromium, Firefox and WebKit.
 *
 * Chromium and Firefox are driven by puppeteer-core (DevTools protocol and WebDriver BiDi), WebKit by WebKitWebDriver,
 * whose protocol (W3C WebDriver) plain `fetch` speaks.
 *
 * What each engine can report:
 *
 * |                               | Chromium | Firefox            | WebKit                                  |
 * |-------------------------------|----------|--------------------|-----------------------------------------|
 * | console errors                | yes      | yes                | watched documents only                  |
 * | uncaught errors, rejections   | yes; no rejections in files | yes | watched documents; in files without words |
 * | policy violations             | yes      | yes, by an early script | watched documents only             |
 * | files that failed to load     | yes      | watched by an early script | watched documents only          |
 * | errors inside workers         | yes      | yes                | uncaught ones, where the page does not handle them |
 * | requests over http(s)         | all, by a logging proxy | all | all, by a logging proxy                 |
 * | requests for files            | yes      | from the document's elements | from a watched document's elements |
 * | dialogs                       | yes      | yes                | yes, when the next command meets it     |
 *
 * WebKit's driver reports nothing of what a page logs, and an automated MiniBrowser writes nothing either, because its
 * sessions are private. It knows no early scripts. A *watched* document is therefore a twin of an HTML file, with
 * `watch.js` as its first script, above any policy that the file declares (`watchedTwin`). In the other
 * engines the file itself is opened, untouched.
 */

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import puppeteer from 'puppeteer-core';

/** @typedef {'chromium' | 'firefox' | 'webkit'} EngineName */

/**
 * @typedef {object} OpenOptions
 * @property {number} [width] Of the view, in CSS pixels; 1280 where not given.
 * @property {number} [height] 900 where not given.
 * @property {boolean} [dark] Whether the reader prefers a dark scheme.
 * @property {boolean} [fileStrict] Whether Firefox treats files as a reader's Firefox does; true where not given.
 * @property {boolean} [early] Returns once the document is parsed, for pages that never finish loading.
 * @property {number} [slow] How many times slower than it is the page's thread runs; Chromium only.
 * @property {boolean} [direct] Goes without the proxy that tells Chromium's requests, which takes its share of time.
 * @property {boolean} [watch] Opens the watched twin in WebKit, so that `problems` sees everything there too.
 */

/**
 * @typedef {object} Scope A document, or a frame within one.
 * @property {(fn: Function | string, ...args: any[]) => Promise<any>} evaluate Runs a function, or an expression, in the document.
 * @property {(fn: Function | string, timeout?: number, what?: string, ...args: any[]) => Promise<any>} waitFor Returns the first truthy answer.
 */

/**
 * @typedef {object} PageMethods
 * @property {(url: string, early?: boolean) => Promise<void>} goto
 * @property {() => Promise<void>} reload
 * @property {() => Promise<void>} back Returns at once; wait for what should come.
 * @property {() => Promise<void>} forward Returns at once; wait for what should come.
 * @property {(selector: string, text: string) => Promise<void>} type Focuses the element and sends one key after the other.
 * @property {(key: string) => Promise<void>} press As `Enter`, `ArrowDown`, `/` or `Control+a`, to whatever has the focus.
 * @property {(selector: string) => Promise<void>} click
 * @property {(find: Function | string) => Promise<Scope>} frame Enters the iframe that a function in the page returns.
 * @property {(path: string) => Promise<void>} screenshot
 * @property {(size: {width: number, height: number}) => Promise<void>} setViewport
 * @property {(on: boolean) => Promise<void>} setJavaScript Chromium only; takes effect with the next document.
 * @property {(media: string, features?: {name: string, value: string}[]) => Promise<void>} emulate Chromium only: `print` or `screen`, and media features.
 * @property {() => Promise<import('puppeteer-core').SerializedAXNode | null>} tree Chromium only: what assistive technology is told.
 * @property {(selector: string, role: string, name: string) => Promise<boolean>} isTold Whether assistive technology is told this role and this name of the first element that matches.
 * @property {() => Promise<string[]>} problems Everything that went wrong since the page was opened, one sentence each.
 * @property {() => Promise<string[]>} requests Every address asked for since the page was opened.
 * @property {() => Promise<void>} close
 * @property {EngineName} engine
 */

/** @typedef {Scope & PageMethods} Page */

/**
 * @typedef {object} Engine
 * @property {EngineName} name
 * @property {string} version
 * @property {(url: string, options?: OpenOptions) => Promise<Page>} open
 * @property {() => Promise<void>} close
 */

/** @type {EngineName[]} */
export const ENGINES = ['chromium', 'firefox', 'webkit'];

/** How long a condition may take before it counts as broken. Far above what a page needs, since test machines are slow. */
export const PATIENCE_MS = 20_000;

/** How often a condition is asked again. */
const POLL_MS = 25;

const WATCH_SOURCE = readFileSync(fileURLToPath(new URL('./watch.js', import.meta.url)), 'utf8');

/** @param {string[]} names @returns {string | null} */
function which(...names) {
  for (const name of names) {
    for (const folder of (process.env.PATH ?? '').split(delimiter)) {
      if (folder && existsSync(join(folder, name))) return join(folder, name);
    }
  }
  return null;
}

/** @returns {string | null} MiniBrowser lies beside the library, outside the path, in a folder named after the architecture. */
function findMiniBrowser() {
  if (process.env.FONDS_MINIBROWSER) return process.env.FONDS_MINIBROWSER;
  const roots = ['/usr/lib', '/usr/libexec', '/usr/lib64'];
  for (const root of roots.filter((root) => existsSync(root))) {
    for (const folder of ['.', ...readdirSync(root)]) {
      for (const version of ['webkit2gtk-4.1', 'webkitgtk-6.0', 'webkit2gtk-4.0']) {
        const path = join(root, folder, version, 'MiniBrowser');
        if (existsSync(path)) return path;
      }
    }
  }
  return null;
}

/** Where each browser is; null where it is not installed. */
const PROGRAMS = {
  chromium: () => process.env.FONDS_CHROMIUM ?? which('chromium', 'chromium-browser', 'google-chrome'),
  firefox: () => process.env.FONDS_FIREFOX ?? which('firefox-esr', 'firefox'),
  webkit: () => process.env.FONDS_WEBKIT_DRIVER ?? which('WebKitWebDriver'),
};

/**
 * @param {EngineName} name
 * @returns {string | null} Why the engine cannot run here, or null when it can.
 */
export function missing(name) {
  if (!PROGRAMS[name]()) return `${name} is not installed (tests/browser/install.sh installs it where apt-get is there)`;
  if (name === 'webkit' && !findMiniBrowser()) return 'webkit has its driver but no MiniBrowser';
  if (name === 'webkit' && !which('Xvfb')) return 'webkit needs Xvfb, which is not installed';
  return null;
}

/** @param {EngineName} name @returns {Promise<Engine>} */
export async function launch(name) {
  return name === 'webkit' ? new WebKitEngine() : new PuppeteerEngine(name);
}

/**
 * Writes the watched twin of an HTML file beside it, so that addresses relative to it stay true.
 *
 * @param {string} path Of an `.html` file.
 */
export function watchedTwin(path) {
  const html = readFileSync(path, 'utf8');
  const head = /<head[^>]*>|<meta/i.exec(html) ?? /<!doctype[^>]*>/i.exec(html);
  const at = head ? (head[0].startsWith('<meta') ? head.index : head.index + head[0].length) : 0;
  writeFileSync(twinPath(path), `${html.slice(0, at)}<script>${WATCH_SOURCE}</script>${html.slice(at)}`);
}

/** @param {string} address A path or a URL, with or without query and fragment. */
function twinPath(address) {
  return address.replace(/\.html(?=$|[?#])/, '.watched.html').replace(/\/(?=$|[?#])/, '/index.watched.html');
}

/** @param {string | Function} fn @param {any[]} args @returns {string} An expression; its value may be a promise. */
function expression(fn, args) {
  if (typeof fn === 'string') return `(${fn})`;
  return `(${fn}).apply(null, ${JSON.stringify(args)})`;
}

/**
 * Asks until the answer is truthy. An answer that cannot be had counts as "not yet": the document may be changing just now.
 *
 * @param {Scope} scope @param {Function | string} fn @param {any[]} args @param {number} timeout @param {string} what
 */
async function poll(scope, fn, args, timeout, what) {
  const until = Date.now() + timeout;
  /** @type {unknown} */
  let last;
  for (;;) {
    try {
      last = await scope.evaluate(fn, ...args);
      if (last) return last;
    } catch (error) {
      last = error;
    }
    if (Date.now() > until) throw new Error(`waited ${timeout} ms in vain for ${what || String(fn)} (last answer: ${last})`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** The browser asks for an icon on its own; that is no request of the page. @param {string} url */
const isIcon = (url) => /^https?:.*\/favicon\.ico$/.test(url);

/** Kills what a crashed test file would leave behind. @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));

/** @param {string} command @param {string[]} args @param {import('node:child_process').SpawnOptions} options */
function start(command, args, options) {
  const child = spawn(command, args, options);
  children.add(child);
  child.on('exit', () => children.delete(child));
  return child;
}

// ---------------------------------------------------------------------------------------- Chromium and Firefox

/** @implements {Engine} */
class PuppeteerEngine {
  /** Browsers by what cannot be changed once they run. @type {Map<string, Promise<import('puppeteer-core').Browser>>} */
  #browsers = new Map();
  version = '';

  /** @param {'chromium' | 'firefox'} name */
  constructor(name) {
    this.name = name;
  }

  /** @param {OpenOptions} options */
  #browser({ dark = false, fileStrict = true }) {
    // Firefox cannot change its scheme or its file policy for one page, so it runs once for each pair.
    const key = this.name === 'firefox' ? `${dark} ${fileStrict}` : '';
    let browser = this.#browsers.get(key);
    if (!browser) {
      browser = this.name === 'firefox' ? launchFirefox(dark, fileStrict) : launchChromium();
      this.#browsers.set(key, browser);
    }
    return browser;
  }

  /** @param {string} url @param {OpenOptions} [options] */
  async open(url, options = {}) {
    const browser = await this.#browser(options);
    this.version = await browser.version();
    // Chromium's driver may be attached to a worker after its first requests; the proxy misses none.
    const proxy = this.name === 'chromium' && !options.direct ? await loggingProxy([]) : null;
    // A context of its own, so that no page meets what another has stored.
    const context = await browser.createBrowserContext(
      proxy ? { proxyServer: `http://127.0.0.1:${proxy.port}`, proxyBypassList: ['<-loopback>'] } : {},
    );
    const page = new PuppeteerPage(this.name, context, await context.newPage(), proxy);
    await page.prepare(options);
    await page.goto(url, options.early);
    return page;
  }

  async close() {
    for (const browser of this.#browsers.values()) await (await browser).close();
    this.#browsers.clear();
  }
}

function launchChromium() {
  return puppeteer.launch({
    browser: 'chrome',
    executablePath: PROGRAMS.chromium() ?? undefined,
    headless: true,
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage', '--hide-scrollbars',
      // Chromium asks its maker what the fields of a form mean; that would count as a request of the page.
      '--disable-features=AutofillServerCommunication,OptimizationHints,Translate',
    ],
  });
}

/** @param {boolean} dark @param {boolean} fileStrict */
function launchFirefox(dark, fileStrict) {
  return puppeteer.launch({
    browser: 'firefox',
    executablePath: PROGRAMS.firefox() ?? undefined,
    headless: true,
    extraPrefsFirefox: {
      // Automated Firefox lets files read their siblings, which a reader's Firefox does not: modules, fetch and
      // workers would pass here and fail there.
      'security.fileuri.strict_origin_policy': fileStrict,
      'layout.css.prefers-color-scheme.content-override': dark ? 0 : 1,
    },
  });
}

/**
 * Whether the page itself broke a request off, which nobody waited for any longer: a newer question does so on purpose, and whoever goes
 * to another page, or loads it again in another language, leaves what was on its way. What cannot be had fails in another manner.
 *
 * @param {import('puppeteer-core').HTTPRequest} request
 */
function isBrokenOff(request) {
  return /^(net::ERR_ABORTED|NS_BINDING_ABORTED)$/.test(request.failure()?.errorText ?? '');
}

/** @implements {Page} */
class PuppeteerPage {
  /** @type {string[]} */
  #problems = [];
  /** @type {string[]} */
  #requests = [];
  #context;
  #page;
  #proxy;

  /**
   * @param {'chromium' | 'firefox'} engine
   * @param {import('puppeteer-core').BrowserContext} context
   * @param {import('puppeteer-core').Page} page
   * @param {Proxy | null} proxy
   */
  constructor(engine, context, page, proxy) {
    this.engine = engine;
    this.#context = context;
    this.#page = page;
    this.#proxy = proxy;
  }

  /** @param {OpenOptions} options */
  async prepare({ width = 1280, height = 900, dark = false, slow = 1 }) {
    const page = this.#page;
    page.on('console', (message) => {
      // A file that failed to load is told by the request itself, with its address.
      if (message.type() === 'error' && !/^Failed to load resource/.test(message.text())) this.#note(`console error: ${message.text()}`);
    });
    page.on('pageerror', (error) => this.#note(`uncaught error: ${error instanceof Error ? error.message : String(error)}`));
    page.on('dialog', (dialog) => {
      this.#note(`dialog: ${dialog.message()}`);
      dialog.dismiss().catch(() => {});
    });
    page.on('request', (request) => {
      if (!isIcon(request.url())) this.#requests.push(request.url());
    });
    page.on('requestfailed', (request) => {
      if (!isIcon(request.url()) && !isBrokenOff(request)) this.#note(`failed request: ${request.url()} ${request.failure()?.errorText ?? ''}`);
    });
    page.on('response', (response) => {
      if (response.status() >= 400 && !isIcon(response.url())) this.#note(`failed request: ${response.url()} status ${response.status()}`);
    });
    if (this.engine === 'firefox') {
      // Firefox tells its driver nothing about files, nor about what a policy refused.
      await page.evaluateOnNewDocument(WATCH_SOURCE);
    } else if (dark) {
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }]);
    }
    if (slow > 1) await page.emulateCPUThrottling(slow);
    await this.setViewport({ width, height });
  }

  /** @param {string} problem */
  #note(problem) {
    if (!this.#problems.includes(problem)) this.#problems.push(problem);
  }

  /** @param {string} url @param {boolean} [early] */
  async goto(url, early = false) {
    await this.#collect();
    await this.#page.goto(url, { waitUntil: early ? 'domcontentloaded' : 'load' });
  }

  async reload() {
    await this.#collect();
    await this.#page.reload({ waitUntil: 'load' });
  }

  async back() {
    await this.#collect();
    await this.#page.evaluate('setTimeout(() => history.back(), 0)');
  }

  async forward() {
    await this.#collect();
    await this.#page.evaluate('setTimeout(() => history.forward(), 0)');
  }

  /** @param {Function | string} fn @param {...any} args */
  evaluate(fn, ...args) {
    return this.#page.evaluate(expression(fn, args));
  }

  /** @param {Function | string} fn @param {number} [timeout] @param {string} [what] @param {...any} args */
  waitFor(fn, timeout = PATIENCE_MS, what = '', ...args) {
    return poll(this, fn, args, timeout, what);
  }

  /** @param {string} selector @param {string} text */
  async type(selector, text) {
    await this.#page.focus(selector);
    await this.#page.keyboard.type(text);
  }

  /** @param {string} key */
  async press(key) {
    const keys = /** @type {import('puppeteer-core').KeyInput[]} */ (key === '+' ? ['+'] : key.split('+'));
    for (const modifier of keys.slice(0, -1)) await this.#page.keyboard.down(modifier);
    await this.#page.keyboard.press(keys[keys.length - 1]);
    for (const modifier of keys.slice(0, -1).reverse()) await this.#page.keyboard.up(modifier);
  }

  /** @param {string} selector */
  click(selector) {
    return this.#page.click(selector);
  }

  /** @param {Function | string} find */
  async frame(find) {
    const handle = await this.#page.evaluateHandle(expression(find, []));
    const frame = await /** @type {import('puppeteer-core').ElementHandle<HTMLIFrameElement>} */ (handle.asElement()).contentFrame();
    /** @type {Scope} */
    const scope = {
      evaluate: (fn, ...args) => frame.evaluate(expression(fn, args)),
      waitFor: (fn, timeout = PATIENCE_MS, what = '', ...args) => poll(scope, fn, args, timeout, what),
    };
    return scope;
  }

  /** @param {string} path */
  async screenshot(path) {
    await this.#page.screenshot({ path: /** @type {`${string}.png`} */ (path) });
  }

  /** @param {{width: number, height: number}} size */
  async setViewport({ width, height }) {
    await this.#page.setViewport({ width, height });
  }

  /** @param {boolean} on */
  async setJavaScript(on) {
    if (this.engine !== 'chromium') throw new Error('only Chromium can switch scripts off here');
    await this.#page.setJavaScriptEnabled(on);
  }

  /** @param {string} media @param {{name: string, value: string}[]} [features] */
  async emulate(media, features = []) {
    if (this.engine !== 'chromium') throw new Error('only Chromium can see otherwise here');
    const session = await this.#page.createCDPSession();
    await session.send('Emulation.setEmulatedMedia', { media, features });
  }

  async tree() {
    if (this.engine !== 'chromium') throw new Error('only Chromium tells its tree here');
    return this.#page.accessibility.snapshot({ interestingOnly: false });
  }

  /** @param {string} selector @param {string} role @param {string} name */
  async isTold(selector, role, name) {
    const told = await this.#page.$$(`aria/${name}[role="${role}"]`);
    const same = await Promise.all(told.map((element) => element.evaluate((element, selector) => element === document.querySelector(selector), selector)));
    return same.includes(true);
  }

  /** Takes over what the early script has seen, in every frame, before the document goes. */
  async #collect() {
    for (const { url } of this.#proxy?.log ?? []) if (!isIcon(url) && !this.#requests.includes(url)) this.#requests.push(url);
    if (this.engine !== 'firefox') return;
    for (const frame of this.#page.frames()) {
      /** @type {any} */
      const seen = await frame.evaluate('globalThis.fondsWatch?.take()').catch(() => null);
      for (const problem of seen?.problems ?? []) {
        // Firefox itself reports these two, from workers too.
        if (!/^(console|uncaught) error/.test(problem)) this.#note(problem);
      }
      for (const url of seen?.requests ?? []) if (!this.#requests.includes(url)) this.#requests.push(url);
    }
  }

  async problems() {
    await this.#collect();
    return [...this.#problems];
  }

  async requests() {
    await this.#collect();
    return [...this.#requests];
  }

  async close() {
    await this.#context.close();
    this.#proxy?.close();
  }
}

// ---------------------------------------------------------------------------------------- WebKit

/** W3C names of keys that have no character. */
const KEYS = /** @type {Record<string, string>} */ ({
  Enter: '\uE007', Escape: '\uE00C', Tab: '\uE004', Backspace: '\uE003', Delete: '\uE017', Home: '\uE011', End: '\uE010',
  ArrowLeft: '\uE012', ArrowUp: '\uE013', ArrowRight: '\uE014', ArrowDown: '\uE015', PageUp: '\uE00E', PageDown: '\uE00F',
  Shift: '\uE008', Control: '\uE009', Alt: '\uE00A',
});

/** How the protocol writes a reference to an element. */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

/** What the protocol calls a command that met a dialog. */
const ALERT = 'unexpected alert open';

/** MiniBrowser's buttons keep its window from becoming as narrow as a phone, so they shrink to nothing. */
const GTK_CSS = '* { min-width: 0; min-height: 0; padding: 0; margin: 0; border-width: 0; font-size: 1px; -gtk-icon-source: none; }';

/** @implements {Engine} */
class WebKitEngine {
  /** @type {EngineName} */
  name = 'webkit';
  version = '';
  /** Light and dark, since the scheme is set from outside when the browser starts. @type {Map<boolean, Promise<WebKitSession>>} */
  #sessions = new Map();

  /** @param {string} url @param {OpenOptions} [options] */
  async open(url, { width = 1280, height = 900, dark = false, watch = false, early = false } = {}) {
    let starting = this.#sessions.get(dark);
    if (!starting) this.#sessions.set(dark, (starting = WebKitSession.start(dark)));
    const session = await starting;
    this.version = session.version;
    const page = await WebKitPage.create(session, watch);
    await page.setViewport({ width, height });
    await page.goto(url, early);
    return page;
  }

  async close() {
    for (const session of this.#sessions.values()) await (await session).end();
    this.#sessions.clear();
  }
}

/** One driver, one screen, one browser and the proxy through which everything goes that is not a file. */
class WebKitSession {
  version = '';
  /** The browser's first window stays open and unused: a new one can only be asked for from one that exists. */
  home = '';
  /** Which window and frame commands go to now, so that it is not said twice. */
  current = '';
  /** @type {{url: string, status: number}[]} */
  log = [];
  #base = '';
  #path = '';
  /** @type {(() => unknown)[]} */
  #endings = [];

  /** @param {boolean} dark */
  static async start(dark) {
    const session = new WebKitSession();
    const home = mkdtempSync(join(tmpdir(), 'fonds-webkit-'));
    session.#endings.push(() => rmSync(home, { recursive: true, force: true }));
    mkdirSync(join(home, 'gtk-3.0'));
    writeFileSync(join(home, 'gtk-3.0', 'gtk.css'), GTK_CSS);

    const proxy = await loggingProxy(session.log);
    session.#endings.push(proxy.close);

    const screen = start(which('Xvfb') ?? 'Xvfb', ['-displayfd', '3', '-screen', '0', '1600x1400x24', '-nolisten', 'tcp'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    session.#endings.push(() => screen.kill());
    const pipe = /** @type {import('node:stream').Readable} */ (screen.stdio[3]);
    const display = await new Promise((resolve, reject) => {
      pipe.once('data', (data) => resolve(String(data).trim()));
      screen.once('exit', () => reject(new Error('Xvfb ended before it had a display')));
    });

    const port = await freePort();
    /** @type {NodeJS.ProcessEnv} */
    const env = { ...process.env, DISPLAY: `:${display}`, XDG_CONFIG_HOME: home, GTK_THEME: dark ? 'Adwaita:dark' : 'Adwaita', NO_AT_BRIDGE: '1' };
    const driver = start(PROGRAMS.webkit() ?? 'WebKitWebDriver', ['-p', String(port)], { env, stdio: 'ignore' });
    session.#endings.push(() => driver.kill());
    session.#base = `http://127.0.0.1:${port}`;
    const until = Date.now() + PATIENCE_MS;
    while (!(await fetch(`${session.#base}/status`).then((answer) => answer.ok, () => false))) {
      if (Date.now() > until) throw new Error('WebKitWebDriver did not start');
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }

    const { sessionId, capabilities } = await session.#send('POST', '/session', {
      capabilities: {
        alwaysMatch: {
          browserName: 'MiniBrowser',
          pageLoadStrategy: 'normal',
          unhandledPromptBehavior: 'dismiss and notify',
          proxy: { proxyType: 'manual', httpProxy: `127.0.0.1:${proxy.port}`, sslProxy: `127.0.0.1:${proxy.port}` },
          'webkitgtk:browserOptions': { binary: findMiniBrowser(), args: ['--automation'] },
        },
      },
    });
    session.#path = `/session/${sessionId}`;
    session.home = await session.get('/window');
    session.version = `WebKitGTK ${capabilities.browserVersion}`;
    return session;
  }

  /** @param {string} method @param {string} path @param {object} [body] */
  async #send(method, path, body) {
    const answer = await fetch(this.#base + path, { method, body: body && JSON.stringify(body) });
    const { value } = /** @type {{value: any}} */ (await answer.json());
    if (value?.error) throw Object.assign(new Error(`${value.error}: ${value.message}`), { code: value.error });
    return value;
  }

  /** @param {string} path @param {object} [body] */
  post(path, body = {}) {
    return this.#send('POST', this.#path + path, body);
  }

  /** @param {string} path */
  get(path) {
    return this.#send('GET', this.#path + path);
  }

  /** @param {string} path */
  delete(path) {
    return this.#send('DELETE', this.#path + path);
  }

  async end() {
    await this.delete('').catch(() => {});
    for (const ending of this.#endings.reverse()) await ending();
  }
}

/** @implements {Page} */
class WebKitPage {
  /** @type {EngineName} */
  engine = 'webkit';
  /** @type {string[]} */
  #problems = [];
  /** @type {string[]} */
  #requests = [];
  #session;
  #handle;
  #watch;
  #logStart;

  /** @param {WebKitSession} session @param {string} handle @param {boolean} watch */
  constructor(session, handle, watch) {
    this.#session = session;
    this.#handle = handle;
    this.#watch = watch;
    // The proxy cannot tell windows apart: what comes while this page is open counts as its own. Tests open one at a time.
    this.#logStart = session.log.length;
  }

  /** @param {WebKitSession} session @param {boolean} watch */
  static async create(session, watch) {
    const { handle } = await session.post('/window/new', { type: 'window' });
    return new WebKitPage(session, handle, watch);
  }

  /** Makes this page, or a frame of it, the one that commands go to. @param {string} [frame] */
  async #enter(frame = '') {
    const target = `${this.#handle} ${frame}`;
    if (this.#session.current === target) return;
    await this.#session.post('/window', { handle: this.#handle });
    await this.#session.post('/frame', { id: null });
    if (frame) await this.#session.post('/frame', { id: { [ELEMENT]: frame } });
    this.#session.current = target;
  }

  /** @template T @param {() => Promise<T>} command @param {string} [frame] @returns {Promise<T>} */
  async #in(command, frame) {
    try {
      await this.#enter(frame);
      return await command();
    } catch (error) {
      if (/** @type {{code?: string}} */ (error).code === ALERT) this.#problems.push(`dialog: ${/** @type {Error} */ (error).message}`);
      // A frame may have gone with its document; the next command finds its way anew.
      this.#session.current = '';
      throw error;
    }
  }

  /** @param {string} url @param {boolean} [early] */
  async goto(url, early = false) {
    await this.#collect();
    const target = this.#watch ? twinPath(url) : url;
    if (!this.#requests.includes(target)) this.#requests.push(target);
    if (early) {
      // The driver itself answers only after the load; a page may go where it likes without waiting.
      await this.#in(() => this.#session.post('/url', { url: 'about:blank' }));
      await this.evaluate((/** @type {string} */ target) => void setTimeout(() => location.assign(target), 0), target);
      await this.waitFor('location.href !== "about:blank" && document.readyState !== "loading"', PATIENCE_MS, `a parsed ${target}`);
      return;
    }
    await this.#in(() => this.#session.post('/url', { url: target }));
  }

  async reload() {
    await this.#collect();
    await this.#in(() => this.#session.post('/refresh'));
  }

  async back() {
    await this.#collect();
    await this.evaluate('setTimeout(() => history.back(), 0)');
  }

  async forward() {
    await this.#collect();
    await this.evaluate('setTimeout(() => history.forward(), 0)');
  }

  /** @param {Function | string} fn @param {any[]} args @param {string} [frame] */
  async #run(fn, args, frame) {
    const script = `const done = arguments[arguments.length - 1];
      (async () => ${expression(fn, args)})().then((value) => done({ value }), (error) => done({ error: String(error) }));`;
    const answer = await this.#in(() => this.#session.post('/execute/async', { script, args: [] }), frame);
    if (answer?.error) throw new Error(answer.error);
    return answer?.value;
  }

  /** @param {Function | string} fn @param {...any} args */
  evaluate(fn, ...args) {
    return this.#run(fn, args);
  }

  /** @param {Function | string} fn @param {number} [timeout] @param {string} [what] @param {...any} args */
  waitFor(fn, timeout = PATIENCE_MS, what = '', ...args) {
    return poll(this, fn, args, timeout, what);
  }

  /** @param {string[]} down Pressed in order, then released in the reverse order. */
  async #keys(down) {
    const actions = [
      ...down.map((value) => ({ type: 'keyDown', value })),
      ...[...down].reverse().map((value) => ({ type: 'keyUp', value })),
    ];
    await this.#in(() => this.#session.post('/actions', { actions: [{ type: 'key', id: 'keyboard', actions }] }));
  }

  /** @param {string} selector @param {string} text */
  async type(selector, text) {
    await this.evaluate((/** @type {string} */ selector) => {
      const element = /** @type {HTMLElement | null} */ (document.querySelector(selector));
      if (!element) throw new Error(`no element matches ${selector}`);
      element.focus();
    }, selector);
    for (const character of text) await this.#keys([character]);
  }

  /** @param {string} key */
  press(key) {
    const keys = key === '+' ? ['+'] : key.split('+');
    return this.#keys(keys.map((name) => KEYS[name] ?? name));
  }

  /** @param {string} selector */
  async click(selector) {
    await this.#in(async () => {
      const element = await this.#session.post('/element', { using: 'css selector', value: selector });
      await this.#session.post(`/element/${element[ELEMENT]}/click`);
    }).catch((/** @type {{code?: string}} */ error) => {
      // The click has been done: what it opened is noted, and is no failure of the click.
      if (error.code !== ALERT) throw error;
    });
  }

  /** @param {Function | string} find */
  async frame(find) {
    const element = await this.#in(() => this.#session.post('/execute/sync', { script: `return ${expression(find, [])}`, args: [] }));
    const frame = element[ELEMENT];
    /** @type {Scope} */
    const scope = {
      evaluate: (fn, ...args) => this.#run(fn, args, frame),
      waitFor: (fn, timeout = PATIENCE_MS, what = '', ...args) => poll(scope, fn, args, timeout, what),
    };
    return scope;
  }

  /** @param {string} path */
  async screenshot(path) {
    writeFileSync(path, Buffer.from(await this.#in(() => this.#session.get('/screenshot')), 'base64'));
  }

  /** The driver sizes the window, the caller means the view. @param {{width: number, height: number}} size */
  async setViewport({ width, height }) {
    const until = Date.now() + PATIENCE_MS;
    // A new window may still be growing to its first size and then forget what it was told: so it is told until it listens.
    for (;;) {
      const [innerWidth, innerHeight, outerWidth, outerHeight] = await this.evaluate('[innerWidth, innerHeight, outerWidth, outerHeight]');
      if (innerWidth === width && innerHeight === height) return;
      if (Date.now() > until) throw new Error(`the view is ${innerWidth}×${innerHeight} and does not become ${width}×${height}`);
      // Before its first layout a window says that it is 0 wide outside and not inside: its frame is then taken for none.
      const [frameWidth, frameHeight] = [Math.max(0, outerWidth - innerWidth), Math.max(0, outerHeight - innerHeight)];
      await this.#in(() => this.#session.post('/window/rect', { width: width + frameWidth, height: height + frameHeight }));
    }
  }

  async setJavaScript() {
    throw new Error('only Chromium can switch scripts off here');
  }

  async emulate() {
    throw new Error('only Chromium can see otherwise here');
  }

  async tree() {
    throw new Error('only Chromium tells its tree here');
  }

  /** @param {string} selector @param {string} role @param {string} name */
  async isTold(selector, role, name) {
    return this.#in(async () => {
      const element = await this.#session.post('/element', { using: 'css selector', value: selector });
      const ask = (/** @type {string} */ what) => this.#session.get(`/element/${element[ELEMENT]}/computed${what}`);
      return (await ask('role')) === role && (await ask('label')) === name;
    });
  }

  /** Takes over what the watched document has seen, before it goes. */
  async #collect() {
    const seen = await this.evaluate('globalThis.fondsWatch ? fondsWatch.take() : null').catch(() => null);
    for (const problem of seen?.problems ?? []) if (!this.#problems.includes(problem)) this.#problems.push(problem);
    for (const url of seen?.requests ?? []) if (!this.#requests.includes(url)) this.#requests.push(url);
    for (const { url, status } of this.#session.log.slice(this.#logStart)) {
      if (isIcon(url)) continue;
      if (!this.#requests.includes(url)) this.#requests.push(url);
      const problem = `failed request: ${url} status ${status}`;
      if (status >= 400 && !this.#problems.includes(problem)) this.#problems.push(problem);
    }
  }

  async problems() {
    await this.#collect();
    return [...this.#problems];
  }

  async requests() {
    await this.#collect();
    return [...this.#requests];
  }

  async close() {
    // An alert that opens late would be met by the next page's first command.
    await this.#in(() => this.#session.post('/alert/dismiss')).catch(() => {});
    await this.#in(() => this.#session.delete('/window')).catch(() => {});
    this.#session.current = '';
    await this.#session.post('/window', { handle: this.#session.home });
  }
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = /** @type {net.AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}

/**
 * A proxy on loopback that writes down every address and passes on only what stays on this machine.
 *
 * @typedef {{port: number, log: {url: string, status: number}[], close: () => void}} Proxy
 *
 * @param {Proxy['log']} log Where to.
 * @returns {Promise<Proxy>}
 */
function loggingProxy(log) {
  const server = http.createServer((request, response) => {
    const entry = { url: request.url ?? '', status: 0 };
    log.push(entry);
    const { hostname } = new URL(entry.url);
    if (hostname !== '127.0.0.1' && hostname !== 'localhost') {
      entry.status = 403;
      response.writeHead(403).end();
      return;
    }
    const onward = http.request(entry.url, { method: request.method, headers: request.headers }, (answer) => {
      entry.status = answer.statusCode ?? 0;
      response.writeHead(entry.status, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => {
      entry.status = 502;
      response.writeHead(502).end();
    });
    request.pipe(onward);
  });
  server.on('connect', (request, socket) => {
    log.push({ url: `https://${request.url}`, status: 403 });
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {net.AddressInfo} */ (server.address());
      resolve({
        port,
        log,
        close: () => {
          server.close();
          server.closeAllConnections();
        },
      });
    });
  });
}
