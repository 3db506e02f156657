#!/usr/bin/env node
/**
 * Runs the browser tests.
 *
 *     node tests/browser/run.mjs [--engine NAME]… [--only PATTERN] [--jobs N] [FILE.test.mjs]…
 *
 * One test file runs after the other unless --jobs allows more; two at once take about half the time on an idle machine.
 * It installs nothing: `npm ci` and `install.sh` in this folder do. FONDS_BIN names the program (target/release/fonds),
 * FONDS_SHARED the folder that holds `seed/channel-scrape.txt`.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = fileURLToPath(new URL('.', import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { engine: { type: 'string', multiple: true }, only: { type: 'string' }, jobs: { type: 'string', default: '1' }, help: { type: 'boolean' } },
});
if (values.help) {
  console.log('usage: run.mjs [--engine chromium|firefox|webkit]… [--only PATTERN] [--jobs N] [FILE.test.mjs]…');
  process.exit(0);
}

const all = readdirSync(here).filter((name) => name.endsWith('.test.mjs')).sort();
const files = positionals.length > 0 ? positionals.map((name) => name.replace(/^.*\//, '')) : all;

// The test files are processes of their own and share one set of built archives in here.
const shared = mkdtempSync(join(tmpdir(), 'fonds-browser-'));
process.env.FONDS_FIXTURES = shared;
if (Number(values.jobs) > 1) {
  // Files that run at once must not publish the same archive at once. What fails here fails again in each test that needs it.
  const { publishMany, publishSample, publishSeed, seedMissing } = await import('./fixtures.mjs');
  for (const publish of [publishSample, publishMany, ...(seedMissing ? [] : [publishSeed])]) {
    try {
      publish();
    } catch (error) {
      console.error(error instanceof Error ? error.message : error);
    }
  }
}
const { status } = spawnSync(
  process.execPath,
  ['--test', `--test-concurrency=${values.jobs}`, '--test-reporter=spec', ...(values.only ? [`--test-name-pattern=${values.only}`] : []), ...files],
  {
    cwd: here,
    stdio: 'inherit',
    env: { ...process.env, ...(values.engine ? { FONDS_ENGINES: values.engine.join(',') } : {}) },
  },
);
rmSync(shared, { recursive: true, force: true });
process.exit(status ?? 1);
