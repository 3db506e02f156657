/** Unpacks what www/bindgen packs: the `.lzma` file format, as the LZMA specification of the 7-Zip project describes it (I. Pavlov,
 *  2015), of files where the place of a byte tells nothing (lp and pb are 0). A stream of bits, each coded with the probability that
 *  its context has had so far, says literal bytes and matches. */

const HEADER_LEN = 13;
const TOP = 0x1000000;

/** Places of the probabilities of each kind. */
const IS_REP = 12, IS_REP_G0 = 24, IS_REP_G1 = 36, IS_REP_G2 = 48, IS_REP0_LONG = 60;
const SLOT = 72, SPECIAL = 328, ALIGN = 456, LEN = 472, REP_LEN = 746, LITERAL = 1020;

/**
 * @param {Uint8Array} packed
 * @returns {Uint8Array<ArrayBuffer>}
 * @throws {Error} when the bytes are damaged: a wrong bit throws the decoder off for good, which its last state shows.
 */
export function unlzma(packed) {
  const lc = packed[0] ?? 0;
  const size = new DataView(packed.buffer, packed.byteOffset, HEADER_LEN).getUint32(5, true);
  const out = new Uint8Array(size);
  const probs = new Uint16Array(LITERAL + (0x300 << lc)).fill(1024);
  // Range and code, which need all 32 bits: elsewhere they would be boxed numbers.
  const coder = new Uint32Array([0xffffffff, new DataView(packed.buffer, packed.byteOffset).getUint32(HEADER_LEN + 1)]);
  let next = HEADER_LEN + 5;

  const shift = () => {
    const range = /** @type {number} */ (coder[0]);
    if (range >= TOP) return;
    coder[0] = range << 8;
    coder[1] = (/** @type {number} */ (coder[1]) << 8) | (packed[next++] ?? 0);
  };
  const bit = (/** @type {number} */ at) => {
    const prob = /** @type {number} */ (probs[at]);
    const range = /** @type {number} */ (coder[0]);
    const code = /** @type {number} */ (coder[1]);
    const bound = (range >>> 11) * prob;
    const isOne = code >= bound;
    if (isOne) {
      coder[0] = range - bound;
      coder[1] = code - bound;
      probs[at] = prob - (prob >> 5);
    } else {
      coder[0] = bound;
      probs[at] = prob + ((2048 - prob) >> 5);
    }
    shift();
    return isOne ? 1 : 0;
  };
  const tree = (/** @type {number} */ at, /** @type {number} */ bits) => {
    let node = 1;
    for (let i = 0; i < bits; i++) node = (node << 1) | bit(at + node);
    return node - (1 << bits);
  };
  const reverse = (/** @type {number} */ at, /** @type {number} */ bits) => {
    let node = 1, value = 0;
    for (let i = 0; i < bits; i++) {
      const one = bit(at + node);
      node = (node << 1) | one;
      value |= one << i;
    }
    return value;
  };
  const even = (/** @type {number} */ bits) => {
    let value = 0;
    for (let i = 0; i < bits; i++) {
      const half = /** @type {number} */ (coder[0]) >>> 1;
      const isOne = /** @type {number} */ (coder[1]) >= half;
      coder[0] = half;
      if (isOne) coder[1] = /** @type {number} */ (coder[1]) - half;
      shift();
      value = (value << 1) | (isOne ? 1 : 0);
    }
    return value;
  };
  const length = (/** @type {number} */ at) => {
    if (!bit(at)) return 2 + tree(at + 2, 3);
    if (!bit(at + 1)) return 10 + tree(at + 10, 3);
    return 18 + tree(at + 18, 8);
  };
  const distance = (/** @type {number} */ len) => {
    const slot = tree(SLOT + (Math.min(len - 2, 3) << 6), 6);
    if (slot < 4) return slot;
    const bits = (slot >> 1) - 1;
    const base = (2 | (slot & 1)) << bits;
    if (slot < 14) return base + reverse(SPECIAL + base - slot, bits);
    return base + (even(bits - 4) << 4) + reverse(ALIGN, 4);
  };
  const literal = (/** @type {number} */ at, /** @type {number} */ match, /** @type {boolean} */ isMatched) => {
    let node = 1;
    if (isMatched) {
      let offset = 0x100;
      while (node < 0x100) {
        match <<= 1;
        const was = match & offset;
        const one = bit(at + offset + was + node);
        node = (node << 1) | one;
        offset = one ? was : offset & ~was;
        if (offset === 0) break;
      }
    }
    while (node < 0x100) node = (node << 1) | bit(at + node);
    return node;
  };

  let state = 0, rep0 = 0, rep1 = 0, rep2 = 0, rep3 = 0;
  for (let at = 0; at < size; ) {
    if (!bit(state)) {
      const context = /** @type {number} */ (at > 0 ? out[at - 1] : 0) >> (8 - lc);
      out[at] = literal(LITERAL + 0x300 * context, out[at - rep0 - 1] ?? 0, state >= 7);
      at++;
      state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
      continue;
    }
    let len;
    if (!bit(IS_REP + state)) {
      rep3 = rep2;
      rep2 = rep1;
      rep1 = rep0;
      len = length(LEN);
      rep0 = distance(len);
      state = state < 7 ? 7 : 10;
    } else {
      if (!bit(IS_REP_G0 + state)) {
        if (!bit(IS_REP0_LONG + state)) {
          state = state < 7 ? 9 : 11;
          out[at] = out[at - rep0 - 1] ?? 0;
          at++;
          continue;
        }
      } else {
        let far = rep1;
        if (bit(IS_REP_G1 + state)) {
          far = rep2;
          if (bit(IS_REP_G2 + state)) {
            far = rep3;
            rep3 = rep2;
          }
          rep2 = rep1;
        }
        rep1 = rep0;
        rep0 = far;
      }
      len = length(REP_LEN);
      state = state < 7 ? 8 : 11;
    }
    for (const end = Math.min(size, at + len); at < end; at++) out[at] = out[at - rep0 - 1] ?? 0;
  }
  if (coder[1] !== 0 || next !== packed.length) throw new Error('packed bytes are damaged');
  return out;
}
