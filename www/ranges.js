/** Marked text as data: ranges over a string become runs, which the view turns into elements.
 *  Every offset counts UTF-16 units; ranges are half-open and may come in any order, overlap, or reach past the text. */

/** @typedef {[number, number]} Range */
/** @typedef {{ start: number, end: number, marked: boolean }} Run */

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
