/** Posts on paper: they are laid out beside the page, which is hidden while the browser prints. */

import { el } from '../dom.js';
import { formatDate, nameFlag, say } from '../messages.js';
import { covered } from './spans.js';

/** @typedef {import('../exports.js').Row} Row */
/** @typedef {import('../exports.js').About} About */

/** Posts that are laid out for paper at most: a browser lays them all out at once. */
export const PAPER_MAX = 2000;

/** A browser that has not begun to print for so long does not. */
const PATIENCE_MS = 1000;

/** What a spoiler hides stays hidden: paper cannot be pressed. @param {Row} row @param {About} about @param {string} timeZone */
export function sheetOf({ uid, post, note }, about, timeZone) {
  return el('article', {},
    el('p', { class: 'meta' }, [post?.date && formatDate(post.date, timeZone, 'long'), post?.author, post?.channel, post?.forwarded_from && say('forwardedFrom', { name: post.forwarded_from.name }), ...(post?.flags ?? []).map(nameFlag)].filter(Boolean).join(' · ')),
    post?.title && el('h2', { dir: 'auto', lang: post.lang }, post.title),
    el('div', { class: 'text', dir: 'auto', lang: post?.lang }, post ? covered(post.text, post.spans) : ''),
    note !== '' && el('p', { class: 'note', dir: 'auto' }, note),
    el('p', { class: 'quiet' }, post?.url ?? '', ' ', about.link(uid)));
}

/**
 * Asks the browser to print these posts alone.
 * @param {HTMLElement[]} sheets @param {About} about @param {string} notice What is not on the paper; may be empty.
 * @returns {Promise<boolean>} whether it began to: some frames may not, and are not told so.
 */
export async function printSheets(sheets, { archive, hash, question }, notice) {
  document.getElementById('paper')?.remove();
  const paper = el('div', { id: 'paper' }, el('h1', { dir: 'auto' }, archive), el('p', { class: 'quiet' }, `SHA-256 ${hash}`), question !== undefined && el('p', { class: 'quiet' }, question), notice !== '' && el('p', {}, notice), sheets);
  document.body.append(paper);
  const root = document.documentElement;
  root.toggleAttribute('data-paper', true);
  const heard = new AbortController();
  let hasBegun = false;
  const clean = () => {
    heard.abort();
    paper.remove();
    if (!document.getElementById('paper')) root.toggleAttribute('data-paper', false);
  };
  addEventListener('beforeprint', () => (hasBegun = true), { signal: heard.signal });
  addEventListener('afterprint', clean, { signal: heard.signal });
  print();
  // Some browsers print only after this has returned, and tell when they are done; one that has not begun was not allowed to.
  if (!hasBegun) await new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  if (!hasBegun) clean();
  return hasBegun;
}
