#!/usr/bin/env node
/**
 * Takes a picture of the page for every format: the post that says most of each sample under tests/golden, open beside the others. Not a test.
 *
 *     node tests/browser/formats.mjs FOLDER [--engine NAME]
 *
 * Where posts name pictures, which the samples have not, some are drawn in their places. A format without a sample here is an error, so that a new one gets its picture.
 */

import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { launch, missing } from './engines.mjs';
import { fonds } from './fixtures.mjs';
import { png } from './png.mjs';
import { reaches, withState } from './reading.mjs';

const { values, positionals: [folder] } = parseArgs({ allowPositionals: true, options: { engine: { type: 'string', default: 'chromium' } } });
const name = /** @type {import('./engines.mjs').EngineName} */ (values.engine);
if (!folder || missing(name)) {
  console.error(missing(name) ?? 'usage: formats.mjs FOLDER [--engine chromium|firefox|webkit]');
  process.exit(2);
}

const GOLDEN = fileURLToPath(new URL('../golden/', import.meta.url));

/** The sample of each format, where it is not called like the format, and what its build is told. @type {Record<string, { sample?: string, options?: string[] }>} */
const SAMPLES = {
  scrape: { sample: 'scrape-scripts' },
  x: { sample: 'x-archive' },
  whatsapp: { sample: 'whatsapp-ios' },
  meta: { sample: 'meta-download', options: ['--chat', 'The Harbour', '--chat', 'Zoë'] },
  mail: { sample: 'mail-mbox' },
  feed: { sample: 'feed-atom' },
  csv: { sample: 'csv-4cat' },
  tsv: { sample: 'tsv-plain' },
  json: { sample: 'json-telethon' },
  jsonl: { sample: 'jsonl-snscrape' },
  text: { sample: 'text-blank-lines', options: ['--format', 'text'] },
};

/** Formats by their names, as the program knows them. */
const formats = fonds(['formats']).split('\n').flatMap((line) => line.match(/^[a-z][a-z-]*/)?.[0] ?? []);
const temporary = mkdtempSync(join(tmpdir(), 'fonds-formats-'));
mkdirSync(folder, { recursive: true });
const engine = await launch(name);
try {
  for (const format of formats) {
    const { sample = format, options = [] } = SAMPLES[format] ?? {};
    const input = inputOf(join(GOLDEN, sample));
    if (input === null) {
      console.error(`${format}: tests/golden/${sample} has no input`);
      process.exitCode = 1;
      continue;
    }
    await picture(format, input, options).catch((error) => {
      console.error(`${format}: ${error instanceof Error ? error.message : error}`);
      process.exitCode = 1;
    });
  }
} finally {
  await engine.close();
  rmSync(temporary, { recursive: true, force: true });
}

/** @param {string} sample @returns {string | null} */
function inputOf(sample) {
  const found = existsSync(sample) ? readdirSync(sample).find((name) => /^input(\.|$)/.test(name)) : undefined;
  return found ? join(sample, found) : null;
}

/** @param {string} format @param {string} input @param {string[]} options */
async function picture(format, input, options) {
  const [source, out] = [join(temporary, `${format}-source`, basename(input)), join(temporary, format)];
  cpSync(input, source, { recursive: true });
  const build = (/** @type {string[]} */ more) => {
    fonds(['build', source, '-o', out, '--quiet', '--force', '--title', `A sample of ${format}`, ...options, ...more]);
    return fonds(['extract', out, '--format', 'jsonl']).split('\n').filter(Boolean).map((line) => JSON.parse(line));
  };
  draw(source, build([]));
  const records = build(['--media', 'thumbs']);
  const weight = (/** @type {Record<string, unknown>} */ record) => Object.keys(record).length * 100 + Math.min(600, String(record.text ?? '').length);
  const fullest = records.reduce((a, b) => (weight(a) >= weight(b) ? a : b));
  const page = await engine.open(withState(pathToFileURL(join(out, 'index.html')).href, { m: fullest.uid }), { width: 1200, height: 720 });
  await reaches(page, 'ready');
  await page.waitFor('document.querySelector("#post .details") !== null && document.querySelector("#facets-column fieldset") !== null', undefined, 'the open post and the filters');
  await page.screenshot(join(folder, `${format}.png`));
  await page.close();
}

/**
 * Puts a picture where a post names one, in a folder or beside a file.
 *
 * @param {string} source @param {{source: {file: string}, media?: {path?: string}[]}[]} records
 */
function draw(source, records) {
  const root = statSync(source).isDirectory() ? source : dirname(source);
  let number = 0;
  for (const record of records) {
    for (const { path } of record.media ?? []) {
      if (!path || path.includes('..') || !/\.(jpe?g|png|webp|gif|heic)$/i.test(path)) continue;
      const beside = root === source ? join(dirname(root), dirname(record.source.file)) : root;
      const place = join(path.startsWith('/') ? root : beside, path);
      mkdirSync(dirname(place), { recursive: true });
      writeFileSync(place, sea(number % 5));
      number += 1;
    }
  }
}

/** The sea at some hour, as PNG. @param {number} hour */
function sea(hour) {
  const [width, height] = [640, 420];
  const stride = width * 3 + 1;
  const rows = Buffer.alloc(height * stride);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const wave = Math.sin(x / 23 + y / 7 + hour) * 9;
      const isSea = y > 240 + 6 * Math.sin(x / 60 + hour);
      const isSun = (x - 120 - 80 * hour) ** 2 + (y - 130) ** 2 < 1600;
      const shade = isSun ? [250, 220, 150] : isSea ? [30 + wave, 80 + wave, 110 + wave] : [150 + y / 4, 180 + y / 6, 205 - hour * 12];
      rows.set(shade.map((part) => Math.max(0, Math.min(255, Math.round(part)))), y * stride + 1 + x * 3);
    }
  }
  return png(width, height, rows);
}
