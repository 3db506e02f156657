/** The account of the sources in the language of the page: what the program wrote into the archive in English is told in it. */

import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { axeFinds } from './axe.mjs';
import { watchedTwin } from './engines.mjs';
import { fonds } from './fixtures.mjs';
import { reaches } from './reading.mjs';
import { serve } from './server.mjs';
import { inEveryEngine } from './suite.mjs';

const GOLDEN = fileURLToPath(new URL('../golden/', import.meta.url));

/** Golden cases of which much is noted, skipped and left out. */
const CASES = ['bluesky', 'csv-semicolons-1251', 'discord-private', 'html', 'json-cut', 'jsonl-bad-lines', 'mail-deleted', 'markdown', 'mastodon-sorted', 'matrix', 'matrix-private', 'meta-download', 'reddit', 'slack', 'telegram-html', 'telegram-json', 'tg-archive-view', 'warc', 'whatsapp-order', 'wordpress-private', 'x-archive'];

const root = mkdtempSync(join(tmpdir(), 'fonds-accounts-'));
after(() => rmSync(root, { recursive: true, force: true }));

/** @type {string | null} */
let built = null;

/** An archive of the golden cases, as a folder and a single html beside it. @returns {string} Path of the folder. */
function publish() {
  if (built !== null) return built;
  const sources = CASES.map((name) => {
    const input = readdirSync(join(GOLDEN, name)).find((file) => /^input(\.|$)/.test(file)) ?? '';
    const source = join(root, 'in', input.replace('input', name));
    mkdirSync(join(root, 'in'), { recursive: true });
    cpSync(join(GOLDEN, name, input), source, { recursive: true });
    return source;
  });
  const folder = join(root, 'archive');
  fonds(['build', ...sources, '-o', folder, '--single', `${folder}.html`, '--quiet']);
  watchedTwin(join(folder, 'index.html'));
  watchedTwin(`${folder}.html`);
  return (built = folder);
}

/** @param {import('./engines.mjs').Page} page @param {string} code */
async function openAccount(page, code) {
  await reaches(page, 'ready');
  assert.equal(await page.evaluate('document.documentElement.lang'), code);
  await page.waitFor('document.querySelector("#about details.account") !== null', undefined, 'the account');
  // On a narrow page it is folded up with all that is said of the archive.
  await page.evaluate(() => /** @type {HTMLElement | null} */ (document.querySelector('#about .unfold[aria-expanded=false]'))?.click());
  await page.evaluate('document.querySelector("details.account").open = true');
  await page.waitFor((/** @type {number} */ count) => document.querySelectorAll('.account .source').length === count, undefined, 'the accounts of all sources', CASES.length);
  assert.ok(await page.evaluate('document.querySelector(".account .source").checkVisibility()'), 'the accounts are seen');
}

/** What of the open account is in English, and all that it says. */
const said = () => ({
  english: [...document.querySelectorAll('.account [lang=en]')].map((element) => element.textContent),
  text: /** @type {HTMLElement} */ (document.querySelector('.account')).innerText,
});

/** One sentence of each kind: how a format is recognised, a note, a reason to leave out, a reason to skip. */
const TOLD = {
  de: ['dem Kopf einer CAR-Datei', 'in den Daten steht der Tag zuerst', 'aus privaten Räumen', 'die Nachricht ist verschlüsselt, und der Export hat keinen Schlüssel dazu', 'kein JSON: Ende mitten in einem Objekt, Spalte 25'],
  ru: ['заголовку файла CAR', 'в датах первым стоит день', 'из закрытых комнат', 'сообщение зашифровано, а ключа в экспорте нет', 'не JSON: конец посреди объекта, столбец 25'],
  es: ['la cabecera de un fichero CAR', 'en sus fechas va primero el día', 'de salas privadas', 'el mensaje está cifrado y la exportación no tiene su clave', 'no es JSON: fin dentro de un objeto, columna 25'],
  ar: ['ترويسة ملف CAR', 'اليوم أولًا في تواريخه', 'من غرف خاصة', 'الرسالة معمّاة، ولا مفتاح لها في التصدير', 'ليس JSON: نهاية داخل كائن، العمود 25'],
  zh: ['CAR 文件的文件头', '其日期中日在前', '来自私人房间', '消息已加密，导出中没有密钥', '不是 JSON：在对象中途结束，第 25 列'],
};

inEveryEngine('the account of the sources', ({ engine, check, open }) => {
  for (const [code, sentences] of Object.entries(TOLD)) {
    check(`in ${code} no sentence of it is English`, async () => {
      const page = await open(`${pathToFileURL(join(publish(), 'index.html')).href}#lang=${code}`);
      await openAccount(page, code);
      const { english, text } = await page.evaluate(said);
      assert.deepEqual(english, []);
      assert.deepEqual(sentences.filter((sentence) => !text.includes(sentence)), []);
      assert.deepEqual(await axeFinds(page), []);
    });
  }

  for (const width of [320, 390, 1440]) {
    check(`nothing of it is wider than a page of ${width} pixels`, async () => {
      for (const code of ['de', 'ar']) {
        const page = await open(`${pathToFileURL(join(publish(), 'index.html')).href}#lang=${code}`, { width, height: 800 });
        await openAccount(page, code);
        const [content, shown] = await page.evaluate('[document.scrollingElement.scrollWidth, innerWidth]');
        assert.ok(content <= shown, `${code}: ${content} pixels in ${shown}`);
      }
    });
  }

  check('in English it stands as it was written, and says that it is English', async () => {
    const page = await open(pathToFileURL(join(publish(), 'index.html')).href);
    await openAccount(page, 'en');
    const { english } = await page.evaluate(said);
    for (const sentence of ['the header of a CAR file', 'the message is encrypted, and the export has no key to it']) assert.ok(english.includes(sentence), sentence);
  });

  check('the single page has its words in it', async () => {
    const page = await open(`${pathToFileURL(`${publish()}.html`).href}#lang=de`);
    await openAccount(page, 'de');
    assert.deepEqual((await page.evaluate(said)).english, []);
  });

  check('over http its words are asked for when it is opened, and in English never', async () => {
    const server = await serve(publish());
    const words = async (/** @type {import('./engines.mjs').Page} */ page) => [...new Set((await page.requests()).filter((address) => address.includes('words-account')).map((address) => address.replace(/.*\//, '')))].sort();
    try {
      const page = await open(server.url('index.html#lang=de'), { watch: true });
      await reaches(page, 'ready');
      await page.waitFor('document.querySelector("#about details.account") !== null', undefined, 'the account');
      assert.deepEqual(await words(page), []);
      await openAccount(page, 'de');
      assert.deepEqual(await words(page), ['words-account.js', 'words-accountde.js']);
      const other = await open(server.url('index.html'), { watch: true });
      await openAccount(other, 'en');
      assert.deepEqual(await words(other), []);
    } finally {
      await server.close();
    }
  }, engine === 'webkit' ? 'the twin that is watched opens another document' : null);

  check('what a later program says is read in English among the rest, and so is all of it without its words', async () => {
    const copy = join(root, 'copy');
    rmSync(copy, { recursive: true, force: true });
    cpSync(publish(), copy, { recursive: true });
    const account = join(copy, 'fonds/account.js');
    writeFileSync(account, readFileSync(account, 'utf8').replaceAll('the header of a CAR file', 'what a later program knows').replaceAll('the event has no time', 'from here on the file cannot be read: it says more'));
    const address = `${pathToFileURL(join(copy, 'index.html')).href}#lang=de`;
    const page = await open(address);
    await openAccount(page, 'de');
    const { english, text } = await page.evaluate(said);
    assert.deepEqual(english, ['what a later program knows', 'it says more']);
    assert.ok(text.includes('von hier an ist die Datei nicht lesbar: it says more'));
    rmSync(join(copy, 'fonds/words-accountde.js'));
    const other = await open(address);
    await openAccount(other, 'de');
    const without = await other.evaluate(said);
    assert.ok(without.english.includes('the message is encrypted, and the export has no key to it'), without.english.join('\n'));
  });
});
