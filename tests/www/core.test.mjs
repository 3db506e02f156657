import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

/** What each core may call: it makes and reads JavaScript's values, raises errors, and looks at a clock. It cannot ask anybody for anything. */
const CALLS = new Set([
  'Error', 'String', 'from', 'get', 'get_unchecked', 'instanceof_WorkerGlobalScope', 'length', 'new', 'now', 'performance', 'prototypesetcall', 'set',
  'static_accessor_GLOBAL', 'static_accessor_GLOBAL_THIS', 'static_accessor_SELF', 'static_accessor_WINDOW',
  '__wbindgen_is_falsy', '__wbindgen_is_undefined', '__wbindgen_number_get', '__wbindgen_string_get', '__wbindgen_throw',
]);
/** What makes a value of a number or a text, and a list of values: the glue's own. */
const OWN = /^__wbindgen_(generic_\d+|init_externref_table)$/;

test('the cores call nothing that reaches beyond their worker', () => {
  for (const name of ['core', 'more']) {
    const module = new WebAssembly.Module(readFileSync(new URL(`../../www/dist/bindgen/${name}/fonds_bg.wasm`, import.meta.url)));
    const imports = WebAssembly.Module.imports(module);
    assert.ok(imports.length > 10, `${imports.length} imports`);
    for (const { module: from, name: call, kind } of imports) {
      assert.equal(`${from} ${kind}`, './fonds_bg.js function');
      const named = /^__wbg_(.+)_[0-9a-f]{16}$/.exec(call)?.[1];
      assert.ok(named ? CALLS.has(named) : OWN.test(call), `${name} calls ${call}`);
    }
  }
});

test('what the glue hands to a core asks nobody for anything', () => {
  for (const name of ['core', 'more']) {
    const glue = readFileSync(new URL(`../../www/dist/bindgen/${name}/fonds.js`, import.meta.url), 'utf8');
    const start = glue.indexOf('function __wbg_get_imports()');
    const imports = glue.slice(start, glue.indexOf('\n    }\n', start));
    assert.ok(start > 0 && imports.length > 1000, `${imports.length} characters of imports`);
    assert.doesNotMatch(imports, /fetch|XMLHttpRequest|WebSocket|importScripts|postMessage|indexedDB|localStorage|\bimport\s*\(|Function\(|eval\(/);
  }
});
