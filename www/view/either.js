/** A word that another takes the place of, such as what a button has done. It is as wide as the wider of the two, in whatever language, so
 *  that nothing beside it moves or takes another line. */

import { el } from '../dom.js';
import { say } from '../messages.js';

/** How long a button says that it has copied. */
const COPIED_MS = 2000;

/** @param {string} word @param {string} other */
export function either(word, other) {
  return el('span', { class: 'either', 'data-other': other }, word);
}

/** What a button says that copies. @param {'copy' | 'copyLink'} key */
export function copyLabel(key) {
  return either(say(key), say('copied'));
}

/** Says on such a button for a moment that it has. @param {HTMLElement} button @param {'copy' | 'copyLink'} key */
export function sayCopied(button, key) {
  const put = (/** @type {HTMLElement} */ label) => button.querySelector('.either')?.replaceWith(label);
  put(either(say('copied'), say(key)));
  setTimeout(() => put(copyLabel(key)), COPIED_MS);
}
