/** Weaves a core out of the columns that www/bindgen takes it apart into. An instruction of WebAssembly is a number and its
 *  operands; with the numbers side by side, the locals, the offsets and so on, a tenth less is left to pack. */

/** The columns: what is no function, then of the functions their instructions with all operands that have no column of their own,
 *  their declarations of locals, types of blocks, depths of branches, functions called, locals, offsets in memory, numbers. */
const FRAME = 0, CODE = 1, DECLARATION = 2, BLOCK = 3, BRANCH = 4, CALL = 5, LOCAL = 6, OFFSET = 7, INT = 8, LONG = 9, NUM_COLUMNS = 10;

/** Instructions from one number to another, and the columns of their operands. What is not listed has none, or is read by hand. */
const OPERANDS = [
  [0x02, 0x04, BLOCK],
  [0x0c, 0x0d, BRANCH],
  [0x10, 0x10, CALL],
  [0x11, 0x11, CODE, CODE],
  [0x20, 0x22, LOCAL],
  [0x23, 0x26, CODE],
  [0x28, 0x3e, CODE, OFFSET],
  [0x3f, 0x40, CODE],
  [0x41, 0x41, INT],
  [0x42, 0x42, LONG],
  [0xd0, 0xd0, CODE],
  [0xd2, 0xd2, CODE],
];
/** Those read by hand, and the one that ends a block or a function. FURTHER goes on with a second number. */
const BRANCH_TABLE = 0x0e, SELECT = 0x1c, FLOAT = 0x43, DOUBLE = 0x44, FURTHER = 0xfc, END = 0x0b;

/** Most bytes that the length of a function takes. */
const LEN_MAX = 5;

/**
 * @param {Uint8Array<ArrayBuffer>} bytes length of the module, bytes of FRAME before the functions, length of each column: numbers
 *   of four bytes; then the columns.
 * @returns {Uint8Array<ArrayBuffer>} the module.
 */
export function weave(bytes) {
  const [size = 0, before = 0, ...lengths] = new Uint32Array(bytes.buffer, 0, NUM_COLUMNS + 2);
  const out = new Uint8Array(size + LEN_MAX);
  /** Where each column is read on. */
  const places = new Uint32Array(NUM_COLUMNS + 1).fill(4 * (NUM_COLUMNS + 2));
  lengths.forEach((len, column) => (places[column + 1] = (places[column] ?? 0) + len));
  const end = places[CODE + 1] ?? 0;
  let at = 0;

  const byte = (/** @type {number} */ column) => {
    if (at > size) throw new Error('the columns do not fit together');
    const place = places[column] ?? 0;
    places[column] = place + 1;
    return (out[at++] = bytes[place] ?? 0);
  };
  const copy = (/** @type {number} */ column, /** @type {number} */ len) => {
    while (len-- > 0) byte(column);
  };
  /** Copies a number of as many bytes as it takes. */
  const number = (/** @type {number} */ column) => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const next = byte(column);
      value |= (next & 127) << shift;
      if (next < 128) return value;
    }
  };
  const numbers = (/** @type {number} */ column, /** @type {number} */ count) => {
    while (count-- > 0) number(column);
  };

  /** @type {number[][]} */
  const operands = Array(256).fill([]);
  for (const [first = 0, last = 0, ...columns] of OPERANDS) operands.fill(columns, first, last + 1);

  const instruction = () => {
    const op = byte(CODE);
    const columns = operands[op] ?? [];
    for (let i = 0; i < columns.length; i++) number(columns[i] ?? 0);
    if (op === BRANCH_TABLE) numbers(BRANCH, number(BRANCH) + 1);
    else if (op === SELECT) numbers(CODE, number(CODE));
    else if (op === FLOAT) copy(CODE, 4);
    else if (op === DOUBLE) copy(CODE, 8);
    else if (op === FURTHER) {
      const further = number(CODE);
      if (further > 7) numbers(CODE, further < 15 && further % 2 === 0 ? 2 : 1);
    }
    return op;
  };

  copy(FRAME, before);
  while ((places[CODE] ?? 0) < end) {
    const start = at;
    at += LEN_MAX;
    numbers(DECLARATION, 2 * number(DECLARATION));
    for (let depth = 1; depth > 0; ) {
      const op = instruction();
      if (op === END) depth--;
      else if (operands[op]?.[0] === BLOCK) depth++;
    }
    let len = at - start - LEN_MAX, place = start;
    for (; len > 127; len >>= 7) out[place++] = (len & 127) | 128;
    out[place++] = len;
    out.copyWithin(place, start + LEN_MAX, at);
    at -= start + LEN_MAX - place;
  }
  copy(FRAME, size - at);
  return out.subarray(0, size);
}
