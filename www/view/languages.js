/** The choice of a language. It is kept in the browser's storage; where there is none, as in some frames, there is no choice either. */

import { el } from '../dom.js';
import { choiceKey } from '../language.js';
import { LANGUAGES, locale, say } from '../messages.js';

/** @returns {HTMLElement | null} */
export function languageChoice() {
  const key = choiceKey();
  try {
    localStorage.getItem(key);
  } catch {
    return null;
  }
  const spoken = locale().slice(0, 2);
  const select = el('select', { class: 'language' }, LANGUAGES.map((code) => el('option', { value: code, lang: code }, ownName(code))));
  select.value = spoken;
  select.addEventListener('change', () => {
    try {
      localStorage.setItem(key, select.value);
      // All of the page is written anew.
      location.reload();
    } catch {
      select.value = spoken;
    }
  });
  return el('label', { class: 'languages' }, el('span', { class: 'label' }, say('language')), ' ', select);
}

/** What a language calls itself. @param {string} code */
function ownName(code) {
  const name = new Intl.DisplayNames([code], { type: 'language' }).of(code) ?? code;
  return name.charAt(0).toLocaleUpperCase(code) + name.slice(1);
}
