/** Icons: a dozen strokes on a 16 × 16 grid. Each stands beside a word, so none carries a name of its own. */

import { svg } from '../dom.js';

/** Those of the first load; signs.js adds those of what surrounds the hits. */
export const PATHS = {
  file: 'M4 2h5l3 3v9H4zM9 2v3h3',
  forward: 'm9 3 4 4-4 4m4-4H6a4 4 0 0 0-4 4v2',
  out: 'M6 4H3v9h9v-3M9 3h4v4m0-4L7 9',
  photo: 'M2 3h12v10H2zm0 8 4-4 3 3 2-2 3 3M10.5 6h.01',
  sound: 'M3 6v4m2.5-6v8M8 3v10m2.5-8v6M13 6.5v3',
  video: 'M2 3h12v10H2zm5 3 3 2-3 2z',
};

/** Those that point along the line of reading, and turn with it. */
const TURNING = new Set(['back', 'forward', 'next', 'out']);

/** @typedef {keyof typeof PATHS | keyof typeof import('./signs.js').SIGNS} Icon */

/** @param {Icon} name */
export function icon(name) {
  return svg('svg', { class: TURNING.has(name) ? 'icon turns' : 'icon', viewBox: '0 0 16 16', width: 16, height: 16, 'aria-hidden': 'true' }, svg('path', { d: /** @type {Record<string, string>} */ (PATHS)[name] }));
}

/** The icon for a kind of media. @param {string} kind @returns {keyof typeof PATHS} */
export function mediaIcon(kind) {
  if (kind === 'photo' || kind === 'sticker') return 'photo';
  if (kind === 'video') return 'video';
  if (kind === 'voice' || kind === 'audio') return 'sound';
  return 'file';
}
