/** Accessibility, as far as a program can judge it: what axe-core finds in a page as it stands. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * What is wrong with the page as it stands, a sentence each with the elements concerned.
 * @param {import('./engines.mjs').Page} page
 * @param {string[]} [rules] these alone, of axe-core's
 * @returns {Promise<string[]>}
 */
export async function axeFinds(page, rules) {
  await page.evaluate(`(() => { ${AXE}\n })()`);
  return page.evaluate(async (/** @type {string[] | undefined} */ runOnly) => {
    // Fetching style sheets again is refused on files, and axe needs it for rules about orientation only.
    // What is said to a voice is what is seen: axe does not look for it unless it is told to.
    const rules = { 'label-content-name-mismatch': { enabled: true } };
    const { violations } = await /** @type {any} */ (globalThis).axe.run(document, { preload: false, resultTypes: ['violations'], ...(runOnly ? { runOnly } : { rules }) });
    return violations.map((/** @type {any} */ { id, help, nodes }) => `${id}: ${help}, at ${nodes.map((/** @type {any} */ { target, any }) => `${target.join(' ')} (${any.map((/** @type {any} */ { message }) => message).join(' ')})`).join('; ')}`);
  }, rules);
}
