/** What the owner says of the archive: a text, the terms of use, and what libraries ask. It comes as data; elements are made here. */

import { el, safeHref } from '../dom.js';
import { say, wordFor } from '../messages.js';

/** @typedef {import('../types').Owner} Owner */
/** @typedef {import('../types').Prose} Prose */

/** Elements that a text may have; src/publish/owner/prose.rs writes no others. */
const TAGS = new Set(['p', 'h3', 'h4', 'h5', 'h6', 'em', 'strong', 'del', 'code', 'pre', 'blockquote', 'ul', 'ol', 'li', 'a', 'br', 'hr', 'table', 'tr', 'th', 'td']);

/** Deepest element that is shown: a text from elsewhere must not exhaust the page. */
const DEPTH_MAX = 32;

/** Beside the posts there is room for all of it; above them it would push them away. */
const wide = matchMedia('(min-width: 1100px)');

/** @param {Owner} owner @returns {HTMLElement | null} */
export function ownerView({ about = [], licence, metadata = {} }) {
  const facts = Object.entries(metadata).map(([name, values]) => fact(wordFor('dc', name) ?? name, values.map((value) => el('span', { dir: 'auto' }, address(value)))));
  if (licence) facts.push(fact(say('licence'), [el('span', { dir: 'auto' }, link(licence.url ?? null, [licence.text]))]));
  const text = about.map((part) => proseView(part, 0));
  if (text.length === 0 && facts.length === 0) return null;
  const inside = [text.length > 0 && el('div', { class: 'prose', dir: 'auto' }, text), facts.length > 0 && el('dl', { class: 'facts' }, facts)];
  if (wide.matches) return el('section', { class: 'owner' }, inside);
  return el('details', { class: 'owner' }, el('summary', {}, say('ownerWords')), inside);
}

/** @param {Prose} part @param {number} depth @returns {Node | string} */
function proseView(part, depth) {
  if (typeof part === 'string') return part;
  const children = depth < DEPTH_MAX ? (part.children ?? []).map((child) => proseView(child, depth + 1)) : [];
  if (part.tag === 'a') return link(part.href ?? null, children);
  const tag = /** @type {'p'} */ (TAGS.has(part.tag) ? part.tag : 'span');
  const element = el(tag, { start: part.start }, children);
  // What is wider than its column is moved within it, by the keyboard too.
  return part.tag === 'table' || part.tag === 'pre' ? el('div', { class: 'wide', tabindex: '0', role: 'group' }, element) : element;
}

/** A link where the address is one that pages may carry. @param {string | null} href @param {(Node | string)[]} children */
function link(href, children) {
  const safe = safeHref(href);
  return safe === null ? el('span', {}, children) : el('a', { href: safe, target: '_blank', rel: 'noopener noreferrer' }, children);
}

/** A value, which may be an address. @param {string} value */
function address(value) {
  return link(/^https?:\/\/\S+$/.test(value) ? value : null, [value]);
}

/** @param {string} name @param {Node[]} values */
function fact(name, values) {
  return el('div', {}, el('dt', {}, name), values.map((value) => el('dd', {}, value)));
}
