/** A query cut into its parts, at the spaces of its top level. What the parts mean is known to src/query/parser.rs alone; here it only
 *  matters where each ends, so that one can be taken away or changed and the others stay as they were typed. */

/** Quotation marks that open, and those that close them. */
const QUOTES = new Map([['"', '"'], ['“', '”'], ['„', '“'], ['«', '»']]);

/**
 * The parts of a query, as typed. One with `OR` at its top level is one part, and so is one whose brackets or quotes do not close.
 * @param {string} q
 * @returns {string[]}
 */
export function queryParts(q) {
  const parts = topParts(q.trim());
  return parts === null || parts.includes('OR') ? [q.trim()] : parts;
}

/** What stands between the spaces at the top level; null where brackets or quotes do not close. @param {string} whole @returns {string[] | null} */
function topParts(whole) {
  /** @type {string[]} */
  const parts = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at <= whole.length; at++) {
    const c = whole[at] ?? ' ';
    if (/\s/.test(c) && (depth === 0 || at === whole.length)) {
      if (depth > 0) return null;
      if (at > start) parts.push(whole.slice(start, at));
      start = at + 1;
      continue;
    }
    const closing = QUOTES.get(c) ?? (c === '/' && /^[-(\s]?$/.test(whole[at - 1] ?? '') ? '/' : undefined);
    if (closing !== undefined) {
      const end = closeOf(whole, at, closing);
      if (end < 0) return null;
      at = end;
    } else if (c === '(') depth++;
    else if (c === ')' && depth-- === 0) return null;
  }
  return parts;
}

/** Where what opens at `at` closes; a slash behind a backslash does not. @param {string} text @param {number} at @param {string} closing */
function closeOf(text, at, closing) {
  let end = text.indexOf(closing, at + 1);
  while (closing === '/' && end > 0 && text[end - 1] === '\\') end = text.indexOf(closing, end + 1);
  return end;
}

/** Whether a part is a query with `OR` at its top level, which a part beside it would be drawn into. @param {string} part */
export function isAlternative(part) {
  return topParts(part)?.includes('OR') === true;
}

/** A word and nothing else: what may have other forms. @param {string} part */
export function isWord(part) {
  return /^[\p{L}\p{M}\p{N}]+$/u.test(part);
}

/**
 * A query with one part changed, or taken away.
 * @param {string} q
 * @param {number} index
 * @param {string | null} part
 */
export function withPart(q, index, part) {
  return queryParts(q).flatMap((other, i) => (i !== index ? [other] : part === null ? [] : [part])).join(' ');
}

/**
 * A query that lists one post for all that say the same, or each. The setting stands before the words, so that the last of them may go on.
 * @param {string} q
 * @param {boolean} folds
 */
export function withFold(q, folds) {
  const rest = q.replace(/("[^"]*"?)|(^|\s)fold:copies(?=\s|$)\s?/gi, '$1$2');
  if (!folds) return rest === q ? q : rest.trimStart();
  return rest === q ? `fold:copies ${q}` : q;
}
