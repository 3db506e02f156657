/**
 * Posts in any number, the same for the same seed: what `./build.sh bench growth` builds archives of.
 *
 *     node tests/bench/growth/generate.mjs COUNT [SEED] > posts.jsonl
 *
 * Words follow Zipf and Mandelbrot's law with an endless tail, so that the vocabulary grows with the archive as it does in
 * real text (Heaps). Four languages have syllables, lengths and endings of their own; each channel writes in one of them.
 * Authors and tags follow Zipf's law too. Dates run over twenty years, whatever the number of posts.
 *
 * In every archive, whatever its size, each of PROBES words stands in just PROBE_POSTS posts: the rare words that are
 * searched for.
 */

import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';

export const PROBES = 10;
export const PROBE_POSTS = 7;

const FIRST_DATE = Date.UTC(2005, 0, 1);
const LAST_DATE = Date.UTC(2025, 0, 1);
const MEAN_WORDS = 24;
/** Exponent and shift of the law. New words go on with the number of words to the power 1 / EXPONENT = 0.71. */
const EXPONENT = 1.4;
const SHIFT = 6;
/** Ranks above this are drawn anew; probes stand above it. */
const RANK_MAX = 40_000_000;

/** `rare` is a letter that nothing else of the language holds. @typedef {{ code: string, syllables: string[], endings: string[], stop: string, rare: string }} Language */

/** @type {Language[]} */
export const LANGUAGES = [
  { code: 'en', syllables: cross('b c d f g h l m n p r s t w st tr'.split(' '), 'a e i o u ea ou'.split(' '), ['', 'n', 'r', 's']), endings: ['', '', '', 's', 'ed', 'ing'], stop: '.', rare: 'q' },
  { code: 'de', syllables: cross('b d f g h k l m n r s t w z sch'.split(' '), 'a e i o u ä ö ei'.split(' '), ['', 'n', 'r', 'ch']), endings: ['', '', 'e', 'en', 'er', 'es'], stop: '.', rare: 'x' },
  { code: 'ru', syllables: cross('б в г д ж з к л м н п р с т ш'.split(' '), 'а е и о у ы я'.split(' '), ['', 'н', 'р', 'л']), endings: ['', '', 'а', 'у', 'ом', 'ы', 'ов'], stop: '.', rare: 'щ' },
  { code: 'tr', syllables: cross('b c ç d g k l m n r s ş t y'.split(' '), 'a e ı i o ö u ü'.split(' '), ['', 'n', 'r', 'k']), endings: ['', '', 'ler', 'lar', 'de', 'dan'], stop: '.', rare: 'v' },
];

/** @param {string[]} heads @param {string[]} hearts @param {string[]} tails */
function cross(heads, hearts, tails) {
  return tails.flatMap((tail) => heads.flatMap((head) => hearts.map((heart) => head + heart + tail)));
}

/**
 * The stem of a rank: short for frequent words, and no two alike. Ranks of one length are permuted, so that neighbours in
 * frequency are no neighbours in the alphabet.
 * @param {Language} language
 * @param {number} rank from 0.
 */
export function stem({ syllables }, rank) {
  const base = syllables.length;
  let length = 1;
  let below = 0;
  for (let count = base; rank >= below + count; count *= base) {
    below += count;
    length += 1;
  }
  const count = base ** length;
  // A multiplier that shares no factor with the base permutes the places.
  let place = Number((BigInt(rank - below) * MULTIPLIER) % BigInt(count));
  let word = '';
  for (let left = length; left > 0; left--) {
    word += syllables[place % base];
    place = Math.floor(place / base);
  }
  return word;
}

/** A prime. */
const MULTIPLIER = 1_000_003n;

/** The word of a probe. Syllables of another word may meet in the same letters by chance, so it ends with one that no other has.
 *  @param {number} probe below PROBES. */
export function probeWord(probe) {
  const language = /** @type {Language} */ (LANGUAGES[probe % LANGUAGES.length]);
  return stem(language, RANK_MAX + 7919 * (probe + 1)) + language.rare;
}

/** Numbers in [0, 1), the same for the same seed: xorshift32 (Marsaglia 2003). @param {number} seed @returns {() => number} */
function numbers(seed) {
  let state = (seed * 2_654_435_761 + 1) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}

/** A rank by Zipf and Mandelbrot's law, by inverting the integral of its tail. @param {() => number} next @param {number} max */
function rankOf(next, max) {
  for (;;) {
    const rank = Math.floor((SHIFT + 1) * (1 - next()) ** (-1 / (EXPONENT - 1)) - SHIFT - 1);
    if (rank < max) return rank;
  }
}

/**
 * @param {number} count
 * @param {number} seed
 * @returns {Generator<string>} JSON lines, oldest first.
 */
export function* posts(count, seed) {
  const next = numbers(seed);
  const pick = (/** @type {number} */ below) => Math.floor(next() * below);
  /** Words said already, as most of a text is said with few words. @type {string[][]} */
  const known = LANGUAGES.map((language) => Array.from({ length: 20_000 }, (_, rank) => stem(language, rank)));
  const every = Math.max(1, Math.floor(count / (PROBES * PROBE_POSTS)));
  for (let post = 0; post < count; post++) {
    const channel = pick(12);
    const which = channel % LANGUAGES.length;
    const language = /** @type {Language} */ (LANGUAGES[which]);
    const word = () => {
      const rank = rankOf(next, RANK_MAX);
      return (known[which]?.[rank] ?? stem(language, rank)) + (rank < 60 ? '' : language.endings[pick(language.endings.length)]);
    };
    const words = Array.from({ length: 4 + pick(2 * (MEAN_WORDS - 4)) }, word);
    const probe = post / every;
    if (Number.isInteger(probe) && probe < PROBES * PROBE_POSTS) words.splice(pick(words.length), 0, probeWord(probe % PROBES));
    for (let place = 9; place < words.length; place += 10) words[place] += language.stop;
    const time = FIRST_DATE + ((LAST_DATE - FIRST_DATE) * post) / count;
    const tags = Array.from({ length: pick(4) }, () => stem(language, Math.min(499, rankOf(next, 500))));
    yield JSON.stringify({
      id: String(post), date: `${new Date(time).toISOString().slice(0, 19)}Z`, channel: `channel-${channel}`, lang: language.code,
      author: `${stem(language, 100 + Math.min(299, rankOf(next, 300)))}`, text: `${words.join(' ')}${language.stop}`, tags,
    });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const out = createWriteStream('', { fd: 1 });
  let text = '';
  for (const line of posts(Number(process.argv[2]), Number(process.argv[3] ?? 1))) {
    text += `${line}\n`;
    if (text.length < 1 << 20) continue;
    if (!out.write(text)) await once(out, 'drain');
    text = '';
  }
  out.end(text);
}
