/** Tells what the program wrote into an archive in English in another language: how each format is recognised, what a reader notes, why it
 *  skips or leaves out. languages/accounts.json has the words, which whoever writes a reader brings (src/ingest/formats.rs), and the program
 *  publishes them (src/publish/words.rs); the first sentence of it that fits is taken.
 *
 *  In a template `{1}` stands for a name or the like, which stays as it is, `{1.}` for one without spaces, `{1#}` for a number, `{1…}` for a
 *  sentence that is told in its turn, `{1!}` for words of another program, and `{1-}` for words that English needs and no other language.
 *  Nothing is searched for twice: whatever stands in an archive, a sentence is gone through once for each template, and sentences within it
 *  are shorter. */

/**
 * A part of what is told: words of the language, a value that stays as it is, or English that nobody has translated.
 * @typedef {string | { value: string } | { english: string }} Told
 */

/** A template in its pieces: what stands between its holes, and what each hole takes. @typedef {{ texts: string[], holes: { name: string, kind: string }[] }} Template */

/** Sentences within each other, at most: lists are told one after another so. */
const MAX_DEPTH = 64;

/** Longest number whose digits are all kept. */
const MAX_DIGITS = 15;

/** What may stand in a hole; the others take whatever there is. @type {Record<string, RegExp>} */
const KINDS = { '#': /^\d+$/, '.': /^\S+$/, '-': /^[a-z]+( [a-z]+)*$/ };

/**
 * What tells a sentence in another language; it gives null for one that has no words there.
 * @param {readonly string[]} english
 * @param {readonly string[]} said The same in the other language, in the same order.
 * @param {(n: number) => string} formatNumber
 * @returns {(sentence: string) => Told[] | null}
 */
export function teller(english, said, formatNumber) {
  const templates = english.map((template, i) => ({ looked: parse(template), said: said[i] ?? template }));
  /** @param {string} sentence @param {number} depth @returns {Told[] | null} */
  const tell = (sentence, depth) => {
    for (const { looked, said } of depth > 0 ? templates : []) {
      const values = match(looked, sentence);
      if (values) return compose(said, values, depth);
    }
    return null;
  };
  /** @param {string} template @param {Map<string, string>} values @param {number} depth */
  const compose = (template, values, depth) => {
    // What is written as code is one value, with what is in it.
    return template.split(/(`[^`]*`|\{\d[.#…!]?\})/).filter((part) => part !== '').flatMap((part) => {
      const [, name = '', kind = ''] = /^\{(\d)(.?)\}$/.exec(part) ?? [];
      const value = values.get(name) ?? '';
      if (part.startsWith('`')) return [{ value: part.replace(/\{(\d).?\}/g, (_, name) => values.get(name) ?? '') }];
      if (name === '') return [part];
      if (kind === '#') return [value.length > MAX_DIGITS ? { value } : formatNumber(Number(value))];
      if (kind === '!') return [{ english: value }];
      return kind === '…' ? tell(value, depth - 1) ?? [{ english: value }] : [{ value }];
    });
  };
  return (sentence) => tell(sentence, MAX_DEPTH);
}

/** @param {string} template @returns {Template} */
function parse(template) {
  const parts = template.split(/\{(\d)([.#…!-]?)\}/);
  const at = (/** @type {number} */ place) => parts.filter((_, i) => i % 3 === place);
  const kinds = at(2);
  return { texts: at(0), holes: at(1).map((name, i) => ({ name, kind: kinds[i] ?? '' })) };
}

/**
 * What a sentence has in the holes of a template; null where it does not fit. Each piece between holes is taken where it first stands.
 * @param {Template} template
 * @param {string} sentence
 */
function match({ texts, holes }, sentence) {
  const [first = '', ...others] = texts;
  const last = others.pop();
  if (last === undefined) return sentence === first ? new Map() : null;
  if (!sentence.startsWith(first) || !sentence.endsWith(last)) return null;
  const end = sentence.length - last.length;
  /** @type {Map<string, string>} */
  const values = new Map();
  let from = first.length;
  for (const [i, { name, kind }] of holes.entries()) {
    const text = others[i];
    // No hole is empty.
    const to = text === undefined ? end : sentence.indexOf(text, from + 1);
    const value = to <= from || to > end ? '' : sentence.slice(from, to);
    if (value === '' || KINDS[kind]?.test(value) === false) return null;
    values.set(name, value);
    from = to + (text?.length ?? 0);
  }
  return values;
}
