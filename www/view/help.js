/** The panel of keys and query language. */

import { el } from '../dom.js';
import { say } from '../messages.js';
import { icon } from './icons.js';

/** @param {() => void} close @returns {Node[]} */
export function helpView(close) {
  /** @type {[string[], string][]} */
  const keys = [[['/'], say('helpSearch')], [['↓', '↑', 'j', 'k'], say('helpMove')], [['Enter'], say('helpEnter')], [['Esc'], say('helpEsc')], [['?'], say('helpQuestion')]];
  return [
    el('div', {}, el('h2', { class: 'label' }, say('helpQuery')), el('p', {}, say('helpWords')), el('p', {}, say('helpSigns')), el('p', {}, say('helpExclude')), el('p', {}, say('timeHint'), '.')),
    el('div', {}, el('h2', { class: 'label' }, say('helpKeys')), el('dl', { class: 'keys' }, keys.map(([names, does]) => el('div', {}, el('dt', {}, names.flatMap((name) => [el('kbd', {}, name), ' '])), el('dd', {}, does))))),
    el('button', { type: 'button', class: 'plain close', on: { click: close } }, icon('close'), say('close')),
  ];
}
