/** The panel of keys, query language, and of what was loaded. */

import { el } from '../dom.js';
import { formatNumber, formatSize, say } from '../messages.js';
import { icon } from './icons.js';
import { languageChoice } from './languages.js';

/** @typedef {import('../types').Stats} Stats */

/** Requests that are shown, the newest first. */
const TRACE_MAX = 40;

/** @param {() => void} close @returns {Node[]} */
export function helpView(close) {
  /** @type {[string[], string][]} */
  const keys = [[['/'], say('helpSearch')], [['↓', '↑', 'j', 'k'], say('helpMove')], [['Enter'], say('helpEnter')], [['Esc'], say('helpEsc')], [['?'], say('helpQuestion')]];
  return [
    el('div', {}, el('h2', { class: 'label' }, say('helpQuery')), el('p', {}, say('helpWords')), el('p', {}, say('helpSigns')), el('p', {}, say('helpExclude')), el('p', {}, say('timeHint'), '.'), el('p', {}, say('helpPassage'))),
    el('div', {}, el('h2', { class: 'label' }, say('helpKeys')), el('dl', { class: 'keys' }, keys.map(([names, does]) => el('div', {}, el('dt', {}, names.flatMap((name) => [el('kbd', {}, name), ' '])), el('dd', {}, does)))), languageChoice()),
    el('button', { type: 'button', class: 'plain close', on: { click: close } }, icon('close'), say('close')),
    el('div', { id: 'trace' }),
  ];
}

/** What the questions so far have loaded, and why. @param {Stats} stats @returns {Node[]} */
export function traceView({ trace, held, core, memory }) {
  const len = trace.reduce((sum, request) => sum + request.len, 0);
  const rows = trace.slice(-TRACE_MAX).reverse().map(({ shard, start, len, ms, kind, whole, blocks }) => {
    const section = shard.replace(/-\d+-[0-9a-f]+$/, '');
    const place = whole ? say('traceWhole', { shard }) : say('traceSpan', { shard, from: formatNumber(start), to: formatNumber(start + len) });
    return el('tr', {}, el('td', {}, say(KINDS[kind])), el('td', {}, section), el('td', {}, say('traceBlocks', { n: blocks })), el('td', { class: 'number' }, formatSize(len)), el('td', { class: 'number' }, ms === null ? say('traceHeld') : formatNumber(Math.round(ms), { style: 'unit', unit: 'millisecond' })), el('td', { class: 'quiet' }, place));
  });
  const heads = [say('traceWhy'), say('traceSection'), say('traceNumber'), say('traceSize'), say('traceTime'), say('traceFile')];
  return [
    el('h2', { class: 'label' }, say('trace')),
    el('p', { class: 'quiet' }, say('traceSum', { requests: formatNumber(trace.length), size: formatSize(len), held: formatSize(held + core), memory: formatSize(memory) })),
    el('div', { class: 'wide', tabindex: 0, role: 'region', 'aria-label': say('trace') }, el('table', {}, el('thead', {}, el('tr', {}, heads.map((head) => el('th', {}, head)))), el('tbody', {}, rows))),
  ];
}

/** Why something was loaded: the kind of question. @type {Record<Stats['trace'][0]['kind'], import('../messages.js').Key>} */
const KINDS = { open: 'traceOpen', search: 'traceSearch', more: 'traceMore', facets: 'traceFacets', zoom: 'traceFacets', ahead: 'traceAhead', aside: 'traceAside', post: 'tracePost', complete: 'traceComplete' };
