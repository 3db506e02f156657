/** Reproducible randomness for properties, and strings that have broken other pages. */

/** Numbers in [0, 1) from a seed (mulberry32). @param {number} seed */
export function randomFrom(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export const HOSTILE = [
  '', ' ', 'minsk', 'two words', ' leading and trailing ', 'a&b=c#d', '%', '%zz', '100%25', '+', 'a+b', '?', '/', '//', '..', '<img src=x onerror=alert(1)>', '"quotes"', "'", '\\',
  '\u0000', '\n\r\t', '__proto__', 'constructor', 'f.tag', '-x', '=', '&', 'مرفأ', 'נמל', '港', 'é', 'e\u0301', '👩‍👩‍👧', '🇷🇺', '\u202Eevil', '\u2066x', 'javascript:alert(1)', 'q', 'm', 'x'.repeat(3000),
];
