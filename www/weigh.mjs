/** Prints how many bytes of the core's code each crate and module accounts for, by the names of the functions.
 *  Generic code of the standard library stands under `core` and `alloc`, whoever needs it. Usage: node weigh.mjs FILE.wasm */

import { readFile } from 'node:fs/promises';

const SECTION = { custom: 0, import: 2, code: 10 };
const bytes = await readFile(process.argv[2] ?? '');
const { imports, bodies, names } = read(bytes);

/** @type {Map<string, number>} */
const weights = new Map();
bodies.forEach((len, place) => {
  const owner = ownerOf(names.get(imports + place) ?? '');
  weights.set(owner, (weights.get(owner) ?? 0) + len);
});
const total = bodies.reduce((sum, len) => sum + len, 0);
for (const [owner, len] of [...weights].sort((a, b) => b[1] - a[1])) {
  console.log(`${owner.padEnd(24)} ${String(len).padStart(8)}  ${((100 * len) / total).toFixed(1).padStart(5)} %`);
}
console.log(`${'code'.padEnd(24)} ${String(total).padStart(8)}`);

/** The crate of a function, and of ours the module.
 *  @param {string} name @returns {string} */
function ownerOf(name) {
  const path = name.match(/[a-z_][a-z0-9_]*(\[[0-9a-f]+\])?::[a-z_0-9]+/i)?.[0].replace(/\[[0-9a-f]+\]/, '') ?? 'other';
  return path.startsWith('fonds::') ? path : (path.split('::')[0] ?? 'other');
}

/** Lengths of the function bodies and the names of the functions.
 *  @param {Uint8Array} wasm @returns {{ imports: number, bodies: number[], names: Map<number, string> }} */
function read(wasm) {
  let at = 8;
  const varint = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = wasm[at++] ?? 0;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  const text = () => {
    const len = varint();
    at += len;
    return new TextDecoder().decode(wasm.subarray(at - len, at));
  };
  let imports = 0;
  /** @type {number[]} */
  const bodies = [];
  /** @type {Map<number, string>} */
  const names = new Map();
  while (at < wasm.length) {
    const id = wasm[at++];
    const end = varint() + at;
    if (id === SECTION.import) {
      for (let left = varint(); left > 0; left--) {
        text();
        text();
        const kind = wasm[at++];
        if (kind === 0) imports++;
        if (kind === 1) at++;
        if (kind === 3) at += 2;
        else if (kind === 0) varint();
        else {
          const flags = varint();
          varint();
          if (flags & 1) varint();
        }
      }
    } else if (id === SECTION.code) {
      for (let left = varint(); left > 0; left--) {
        const len = varint();
        bodies.push(len);
        at += len;
      }
    } else if (id === SECTION.custom && text() === 'name') {
      while (at < end) {
        const kind = wasm[at++];
        const stop = varint() + at;
        if (kind === 1) for (let left = varint(); left > 0; left--) names.set(varint(), text());
        at = stop;
      }
    }
    at = end;
  }
  return { imports, bodies, names };
}
