/**
 * Texts that would do something, in every field of a post: nothing runs, nothing is asked for, and each is shown letter for letter, with
 * the policy of the page and without any.
 *
 * `./build.sh torture` (FONDS_TORTURE=1) takes public lists too, a hundred texts at a time; without them it says so.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { payloads, publishHostile, sharedFile } from './fixtures.mjs';
import { reaches, withState } from './reading.mjs';
import { inEveryEngine } from './suite.mjs';

/** Texts that a page is asked about in one go: WebKit's driver waits for half a minute, and machines that run tests are slow. */
const IN_ONE_GO = 12;

/** Asks a page about some after some. @template T @template U @param {T[]} all @param {(some: T[]) => Promise<U[]>} ask @returns {Promise<U[]>} */
async function inTurn(all, ask) {
  const answers = [];
  for (let at = 0; at < all.length; at += IN_ONE_GO) answers.push(...await ask(all.slice(at, at + IN_ONE_GO)));
  return answers;
}

/** Texts in one archive: enough to be quick, few enough to find the one that did it. */
const AT_ONCE = 100;

/** @returns {{name: string, texts: string[], skip?: string}[]} */
function batches() {
  const own = payloads().map(({ text }) => text);
  const half = own.length >> 1;
  const sets = [{ name: 'of every kind', texts: own.slice(0, half) }, { name: 'of every other kind', texts: own.slice(half) }];
  if (!process.env.FONDS_TORTURE) return sets;
  for (const [name, read] of /** @type {[string, (text: string) => string[]][]} */ ([
    ['data/hostile/xss-even.txt', (text) => text.split('\n')],
    ['data/hostile/blns.json', (text) => JSON.parse(text)],
  ])) {
    const path = sharedFile(name);
    if (!path) {
      sets.push({ name, texts: [], skip: `the list ${name} is not here` });
      continue;
    }
    const texts = [...new Set(read(readFileSync(path, 'utf8')))].filter((text) => text.trim() !== '');
    for (let at = 0; at < texts.length; at += AT_ONCE) sets.push({ name: `${name} from ${at}`, texts: texts.slice(at, at + AT_ONCE) });
  }
  return sets;
}

/** Opens each post in turn; what a reader sees of it, by field. Runs in the page. @param {string[]} uids */
async function readPosts(uids) {
  const seen = [];
  for (const uid of uids) {
    location.hash = `m=${encodeURIComponent(uid)}`;
    const post = () => [...document.querySelectorAll('[data-post]')].find((element) => element.getAttribute('data-post') === uid);
    const until = Date.now() + 10_000;
    while (!post() && Date.now() < until) await new Promise((done) => setTimeout(done, 5));
    const whole = post();
    const text = (/** @type {string} */ selector) => [...(whole?.querySelectorAll(selector) ?? [])].map((element) => element.textContent);
    seen.push({
      uid: whole ? uid : null,
      title: text('h2')[0], text: text('.text')[0], names: text('header.meta a, header.meta bdi'), media: text('.medium bdi, figcaption bdi'),
      question: text('.poll .question')[0], answers: text('.poll li > span:first-child'), tags: text('a.tag'), reactions: text('.reaction bdi'), fields: text('dl.details bdi'),
    });
  }
  return seen;
}

/** Asks each text in turn as part of an address; what then stands in the box. Runs in the page. @param {string[]} texts */
async function askEach(texts) {
  const box = /** @type {HTMLInputElement} */ (document.querySelector('input[type=search]'));
  const seen = [];
  for (const text of texts) {
    location.hash = `q=${encodeURIComponent(text)}&f.tag=${encodeURIComponent(text)}&from=${encodeURIComponent(text)}`;
    const isSettled = () => box.value === text && ['ready', 'empty', 'error'].includes(document.documentElement.dataset.state ?? '');
    const until = Date.now() + 10_000;
    while (!isSettled() && Date.now() < until) await new Promise((done) => setTimeout(done, 5));
    seen.push(isSettled() ? box.value : `${document.documentElement.dataset.state}: ${box.value}`);
  }
  return seen;
}

/** Types each text in turn. Runs in the page. @param {string[]} texts */
async function typeEach(texts) {
  const box = /** @type {HTMLInputElement} */ (document.querySelector('input[type=search]'));
  const seen = [];
  for (const text of texts) {
    box.value = text;
    box.dispatchEvent(new InputEvent('input', { bubbles: true }));
    // Words are offered, counts come: a turn of the page each.
    for (let turn = 0; turn < 4; turn += 1) await new Promise((done) => setTimeout(done, 10));
    seen.push(box.value);
  }
  return seen;
}

/** Puts each text behind the # of the address as it is, and as the name of a post; how many of them left the page in order. Runs in the page. @param {string[]} texts */
async function follow(texts) {
  let count = 0;
  for (const text of texts) {
    for (const fragment of [text, `m=${encodeURIComponent(text)}`, `f.${encodeURIComponent(text)}=${encodeURIComponent(text)}&sort=${text}`]) {
      location.hash = fragment;
      const isSettled = () => ['ready', 'empty', 'error'].includes(document.documentElement.dataset.state ?? '');
      const until = Date.now() + 10_000;
      do await new Promise((done) => setTimeout(done, 15)); while (!isSettled() && Date.now() < until);
      if (!isSettled()) return `${count} and then ${document.documentElement.dataset.state}: ${fragment}`;
    }
    count += 1;
  }
  location.hash = '';
  return count;
}

/** What of the document no text may make. Runs in the page. */
function intruders() {
  const scripts = [...document.scripts].filter((script) => script.src !== '' && !script.src.startsWith(new URL('.', location.href).href));
  const elements = [...document.querySelectorAll('*')];
  const handlers = elements.filter((element) => [...element.attributes].some(({ name }) => name.startsWith('on')));
  const frames = [...document.querySelectorAll('iframe, object, embed, base, form[action], video, audio, marquee, math, svg script, img:not([src^="media/"]):not([src^="data:"])')];
  const links = [...document.querySelectorAll('a[href]')].filter((link) => !['http:', 'https:', 'mailto:', 'tg:', location.protocol].includes(/** @type {HTMLAnchorElement} */ (link).protocol));
  const open = [...document.querySelectorAll('a[target]')].filter((link) => !/noopener/.test(link.getAttribute('rel') ?? '') && !(link.getAttribute('href') ?? '').startsWith('media/'));
  return [...scripts, ...handlers, ...frames, ...links, ...open].map((element) => element.outerHTML.slice(0, 200));
}

inEveryEngine('texts that would do something', ({ check, open }) => {
  for (const { name, texts, skip } of batches()) {
    if (skip) {
      check(`${name}: each is shown, and does nothing`, async () => {}, skip);
      continue;
    }
    const archive = () => publishHostile(name.replace(/\W+/g, '-'), texts);
    // A box of one line has no ends of lines in it.
    const typed = texts.map((text) => text.replace(/[\r\n]/g, ''));

    // What is asked for is tried where everything would run; the policy can only forbid more.
    for (const way of ['folder', 'bare']) {
      check(`${name}: each post shows its own, ${way === 'bare' ? 'without a policy' : 'under the policy'}`, async () => {
        const records = archive().records;
        const page = await open(pathToFileURL(join(archive().root, way, 'index.html')).href, { watch: true });
        await reaches(page, 'ready');
        const title = await page.evaluate('document.querySelector("h1").textContent');
        assert.equal(title, readable(texts[0].replaceAll('\0', '')).trim());
        // Each source by its name.
        const sources = await page.evaluate('[...document.querySelectorAll("#about section bdi")].map((name) => name.textContent)');
        const named = new Set(records.map((record) => /** @type {any} */ (record.source).file));
        assert.ok(named.size > 8 || process.env.FONDS_TORTURE, `${named.size} sources`);
        for (const name of named) assert.ok(sources.includes(name), `${name} is none of ${JSON.stringify(sources)}`);
        const seen = await inTurn(records.map(({ uid }) => uid), (uids) => page.evaluate(readPosts, uids));
        for (const [index, record] of records.entries()) {
          const post = seen[index];
          const shown = JSON.stringify(post);
          assert.equal(post.uid, record.uid, 'the post is open');
          assert.equal(post.title, record.title, shown);
          assert.equal(post.text, record.text, shown);
          assert.ok(post.names.includes(record.author), shown);
          assert.ok(post.names.includes(/** @type {any} */ (record.forwarded_from)?.name), shown);
          const { question, answers } = /** @type {any} */ (record.poll);
          assert.equal(post.question, question, shown);
          assert.deepEqual(post.answers, answers.map((/** @type {any} */ answer) => answer.text), shown);
          for (const { name } of /** @type {any[]} */ (record.media ?? [])) assert.ok(post.media.includes(name), shown);
          assert.deepEqual(post.reactions, /** @type {any[]} */ (record.reactions).map(({ emoji }) => emoji), shown);
          for (const tag of record.tags ?? []) assert.ok(post.tags.includes(`#${tag}`) || record.text.includes(`#${tag}`), shown);
          // What the archive holds is what was given.
          const given = texts[Number(record.id)];
          assert.equal(record.text, given);
          // Else it would stand once, as the title.
          assert.equal(question, `${given}?`);
        }
        assert.deepEqual(await page.evaluate(intruders), []);
        await quiet(page, archive().root);
        // What runs would have been told.
        if (way === 'bare') assert.deepEqual(await page.evaluate('(alert("boat"), globalThis.ran.splice(0))'), ['alert boat']);
      });

      if (way === 'folder' && !process.env.FONDS_TORTURE) continue;
      check(`${name}: each is asked for, ${way === 'bare' ? 'without a policy' : 'under the policy'}`, async () => {
        const page = await open(withState(pathToFileURL(join(archive().root, way, 'index.html')).href, { q: texts[0] }), { watch: true });
        await reaches(page, 'ready', 'empty');
        assert.deepEqual(await inTurn(typed, (some) => page.evaluate(askEach, some)), typed);
        assert.deepEqual(await inTurn(typed, (some) => page.evaluate(typeEach, some)), typed);
        const followed = await inTurn(typed, async (some) => [await page.evaluate(follow, some)]);
        assert.equal(followed.reduce((sum, count) => sum + count, 0), typed.length, followed.join());
        await reaches(page, 'ready', 'empty', 'error');
        assert.deepEqual(await page.evaluate(intruders), []);
        await quiet(page, archive().root);
      });
    }

    for (const file of ['single.html', 'bare.html']) {
      check(`${name}: an archive that is called by all of them, ${file === 'bare.html' ? 'without a policy' : 'under the policy'}`, async () => {
        const page = await open(pathToFileURL(join(archive().root, file)).href, { watch: true });
        await reaches(page, 'ready');
        const title = await page.evaluate('document.querySelector("h1").textContent');
        assert.ok(title === readable(texts.join(' ').replaceAll('\0', '')).trim(), `the title is ${title.slice(0, 2000)}`);
        assert.deepEqual(await page.evaluate(intruders), []);
        await quiet(page, archive().root);
      });
    }

    check(`${name}: the page without scripts shows them too`, async () => {
      for (const file of ['posts/index.html', 'posts/2024-06.html']) {
        const page = await open(pathToFileURL(join(archive().root, 'bare', file)).href, { watch: true });
        const text = await page.evaluate('document.body.textContent');
        if (file !== 'posts/index.html') for (const given of texts) assert.ok(text.includes(readable(given)), given);
        assert.deepEqual(await page.evaluate('[...document.scripts].slice(1).filter((script) => !/fondsWatch|globalThis.ran/.test(script.textContent)).map((script) => script.outerHTML)'), []);
        await quiet(page, archive().root);
      }
    });
  }
});

/** A text as it stands in markup: no HTML document may hold these characters, so a sign stands for each. @param {string} given */
function readable(given) {
  return given.replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g, '\ufffd');
}

/** Nothing ran, nothing went wrong, and nothing outside the archive was asked for. @param {import('./engines.mjs').Page} page @param {string} root */
async function quiet(page, root) {
  assert.deepEqual(await page.evaluate('globalThis.ran ?? []'), []);
  assert.deepEqual(await page.problems(), []);
  const inside = pathToFileURL(`${root}/`).href;
  const outside = (await page.requests()).filter((url) => !url.startsWith(inside) && !/^(blob|data|about):/.test(url));
  assert.deepEqual(outside, []);
}
