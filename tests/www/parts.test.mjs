import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isWord, queryParts, withPart } from '../../www/parts.js';
import { emptyAddress, withoutSort } from '../../www/query.js';
import { completions } from '../../www/view/completions.js';
import { HOSTILE, randomFrom } from './random.mjs';

test('a query is cut at the spaces of its top level', () => {
  const cases = [
    ['storm harbour', ['storm', 'harbour']],
    ['  storm  -"storm hit" ', ['storm', '-"storm hit"']],
    ['from:"Marta  L" (storm OR fog) sort:old', ['from:"Marta  L"', '(storm OR fog)', 'sort:old']],
    ['harbour /st[o]rm \\/ x/i *"r, o"*', ['harbour', '/st[o]rm \\/ x/i', '*"r, o"*']],
    ['-(a /b c/) d', ['-(a /b c/)', 'd']],
    ['и/или 1/2', ['и/или', '1/2']],
    ['«шторм в» порту', ['«шторм в»', 'порту']],
    ['', []],
  ];
  for (const [q, parts] of cases) assert.deepEqual(queryParts(q), parts, q);
});

test('what is a choice, or does not close, stays whole', () => {
  for (const q of ['storm OR fog', '"storm hit', '(storm fog', 'storm) fog', '/st orm']) assert.deepEqual(queryParts(q), [q]);
});

test('the parts of any query, put together, are the query', () => {
  const random = randomFrom(7);
  const pieces = ['a', '"', '(', ')', '/', '\\', ' ', '-', 'OR', '*', ':', '“', '”', 'ё', ...HOSTILE];
  for (let round = 0; round < 3000; round++) {
    const q = Array.from({ length: Math.floor(random() * 12) }, () => pieces[Math.floor(random() * pieces.length)]).join('');
    const bare = (/** @type {string} */ text) => text.replace(/\s/g, '');
    assert.equal(bare(queryParts(q).join(' ')), bare(q));
  }
});

test('one part is changed or taken away, the others stay', () => {
  assert.equal(withPart('storm "a b" -fog', 1, null), 'storm -fog');
  assert.equal(withPart('storm harbour', 0, '=storm'), '=storm harbour');
  assert.ok(isWord('шторм') && !isWord('=storm') && !isWord('e-mail') && !isWord(''));
});

test('an order chosen from the menu takes the place of one in the query', () => {
  assert.equal(withoutSort('storm sort:views harbour'), 'storm harbour');
  assert.equal(withoutSort('storm sort:views'), 'storm ');
  assert.equal(withoutSort('"a storm" sort:views'), '"a storm"');
  assert.equal(withoutSort('storm'), 'storm');
  assert.equal(withoutSort('sort:-views'), '');
  assert.equal(withoutSort('"sort:views is a phrase" resort:x'), '"sort:views is a phrase" resort:x');
});

test('completions replace the last word and leave the rest as it was typed', () => {
  const value = (/** @type {string} */ value) => ({ value, count: 5, chosen: false, excluded: false });
  const facets = [{ name: 'author', values: [value('Лидия Северцева'), value('Agnes Torvik')], num_values: 2 }, { name: 'tag', values: [value('torrent')], num_values: 1 }];
  const address = { ...emptyAddress(), q: '"fog bell" -Tor' };
  const offered = completions(address.q, address, [{ text: 'tor', count: 9 }, { text: 'torch', count: 2 }], facets);
  assert.deepEqual(offered.map(({ label, count }) => [label, count]), [['torch', 2], ['Agnes Torvik', 5]]);
  assert.equal(offered[0].address.q, '"fog bell" -torch ');
  assert.equal(offered[1].address.q, '"fog bell"');
  assert.deepEqual(offered[1].address.filters, [{ facet: 'author', value: 'Agnes Torvik', exclude: true }]);
  assert.deepEqual(completions('x #sto', address, [{ text: '#storm', count: 3 }], facets).map(({ address }) => address.q), ['x #storm ']);
});
