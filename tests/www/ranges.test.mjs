import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nestSpans } from '../../www/nest.js';
import { splitRuns, tidyRanges } from '../../www/ranges.js';
import { randomFrom } from './random.mjs';

/** Random ranges, some of them empty, reversed or outside the text. */
function someRanges(random, num, len) {
  return Array.from({ length: num }, () => [Math.floor(random() * (len + 10)) - 5, Math.floor(random() * (len + 10)) - 5]);
}

test('runs cover the text exactly, and mark what a range covers', () => {
  const random = randomFrom(2);
  for (let round = 0; round < 2000; round++) {
    const len = Math.floor(random() * 30);
    const ranges = someRanges(random, Math.floor(random() * 6), len);
    const runs = splitRuns(ranges, 0, len);
    let at = 0;
    for (const { start, end, marked } of runs) {
      assert.equal(start, at);
      assert.ok(end > start);
      for (let i = start; i < end; i++) assert.equal(ranges.some(([a, b]) => a <= i && i < b), marked);
      at = end;
    }
    assert.equal(at, len);
    for (let i = 1; i < runs.length; i++) assert.notEqual(runs[i].marked, runs[i - 1].marked, 'neighbouring runs differ');
  }
});

test('touching and nested ranges become one', () => {
  assert.deepEqual(tidyRanges([[5, 9], [0, 3], [3, 5], [1, 2]], 0, 9), [[0, 9]]);
  assert.deepEqual(tidyRanges([[3, 3], [9, 2]], 0, 9), []);
});

/** Per UTF-16 unit, which spans are over it. */
function covers(tree, above = []) {
  return tree.flatMap(({ start, end, span, children }) => {
    const over = span === null ? above : [...above, span];
    return children.length > 0 ? covers(children, over) : Array.from({ length: end - start }, (_, i) => ({ at: start + i, over }));
  });
}

test('the tree covers the text once, each unit under exactly its spans', () => {
  const random = randomFrom(3);
  for (let round = 0; round < 2000; round++) {
    const len = Math.floor(random() * 20);
    const spans = someRanges(random, Math.floor(random() * 6), len).map(([start, end], id) => ({ start, end, id }));
    const units = covers(nestSpans(spans, 0, len));
    assert.deepEqual(units.map(({ at }) => at), Array.from({ length: len }, (_, i) => i));
    for (const { at, over } of units) {
      const expected = spans.filter(({ start, end }) => start <= at && at < end).map(({ id }) => id).sort();
      assert.deepEqual(over.map(({ id }) => id).sort(), expected);
    }
  }
});

test('a link with bold inside stays one link', () => {
  const link = { start: 0, end: 10, kind: 'link' };
  const bold = { start: 3, end: 5, kind: 'bold' };
  const tree = nestSpans([bold, link], 0, 10);
  assert.equal(tree.length, 1);
  assert.equal(tree[0].span, link);
  assert.deepEqual(tree[0].children.map(({ span }) => span), [null, bold, null]);
});

test('a thousand nested or crossing spans stay a bounded tree over the whole text', () => {
  for (const spanAt of [(i) => ({ start: i, end: 4000 - i }), (i) => ({ start: i, end: 2000 + i })]) {
    const units = covers(nestSpans(Array.from({ length: 1000 }, (_, i) => spanAt(i)), 0, 4000));
    assert.equal(units.length, 4000);
    assert.ok(units.every(({ over }) => over.length <= 16));
  }
});
