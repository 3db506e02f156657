/** Pictures of posts: files of a folder, and blocks within the single html, which has thumbnails alone. */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { pathToFileURL } from 'node:url';
import { LANGUAGES } from '../../www/messages.js';
import { WORDS } from '../../www/words.js';
import { axeFinds } from './axe.mjs';
import { fonds } from './fixtures.mjs';
import { png } from './png.mjs';
import { openFirst, reaches, shows, withState } from './reading.mjs';
import { inEveryEngine } from './suite.mjs';

const WIDTH = 48;

const root = mkdtempSync(join(tmpdir(), 'fonds-pictures-'));
after(() => rmSync(root, { recursive: true, force: true }));

/** A picture of one colour. @returns {Buffer} */
function plain() {
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(3 * WIDTH, 120)]);
  return png(WIDTH, WIDTH, Buffer.concat(Array.from({ length: WIDTH }, () => row)));
}

const source = join(root, 'source');
mkdirSync(source);
writeFileSync(join(source, 'quay.png'), plain());
writeFileSync(join(source, 'tide.bin'), 'a recording of the tide');
const posts = [
  { id: '1', date: '2024-06-01', text: 'The quay in the morning', media: [{ kind: 'photo', path: 'quay.png' }] },
  { id: '2', date: '2024-06-02', text: 'The tide in the evening', media: [{ kind: 'audio', name: 'tide', path: 'tide.bin' }] },
  { id: '3', date: '2024-06-03', text: 'How the harbour race ends', media: [{ kind: 'photo', path: 'quay.png' }], media_spoiler: true },
  { id: '4', date: '2024-06-04', text: '', media: [{ kind: 'photo' }, { kind: 'video' }, { kind: 'photo' }] },
  { id: '5', date: '2024-06-05', text: 'Who comes?', poll: { question: 'Who comes to the race?', answers: [{ text: 'All of us', votes: 31 }, { text: 'The others', votes: 26 }], voters: 57 } },
  { id: '6', date: '2024-06-06', text: 'The speech', media: [{ kind: 'audio', name: 'speech', size: 5069775, duration: 316 }, { kind: 'contact', name: 'Anna' }], flags: ['media_too_large'] },
  { id: '7', date: '2024-06-07', text: 'The answer', media: [{ kind: 'video' }], flags: ['media_too_large', 'media_unavailable'] },
];
writeFileSync(join(source, 'posts.jsonl'), posts.map((post) => `${JSON.stringify(post)}\n`).join(''));

const folder = join(root, 'folder');
const single = join(root, 'single.html');
const small = join(root, 'small.html');
fonds(['build', source, '--media', 'copy', '-o', folder, '--single', single, '--quiet']);
fonds(['build', source, '--media', 'thumbs', '--single', small, '--quiet']);

/** @type {{ uid: string, id: string }[]} */
const records = fonds(['extract', folder, '--format', 'jsonl']).split('\n').filter(Boolean).map((line) => JSON.parse(line));
const uidOf = (/** @type {string} */ wanted) => records.find(({ id }) => id === wanted)?.uid ?? '';

/** Whether an image is there and has its pixels. @param {string} selector @param {number} width */
const isShown = (selector, width) => {
  const image = /** @type {HTMLImageElement | null} */ (document.querySelector(selector));
  return image !== null && image.complete && image.naturalWidth === width;
};

inEveryEngine('pictures', ({ check, open }) => {
  for (const [form, file] of [['a folder', join(folder, 'index.html')], ['a single html', small], ['a single html beside a folder', single]]) {
    const isFolder = form === 'a folder';
    check(`stand in the list and in the post of ${form}`, async () => {
      const page = await open(withState(pathToFileURL(file).href, { q: 'quay ' }));
      await reaches(page, 'ready');
      await shows(page, 1);
      await page.waitFor(`(${isShown})('article img.thumb', ${WIDTH})`, undefined, 'the thumbnail in the list');
      await openFirst(page);
      await page.waitFor(`(${isShown})('figure.photo img', ${WIDTH})`, undefined, 'the picture in the post');
      assert.equal(await page.evaluate('document.querySelector("figure.photo a")?.getAttribute("href")?.startsWith("media/") ?? false'), isFolder);
    });
  }

  for (const [form, file] of [['a folder', join(folder, 'index.html')], ['a single html', small]]) {
    check(`that are a spoiler stand covered in the post of ${form} until they are asked for`, async () => {
      const page = await open(withState(pathToFileURL(file).href, { m: uidOf('3') }));
      await reaches(page, 'ready');
      await page.waitFor('document.querySelector("#post .medium button") !== null', undefined, 'the cover');
      const pictured = await page.evaluate('[...document.querySelectorAll("#results article")].filter((hit) => hit.querySelector("img")).map((hit) => hit.dataset.uid)');
      assert.ok(!pictured.includes(uidOf('3')) && pictured.includes(uidOf('1')), String(pictured));
      assert.equal(await page.evaluate('document.querySelector("#post .medium button").textContent'), 'Hidden: photo. Press to show it');
      assert.equal(await page.evaluate('document.querySelectorAll("#post .whole img").length'), 0);
      assert.deepEqual(await axeFinds(page), []);
      assert.equal(await page.evaluate(() => {
        /** @type {HTMLElement} */ (document.querySelector('#post .medium button')).click();
        return document.activeElement?.closest('figure')?.className;
      }), 'photo');
      await page.waitFor(`(${isShown})('#post figure.photo img', ${WIDTH})`, undefined, 'the picture');
    });
  }

  check('without words are called what they are beside another post, and the bars of a poll are shares of its voters', async () => {
    const page = await open(withState(pathToFileURL(join(folder, 'index.html')).href, { m: uidOf('5') }));
    await reaches(page, 'ready');
    await page.waitFor('document.querySelector("#post .poll .share") !== null', undefined, 'the poll');
    assert.deepEqual(await page.evaluate('[...document.querySelectorAll("#post .poll .share")].map(({ style }) => Math.round(parseFloat(style.inlineSize)))'), [54, 46]);
    const beside = await page.evaluate('[...document.querySelectorAll("#post .neighbour .text")].map((text) => text.textContent)');
    assert.ok(beside.includes('photo, video'), beside.join(' | '));
  });

  check('that the source left out stand with the reason, in each language', async () => {
    for (const code of LANGUAGES) {
      const page = await open(withState(pathToFileURL(join(folder, 'index.html')).href, { m: uidOf('6'), lang: code }));
      const { default: table } = code === 'en' ? { default: WORDS } : await import(`../../www/languages/${code}.js`);
      await page.waitFor('document.querySelectorAll("#post .medium").length === 2', undefined, 'the media');
      const [speech, contact] = await page.evaluate('[...document.querySelectorAll("#post .medium")].map(({ textContent }) => textContent)');
      assert.ok(speech.includes('speech') && speech.includes('5:16') && speech.endsWith(table.explain_media_too_large), speech);
      assert.ok(!contact.includes(table.explain_media_too_large), contact);
      assert.equal(await page.evaluate('document.querySelectorAll("#post .whole > .extras").length'), 0, 'nothing is said twice');
      await page.close();
    }
    // Of two reasons nobody knows which is whose.
    const page = await open(withState(pathToFileURL(join(folder, 'index.html')).href, { m: uidOf('7'), lang: 'en' }));
    await page.waitFor('document.querySelector("#post .whole > .extras") !== null', undefined, 'the reasons');
    assert.deepEqual(await page.evaluate('[...document.querySelectorAll("#post .whole > .extras > span")].map(({ textContent }) => textContent)'), [WORDS.flag_media_too_large, WORDS.flag_media_unavailable]);
  });

  check('of which the single html has no file are no links', async () => {
    const page = await open(withState(pathToFileURL(single).href, { q: 'tide ' }));
    await reaches(page, 'ready');
    await shows(page, 1);
    await openFirst(page);
    await page.waitFor('document.querySelector("p.medium") !== null', undefined, 'the recording, in words');
    assert.equal(await page.evaluate('document.querySelectorAll("a[href^=media]").length'), 0);
  });
});
