/** The icons of what surrounds the hits: room.js brings them, and desk.js finds them. */

import { PATHS } from './icons.js';

export const SIGNS = {
  basket: 'M2 6h12l-1.5 7h-9zM5 6l2-4m4 4L9 2',
  kept: 'M2 6h12l-1.5 7h-9zM5 6l2-4m4 4L9 2M5.7 9.4l1.7 1.7 3-3',
  back: 'M10 3 5 8l5 5',
  close: 'm4 4 8 8m0-8-8 8',
  cite: 'M3 9V6.5A2.5 2.5 0 0 1 5.5 4M3 9h3v3H3zm6 0V6.5A2.5 2.5 0 0 1 11.5 4M9 9h3v3H9z',
  filter: 'M2 4h12M4 8h8M6.5 12h3',
  link: 'M6.5 9.5 9.5 6.5M7 4.5 8.5 3a3.2 3.2 0 0 1 4.5 4.5L11.5 9M9 11.5 7.5 13A3.2 3.2 0 0 1 3 8.5L4.5 7',
  next: 'm6 3 5 5-5 5',
  save: 'M8 2v8m-3.5-3L8 10.5 11.5 7M2.5 13.5h11',
};

Object.assign(PATHS, SIGNS);
