import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { rangeOf, typedName, withRange } from '../../www/view/bounds.js';

test('a column has its range, whatever its name is written like', () => {
  for (const [column, name] of [['Finish by', 'finish_by'], ['views', 'views'], ['Größe-m', 'grosse_m'], ['Żółć 2', 'zolc_2'], ['Þyngd', 'thyngd'], ['Año', 'ano']]) assert.equal(typedName(column), name);
});

test('what folds to the same for a query has the same name here', () => {
  const lines = readFileSync(new URL('../../src/text/fold_table.txt', import.meta.url), 'utf8').split('\n').filter(Boolean);
  assert.ok(lines.length > 1000);
  for (const [letter, ...form] of lines.map((line) => [...line])) {
    assert.equal(typedName(letter), typedName(form.join('')), letter);
    const upper = letter.toUpperCase();
    if (upper.toLowerCase() === letter) assert.equal(typedName(upper), typedName(form.join('')), upper);
    // In the letters that names are mostly written with it is the very same.
    if (/^[\p{sc=Latin}\p{sc=Greek}\p{sc=Cyrillic}]+$/u.test(form.join(''))) assert.equal(typedName(letter), form.join(''), letter);
  }
  for (const letter of 'йўїяґжかがक्षé') assert.equal(typedName(letter.toUpperCase()), letter === 'é' ? 'e' : letter);
});

test('a range of numbers is read out of a query, however it was written there', () => {
  for (const [q, from, to] of [
    ['storm views:100..', '100', null],
    ['views:..5', null, '5'],
    ['views:1..5 storm', '1', '5'],
    ['views:7', '7', '7'],
    ['views:>=3', '3', null],
    ['views:<=3', null, '3'],
    ['views:>100', '>100', null],
    ['views:<2.5', null, '<2.5'],
    ['"views:7" storm', null, null],
    ['storm', null, null],
  ]) assert.deepEqual(rangeOf(q, 'views'), { from, to }, q);
});

test('a range of dates is read out of a query too', () => {
  for (const [q, from, to] of [
    ['storm due:2024-01..2024-06', '2024-01', '2024-06'],
    ['due:2024-01-31..', '2024-01-31', null],
    ['due:..2024', null, '2024'],
    ['due:2024-06', '2024-06', '2024-06'],
    ['due:>2024-06', '>2024-06', null],
    ['due:<=2024', null, '2024'],
    ['due:soon', null, null],
  ]) assert.deepEqual(rangeOf(q, 'due'), { from, to }, q);
  assert.equal(withRange('storm due:>2024', 'due', '2024-02', '2024-02'), 'storm due:2024-02');
  assert.equal(withRange('storm', 'due', '>2024', '2025-06'), 'storm due:>2024 due:..2025-06');
});

test('a range typed beside a query narrows all of it, and leaves the rest as it was', () => {
  assert.equal(withRange('storm "fog bell"', 'views', '1', null), 'storm "fog bell" views:1..');
  assert.equal(withRange('storm views:1.. fog', 'views', '2', '9'), 'storm fog views:2..9');
  assert.equal(withRange('storm views:>100', 'views', '>100', '500'), 'storm views:>100 views:..500');
  assert.equal(withRange('storm views:>100', 'views', null, null), 'storm');
  // Side by side binds closer than OR.
  assert.equal(withRange('storm OR fog', 'length', '100', null), '(storm OR fog) length:100..');
  assert.equal(withRange('(storm OR fog) length:100..', 'length', '200', null), '(storm OR fog) length:200..');
  assert.equal(withRange('storm OR fog', 'length', null, null), 'storm OR fog');
});
