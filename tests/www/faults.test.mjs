import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { FAULTS, faultsIn } from '../../www/languages/faults.js';
import { LANGUAGES, retell, say, speak } from '../../www/messages.js';

const ROOT = new URL('../../', import.meta.url);
const OTHERS = LANGUAGES.filter((code) => code !== 'en');
const filled = (template) => template.replace(/\{1…?\}/g, 'archive/store-012-0a1b2c3d.js').replace(/\{2…?\}/g, '17');

/** Source text of the page and the core, in one line, without the quotes and strokes that cut a sentence there. */
const sources = [...files('www/', /^[^/]*\.js$/), ...files('src/', /\.rs$/)].map((path) => readFileSync(new URL(path, ROOT), 'utf8')).join('\n');

function files(folder, pattern) {
  return readdirSync(new URL(folder, ROOT), { recursive: true }).map(String).filter((name) => pattern.test(name)).map((name) => folder + name);
}

test('every sentence that is looked for is said somewhere', () => {
  for (const { en } of FAULTS) {
    const longest = en.split(/\{\d…?\}/).reduce((a, b) => (b.length > a.length ? b : a)).trim().replace(/^no /, '');
    // The core joins these of their parts.
    if (/^\(section|is called|begins with|field is called/.test(longest) || longest === '' || longest === ')') continue;
    assert.ok(sources.includes(longest), `nobody says “${longest}”`);
  }
});

for (const code of OTHERS) {
  test(`${code} says every fault, with the same values and nothing of English`, () => {
    speak(code, { faults: faultsIn(code) });
    for (const fault of FAULTS) {
      const said = retell(filled(fault.en));
      assert.equal(said, filled(fault[code]), fault.en);
      // What a field's values are called in the core has no word in other languages.
      const untold = /is called \{2|begins with/.test(fault.en) ? ['{1…}'] : [];
      assert.deepEqual((fault.en.match(/\{\d…?\}/g) ?? []).filter((hole) => !fault[code].includes(hole)), untold, fault.en);
    }
    // A sentence may stand within another.
    const whole = retell('archive/root-000-aa.js: a block is damaged (its checksum does not match): copy the archive again (section store, byte 12)');
    assert.ok(whole.startsWith('archive/root-000-aa.js: '), whole);
    assert.doesNotMatch(whole, /damaged|copy|section/);
    assert.match(say('damaged', { reason: filled(FAULTS[0].en) }), new RegExp(filled(FAULTS[0][code]).slice(0, 12).replace(/[.*+?^${}()|[\]\\]/g, '\\$&')));
    speak('en', {});
  });
}

test('English says what comes as it comes', () => {
  for (const { en } of FAULTS) assert.equal(retell(en), en);
});
