/** The timeline: the hits as bars over the archive's span, the whole archive faint behind them, and a brush over both. What is chosen
 *  can be drawn closer, down to the hours of a day. Time runs as the language is read: from right to left in Arabic, as in its calendar. */

import { el, svg } from '../dom.js';
import { binAt, binBars, binsWithin, evenLabels, firstDay, lastDay, magnification, monthLabels, spanOf, yearLabels } from '../bins.js';
import { formatDate, formatNumber, formatTime, isMirrored, locale, say } from '../messages.js';
import { formatSpan } from '../words.js';

/** @typedef {import('../types').Timeline} Data */
/** @typedef {import('../bins.js').Bin} Bin */

const HEIGHT = 44;
const LABELS = 18;
/** Narrower bars blur into one another. */
const BIN_WIDTH_MIN = 3;
/** A press that moves less is a click. */
const DRAG_MIN = 4;
const LABEL_ROOM = 48;
/** Width of the grip of an edge, of which a quarter reaches into what is chosen: two of a narrow span must not lie on one another. */
const GRIP = 24;
/** With fewer years than that under it most of a timeline has no name: its months have, where they fit. */
const YEARS_FEW = 4;
/** Room for a label that names a day. */
const DAY_ROOM = 84;
/** Least height of a bar that has anything: one hit among hundreds must still be seen. */
const HIT_MIN = 2;
/** Hits whose tallest bar is more than a fifth of the archive's are seen well enough on its scale. */
const TIMES_MIN = 5;

/**
 * @typedef {object} TimeActions
 * @property {(from: string | null, to: string | null) => void} setSpan
 * @property {(from: string, to: string) => Promise<Data | null>} zoom The bars of a part of the time; null where they do not come.
 */

export class TimelineView {
  #root;
  #actions;
  /** The bars of the whole archive's time. @type {Data | null} */
  #whole = null;
  /** The part that is drawn closer. @type {{ from: string, to: string } | null} */
  #near = null;
  #tools = el('p', { class: 'tools-line' });
  /** @type {Data | null} */
  #data = null;
  /** @type {string | null} */
  #from = null;
  /** @type {string | null} */
  #to = null;
  /** @type {Bin[]} */
  #bins = [];
  #width = 0;
  /** Names months; a page learns its language once. @type {Intl.DateTimeFormat | null} */
  #short = null;
  /** Bins of a brush that is being drawn. @type {[number, number] | null} */
  #brush = null;
  /** How many times as tall as the archive's the bars of the hits are, where it is not once. */
  #scale = el('p', { class: 'quiet' });
  #readout = el('p', { class: 'readout' });
  #drawing = svg('svg', { height: HEIGHT + LABELS, preserveAspectRatio: 'none' });

  /** @param {HTMLElement} root @param {TimeActions} actions @param {Node} beside What else stands in the line beneath. */
  constructor(root, actions, beside) {
    this.#root = root;
    this.#actions = actions;
    root.append(this.#drawing, el('div', { class: 'beneath' }, this.#tools, beside, this.#scale, this.#readout));
    new ResizeObserver(() => {
      if (this.#width === root.clientWidth) return;
      this.#width = root.clientWidth;
      this.#draw();
    }).observe(root);
    this.#drawing.addEventListener('pointermove', (event) => this.#hover(event));
    this.#drawing.addEventListener('pointerleave', () => this.#say(null));
    this.#drawing.addEventListener('pointerdown', (event) => this.#startBrush(event));
  }

  /** @param {Data | null} data null where no post of the archive has a date. @param {string | null} from @param {string | null} to */
  show(data, from, to) {
    this.#root.hidden = data === null || data.bars.length < 2;
    this.#whole = data;
    this.#from = from;
    this.#to = to;
    if (from === null && to === null) this.#near = null;
    if (this.#near === null) this.#data = data;
    this.#draw();
    if (data?.bars.length === 1) void this.#showWithin(data);
    if (this.#near !== null) void this.#approach(this.#near);
  }

  /** What has one bar, as an archive of one day, is drawn by what that bar is made of. @param {Data} data */
  async #showWithin(data) {
    const [{ key }] = /** @type {[Data['bars'][0]]} */ (data.bars);
    const finer = data.unit === 'hour' ? null : await this.#actions.zoom(key, key);
    if (this.#whole !== data || finer === null) return;
    this.#root.hidden = finer.bars.length < 2;
    this.#data = finer;
    this.#draw();
  }

  /** Draws a part of the time closer, or the whole. @param {{ from: string, to: string } | null} near */
  async #approach(near) {
    const data = near === null ? this.#whole : await this.#actions.zoom(near.from, near.to);
    if (data === null || (near !== null && this.#from === null && this.#to === null)) return;
    this.#near = near;
    this.#data = data;
    this.#draw();
  }

  /** The ways closer and back; only what is not drawn by hours can be drawn closer. */
  #drawTools() {
    const held = this.#tools.contains(document.activeElement);
    const chosen = this.#brush ? null : this.#chosen();
    const span = chosen && this.#data?.unit !== 'hour' ? this.#spanOf(...chosen) : null;
    const isNearer = span !== null && (this.#near === null || span.from !== this.#near.from || span.to !== this.#near.to);
    const button = (/** @type {string} */ words, /** @type {{ from: string, to: string } | null} */ near) => el('button', { type: 'button', class: 'more', on: { click: () => void this.#approach(near) } }, words);
    this.#tools.replaceChildren(...[isNearer && span && button(say('timeCloser'), span), this.#near !== null && button(say('timeWhole'), null)].filter((node) => node !== false && node !== null));
    if (held) /** @type {HTMLElement | null} */ (this.#tools.querySelector('button'))?.focus();
  }

  /** The days that bins enclose, within what was asked for. @param {number} a @param {number} b */
  #spanOf(a, b) {
    const { from, to } = spanOf(this.#bins, a, b);
    return { from: this.#from !== null && firstDay(this.#from) > firstDay(from) ? this.#from : from, to: this.#to !== null && lastDay(this.#to) < lastDay(to) ? this.#to : to };
  }

  #draw() {
    const data = this.#data;
    // Asked once: the observer keeps it true, and the answer would cost a layout each time.
    if (this.#width === 0) this.#width = this.#root.clientWidth;
    if (!data || this.#root.hidden || this.#width === 0) return;
    this.#drawing.classList.toggle('still', data.unit === 'hour');
    this.#bins = binBars(data.bars, Math.floor(this.#width / BIN_WIDTH_MIN));
    const focused = document.activeElement?.getAttribute('data-edge');
    this.#drawing.setAttribute('viewBox', `0 0 ${this.#width} ${HEIGHT + LABELS}`);
    this.#drawing.setAttribute('width', String(this.#width));
    this.#drawing.replaceChildren(svg('g', isMirrored() ? { transform: `translate(${this.#width} 0) scale(-1 1)` } : {}, ...this.#bars(), ...this.#selection()), ...this.#labels());
    if (focused) /** @type {SVGElement | null} */ (this.#drawing.querySelector(`[data-edge="${focused}"]`))?.focus();
    this.#say(null);
    this.#drawTools();
  }

  /** Hits stand before the whole archive. Few of many are drawn taller, by a round number that is said, so that their course is seen. */
  #bars() {
    const most = Math.max(1, ...this.#bins.map(({ total }) => total));
    const fitting = magnification(Math.max(...this.#bins.map(({ count }) => count)), most);
    const times = fitting < TIMES_MIN ? 1 : fitting;
    this.#scale.textContent = times > 1 ? say('timeScale', { times: formatNumber(times) }) : '';
    const tall = (/** @type {number} */ count) => (count > 0 ? Math.max(HIT_MIN, (count / most) * HEIGHT) : 0);
    const step = this.#width / this.#bins.length;
    const gap = step > 8 ? 2 : step > 4 ? 1 : 0.5;
    const chosen = this.#chosen();
    return [
      svg('path', { class: 'all', d: this.#bins.map(({ total }, i) => bar(i * step, step - gap, tall(total))).join('') }),
      svg('path', { class: 'hits', d: this.#bins.map(({ count }, i) => (isWithin(chosen, i) ? bar(i * step, step - gap, tall(count * times)) : '')).join('') }),
      svg('path', { class: 'hits outside', d: this.#bins.map(({ count }, i) => (isWithin(chosen, i) ? '' : bar(i * step, step - gap, tall(count * times)))).join('') }),
      svg('path', { class: 'ground', d: `M0 ${HEIGHT + 0.5}H${this.#width}` }),
    ];
  }

  #labels() {
    const unit = this.#data?.unit;
    const labels = unit === 'hour' ? evenLabels(this.#bins, this.#width, LABEL_ROOM, (bin) => formatTime(`${bin.from}:00`, 'UTC'))
      : unit === 'day' || (unit === 'month' && this.#near !== null) ? evenLabels(this.#bins, this.#width, DAY_ROOM, (bin) => formatDate(bin.from, 'UTC', 'brief'))
        : this.#yearsOrMonths();
    return labels.map(({ x, text }) => svg('text', { class: 'year', x: (isMirrored() ? this.#width - x : x).toFixed(1), y: HEIGHT + 14 }, text));
  }

  /** Names of years, or of months where the years are few. */
  #yearsOrMonths() {
    const years = yearLabels(this.#bins, this.#width, LABEL_ROOM);
    if (years.length >= YEARS_FEW) return years;
    this.#short ??= new Intl.DateTimeFormat(locale(), { month: 'short', timeZone: 'UTC' });
    const short = this.#short;
    const months = monthLabels(this.#bins, this.#width, LABEL_ROOM, (key, withYear) => (withYear ? formatDate(key, 'UTC', 'brief') : short.format(new Date(`${key}-01T00:00Z`))));
    return months.length > years.length ? months : years;
  }

  /** The chosen span, or the two edges of the whole from which a keyboard can begin to choose one. */
  #selection() {
    const [first, last] = this.#chosen() ?? [0, this.#bins.length - 1];
    const step = this.#width / this.#bins.length;
    const isSet = this.#brush !== null || this.#from !== null || this.#to !== null;
    // An hour is shown, but cannot be asked for.
    if (this.#data?.unit === 'hour') return [];
    const edges = [this.#edge('from', first, first * step), this.#edge('to', last, (last + 1) * step)];
    return isSet ? [svg('rect', { class: 'chosen', x: first * step, y: 0, width: (last - first + 1) * step, height: HEIGHT }), ...edges] : edges;
  }

  /** @param {'from' | 'to'} which @param {number} index @param {number} x */
  #edge(which, index, x) {
    const isSet = (which === 'from' ? this.#from : this.#to) !== null || this.#brush !== null;
    const key = /** @type {Bin} */ (this.#bins[index])[which];
    return svg(
      'g',
      {
        class: isSet ? 'edge set' : 'edge', role: 'slider', tabindex: 0, 'data-edge': which, 'aria-label': say(which === 'from' ? 'timeFrom' : 'timeTo'),
        'aria-valuemin': 0, 'aria-valuemax': this.#bins.length - 1, 'aria-valuenow': index, 'aria-valuetext': formatDate(key, 'UTC'),
        on: { keydown: (/** @type {Event} */ event) => this.#step(/** @type {KeyboardEvent} */ (event), which) },
      },
      svg('rect', { class: 'grip', x: Math.min(x - (which === 'from' ? 0.75 : 0.25) * GRIP, this.#width - GRIP / 2), y: 0, width: GRIP, height: HEIGHT }),
      svg('path', { d: `M${x.toFixed(1)} 0V${HEIGHT}` }),
    );
  }

  /** @returns {[number, number] | null} */
  #chosen() {
    if (this.#brush) return [Math.min(...this.#brush), Math.max(...this.#brush)];
    if (this.#from === null && this.#to === null) return null;
    return binsWithin(this.#bins, this.#from, this.#to);
  }

  /** @param {KeyboardEvent} event @param {'from' | 'to'} which */
  #step(event, which) {
    const end = this.#bins.length - 1;
    const [first, last] = this.#chosen() ?? [0, end];
    // What was chosen last, which need not be drawn yet.
    const index = which === 'from' ? first : last;
    const forward = isMirrored() ? -1 : 1;
    const moves = new Map([['ArrowLeft', index - forward], ['ArrowDown', index - 1], ['ArrowRight', index + forward], ['ArrowUp', index + 1], ['PageDown', index - 12], ['PageUp', index + 12], ['Home', 0], ['End', end]]);
    const move = moves.get(event.key);
    if (move === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const to = Math.max(0, Math.min(end, move));
    this.#choose(which === 'from' ? Math.min(to, last) : first, which === 'to' ? Math.max(to, first) : last);
  }

  /** @param {PointerEvent} event */
  #startBrush(event) {
    if (event.button !== 0 || this.#data?.unit === 'hour') return;
    const start = this.#binUnder(event);
    const startX = event.clientX;
    // The grip of the other edge keeps its place: only this one moves.
    const edge = /** @type {Element} */ (event.target).closest('.edge.set')?.getAttribute('data-edge');
    const chosen = this.#chosen();
    const anchor = edge && chosen ? (edge === 'from' ? chosen[1] : chosen[0]) : start;
    this.#drawing.setPointerCapture(event.pointerId);
    const move = (/** @type {PointerEvent} */ now) => {
      if (Math.abs(now.clientX - startX) < DRAG_MIN && !this.#brush) return;
      this.#brush = [anchor, this.#binUnder(now)];
      this.#draw();
      this.#say(null);
    };
    const stop = (/** @type {PointerEvent} */ now) => {
      over.abort();
      const brush = this.#brush;
      this.#brush = null;
      if (now.type === 'pointercancel') this.#draw();
      else if (brush) this.#choose(...brush);
      // Beside a grip's line, the bar under it is meant.
      else if (!edge || !isWithin(chosen, start)) this.#choose(start, start);
    };
    // A scroll that begins on the bars cancels the gesture; nothing of it may hear the next one, nor a second finger this one.
    const own = (/** @type {(now: PointerEvent) => void} */ hear) => (/** @type {PointerEvent} */ now) => now.pointerId === event.pointerId && hear(now);
    const over = new AbortController();
    this.#drawing.addEventListener('pointermove', own(move), over);
    for (const end of /** @type {const} */ (['pointerup', 'pointercancel'])) this.#drawing.addEventListener(end, own(stop), over);
  }

  /** A span that reaches an end of the archive is left open there, so posts added later fall within. @param {number} a @param {number} b */
  #choose(a, b) {
    const first = Math.min(a, b);
    const last = Math.max(a, b);
    const { from, to } = this.#near !== null && first === 0 && last === this.#bins.length - 1 ? this.#near : spanOf(this.#bins, first, last);
    const whole = this.#near === null && first === 0 && last === this.#bins.length - 1;
    this.#from = whole ? null : from;
    this.#to = whole ? null : to;
    this.#actions.setSpan(this.#from, this.#to);
  }

  /** @param {PointerEvent} event */
  #hover(event) {
    this.#say(this.#binUnder(event));
  }

  /** @param {PointerEvent} event */
  #binUnder(event) {
    const { left, width } = this.#drawing.getBoundingClientRect();
    const x = event.clientX - left;
    return binAt(isMirrored() ? width - x : x, width, this.#bins.length);
  }

  /** The line beneath: the bin under the pointer, else what the bars leave out. @param {number | null} index */
  #say(index) {
    const data = this.#data;
    if (!data) return;
    const bin = index === null ? null : this.#bins[index];
    if (this.#brush) {
      const { from, to } = spanOf(this.#bins, ...this.#brush);
      this.#readout.textContent = formatSpan(from, to);
    } else if (bin) {
      const when = data.unit === 'hour' ? `${formatDate(bin.from.slice(0, 10), 'UTC')}${say('comma')}${formatTime(`${bin.from}:00`, 'UTC')}` : formatSpan(bin.from, bin.to);
      this.#readout.textContent = bin.count === bin.total
        ? say('barReadoutAll', { when, count: say('posts', { n: bin.count }) })
        : say('barReadout', { when, count: formatNumber(bin.count), total: say('posts', { n: bin.total }) });
    } else {
      const notes = data.unit === 'hour' ? [say('hoursShown')] : [];
      if (data.coarse > 0) notes.push(say('coarse', { n: data.coarse }));
      if (data.undated > 0) notes.push(say('undated', { n: data.undated }));
      this.#readout.textContent = notes.join(' · ');
    }
  }
}

/** A bar as a closed path; one with anything in it is at least a pixel high. @param {number} x @param {number} width @param {number} height */
function bar(x, width, height) {
  if (height <= 0) return '';
  const h = Math.max(1, height);
  return `M${x.toFixed(2)} ${HEIGHT}v${(-h).toFixed(2)}h${Math.max(0.5, width).toFixed(2)}V${HEIGHT}z`;
}

/** @param {[number, number] | null} chosen @param {number} i */
function isWithin(chosen, i) {
  return chosen === null || (i >= chosen[0] && i <= chosen[1]);
}
