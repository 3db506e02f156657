/** Marked text as data: ranges over a string become runs and trees, which the view turns into elements.
 *  Every offset counts UTF-16 units; ranges are half-open and may come in any order, overlap, or reach past the text. */

/** @typedef {[number, number]} Range */
/** @typedef {{ start: number, end: number, marked: boolean }} Run */

/**
 * @template S
 * @typedef {{ start: number, end: number, span: S | null, children: Node<S>[] }} Node
 */

/** Spans nested deeper are left out: no writer needs them, and a hostile archive could fill the memory with elements. */
const DEPTH_MAX = 16;

/**
 * Sorted, disjoint, non-empty ranges within `[start, end)`.
 * @param {readonly Range[]} ranges
 * @param {number} start
 * @param {number} end
 * @returns {Range[]}
 */
export function tidyRanges(ranges, start, end) {
  /** @type {Range[]} */
  const tidy = [];
  const inside = ranges.map(([a, b]) => /** @type {Range} */ ([Math.max(a, start), Math.min(b, end)])).filter(([a, b]) => a < b);
  for (const [a, b] of inside.sort((x, y) => x[0] - y[0])) {
    const last = tidy.at(-1);
    if (last && a <= last[1]) last[1] = Math.max(last[1], b);
    else tidy.push([a, b]);
  }
  return tidy;
}

/**
 * Cuts `[start, end)` into marked and unmarked runs that together cover it exactly.
 * @param {readonly Range[]} ranges
 * @param {number} start
 * @param {number} end
 * @returns {Run[]}
 */
export function splitRuns(ranges, start, end) {
  /** @type {Run[]} */
  const runs = [];
  let at = start;
  for (const [a, b] of tidyRanges(ranges, start, end)) {
    if (at < a) runs.push({ start: at, end: a, marked: false });
    runs.push({ start: a, end: b, marked: true });
    at = b;
  }
  if (at < end) runs.push({ start: at, end, marked: false });
  return runs;
}

/**
 * Turns spans into a tree that covers `[start, end)`: a leaf has no span. Of two spans that cross, the later one is cut
 * where the earlier ends, so a link stays one element unless something really crosses it.
 * @template {{ start: number, end: number }} S
 * @param {readonly S[]} spans
 * @param {number} start
 * @param {number} end
 * @returns {Node<S>[]}
 */
export function nestSpans(spans, start, end) {
  const pieces = spans
    .map((span) => ({ start: Math.max(span.start, start), end: Math.min(span.end, end), span }))
    .filter((piece) => piece.start < piece.end)
    .sort((a, b) => a.start - b.start || b.end - a.end);
  return nest(pieces, start, end, 0);
}

/**
 * `pieces` are sorted by start, longest first, and none starts before `start`.
 * @template S
 * @param {{ start: number, end: number, span: S }[]} pieces
 * @param {number} start
 * @param {number} end
 * @param {number} depth
 * @returns {Node<S>[]}
 */
function nest(pieces, start, end, depth) {
  /** @type {Node<S>[]} */
  const nodes = [];
  let at = start;
  let queue = depth < DEPTH_MAX ? pieces : [];
  while (queue.length > 0) {
    const [first, ...others] = /** @type {[typeof pieces[0], ...typeof pieces]} */ (queue);
    if (at < first.start) nodes.push({ start: at, end: first.start, span: null, children: [] });
    const inner = [];
    const after = [];
    for (const piece of others) {
      if (piece.start >= first.end) after.push(piece);
      else {
        inner.push({ ...piece, end: Math.min(piece.end, first.end) });
        if (piece.end > first.end) after.push({ ...piece, start: first.end });
      }
    }
    nodes.push({ start: first.start, end: first.end, span: first.span, children: nest(inner, first.start, first.end, depth + 1) });
    at = first.end;
    queue = after.sort((a, b) => a.start - b.start || b.end - a.end);
  }
  if (at < end) nodes.push({ start: at, end, span: null, children: [] });
  return nodes;
}
