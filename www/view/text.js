/** Archive text → elements: marks and excerpts. */

import { el } from '../dom.js';
import { splitRuns } from '../ranges.js';

/** @typedef {import('../types').Excerpt} Excerpt */

/** Signs that set a line apart by themselves. */
const BULLET = /^[•·▪◦*–—-]/;

/**
 * Text whose ranges are marked.
 * @param {string} text
 * @param {readonly [number, number][]} ranges
 * @returns {Node[]}
 */
export function markedText(text, ranges, start = 0, end = text.length) {
  return splitRuns(ranges, start, end).map((run) => {
    const piece = text.slice(run.start, run.end);
    return run.marked ? el('mark', {}, piece) : document.createTextNode(piece);
  });
}

/** An excerpt with its ellipses; its paragraphs run on, a dot between them. @param {Excerpt} excerpt @returns {Node[]} */
export function excerptText({ text, ranges, cut_start, cut_end }) {
  const plain = (/** @type {string} */ sign) => document.createTextNode(sign);
  const runs = markedText(text, ranges).flatMap((node) => (node instanceof Text ? node.data.split(/\s*\n\s*/).flatMap((line, i) => (i === 0 ? [plain(line)] : [el('span', { class: 'dot' }, BULLET.test(line) ? ' ' : ' · '), plain(line)])) : [node]));
  return [...(cut_start ? [plain('… ')] : []), ...runs, ...(cut_end ? [plain(' …')] : [])];
}
