import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyAddress, formatAddress, hintsAtWhole, isAsked, isOpenEnded, parseAddress, sameQuestion, withFilter } from '../../www/query.js';
import { HOSTILE, randomFrom } from './random.mjs';

test('the fragment is the one that the contract gives', () => {
  const address = {
    ...emptyAddress(),
    q: 'TEXT',
    filters: [{ facet: 'tag', value: 'VALUE', exclude: false }, { facet: 'author', value: 'VALUE', exclude: true }],
    from: '2024-01', to: '2024-07', sort: /** @type {const} */ ('old'), post: 'UID', embed: true,
  };
  assert.equal(formatAddress(address), 'q=TEXT&f.tag=VALUE&f.-author=VALUE&from=2024-01&to=2024-07&sort=old&m=UID&embed=1');
  assert.equal(formatAddress(emptyAddress()), '');
});

test('any address survives the way to a fragment and back', () => {
  const random = randomFrom(1);
  const pick = (list) => list[Math.floor(random() * list.length)];
  for (let round = 0; round < 2000; round++) {
    let filters = [];
    for (let i = Math.floor(random() * 4); i > 0; i--) {
      const facet = pick(HOSTILE.filter((text) => text !== '' && !text.startsWith('-')));
      filters = withFilter(filters, facet, pick(HOSTILE), pick(['choose', 'exclude']));
    }
    const address = {
      q: pick(HOSTILE), filters, from: pick([null, '1963', '2024-06']), to: pick([null, '2024-06-24']), sort: pick(['new', 'old', 'relevance']),
      post: pick([null, ...HOSTILE]), passage: pick([null, ...HOSTILE.filter((text) => text !== '')]), embed: pick([true, false]), rest: random() < 0.3 ? [['later', pick(HOSTILE)], ['later', pick(HOSTILE)]] : [],
    };
    assert.deepEqual(parseAddress(`#${formatAddress(address)}`), address);
  }
});

test('reading never fails, and reading what was written changes nothing more', () => {
  for (const text of [...HOSTILE, '#&&', '#q', '#q=', '#f.=x', '#f.-=x', '#from=tomorrow', '#sort=up', '#%E0%A4%A', '#q=%E4%zz%C3%A9']) {
    const once = formatAddress(parseAddress(text));
    assert.equal(formatAddress(parseAddress(once)), once, JSON.stringify(text));
  }
});

test('a stray percent sign costs nothing but itself', () => {
  assert.equal(parseAddress('#q=100%&m=a%2Fb').post, 'a/b');
  assert.equal(parseAddress('#q=100%').q, '100%');
  assert.equal(parseAddress('#q=%C3%A9%zz').q, 'é%zz');
});

test('a span whose end lies before its beginning is turned round', () => {
  const span = (from, to) => {
    const address = parseAddress(`#from=${from}&to=${to}`);
    return [address.from, address.to];
  };
  assert.deepEqual(span('2024-06', '2024-01'), ['2024-01', '2024-06']);
  assert.deepEqual(span('2024', '2023-05-01'), ['2023-05-01', '2024']);
  // One within the other is in order both ways.
  assert.deepEqual(span('2024-06-15', '2024'), ['2024-06-15', '2024']);
  assert.deepEqual(span('2024', '2024-06-15'), ['2024', '2024-06-15']);
});

test('lone surrogates cannot break an address', () => {
  assert.equal(parseAddress(formatAddress({ ...emptyAddress(), q: 'a\uD800b' })).q, 'a\uFFFDb');
});

test('unknown keys and values that are not ours are kept as they came', () => {
  assert.equal(formatAddress(parseAddress('#v=2&sort=sideways&from=soon&q=x')), 'q=x&v=2&sort=sideways&from=soon');
});

test('repeated filters add up; choosing and excluding one value are one choice', () => {
  assert.deepEqual(parseAddress('#f.tag=a&f.tag=b&f.-tag=a').filters, [{ facet: 'tag', value: 'b', exclude: false }, { facet: 'tag', value: 'a', exclude: true }]);
  assert.deepEqual(withFilter([{ facet: 'tag', value: 'a', exclude: true }], 'tag', 'a', null), []);
});

test('an open post asks nothing', () => {
  const address = parseAddress('#m=harbour/1');
  assert.equal(isAsked(address), false);
  assert.equal(isAsked(parseAddress('#q=%20')), false);
  assert.equal(isAsked(parseAddress('#from=2024')), true);
  assert.equal(sameQuestion(address, emptyAddress()), true);
  assert.equal(sameQuestion(parseAddress('#q=a'), parseAddress('#q=a&sort=old')), false);
});

test('the last word is a prefix until a sign that is no letter closes it', () => {
  for (const open of ['m', 'minsk', 'two words', '2024', 'минск', 'cafe\u0301', '港']) assert.equal(isOpenEnded(open), true, open);
  for (const closed of ['', ' ', 'minsk ', '"minsk"', 'minsk*', 'minsk.']) assert.equal(isOpenEnded(closed), false, closed);
});

test('the whole core is started for what begins as a substring or an expression does', () => {
  for (const q of ['/fog', 'a *arb', '-/x/', 'title:*x*', '(*b*)']) assert.ok(hintsAtWhole(q), q);
  for (const q of ['', 'fog*', 'a / b', '*', 'km/h', 'and/or']) assert.ok(!hintsAtWhole(q), q);
});
