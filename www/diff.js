/** What differs between two texts, word by word. */

/** @typedef {{ kind: 'same' | 'gone' | 'new', text: string }} Run */

/** Most words that two texts may differ by, before all between their common ends counts as another: the search for the shortest way grows
 *  with the square of it. */
const CHANGES_MAX = 400;

/**
 * The runs that lead from one text to another: read without `new` they are the first, without `gone` the second, but for white space
 * in what is the same, which is that of the second.
 * @param {string} from
 * @param {string} to
 * @returns {Run[]}
 */
export function diffWords(from, to) {
  const [a, b] = [pieces(from), pieces(to)];
  const key = (/** @type {string | undefined} */ piece) => (piece ?? '').trim();
  let start = 0;
  while (start < a.length && start < b.length && key(a[start]) === key(b[start])) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && key(a[a.length - 1 - end]) === key(b[b.length - 1 - end])) end++;
  const [old, now] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  const middle = steps(old.map(key), now.map(key)) ?? [...old.map((_, at) => /** @type {const} */ (['gone', at])), ...now.map((_, at) => /** @type {const} */ (['new', at]))];
  /** @type {Run[]} */
  const runs = [{ kind: 'same', text: b.slice(0, start).join('') }];
  for (const [kind, at] of middle) add(runs, kind, (kind === 'gone' ? old : now)[at] ?? '');
  add(runs, 'same', b.slice(b.length - end).join(''));
  return runs.filter(({ text }) => text !== '');
}

/** Words, each with the white space behind it. @param {string} text @returns {string[]} */
function pieces(text) {
  return text.match(/\s*\S+\s*/g) ?? [];
}

/** @param {Run[]} runs @param {Run['kind']} kind @param {string} text */
function add(runs, kind, text) {
  const last = runs.at(-1);
  if (last?.kind === kind) last.text += text;
  else runs.push({ kind, text });
}

/**
 * The shortest way from one list to another, each step with the place in the list that it is of; null where it is too long. Myers, "An
 * O(ND) difference algorithm and its variations", 1986.
 * @param {string[]} a
 * @param {string[]} b
 * @returns {(readonly [Run['kind'], number])[] | null}
 */
function steps(a, b) {
  /** How far along `a` each diagonal reaches after so many changes. @type {Map<number, number>[]} */
  const reached = [];
  let ends = new Map([[1, 0]]);
  for (let changes = 0; changes <= Math.min(a.length + b.length, CHANGES_MAX); changes++) {
    const before = ends;
    ends = new Map();
    for (let diagonal = -changes; diagonal <= changes; diagonal += 2) {
      let x = fromAbove(before, diagonal, changes) ? before.get(diagonal + 1) ?? 0 : (before.get(diagonal - 1) ?? 0) + 1;
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x++;
      ends.set(diagonal, x);
      if (x >= a.length && x - diagonal >= b.length) return walkBack(reached.concat(before), a.length, b.length);
    }
    reached.push(before);
  }
  return null;
}

/** Whether the best way onto a diagonal takes a word of the second list. @param {Map<number, number>} ends @param {number} diagonal @param {number} changes */
function fromAbove(ends, diagonal, changes) {
  return diagonal === -changes || (diagonal !== changes && (ends.get(diagonal - 1) ?? -1) < (ends.get(diagonal + 1) ?? -1));
}

/** @param {Map<number, number>[]} reached What each number of changes began with. @param {number} x @param {number} y */
function walkBack(reached, x, y) {
  /** @type {(readonly [Run['kind'], number])[]} */
  const way = [];
  for (let changes = reached.length - 1; changes >= 0; changes--) {
    const ends = /** @type {Map<number, number>} */ (reached[changes]);
    const diagonal = x - y;
    const above = fromAbove(ends, diagonal, changes);
    const from = above ? diagonal + 1 : diagonal - 1;
    const start = (ends.get(from) ?? 0) + (above ? 0 : 1);
    for (; x > start; x--) way.push(['same', --y]);
    if (changes === 0) break;
    way.push(above ? ['new', --y] : ['gone', --x]);
  }
  return way.reverse();
}
