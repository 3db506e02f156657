/** The arithmetic of the timeline: bars of the archive become bins that fit the width, and places on the screen become dates. */

/** @typedef {import('./types').Timeline} Timeline */
/** @typedef {{ from: string, to: string, count: number, total: number }} Bin Keys of its first and last bar, and their sums. */

/**
 * Joins neighbouring bars until at most `most` are left. Every bar lands in exactly one bin, so the sums stay exact.
 * @param {Timeline['bars']} bars
 * @param {number} most
 * @returns {Bin[]}
 */
export function binBars(bars, most) {
  const each = Math.max(1, Math.ceil(bars.length / Math.max(1, most)));
  /** @type {Bin[]} */
  const bins = [];
  bars.forEach(({ key, count, total }, i) => {
    const last = bins.at(-1);
    if (last && i % each !== 0) {
      last.to = key;
      last.count += count;
      last.total += total;
    } else bins.push({ from: key, to: key, count, total });
  });
  return bins;
}

/**
 * The bin under `x`, clamped to the first and last.
 * @param {number} x
 * @param {number} width
 * @param {number} num
 */
export function binAt(x, width, num) {
  return Math.max(0, Math.min(num - 1, Math.floor((x / width) * num)));
}

/**
 * The bins that a span of time touches, inclusive; null when it touches none. An open end reaches to the archive's.
 * @param {readonly Bin[]} bins
 * @param {string | null} from
 * @param {string | null} to
 * @returns {[number, number] | null}
 */
export function binsWithin(bins, from, to) {
  const first = from === null ? 0 : bins.findIndex((bin) => lastDay(bin.to) >= firstDay(from));
  let last = bins.length - 1;
  if (to !== null) while (last >= 0 && firstDay(/** @type {Bin} */ (bins[last]).from) > lastDay(to)) last--;
  return first < 0 || last < first ? null : [first, last];
}

/**
 * The span of time that two bins enclose, in whichever order they were given.
 * @param {readonly Bin[]} bins
 * @param {number} a
 * @param {number} b
 * @returns {{ from: string, to: string }}
 */
export function spanOf(bins, a, b) {
  const first = /** @type {Bin} */ (bins[Math.min(a, b)]);
  const last = /** @type {Bin} */ (bins[Math.max(a, b)]);
  return { from: first.from, to: last.to };
}

/**
 * Years to write under the bins, no two closer than `room`.
 * @param {readonly Bin[]} bins
 * @param {number} width
 * @param {number} room
 * @returns {{ x: number, text: string }[]}
 */
export function yearLabels(bins, width, room) {
  const ends = bins.map(({ to }) => Number(to.slice(0, 4)));
  /** The bins in which a year divisible by `step` begins; the first may begin before the archive does, its label stands at the edge. @param {number} step */
  const every = (step) => ends.flatMap((end, i) => {
    const start = i === 0 ? Number(/** @type {Bin} */ (bins[0]).from.slice(0, 4)) : /** @type {number} */ (ends[i - 1]) + 1;
    const year = Math.ceil(start / step) * step;
    return year <= end ? [{ x: (i / bins.length) * width, text: String(year) }] : [];
  });
  const labels = every(STEPS.find((step) => spread(every(step)) >= room) ?? 1000);
  const kept = labels.length > 0 ? labels : every(1).slice(0, 1);
  return kept.filter(({ x }) => x <= width - room / 2);
}

/**
 * Months to write under the bins, the same ones in each year and as many as fit; none where bins are longer than months, or not even each
 * sixth fits. January is called by its year, and the first one with its year, unless a January that tells it stands where that would.
 * @param {readonly Bin[]} bins
 * @param {number} width
 * @param {number} room Of a month without its year.
 * @param {(key: string, withYear: boolean) => string} name
 * @returns {{ x: number, text: string }[]}
 */
export function monthLabels(bins, width, room, name) {
  const step = MONTH_STEPS.find((step) => (step * width) / bins.length >= room);
  if (step === undefined || bins.some(({ from, to }) => from !== to || from.length !== 7)) return [];
  const each = width / bins.length;
  const january = bins.findIndex(({ from }) => from.endsWith('-01')) * each;
  const last = width - room / 2;
  // None that is shown, or one beyond what the first takes.
  const hasYear = january < 0 || january >= FIRST_ROOM * room || january > last;
  const taken = hasYear ? FIRST_ROOM * room : january > 0 ? Math.min(room, january) : room;
  return bins.flatMap(({ from }, i) => {
    const x = i * each;
    const month = Number(from.slice(5)) - 1;
    const isFree = i === 0 ? hasYear || january === 0 || january >= room : month % step === 0 && x >= taken;
    if (!isFree || x > last) return [];
    return [{ x, text: month === 0 ? String(Number(from.slice(0, 4))) : name(from, i === 0 && hasYear) }];
  });
}

/**
 * Labels at even distances, each at least `room` wide.
 * @param {readonly Bin[]} bins
 * @param {number} width
 * @param {number} room
 * @param {(bin: Bin) => string} text
 * @returns {{ x: number, text: string }[]}
 */
export function evenLabels(bins, width, room, text) {
  const each = Math.max(1, Math.ceil((room * bins.length) / Math.max(1, width)));
  return bins.flatMap((bin, i) => {
    const x = (i / bins.length) * width;
    return i % each === 0 && x <= width - room / 2 ? [{ x, text: text(bin) }] : [];
  });
}

/** Months from one label to the next, each a part of a year. */
const MONTH_STEPS = [1, 2, 3, 6];

/** How many times the room of the others the first month takes, which has its year beside it. */
const FIRST_ROOM = 1.75;

const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

/** The smallest distance between neighbours. @param {{ x: number }[]} labels */
function spread(labels) {
  let least = Infinity;
  for (let i = 1; i < labels.length; i++) {
    least = Math.min(least, /** @type {{ x: number }} */ (labels[i]).x - /** @type {{ x: number }} */ (labels[i - 1]).x);
  }
  return least;
}

/** The first day of a date that may be a month or a year. @param {string} date */
export function firstDay(date) {
  return date.padEnd(10, '-01').slice(0, 10);
}

/** The last day: no month has more, and only the order matters. @param {string} date */
export function lastDay(date) {
  return (date.length === 4 ? `${date}-12-31` : date.length === 7 ? `${date}-31` : date).slice(0, 10);
}

/**
 * How many times as tall small bars may be drawn before large ones: the largest of 1, 2, 5, 10, 20, 50 … with which the tallest of them
 * is no taller than the tallest of those.
 * @param {number} small The tallest of the small ones. @param {number} large @returns {number}
 */
export function magnification(small, large) {
  const ratio = small > 0 ? large / small : 1;
  const decade = 10 ** Math.floor(Math.log10(Math.max(1, ratio)));
  return decade * (/** @type {number} */ ([5, 2, 1].find((step) => decade * step <= Math.max(1, ratio))));
}
