/** Trends: what share of all posts has each of a few terms, over time, as lines side by side. */

import { evenLabels, yearLabels } from '../bins.js';
import { el, svg } from '../dom.js';
import { BOM } from '../exports.js';
import { askScanned } from '../gather.js';
import { formatDate, formatNumber, isMirrored, say } from '../messages.js';
import { isOpenEnded } from '../query.js';
import { LINES_MAX, share, termsOf, trendCsv, trendPath } from '../trend.js';
import { failedView } from './failed.js';

/** @typedef {import('../room.js').Host} Host */
/** @typedef {import('../trend.js').Line} Line */

const HEIGHT = 180;
const LABELS = 20;
/** Room for a label of the time. */
const LABEL_ROOM = 84;
/** A line of the legend within a saved file, and the stroke that begins it. */
const LEGEND_LINE = 22;
const STROKE = 28;
/** A picture has this many times as many points as the page shows. */
const PICTURE_SCALE = 2;

export class TrendsView {
  #host;
  #save;
  /** @type {Line[]} */
  #lines = [];
  /** What was asked for last: an answer to anything else is too late. */
  #asked = '';
  /** Whether the reader has stopped the last question. */
  #stopped = false;
  #field = el('input', { type: 'text', class: 'find', autocomplete: 'off', 'aria-label': say('trendTerms', { n: LINES_MAX }), placeholder: say('trendTerms', { n: LINES_MAX }) });
  #chart = el('div', { class: 'chart' });
  #words = el('span', {});
  #stop = el('button', { type: 'button', class: 'more', on: { click: () => (this.#stopped = true) } }, say('stop'));
  #scan = el('p', { class: 'quiet', role: 'status' }, this.#words, ' ', this.#stop);
  #status = el('div', {});
  #tools = el('p', { class: 'basket-tools' });
  panel = el('section', { id: 'trends', 'aria-label': say('trends') });

  /** @param {Host} host @param {(name: string, content: Blob) => void} save */
  constructor(host, save) {
    this.#host = host;
    this.#save = save;
    const form = el('form', {}, this.#field);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      // What was stopped may be asked for again.
      if (this.#stopped) this.#asked = '';
      void this.#ask();
    });
    this.#field.addEventListener('change', () => void this.#ask());
    this.#scan.hidden = true;
    this.panel.append(form, this.#scan, this.#status, this.#chart, this.#tools);
    this.panel.hidden = true;
    new ResizeObserver(() => this.#draw()).observe(this.#chart);
  }

  /** Opens or closes; what is asked for is the first term. */
  toggle() {
    this.panel.hidden = !this.panel.hidden;
    if (this.panel.hidden) return;
    const q = this.#host.address().q.trim();
    if (this.#field.value === '' && q !== '') this.#field.value = q;
    this.#field.focus();
    if (this.#field.value !== '') void this.#ask();
  }

  /** Asks again where something else holds now: another filter, another time. */
  refresh() {
    if (!this.panel.hidden) void this.#ask();
  }

  /** The time that the lines run over: that of the question, as far as the archive has it. */
  #span() {
    const { address, info } = this.#host;
    const { from, to } = address();
    const [first, last] = [info.first_date?.slice(0, 10) ?? '', info.last_date?.slice(0, 10) ?? ''];
    if (from === null && to === null) return {};
    return { zoom_from: from !== null && from > first ? from : first, zoom_to: to !== null && to < last ? to : last };
  }

  async #ask() {
    const { address, core, request } = this.#host;
    const { q, filters } = address();
    const words = termsOf(this.#field.value);
    // A word counts as it does in the list, where the last one may be the beginning of a longer one.
    const terms = words.slice(0, LINES_MAX).map((term) => ({ term, typing: isOpenEnded(term === q.trim() ? q : term) }));
    const base = { ...request(0), filters, from: null, to: null, ...this.#span() };
    // What is shown, or on its way, is not asked for again: the field tells of a change, and its form of Enter.
    const question = JSON.stringify([words, terms, filters, this.#span()]);
    if (question === this.#asked) return;
    this.#asked = question;
    this.#stopped = false;
    /** @type {Line[]} */
    const lines = [];
    const left = words.slice(LINES_MAX);
    this.#status.replaceChildren(...(left.length > 0 ? [el('p', { class: 'quiet', role: 'alert' }, say('trendDropped', { n: LINES_MAX, words: left.join(', ') }))] : []));
    // The old lines stand until the new ones are here, but are not to be saved as if they were these.
    this.panel.setAttribute('aria-busy', 'true');
    this.#tools.replaceChildren();
    const isStopped = () => this.#stopped || question !== this.#asked;
    const scanned = (/** @type {number} */ at, /** @type {number} */ all) => {
      if (isStopped()) return;
      this.#scan.hidden = false;
      this.#words.textContent = say('scanned', { scanned: formatNumber(at), all: formatNumber(all) });
    };
    try {
      for (const { term, typing } of terms) {
        const page = await askScanned(core, { ...base, query: term, typing, matching: 'all', limit: 0, facet_limit: 1 }, { isStopped, scanned });
        if (question !== this.#asked) return;
        if (!page) break;
        lines.push({ term, bars: page.timeline?.bars ?? [] });
      }
      const rest = terms.slice(lines.length).map(({ term }) => term);
      if (rest.length > 0) this.#status.append(el('p', { class: 'quiet', role: 'alert' }, say('trendStopped', { words: rest.join(', ') })));
    } catch (error) {
      if (question !== this.#asked) return;
      this.#asked = '';
      this.#status.append(failedView(error));
    }
    this.#scan.hidden = true;
    this.panel.removeAttribute('aria-busy');
    this.#lines = lines;
    this.#draw();
  }

  #draw() {
    const width = this.#chart.clientWidth;
    if (width === 0) return;
    const drawing = this.#lines.length > 0 ? chart(this.#lines, width) : null;
    this.#chart.replaceChildren(...(drawing ? [drawing, this.#legend()] : []));
    const button = (/** @type {string} */ form, /** @type {() => void} */ click) => el('button', { type: 'button', class: 'more', on: { click } }, say('basketSave', { form }));
    this.#tools.replaceChildren(...(drawing && !this.panel.hasAttribute('aria-busy') ? [
      button('SVG', () => this.#save('trends.svg', new Blob([this.#standalone(drawing).text], { type: 'image/svg+xml' }))),
      button('PNG', () => void this.#picture(drawing)),
      button('CSV', () => this.#save('trends.csv', new Blob([BOM, trendCsv(this.#lines)], { type: 'text/csv;charset=utf-8' }))),
    ] : []));
  }

  #legend() {
    return el('ul', { class: 'legend' }, this.#lines.map(({ term, bars }, i) => {
      const count = bars.reduce((sum, bar) => sum + bar.count, 0);
      return el('li', {}, svg('svg', { viewBox: '0 0 28 8', width: 28, height: 8, 'aria-hidden': 'true' }, svg('path', { class: `line line-${i}`, d: 'M0 4H28' })), el('bdi', {}, term), ' ', el('span', { class: 'count' }, say('posts', { n: count })));
    }));
  }

  /** The drawing as a file of its own, with its legend. @param {SVGSVGElement} drawing */
  #standalone(drawing) {
    return standalone(drawing, this.#lines.map(({ term, bars }) => [term, say('posts', { n: bars.reduce((sum, { count }) => sum + count, 0) })]));
  }

  /** @param {SVGSVGElement} drawing */
  async #picture(drawing) {
    try {
      const { text, height } = this.#standalone(drawing);
      const image = new Image();
      image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
      await image.decode();
      const canvas = document.createElement('canvas');
      canvas.width = drawing.clientWidth * PICTURE_SCALE;
      canvas.height = height * PICTURE_SCALE;
      canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
      const blob = await new Promise((/** @type {(blob: Blob | null) => void} */ done) => canvas.toBlob(done, 'image/png'));
      if (!blob) throw new Error(say('trendNoPicture'));
      this.#save('trends.png', blob);
    } catch (error) {
      this.#status.textContent = say('basketFailed', { reason: error instanceof Error ? error.message : String(error) });
    }
  }
}

/** @param {Line[]} lines @param {number} width */
function chart(lines, width) {
  const most = Math.max(...lines.flatMap(({ bars }) => bars.map((bar) => share(bar) ?? 0)), 0.01);
  const bins = (lines[0]?.bars ?? []).map(({ key, count, total }) => ({ from: key, to: key, count, total }));
  const labels = (bins[0]?.from.length ?? 0) > 7 ? evenLabels(bins, width, LABEL_ROOM, (bin) => formatDate(bin.from, 'UTC', 'brief')) : yearLabels(bins, width, LABEL_ROOM);
  const words = lines.map(({ term, bars }) => say('namedValue', { name: term, value: say('posts', { n: bars.reduce((sum, { count }) => sum + count, 0) }) })).join('; ');
  const at = (/** @type {number} */ x) => (isMirrored() ? width - x : x).toFixed(1);
  return svg(
    'svg',
    { role: 'img', 'aria-label': say('trendLabel', { words }), width, height: HEIGHT + LABELS, viewBox: `0 0 ${width} ${HEIGHT + LABELS}` },
    svg('path', { class: 'ground', d: `M0 ${HEIGHT + 0.5}H${width}M0 0.5H${width}` }),
    svg('text', { class: 'year', x: at(0), y: 14 }, formatNumber(most / 100, { style: 'percent', maximumSignificantDigits: 2 })),
    ...labels.map(({ x, text }) => svg('text', { class: 'year', x: at(x), y: HEIGHT + 15 }, text)),
    svg('g', isMirrored() ? { transform: `translate(${width} 0) scale(-1 1)` } : {}, ...lines.map((line, i) => svg('path', { class: `line line-${i}`, d: trendPath(line, width, HEIGHT, most) }))),
  );
}

/**
 * A drawing as a file of its own: what the style sheet says of it is written into it, and below stand the terms of its lines, which are no
 * part of the drawing on the page.
 * @param {SVGSVGElement} drawing @param {[term: string, count: string][]} terms
 */
function standalone(drawing, terms) {
  const copy = /** @type {SVGSVGElement} */ (drawing.cloneNode(true));
  const [shown, written] = [drawing, copy].map((root) => [...root.querySelectorAll('path, text')]);
  shown?.forEach((element, i) => {
    const style = getComputedStyle(element);
    for (const name of ['stroke', 'stroke-width', 'stroke-dasharray', 'fill', 'font-family', 'font-size', 'direction']) written?.[i]?.setAttribute(name, style.getPropertyValue(name));
    written?.[i]?.removeAttribute('class');
  });
  const width = drawing.clientWidth;
  const height = HEIGHT + LABELS + (terms.length + 0.5) * LEGEND_LINE;
  copy.setAttribute('height', String(height));
  copy.setAttribute('viewBox', `0 0 ${width} ${height}`);
  copy.append(...terms.flatMap(([term, count], i) => legendLine(drawing, i, term, count, width)));
  const ground = svg('rect', { x: 0, y: 0, width: '100%', height: '100%' });
  ground.setAttribute('fill', getComputedStyle(document.documentElement).backgroundColor);
  copy.prepend(ground);
  // A term may hold signs that no XML has, however they are written.
  return { text: new XMLSerializer().serializeToString(copy).replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, ''), height };
}

/**
 * The stroke of a line and its term, from the side on which what is spoken begins.
 * @param {SVGSVGElement} drawing @param {number} i @param {string} term @param {string} count @param {number} width
 */
function legendLine(drawing, i, term, count, width) {
  const y = HEIGHT + LABELS + (i + 1) * LEGEND_LINE;
  const at = (/** @type {number} */ x) => (isMirrored() ? width - x : x);
  const stroke = svg('path', { d: `M${at(0)} ${y - 4}H${at(STROKE)}` });
  const line = drawing.querySelector(`.line-${i}`);
  for (const name of ['stroke', 'stroke-width', 'stroke-dasharray', 'fill']) stroke.setAttribute(name, line ? getComputedStyle(line).getPropertyValue(name) : '');
  const style = getComputedStyle(drawing.querySelector('text') ?? drawing);
  const words = svg('text', { x: at(STROKE + 8), y });
  for (const name of ['font-family', 'font-size']) words.setAttribute(name, style.getPropertyValue(name));
  words.setAttribute('fill', getComputedStyle(document.documentElement).color);
  words.setAttribute('direction', isMirrored() ? 'rtl' : 'ltr');
  // A term keeps its own direction, and is cut where the frame ends.
  const told = (/** @type {string} */ shown) => `\u2068${shown}\u2069 · ${count}`;
  const brush = document.createElement('canvas').getContext('2d');
  if (brush) brush.font = `${style.fontSize} ${style.fontFamily}`;
  const signs = [...term];
  const fits = (/** @type {number} */ length) => (brush?.measureText(told(signs.slice(0, length).join(''))).width ?? 0) <= width - STROKE - 24;
  let length = Math.min(signs.length, 400);
  while (length > 1 && !fits(length)) length--;
  words.textContent = told(length === signs.length ? term : `${signs.slice(0, length).join('')}…`);
  return [stroke, words];
}
