import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { unlzma } from '../../www/lzma.js';
import { weave } from '../../www/weave.js';
import { randomFrom } from './random.mjs';

const built = (name) => new Uint8Array(readFileSync(new URL(`../../www/dist/${name}`, import.meta.url)));

test('the cores come out as they went in', () => {
  for (const name of ['core', 'more']) assert.ok(Buffer.compare(weave(unlzma(built(`${name}.wasm.lzma`))), built(`bindgen/${name}/fonds_bg.wasm`)) === 0, name);
});

test('every damage is noticed', () => {
  const packed = built('core.wasm.lzma');
  const random = randomFrom(12);
  for (let round = 0; round < 12; round++) {
    const damaged = packed.slice();
    const at = 13 + Math.floor(random() * (damaged.length - 13));
    damaged[at] ^= 1 << (round % 8);
    assert.throws(() => unlzma(damaged), `bit ${round % 8} of byte ${at}`);
  }
  assert.throws(() => unlzma(packed.subarray(0, packed.length - 1)));
});
