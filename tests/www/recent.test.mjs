import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Recent, RECENT_MAX } from '../../www/recent.js';

/** A storage with what it holds. */
function storage() {
  const held = new Map();
  return { held, getItem: (key) => held.get(key) ?? null, setItem: (key, value) => void held.set(key, value), removeItem: (key) => void held.delete(key) };
}

test('the last searches are kept under the archive, the newest first, each once', () => {
  const kept = storage();
  const recent = new Recent('abc', () => kept);
  for (const q of ['storm', ' lamp ', '', 'storm']) recent.add(q);
  assert.deepEqual(recent.queries, ['storm', 'lamp']);
  assert.deepEqual([...kept.held.keys()], ['fonds:abc:recent']);
  assert.deepEqual(new Recent('abc', () => kept).queries, ['storm', 'lamp']);
  assert.deepEqual(new Recent('other', () => kept).queries, []);
  recent.clear();
  assert.deepEqual(recent.queries, []);
});

test('what was on the way to a search is not one of its own, and there are no more than fit', () => {
  const recent = new Recent('abc', (() => { const kept = storage(); return () => kept; })());
  for (const q of ['har', 'harbour', 'harbour master']) recent.add(q);
  assert.deepEqual(recent.queries, ['harbour master']);
  for (let i = 10; i < 40; i++) recent.add(`q${i}`);
  assert.equal(recent.queries.length, RECENT_MAX);
  recent.add('x'.repeat(1000));
  assert.equal(recent.queries[0], 'q39');
});

test('a storage that throws, or holds something else, keeps nothing and breaks nothing', () => {
  const closed = new Recent('abc', () => { throw new Error('denied'); });
  closed.add('storm');
  closed.clear();
  assert.deepEqual(closed.queries, []);
  for (const text of ['{', 'null', '{"a":1}', '[1,null,"",["x"]]']) {
    const kept = storage();
    kept.held.set('fonds:abc:recent', text);
    assert.deepEqual(new Recent('abc', () => kept).queries, [], text);
  }
});
