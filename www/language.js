/** Which language the page speaks: the one that a reader has chosen for this archive, else its owner's, else the first of the browser's
 *  that it knows.
 *  It is no part of the address, since whoever gets a link reads it in a language of their own. */

import { byId } from './dom.js';
import { isMirrored, locale, pickLanguage, say, speak } from './messages.js';
import { Source } from './source.js';

/** Learns the language and names what stands in the document from the beginning. */
export async function learnLanguage() {
  const root = document.documentElement;
  const code = pickLanguage([readChoice() ?? '', /[#&]lang=(\w+)/.exec(location.hash)?.[1] ?? '', root.dataset.lang ?? '', ...navigator.languages]);
  try {
    if (code !== 'en') speak(code, /** @type {import('./messages.js').Spoken} */ (await new Source(fondsShard, document).json(`words-${code}`)));
  } catch {
    // Without its table the page goes on in English.
  }
  // What stands there is in the archive's language (src/publish/words.rs).
  root.lang = locale().slice(0, 2);
  root.dir = isMirrored() ? 'rtl' : 'ltr';
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
