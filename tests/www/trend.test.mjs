import assert from 'node:assert/strict';
import { test } from 'node:test';
import { share, termsOf, trendCsv, trendPath } from '../../www/trend.js';

const bars = (/** @type {[number, number][]} */ ...pairs) => pairs.map(([count, total], i) => ({ key: `2024-0${i + 1}`, count, total }));

test('terms are divided by commas, but not within quotation marks', () => {
  assert.deepEqual(termsOf(' storm, "fog, bell" harbour,, storm ,lang:ru'), ['storm', '"fog, bell" harbour', 'lang:ru']);
  assert.equal(termsOf('a,b,c,d,e,f,g').length, 7);
  assert.deepEqual(termsOf(' , '), []);
});

test('terms keep the commas of expressions and of every kind of quotation marks', () => {
  const terms = ['/a{1,3}/', '/x\\/,y/', '«туман, колокол»', '„Nebel, Glocke“', '“fog, bell”', 'from:"A, B"', '-/a,b/'];
  assert.deepEqual(termsOf(terms.join(', ')), terms);
  // A stroke within a word, or a quotation mark that nothing closes, divides as ever.
  assert.deepEqual(termsOf('and/or, x/y'), ['and/or', 'x/y']);
  assert.deepEqual(termsOf('"open, storm'), ['"open', 'storm']);
  assert.deepEqual(termsOf('/open, storm'), ['/open', 'storm']);
});

test('a share is of the posts of its bar; where there are none there is no share', () => {
  assert.equal(share({ count: 1, total: 4 }), 25);
  assert.equal(share({ count: 0, total: 0 }), null);
});

test('a line breaks where there are no posts, and reaches the top at the largest share', () => {
  assert.equal(trendPath({ term: 'x', bars: bars([1, 2], [0, 0], [1, 4], [0, 4]) }, 30, 100, 50), 'M0.0 0.0h8M20.0 50.0L30.0 100.0');
  assert.equal(trendPath({ term: 'x', bars: bars([0, 3]) }, 30, 100, 0), 'M0.0 100.0h8');
  assert.equal(trendPath({ term: 'x', bars: bars([1, 2], [0, 0], [1, 4], [0, 0]) }, 30, 100, 50), 'M0.0 0.0h8M16.0 50.0h8');
});

test('a table of trends has the posts of each bar, and no term is a formula', () => {
  const lines = [{ term: '=1+1', bars: bars([1, 2], [0, 3]) }, { term: 'a "b", c', bars: bars([2, 2], [3, 3]) }];
  assert.equal(trendCsv(lines), 'time,posts,\'=1+1,"a ""b"", c"\r\n2024-01,2,1,2\r\n2024-02,3,0,3\r\n');
  assert.equal(trendCsv([]), 'time,posts\r\n');
});
