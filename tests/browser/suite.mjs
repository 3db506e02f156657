/** How the test files are laid out: one group for each engine, one browser for each group, skips that say why. */

import { after, before, describe, test } from 'node:test';
import { ENGINES, launch, missing } from './engines.mjs';

/** @typedef {import('./engines.mjs').Engine} Engine */
/** @typedef {import('./engines.mjs').Page} Page */
/** @typedef {import('./engines.mjs').OpenOptions} OpenOptions */

/**
 * @typedef {object} Bench What a test of one engine works with.
 * @property {import('./engines.mjs').EngineName} engine
 * @property {(name: string, run: () => Promise<void>, skip?: string | false | null) => void} check One test; its name reads as a sentence.
 * @property {(url: string, options?: OpenOptions) => Promise<Page>} open Opens a page that is closed when its test ends.
 */

/** No test takes this long unless something hangs; those of `./build.sh torture` look at a hundred times as much. */
const TEST_TIMEOUT_MS = process.env.FONDS_TORTURE ? 1_200_000 : 60_000;

/**
 * Runs the same tests in every engine that was asked for. Engines that are not installed skip each test with the reason,
 * so that the count of skipped tests shows what was not looked at.
 *
 * @param {string} subject
 * @param {(bench: Bench) => void} define
 */
export function inEveryEngine(subject, define) {
  const wanted = (process.env.FONDS_ENGINES ?? ENGINES.join(',')).split(',');
  for (const name of ENGINES.filter((name) => wanted.includes(name))) {
    const absent = missing(name);
    describe(`${subject}, ${name}`, { concurrency: 1 }, () => {
      /** @type {Engine} */
      let engine;
      /** @type {Page[]} */
      let pages = [];
      before(async () => {
        if (!absent) engine = await launch(name);
      });
      after(async () => {
        await engine?.close();
      });
      define({
        engine: name,
        check(title, run, skip = null) {
          test(`${title} (${name})`, { skip: absent ?? skip ?? false, timeout: TEST_TIMEOUT_MS }, async () => {
            try {
              await run();
            } finally {
              for (const page of pages) await page.close().catch(() => {});
              pages = [];
            }
          });
        },
        async open(url, options) {
          const page = await engine.open(url, options);
          pages.push(page);
          return page;
        },
      });
    });
  }
}
