/** Shares over time as data: for each term the hits of each bar among all posts of it, and the ways in which they are saved. */

/** @typedef {import('./types').Timeline} Timeline */
/** @typedef {{ term: string, bars: { key: string, count: number, total: number }[] }} Line */

/** Lines that can still be told apart. */
export const LINES_MAX = 5;

/** What commas divide, but not within an expression or quotation marks: those that a query may have. An expression begins where a word would. */
const TERM = /(?:(?<![^\s,(:-])\/(?:\\.|[^\\/])+\/|"[^"]*"|«[^»]*»|„[^“”]*[“”]|“[^”]*”|[^,])+/g;

/** The terms of a list that is typed, each once; more than {@link LINES_MAX} of them are for the caller to leave out. @param {string} text */
export function termsOf(text) {
  const terms = [...text.matchAll(TERM)].map(([term]) => term.trim()).filter((term) => term !== '');
  return [...new Set(terms)];
}

/** Hits of a bar for each hundred posts of it; none where the bar has no posts. @param {{ count: number, total: number }} bar */
export function share({ count, total }) {
  return total === 0 ? null : (count / total) * 100;
}

/** @param {Line[]} lines */
export function trendCsv(lines) {
  const cell = (/** @type {string | number} */ value) => (/[",\r\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value));
  const keys = lines[0]?.bars.map(({ key }) => key) ?? [];
  const head = ['time', 'posts', ...lines.map(({ term }) => (/^[=+\-@\t\r]/.test(term) ? `'${term}` : term))];
  const rows = keys.map((key, i) => [key, lines[0]?.bars[i]?.total ?? 0, ...lines.map(({ bars }) => bars[i]?.count ?? 0)]);
  return [head, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/** Length of the dash that stands for a bar between two without posts, or for the only one: a line of one point is not seen. */
const DASH = 8;

/**
 * The line of each term as a path; a bar without posts breaks it.
 * @param {Line} line @param {number} width @param {number} height @param {number} most The share that reaches the top.
 */
export function trendPath({ bars }, width, height, most) {
  const step = bars.length > 1 ? width / (bars.length - 1) : 0;
  const shares = bars.map(share);
  return shares.map((part, i) => {
    if (part === null) return '';
    const [before, after] = [shares[i - 1] ?? null, shares[i + 1] ?? null];
    const isAlone = before === null && after === null;
    const x = isAlone ? Math.max(0, Math.min(width - DASH, i * step - DASH / 2)) : i * step;
    const y = height - (part / Math.max(most, 1e-9)) * height;
    return `${before === null ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}${isAlone ? `h${DASH}` : ''}`;
  }).join('');
}
