#!/usr/bin/env node
/**
 * Takes a picture of the page for every format: the post that says most of each sample under tests/golden, open beside the others. Not a test.
 *
 *     node tests/browser/formats.mjs FOLDER [--engine NAME]
 *
 * A format without a sample here is an error, so that a new one gets its picture.
 */

import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { launch, missing } from './engines.mjs';
import { fonds } from './fixtures.mjs';
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
  const out = join(temporary, format);
  fonds(['build', input, '-o', out, '--quiet', '--title', `A sample of ${format}`, ...options]);
  const records = fonds(['extract', out, '--format', 'jsonl']).split('\n').filter(Boolean).map((line) => JSON.parse(line));
  const weight = (/** @type {Record<string, unknown>} */ record) => Object.keys(record).length * 100 + Math.min(600, String(record.text ?? '').length);
  const fullest = records.reduce((a, b) => (weight(a) >= weight(b) ? a : b));
  const page = await engine.open(withState(pathToFileURL(join(out, 'index.html')).href, { m: fullest.uid }), { width: 1200, height: 720 });
  await reaches(page, 'ready');
  await page.waitFor('document.querySelector("#post .details") !== null && document.querySelector("#facets-column fieldset") !== null', undefined, 'the open post and the filters');
  await page.screenshot(join(folder, `${format}.png`));
  await page.close();
}
