/** The timeline: the hits as bars over the archive's span, the whole archive faint behind them, and a brush over both. */

import { el, svg } from '../dom.js';
import { binAt, binBars, binsWithin, spanOf, yearLabels } from '../bins.js';
import { formatDate, formatNumber, formatSpan, say } from '../messages.js';

/** @typedef {import('../types').Timeline} Data */
/** @typedef {import('../bins.js').Bin} Bin */

const HEIGHT = 44;
const LABELS = 18;
/** Narrower bars blur into one another. */
const BIN_WIDTH_MIN = 3;
/** A press that moves less is a click. */
const DRAG_MIN = 4;
const LABEL_ROOM = 48;
/** Least height of a bar that has anything: one hit among hundreds must still be seen. */
const HIT_MIN = 2;

export class TimelineView {
  #root;
  #setSpan;
  /** @type {Data | null} */
  #data = null;
  /** @type {string | null} */
  #from = null;
  /** @type {string | null} */
  #to = null;
  /** @type {Bin[]} */
  #bins = [];
  #width = 0;
  /** Bins of a brush that is being drawn. @type {[number, number] | null} */
  #brush = null;
  #readout = el('p', { class: 'readout' });
  #drawing = svg('svg', { height: HEIGHT + LABELS, preserveAspectRatio: 'none' });

  /** @param {HTMLElement} root @param {(from: string | null, to: string | null) => void} setSpan */
  constructor(root, setSpan) {
    this.#root = root;
    this.#setSpan = setSpan;
    root.append(this.#drawing, this.#readout);
    new ResizeObserver(() => this.#draw()).observe(root);
    this.#drawing.addEventListener('pointermove', (event) => this.#hover(event));
    this.#drawing.addEventListener('pointerleave', () => this.#say(null));
    this.#drawing.addEventListener('pointerdown', (event) => this.#startBrush(event));
  }

  /** @param {Data | null} data null where no post of the archive has a date. @param {string | null} from @param {string | null} to */
  show(data, from, to) {
    this.#root.hidden = data === null || data.bars.length < 2;
    this.#data = data;
    this.#from = from;
    this.#to = to;
    this.#draw();
  }

  #draw() {
    const data = this.#data;
    this.#width = this.#root.clientWidth;
    if (!data || this.#root.hidden || this.#width === 0) return;
    this.#bins = binBars(data.bars, Math.floor(this.#width / BIN_WIDTH_MIN));
    const focused = document.activeElement?.getAttribute('data-edge');
    this.#drawing.setAttribute('viewBox', `0 0 ${this.#width} ${HEIGHT + LABELS}`);
    this.#drawing.setAttribute('width', String(this.#width));
    this.#drawing.replaceChildren(...this.#bars(), ...this.#labels(), ...this.#selection());
    if (focused) /** @type {SVGElement | null} */ (this.#drawing.querySelector(`[data-edge="${focused}"]`))?.focus();
    this.#say(null);
  }

  /** Hits stand before the whole archive on one scale, so that a picture is as true as a number; a few are still seen. */
  #bars() {
    const most = Math.max(1, ...this.#bins.map(({ total }) => total));
    const tall = (/** @type {number} */ count) => (count > 0 ? Math.max(HIT_MIN, (count / most) * HEIGHT) : 0);
    const step = this.#width / this.#bins.length;
    const gap = step > 8 ? 2 : step > 4 ? 1 : 0.5;
    const chosen = this.#chosen();
    return [
      svg('path', { class: 'all', d: this.#bins.map(({ total }, i) => bar(i * step, step - gap, tall(total))).join('') }),
      svg('path', { class: 'hits', d: this.#bins.map(({ count }, i) => (isWithin(chosen, i) ? bar(i * step, step - gap, tall(count)) : '')).join('') }),
      svg('path', { class: 'hits outside', d: this.#bins.map(({ count }, i) => (isWithin(chosen, i) ? '' : bar(i * step, step - gap, tall(count)))).join('') }),
      svg('path', { class: 'ground', d: `M0 ${HEIGHT + 0.5}H${this.#width}` }),
    ];
  }

  #labels() {
    return yearLabels(this.#bins, this.#width, LABEL_ROOM).map(({ x, text }) => svg('text', { class: 'year', x: x.toFixed(1), y: HEIGHT + 14 }, text));
  }

  /** The chosen span, or the two edges of the whole from which a keyboard can begin to choose one. */
  #selection() {
    const [first, last] = this.#chosen() ?? [0, this.#bins.length - 1];
    const step = this.#width / this.#bins.length;
    const isSet = this.#brush !== null || this.#from !== null || this.#to !== null;
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
        on: { keydown: (/** @type {Event} */ event) => this.#step(/** @type {KeyboardEvent} */ (event), which, index) },
      },
      svg('rect', { class: 'grip', x: x - 6, y: 0, width: 12, height: HEIGHT }),
      svg('path', { d: `M${x.toFixed(1)} 0V${HEIGHT}` }),
    );
  }

  /** @returns {[number, number] | null} */
  #chosen() {
    if (this.#brush) return [Math.min(...this.#brush), Math.max(...this.#brush)];
    if (this.#from === null && this.#to === null) return null;
    return binsWithin(this.#bins, this.#from, this.#to);
  }

  /** @param {KeyboardEvent} event @param {'from' | 'to'} which @param {number} index */
  #step(event, which, index) {
    const end = this.#bins.length - 1;
    const [first, last] = this.#chosen() ?? [0, end];
    const moves = new Map([['ArrowLeft', index - 1], ['ArrowDown', index - 1], ['ArrowRight', index + 1], ['ArrowUp', index + 1], ['PageDown', index - 12], ['PageUp', index + 12], ['Home', 0], ['End', end]]);
    const move = moves.get(event.key);
    if (move === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const to = Math.max(0, Math.min(end, move));
    this.#choose(which === 'from' ? Math.min(to, last) : first, which === 'to' ? Math.max(to, first) : last);
  }

  /** @param {PointerEvent} event */
  #startBrush(event) {
    if (event.button !== 0) return;
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
      this.#drawing.removeEventListener('pointermove', move);
      const brush = this.#brush;
      this.#brush = null;
      if (now.type === 'pointercancel') this.#draw();
      else if (brush) this.#choose(...brush);
      else if (!edge) this.#choose(start, start);
    };
    this.#drawing.addEventListener('pointermove', move);
    this.#drawing.addEventListener('pointerup', stop, { once: true });
    this.#drawing.addEventListener('pointercancel', stop, { once: true });
  }

  /** A span that reaches an end of the archive is left open there, so posts added later fall within. @param {number} a @param {number} b */
  #choose(a, b) {
    const first = Math.min(a, b);
    const last = Math.max(a, b);
    const { from, to } = spanOf(this.#bins, first, last);
    const whole = first === 0 && last === this.#bins.length - 1;
    this.#setSpan(whole ? null : from, whole ? null : to);
  }

  /** @param {PointerEvent} event */
  #hover(event) {
    this.#say(this.#binUnder(event));
  }

  /** @param {PointerEvent} event */
  #binUnder(event) {
    const { left, width } = this.#drawing.getBoundingClientRect();
    return binAt(event.clientX - left, width, this.#bins.length);
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
      this.#readout.textContent = bin.count === bin.total
        ? say('barReadoutAll', { when: formatSpan(bin.from, bin.to), count: say('posts', { n: bin.count }) })
        : say('barReadout', { when: formatSpan(bin.from, bin.to), count: formatNumber(bin.count), total: say('posts', { n: bin.total }) });
    } else {
      const notes = [];
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
