/** What is shown in the place of something that could not be had. */

import { el } from '../dom.js';
import { retell } from '../messages.js';

/** @param {unknown} error @returns {HTMLElement} */
export function failedView(error) {
  return el('p', { class: 'quiet', role: 'alert' }, retell(error instanceof Error ? error.message : String(error)));
}
