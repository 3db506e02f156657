/** The whole text of a post → elements: marks, spans, links. */

import { el, safeHref } from '../dom.js';
import { say } from '../messages.js';
import { nestSpans } from '../nest.js';
import { markedText } from './text.js';

/** @typedef {import('../types').RecordView} RecordView */
/** @typedef {RecordView['spans'][0]} Span */
/** @typedef {(facet: string, value: string) => string} Hrefs The address that shows the posts with a value. */

/** Two line breaks, perhaps with spaces between: where a writer who uses them ends a paragraph. */
const BLANK_LINE = /\n[^\S\n]*\n/;

/** Kinds that stand on lines of their own: the line break after one belongs to it. */
const BLOCKS = new Set(['quote', 'pre']);

/**
 * The whole text with its spans and marks.
 * @param {string} text
 * @param {Span[]} spans
 * @param {readonly [number, number][]} ranges
 * @param {Hrefs} hrefs
 * @returns {Node[]}
 */
export function spannedText(text, spans, ranges, hrefs) {
  // Most writers of posts end a paragraph with one line break; where some are doubled, the single ones are mere line ends.
  const paragraphEnd = BLANK_LINE.test(text) ? /(\n[^\S\n]*\n\s*)/ : /(\n)/;
  return nodes(nestSpans(spans, 0, text.length), { text, ranges, hrefs, paragraphEnd });
}

/** @typedef {{ text: string, ranges: readonly [number, number][], hrefs: Hrefs, paragraphEnd: RegExp }} Context */

/**
 * @param {import('../nest.js').Node<Span>[]} tree
 * @param {Context} context
 * @returns {Node[]}
 */
function nodes(tree, context) {
  const { text, ranges } = context;
  let afterBlock = false;
  return tree.flatMap(({ start, end, span, children }) => {
    const skip = afterBlock && text[start] === '\n' ? 1 : 0;
    afterBlock = span !== null && BLOCKS.has(span.kind);
    if (span === null) return markedText(text, ranges, start + skip, end).flatMap((node) => (node instanceof Text ? paragraphs(node, context.paragraphEnd) : [node]));
    return [spanElement(span, text.slice(span.start, span.end), nodes(children, context), context.hrefs)];
  });
}

/** Makes the end of a paragraph an element, so that it takes the space of one; the text stays what it was. @param {Text} node @param {RegExp} end @returns {Node[]} */
function paragraphs(node, end) {
  const pieces = node.data.split(end);
  if (pieces.length === 1) return [node];
  return pieces.map((piece, i) => (i % 2 === 1 ? el('span', { class: 'break' }, piece) : document.createTextNode(piece)));
}

/**
 * A text of which the beginning is shown: what its spoilers hide is blocks, as many as letters. Excerpts of hits have them from the core.
 * @param {string} text @param {Span[]} spans
 */
export function covered(text, spans) {
  const hidden = spans.filter(({ kind }) => kind === 'spoiler');
  return hidden.reduce((shown, { start, end }) => shown.slice(0, start) + shown.slice(start, end).replace(/\S/g, '\u2592') + shown.slice(end), text);
}

/** @param {Span} span @param {string} words @param {Node[]} inner @param {Hrefs} hrefs @returns {Node} */
function spanElement(span, words, inner, hrefs) {
  switch (span.kind) {
    case 'bold': return el('strong', {}, inner);
    case 'italic': return el('em', {}, inner);
    case 'underline': return el('u', {}, inner);
    case 'strike': return el('s', {}, inner);
    case 'code': return el('code', { dir: 'ltr' }, inner);
    case 'pre': return el('code', { class: 'block', dir: 'ltr' }, inner);
    case 'quote': return el('span', { class: 'quote' }, inner);
    case 'spoiler': return spoiler(inner);
    case 'passage': return el('mark', { class: 'passage' }, inner);
    case 'hashtag': return el('a', { href: hrefs('tag', words.replace(/^#/, '')), class: 'tag' }, inner);
    case 'mention': return span.href ? outerLink(span.href, inner) : el('a', { href: hrefs('mention', words.replace(/^@/, '')) }, inner);
    case 'link': return outerLink(span.href ?? words, inner);
    default: return el('span', {}, inner);
  }
}

/**
 * A link out of the archive. An address of a kind that this page does not open stays readable as text.
 * @param {string | null} address
 * @param {(Node | string)[]} inner
 * @param {string} [name]
 */
export function outerLink(address, inner, name) {
  const href = safeHref(address);
  if (href === null || href.startsWith('#')) return el('span', { title: address }, inner);
  // On paper an address stands behind what is linked, unless it is what is linked.
  const isBare = inner.map((part) => (typeof part === 'string' ? part : part.textContent)).join('') === href;
  return el('a', { href, target: '_blank', rel: 'noopener noreferrer nofollow', title: href, class: name, 'data-bare': isBare && '' }, inner);
}

/** @param {Node[]} inner */
function spoiler(inner) {
  const hidden = el('span', { class: 'spoiler', role: 'button', tabindex: 0, 'aria-label': say('spoiler') }, el('span', {}, inner));
  const show = () => {
    hidden.classList.add('shown');
    for (const name of ['role', 'tabindex', 'aria-label']) hidden.removeAttribute(name);
  };
  hidden.addEventListener('click', show);
  hidden.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    event.stopPropagation();
    show();
  });
  return hidden;
}
