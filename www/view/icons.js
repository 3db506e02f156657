/** Icons: a dozen strokes on a 16 × 16 grid. Each stands beside a word, so none carries a name of its own. */

import { svg } from '../dom.js';

const PATHS = {
  basket: 'M2 6h12l-1.5 7h-9zM5 6l2-4m4 4L9 2',
  back: 'M10 3 5 8l5 5',
  close: 'm4 4 8 8m0-8-8 8',
  cite: 'M3 9V6.5A2.5 2.5 0 0 1 5.5 4M3 9h3v3H3zm6 0V6.5A2.5 2.5 0 0 1 11.5 4M9 9h3v3H9z',
  file: 'M4 2h5l3 3v9H4zM9 2v3h3',
  filter: 'M2 4h12M4 8h8M6.5 12h3',
  forward: 'm9 3 4 4-4 4m4-4H6a4 4 0 0 0-4 4v2',
  link: 'M6.5 9.5 9.5 6.5M7 4.5 8.5 3a3.2 3.2 0 0 1 4.5 4.5L11.5 9M9 11.5 7.5 13A3.2 3.2 0 0 1 3 8.5L4.5 7',
  next: 'm6 3 5 5-5 5',
  out: 'M6 4H3v9h9v-3M9 3h4v4m0-4L7 9',
  photo: 'M2 3h12v10H2zm0 8 4-4 3 3 2-2 3 3M10.5 6h.01',
  sound: 'M3 6v4m2.5-6v8M8 3v10m2.5-8v6M13 6.5v3',
  video: 'M2 3h12v10H2zm5 3 3 2-3 2z',
};

/** Those that point along the line of reading, and turn with it. */
const TURNING = new Set(['back', 'forward', 'next', 'out']);

/** @param {keyof typeof PATHS} name */
export function icon(name) {
  return svg('svg', { class: TURNING.has(name) ? 'icon turns' : 'icon', viewBox: '0 0 16 16', width: 16, height: 16, 'aria-hidden': 'true' }, svg('path', { d: PATHS[name] }));
}

/** The icon for a kind of media. @param {string} kind @returns {keyof typeof PATHS} */
export function mediaIcon(kind) {
  if (kind === 'photo' || kind === 'sticker') return 'photo';
  if (kind === 'video') return 'video';
  if (kind === 'voice' || kind === 'audio') return 'sound';
  return 'file';
}
