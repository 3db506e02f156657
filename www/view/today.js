/** On this day: the posts of other years that have today's date. */

import { el } from '../dom.js';
import { formatDate, formatNumber, locale } from '../messages.js';

/** @typedef {{ key: string, count: number }} Day A day, as `2024-06-24`, and how many posts are of it. */

/** Years that are looked at: more have few archives, and each costs a question. */
const YEARS_MAX = 40;

/**
 * The days of other years that have posts, the latest first; null when a newer question came meanwhile.
 * @param {string} first First and last month of the archive. @param {string} last
 * @param {(day: string) => Promise<number | null>} count
 * @returns {Promise<Day[] | null>}
 */
export async function findToday(first, last, count) {
  const now = new Date();
  const day = `${String(now.getMonth() + 1).padStart(2, '0')}-${String(now.getDate()).padStart(2, '0')}`;
  const year = Number(last.slice(0, 4));
  const years = Array.from({ length: Math.min(YEARS_MAX, year - Number(first.slice(0, 4)) + 1) }, (_, i) => String(year - i).padStart(4, '0'));
  const found = [];
  for (const key of years.map((year) => `${year}-${day}`)) {
    const n = await count(key);
    if (n === null) return null;
    if (n > 0) found.push({ key, count: n });
  }
  return found;
}

/** Each of the days, on which one element leads to its posts. @param {Day[]} days @param {(day: string, words: string) => HTMLElement} lead */
export function daysView(days, lead) {
  return el('ul', {}, days.map(({ key, count }) => el('li', {}, lead(key, formatDate(key, 'UTC')), ' ', el('span', { class: 'count' }, formatNumber(count)))));
}

/** Today without its year, in words. */
export function todayWords() {
  return new Intl.DateTimeFormat(locale(), { day: 'numeric', month: 'long' }).format(new Date());
}
