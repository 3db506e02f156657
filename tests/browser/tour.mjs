#!/usr/bin/env node
/**
 * Records the tour that the README shows: half a minute of someone who reads in the sample archive; not a test.
 *
 *     node tests/browser/tour.mjs [docs/tour.webp] [--frames FOLDER]
 *
 * Chromium is driven as a reader's hand would: typing, a filter, the brush of the timeline, a post, a citation, the basket. Each picture
 * is taken once the page stands still, and shown as long as it takes to read; sharp makes one animated WebP of them. With --frames the
 * pictures are written too, to be looked at one by one.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import puppeteer from 'puppeteer-core';
import sharp from 'sharp';
import { publishSample } from './fixtures.mjs';
import { serve } from './server.mjs';

const VIEW = { width: 1240, height: 760 };
/** Of the picture: text of 17 px stays legible. */
const WIDTH = 930;
const KEY_MS = 130;
/** A moment of a movement. */
const STEP_MS = 70;
const READ_MS = 3000;
/** More would weigh on whoever opens the README. */
const BYTES_MAX = 1_500_000;

const { values, positionals: [out = fileURLToPath(new URL('../../docs/tour.webp', import.meta.url))] } = parseArgs({ allowPositionals: true, options: { frames: { type: 'string' } } });

/** @type {{ png: Buffer, ms: number }[]} */
const frames = [];
const hand = { x: 700, y: 420 };

// Citations hold an address: one that says nothing of the machine where this runs.
const HOST = 'harbour.example';
const site = await serve(publishSample().folder);
const browser = await puppeteer.launch({ executablePath: process.env.FONDS_CHROMIUM ?? '/usr/bin/chromium', headless: true, args: ['--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--force-color-profile=srgb', `--host-resolver-rules=MAP ${HOST}:80 ${new URL(site.origin).host}`] });
try {
  const page = await browser.newPage();
  await page.setViewport(VIEW);
  await page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }]);
  await page.goto(`http://${HOST}/index.html`);
  await page.evaluate(drawHand);
  await walk(page);
} finally {
  await browser.close();
  await site.close();
}
await write();

/** The tour. @param {import('puppeteer-core').Page} page */
async function walk(page) {
  const still = () => page.waitForFunction('["ready", "empty"].includes(document.documentElement.dataset.state)');
  const shot = async (/** @type {number} */ ms) => {
    await still();
    frames.push({ png: Buffer.from(await page.screenshot({ type: 'png' })), ms });
  };
  const say = (/** @type {string} */ words) => page.evaluate((words) => globalThis.fondsTour.say(words), words);
  const moveTo = async (/** @type {number} */ x, /** @type {number} */ y, steps = 5) => {
    const from = { ...hand };
    for (let step = 1; step <= steps; step++) {
      Object.assign(hand, { x: from.x + ((x - from.x) * step) / steps, y: from.y + ((y - from.y) * step) / steps });
      await page.mouse.move(hand.x, hand.y);
      await page.evaluate((x, y) => globalThis.fondsTour.move(x, y), hand.x, hand.y);
      await shot(STEP_MS);
    }
  };
  const goTo = async (/** @type {string} */ selector) => {
    await page.waitForSelector(selector);
    const box = await (await page.$(selector))?.boundingBox();
    if (!box) throw new Error(`${selector} cannot be seen`);
    // Beside the words, not on them.
    await moveTo(box.x + (box.width > 200 ? box.width * 0.8 : box.width / 2), box.y + box.height / 2);
  };
  const press = async (/** @type {string} */ selector) => {
    await goTo(selector);
    await page.mouse.click(hand.x, hand.y);
    await still();
  };

  await page.waitForSelector('#about .leaders');
  await say('An archive opens with what is in it.');
  await shot(READ_MS);
  await say('Hits come with every key.');
  await press('#q');
  for (const key of 'storm') {
    await page.keyboard.type(key);
    await shot(KEY_MS);
  }
  await page.waitForSelector('fieldset[data-facet]');
  await shot(READ_MS);
  await say('Filters narrow, and count what is left.');
  await press('fieldset[data-facet="tag"] input[type=checkbox]');
  await shot(READ_MS);
  await press('#chips li:last-child .chip');
  await shot(700);
  await say('A hand over the bars chooses a time.');
  const bars = await (await page.$('#timeline svg'))?.boundingBox();
  if (!bars) throw new Error('there is no timeline');
  await moveTo(bars.x + bars.width * 0.3, bars.y + 22);
  await page.mouse.down();
  await moveTo(bars.x + bars.width * 0.75, bars.y + 22, 9);
  await page.mouse.up();
  await shot(READ_MS);
  await say('A post opens beside the list, with what stood around it.');
  await press('#results article a');
  await page.waitForSelector('#post .whole .text');
  await shot(READ_MS + 600);
  await say('It can be cited, as other programs read it.');
  await press('#post [data-focus=cite]');
  await page.waitForFunction('document.querySelector(".citation")?.value');
  await shot(READ_MS);
  await say('And kept, with a note, to be taken along.');
  await press('#post [data-focus=keep]');
  await page.waitForFunction('document.querySelector("#basket-open")?.hidden === false');
  await shot(900);
  await press('#basket-open');
  await page.waitForSelector('#basket li');
  await shot(900);
  await press('#basket li textarea, #basket li input[type=text]');
  for (const word of ['the ', 'night ', 'itself']) {
    await page.keyboard.type(word);
    await shot(KEY_MS * 2);
  }
  await shot(READ_MS + 800);
}

/** Draws a hand and a line of words above the page, as no reader has them. */
function drawHand() {
  const make = (/** @type {string} */ css) => {
    const element = document.createElement('div');
    for (const rule of css.split(';')) element.style.setProperty(...(/** @type {[string, string]} */ (rule.split(':').map((part) => part.trim()))));
    element.setAttribute('aria-hidden', 'true');
    document.body.append(element);
    return element;
  };
  const hand = make('position: fixed; z-index: 9; inline-size: 18px; block-size: 18px; border-radius: 50%; background: rgb(138 59 18 / 45%); border: 2px solid rgb(138 59 18); transform: translate(-50%, -50%); pointer-events: none; inset-inline-start: 700px; inset-block-start: 420px');
  const words = make('position: fixed; z-index: 9; inset-inline: 0; inset-block-end: 0; padding: 9px 32px; background: rgb(29 27 24); color: rgb(251 250 247); font: 17px Georgia, serif; pointer-events: none');
  Object.assign(globalThis, {
    fondsTour: {
      move(/** @type {number} */ x, /** @type {number} */ y) {
        hand.style.setProperty('inset-inline-start', `${x}px`);
        hand.style.setProperty('inset-block-start', `${y}px`);
      },
      say: (/** @type {string} */ text) => (words.textContent = text),
    },
  });
}

/** Makes one moving picture of all. */
async function write() {
  const small = await Promise.all(frames.map(({ png }) => sharp(png).resize({ width: WIDTH }).png().toBuffer()));
  if (values.frames) {
    mkdirSync(values.frames, { recursive: true });
    small.forEach((png, i) => writeFileSync(join(/** @type {string} */ (values.frames), `${String(i).padStart(3, '0')}.png`), png));
  }
  const moving = await sharp(small, { join: { animated: true } }).webp({ quality: 62, effort: 6, minSize: true, mixed: true, loop: 0, delay: frames.map(({ ms }) => ms) }).toBuffer();
  if (moving.length > BYTES_MAX) throw new Error(`the tour has ${moving.length} bytes, more than ${BYTES_MAX}`);
  writeFileSync(out, moving);
  const seconds = frames.reduce((sum, { ms }) => sum + ms, 0) / 1000;
  console.log(`${out}: ${frames.length} pictures, ${seconds.toFixed(1)} s, ${moving.length} bytes`);
}
