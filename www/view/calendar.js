/** The calendar: the days of a month, each with its hits; the days of other years that have today's date; and dates to type. */

import { el } from '../dom.js';
import { formatDate, formatNumber, isMirrored, locale, say } from '../messages.js';
import { failedView } from './failed.js';
import { icon } from './icons.js';
import { daysView, findToday, todayWords } from './today.js';

/** @typedef {import('../types').Timeline} Timeline */

/**
 * @typedef {object} CalendarActions
 * @property {(from: string, to: string) => Promise<Timeline | null>} zoom The bars of a span of days; fails with the sentence that says why.
 * @property {(day: string) => Promise<number | null>} count How many hits a day has.
 * @property {(from: string | null, to: string | null) => void} setSpan
 * @property {() => boolean} isAsked Whether the hits are those of a question, or all posts.
 */

export class CalendarView {
  #actions;
  #first;
  #last;
  /** `2024-06` */
  #month;
  #grid = el('div');
  #today = el('div', { class: 'today' });
  #panel = el('div', { id: 'calendar' });
  /** Counts the drawings, so that one that was overtaken does not land. */
  #turn = 0;
  button = el('button', { type: 'button', class: 'more', 'aria-expanded': 'false', 'aria-controls': 'calendar', on: { click: () => this.toggle() } }, say('calendar'));

  /** @param {string} first First and last month of the archive. @param {string} last @param {CalendarActions} actions */
  constructor(first, last, actions) {
    this.#first = first;
    this.#last = last;
    this.#month = last;
    this.#actions = actions;
    this.#panel.hidden = true;
    this.#panel.append(this.#grid, this.#today);
  }

  get panel() {
    return this.#panel;
  }

  toggle(open = Boolean(this.#panel.hidden)) {
    this.#panel.hidden = !open;
    this.button.setAttribute('aria-expanded', String(open));
    if (open) void this.show();
    else this.button.focus();
  }

  /** Draws anew what is open: another question has other days. @param {string | null} [from] Where the time that is asked for begins. */
  async show(from = null) {
    if (from !== null && from.length >= 7) this.#month = from.slice(0, 7);
    if (this.#panel.hidden) return;
    await this.#drawMonth();
    await this.#drawToday();
  }

  async #drawMonth() {
    const month = this.#month;
    const turn = ++this.#turn;
    const data = await this.#actions.zoom(month, month).catch((error) => {
      if (turn === this.#turn) this.#grid.replaceChildren(failedView(error));
      return null;
    });
    if (turn !== this.#turn || data === null) return;
    const held = this.#grid.contains(document.activeElement) ? document.activeElement?.getAttribute('data-focus') : null;
    const name = el('input', { type: 'text', class: 'find', value: month, 'aria-label': say('calendarMonth'), 'data-focus': 'month', autocomplete: 'off' });
    name.addEventListener('change', () => {
      if (/^\d{4}-(0[1-9]|1[0-2])$/.test(name.value)) this.#go(name.value);
      else name.value = month;
    });
    this.#grid.replaceChildren(
      el('p', { class: 'months' }, this.#step(-1), name, this.#step(1), el('span', { class: 'quiet' }, formatDate(month, 'UTC'))),
      this.#table(data),
    );
    if (held) /** @type {HTMLElement | null} */ (this.#grid.querySelector(`[data-focus="${held}"]`))?.focus();
  }

  /** @param {1 | -1} by */
  #step(by) {
    const month = nextMonth(this.#month, by);
    const button = el('button', { type: 'button', class: 'step', 'data-focus': `step${by}`, 'aria-label': say(by < 0 ? 'calendarEarlier' : 'calendarLater'), on: { click: () => this.#go(month) } }, icon(by < 0 ? 'back' : 'next'));
    button.disabled = month < this.#first || month > this.#last;
    return button;
  }

  /** @param {string} month */
  #go(month) {
    this.#month = month < this.#first ? this.#first : month > this.#last ? this.#last : month;
    void this.#drawMonth();
  }

  /** @param {Timeline} data */
  #table({ bars }) {
    const most = Math.max(1, ...bars.map(({ count }) => count));
    const cells = bars.map(({ key, count, total }) => {
      const day = String(Number(key.slice(8)));
      const when = formatDate(key, 'UTC');
      if (total === 0) return el('td', {}, el('span', { class: 'day none', title: say('calendarNone', { when }) }, day));
      const words = count === total ? say('calendarDayAll', { when, count: say('posts', { n: count }) }) : say('calendarDay', { when, count: formatNumber(count), total: say('posts', { n: total }) });
      const button = el('button', { type: 'button', class: count > 0 ? 'day' : 'day few', title: words, 'data-focus': key, 'data-count': count, on: { click: () => this.#actions.setSpan(key, key) } }, el('span', {}, day), ' ', el('span', { class: 'count' }, count > 0 ? formatNumber(count) : ''));
      button.style.setProperty('--share', String(count / most));
      return el('td', {}, button);
    });
    const empty = Array.from({ length: weekday(bars[0]?.key ?? '') }, () => el('td'));
    const days = [...empty, ...cells];
    const weeks = Array.from({ length: Math.ceil(days.length / 7) }, (_, i) => el('tr', {}, days.slice(i * 7, i * 7 + 7)));
    return el('table', { class: 'month' }, el('thead', {}, el('tr', {}, weekdays().map((name) => el('th', {}, name)))), el('tbody', {}, weeks));
  }

  /** Posts of other years on the day that it is today. */
  async #drawToday() {
    const turn = this.#turn;
    const found = await findToday(this.#first, this.#last, async (day) => (turn === this.#turn ? this.#actions.count(day) : null));
    if (found === null) return;
    const lead = (/** @type {string} */ day, /** @type {string} */ words) => el('button', { type: 'button', class: 'link', on: { click: () => this.#actions.setSpan(day, day) } }, words);
    // While nothing is asked the archive's portrait may say the same.
    this.#today.hidden = !this.#actions.isAsked() && document.querySelector('#about .anniversary') !== null;
    const none = this.#actions.isAsked() ? 'calendarTodayNoHit' : 'calendarTodayNone';
    this.#today.replaceChildren(
      el('h2', { class: 'label' }, say('calendarToday')),
      found.length === 0 ? el('p', { class: 'quiet' }, say(none, { when: todayWords() })) : daysView(found, lead),
    );
  }
}

/** @param {string} month @param {number} by */
export function nextMonth(month, by) {
  const at = new Date(Date.UTC(2000, 0, 1));
  at.setUTCFullYear(Number(month.slice(0, 4)), Number(month.slice(5, 7)) - 1 + by, 1);
  return `${String(at.getUTCFullYear()).padStart(4, '0')}-${String(at.getUTCMonth() + 1).padStart(2, '0')}`;
}

/** Days of the week before a date, counted from Monday. @param {string} day */
export function weekday(day) {
  return (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7 || 0;
}

/** Short names of the days from Monday on; Arabic shortens a day's name to its letter or not at all. */
function weekdays() {
  const format = new Intl.DateTimeFormat(locale(), { weekday: isMirrored() ? 'narrow' : 'short', timeZone: 'UTC' });
  // 1 January 2024 was a Monday.
  return Array.from({ length: 7 }, (_, i) => format.format(new Date(Date.UTC(2024, 0, 1 + i))));
}
