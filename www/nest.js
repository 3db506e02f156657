/** Spans over a text as a tree, which the view turns into elements. Offsets count UTF-16 units; spans are half-open and may cross. */

/**
 * @template S
 * @typedef {{ start: number, end: number, span: S | null, children: Node<S>[] }} Node
 */

/** Spans nested deeper are left out: no writer needs them, and a hostile archive could fill the memory with elements. */
const DEPTH_MAX = 16;

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
