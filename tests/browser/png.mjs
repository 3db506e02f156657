/** Pictures that the tests draw themselves: https://www.w3.org/TR/png-3/ */

import { crc32, deflateSync } from 'node:zlib';

/**
 * A picture of eight bits each of red, green and blue.
 *
 * @param {number} width @param {number} height
 * @param {Buffer} rows Each a zero, which filters nothing, and its pixels.
 * @returns {Buffer}
 */
export function png(width, height, rows) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2], 8);
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

/** @param {string} type @param {Buffer} data */
function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
