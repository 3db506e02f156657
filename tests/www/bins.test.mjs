import assert from 'node:assert/strict';
import { test } from 'node:test';
import { binAt, binBars, binsWithin, magnification, monthLabels, spanOf, yearLabels } from '../../www/bins.js';

/** One bar a month, counted 1, 2, 3, … */
function months(first, num) {
  return Array.from({ length: num }, (_, i) => ({ key: `${first + Math.floor(i / 12)}-${String((i % 12) + 1).padStart(2, '0')}`, count: i + 1, total: 2 * (i + 1) }));
}

test('no bar is lost or counted twice, however few bins there are', () => {
  const bars = months(2019, 65);
  for (const most of [1, 2, 7, 30, 64, 65, 1000]) {
    const bins = binBars(bars, most);
    assert.ok(bins.length <= most);
    assert.equal(bins.reduce((sum, { count }) => sum + count, 0), (65 * 66) / 2);
    assert.equal(bins.reduce((sum, { total }) => sum + total, 0), 65 * 66);
    assert.equal(bins[0].from, '2019-01');
    assert.equal(bins.at(-1).to, '2024-05');
  }
  assert.deepEqual(binBars([], 10), []);
});

test('a place on the screen is a bin, also beyond the edges', () => {
  assert.equal(binAt(-20, 100, 10), 0);
  assert.equal(binAt(0, 100, 10), 0);
  assert.equal(binAt(55, 100, 10), 5);
  assert.equal(binAt(100, 100, 10), 9);
  assert.equal(binAt(1e9, 100, 10), 9);
});

test('a brush that is drawn, written to the address and read back covers the same bins', () => {
  for (const most of [5, 13, 65]) {
    const bins = binBars(months(2019, 65), most);
    for (let a = 0; a < bins.length; a++) {
      for (let b = 0; b < bins.length; b++) {
        const { from, to } = spanOf(bins, a, b);
        assert.deepEqual(binsWithin(bins, from, to), [Math.min(a, b), Math.max(a, b)]);
      }
    }
  }
});

test('spans of other precision touch the bins that they overlap', () => {
  const bins = binBars(months(2019, 24), 24);
  assert.deepEqual(binsWithin(bins, '2020', null), [12, 23]);
  assert.deepEqual(binsWithin(bins, null, '2019'), [0, 11]);
  assert.deepEqual(binsWithin(bins, '2019-03-10', '2019-03-20'), [2, 2]);
  assert.deepEqual(binsWithin(bins, '1963', '2019-01'), [0, 0]);
  assert.equal(binsWithin(bins, '2031', null), null);
  assert.equal(binsWithin(bins, null, '1963'), null);
});

test('year labels keep their distance and name round years when there are many', () => {
  const labels = yearLabels(binBars(months(1900, 1200), 400), 800, 48);
  for (let i = 1; i < labels.length; i++) assert.ok(labels[i].x - labels[i - 1].x >= 48);
  assert.ok(labels.every(({ text }) => Number(text) % 10 === 0));
  assert.deepEqual(yearLabels(binBars(months(2019, 3), 3), 300, 48), [{ x: 0, text: '2019' }]);
  // Bars of seven years each, which hardly ever end where a decade begins.
  const centuries = yearLabels(binBars(Array.from({ length: 1843 }, (_, i) => ({ key: String(44 + i).padStart(4, '0'), count: 1, total: 1 })), 264), 800, 48);
  assert.ok(centuries.length > 5, centuries.map(({ text }) => text).join());
  assert.ok(centuries.every(({ text }) => Number(text) % 100 === 0));
});

test('months are named as many as fit, the same in each year, and the first with its year', () => {
  const named = (num, skipped, width) => monthLabels(binBars(months(2023, num + skipped).slice(skipped), num), width, 48, (key, withYear) => (withYear ? key : key.slice(5)));
  const texts = (...given) => named(...given).map(({ text }) => text);
  assert.deepEqual(texts(6, 2, 600), ['2023-03', '04', '05', '06', '07', '08']);
  assert.deepEqual(texts(6, 2, 288), ['2023-03', '05', '06', '07', '08'], 'the year needs room');
  assert.deepEqual(texts(24, 0, 1200), ['2023', ...['02', '03', '04', '05', '06', '07', '08', '09', '10', '11', '12'], '2024', ...['02', '03', '04', '05', '06', '07', '08', '09', '10', '11', '12']]);
  assert.deepEqual(texts(24, 7, 420), ['2023-08', '2024', '04', '07', '10', '2025', '04']);
  // A January that stands where the first would have its year tells it.
  assert.deepEqual(texts(12, 11, 576), ['12', '2024', '02', '03', '04', '05', '06', '07', '08', '09', '10', '11']);
  assert.deepEqual(texts(12, 10, 576).slice(0, 4), ['2023-11', '2024', '02', '03']);
  assert.deepEqual(texts(24, 11, 576).slice(0, 3), ['2024', '03', '05'], 'no room for the first');
  assert.deepEqual(monthLabels([{ from: '0985-12', to: '0985-12' }, { from: '0986-01', to: '0986-01' }].map((bin) => ({ ...bin, count: 1, total: 1 })), 120, 48, String).map(({ text }) => text), ['0985-12', '986']);
  assert.deepEqual(texts(4, 9, 72), ['2023-10'], 'a January that has no room tells nothing');
  assert.deepEqual(texts(240, 0, 1200), []);
  assert.deepEqual(monthLabels(binBars(months(2023, 24), 12), 1200, 48, String), [], 'bars of two months have no name');
  for (const skipped of [0, 3, 9, 10, 11]) for (const num of [5, 13, 29, 36]) {
    const labels = named(num, skipped, 700);
    for (let i = 1; i < labels.length; i++) assert.ok(labels[i].x - labels[i - 1].x >= 48);
  }
});

test('small bars are drawn taller by a round number, and never taller than the large ones', () => {
  for (const [small, large, times] of [[0, 10, 1], [10, 10, 1], [6, 10, 1], [5, 10, 2], [3, 10, 2], [2, 10, 5], [1, 10, 10], [27, 8000, 200], [1, 1000, 1000], [1, 999, 500], [1, 50_000, 50_000]]) {
    assert.equal(magnification(small, large), times, `${small} of ${large}`);
  }
});
