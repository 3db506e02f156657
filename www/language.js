/** Which language the page speaks: the one that a reader has chosen for this archive, else the first of the browser's that it knows.
 *  It is no part of the address, since whoever gets a link reads it in a language of their own. */

import { byId } from './dom.js';
import { isMirrored, pickLanguage, say, speak } from './messages.js';
import { Source } from './source.js';

/** Learns the language and names what stands in the document from the beginning. English is known already. */
export async function learnLanguage() {
  const code = pickLanguage([readChoice() ?? '', ...navigator.languages]);
  if (code === 'en') return;
  try {
    speak(code, await new Source(fondsShard, document).words(code));
  } catch {
    // Without its table the page goes on in English.
    return;
  }
  const root = document.documentElement;
  root.lang = code;
  if (isMirrored()) root.dir = 'rtl';
  /** @type {HTMLInputElement} */ (byId('q')).placeholder = say('search');
  for (const [selector, key] of /** @type {const} */ ([['label[for=q]', 'search'], ['#help-open .unseen', 'help'], ['#static h2', 'newestPosts']])) {
    const element = document.querySelector(selector);
    if (element) element.textContent = say(key);
  }
}

/** What the reader has chosen, where the browser keeps it. */
function readChoice() {
  try {
    return localStorage.getItem(choiceKey());
  } catch {
    return null;
  }
}

/** Where the choice is kept. */
export function choiceKey() {
  return `fonds:${document.documentElement.dataset.archive}:language`;
}
