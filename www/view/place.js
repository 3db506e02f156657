/** Where a post stood in its source, in words. */

import { formatNumber, say } from '../messages.js';

/** @typedef {import('../types').Place} Place */

/** @param {Pick<import('../types').RecordView, 'source'>} post */
export function sourceLine({ source }) {
  const { file, place, copies } = source;
  const where = place ? placeWords(place, file) : file;
  if (copies.length === 0) return where;
  return `${where}; ${say('placeCopies', { n: copies.length, where: copies.map((copy) => placeWords(copy, null)).join(say('comma')) })}`;
}

/** @param {Place} place @param {string | null} file */
export function placeWords({ lines, bytes }, file) {
  if (lines) {
    const [from, to] = lines;
    const values = { from: formatNumber(from), to: formatNumber(to), file: file ?? '' };
    if (from === to) return say(file === null ? 'placeLineShort' : 'placeLine', values);
    return say(file === null ? 'placeLinesShort' : 'placeLines', values);
  }
  if (bytes) return say(file === null ? 'placeBytesShort' : 'placeBytes', { from: formatNumber(bytes[0]), to: formatNumber(bytes[1]), file: file ?? '' });
  return file ?? '';
}
