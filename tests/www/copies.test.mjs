import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diffWords } from '../../www/diff.js';
import { withFold } from '../../www/parts.js';
import { isOpenEnded } from '../../www/query.js';
import { randomFrom } from './random.mjs';

test('a difference is shown word by word', () => {
  assert.deepEqual(diffWords('the old pier is closed today', 'the new pier is closed today'), [
    { kind: 'same', text: 'the ' },
    { kind: 'gone', text: 'old ' },
    { kind: 'new', text: 'new ' },
    { kind: 'same', text: 'pier is closed today' },
  ]);
  assert.deepEqual(diffWords('', ''), []);
  assert.deepEqual(diffWords('', 'a b'), [{ kind: 'new', text: 'a b' }]);
  assert.deepEqual(diffWords('a b', ''), [{ kind: 'gone', text: 'a b' }]);
  // White space is no difference.
  assert.deepEqual(diffWords('a\n\nb ', ' a b'), [{ kind: 'same', text: ' a b' }]);
});

/** Words of the longest list that is in both, by the textbook's table. @param {string[]} a @param {string[]} b */
function longestCommon(a, b) {
  const table = [...a, ''].map(() => [...b, ''].map(() => 0));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) table[i][j] = a[i] === b[j] ? table[i + 1][j + 1] + 1 : Math.max(table[i + 1][j], table[i][j + 1]);
  }
  return table[0][0];
}

test('both texts are in a difference, and as much of it is the same as can be', () => {
  const next = randomFrom(7);
  const words = (/** @type {import('../../www/diff.js').Run[]} */ runs) => runs.flatMap(({ text }) => text.split(' ').filter(Boolean));
  for (let round = 0; round < 3000; round++) {
    const list = () => Array.from({ length: Math.floor(next() * 10) }, () => 'abcd'[Math.floor(next() * 4)]);
    const [a, b] = [list(), list()];
    const runs = diffWords(a.join(' '), b.join(' '));
    assert.deepEqual(words(runs.filter(({ kind }) => kind !== 'new')), a);
    assert.deepEqual(words(runs.filter(({ kind }) => kind !== 'gone')), b);
    assert.equal(words(runs.filter(({ kind }) => kind === 'same')).length, longestCommon(a, b), `${a} → ${b}`);
  }
});

test('texts that have nothing in common are compared at once', () => {
  const text = (/** @type {string} */ letter) => Array.from({ length: 20_000 }, (_, i) => letter + i).join(' ');
  const runs = diffWords(text('a'), text('b'));
  assert.deepEqual(runs.map(({ kind }) => kind), ['gone', 'new']);
});

test('folding is asked for before the words, and taken back without changing them', () => {
  for (const q of ['', 'storm', 'storm ', '"fold:copies" a', 'a OR b']) {
    const folded = withFold(q, true);
    assert.equal(folded, `fold:copies ${q}`);
    assert.equal(isOpenEnded(folded), isOpenEnded(q));
    assert.equal(withFold(folded, true), folded);
    assert.equal(withFold(folded, false), q);
    assert.equal(withFold(q, false), q);
  }
  assert.equal(withFold('storm fold:copies', false), 'storm ');
  assert.equal(withFold('storm fold:copies fog', false), 'storm fog');
  assert.equal(withFold('manifold:copies', false), 'manifold:copies');
});
