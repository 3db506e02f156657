/** Which shard holds a block. The manifest's first part names the first shards, and the pages that name the others: an archive of any
 *  size opens with a few kilobytes. docs/FORMAT.md has its shape; src/publish/manifest.rs writes it. */

import { damaged } from './source.js';

/** @typedef {import('./types').Manifest} Manifest */
/** @typedef {import('./types').ManifestPage} ManifestPage */
/** @typedef {import('./types').BlockRef} BlockRef */
/** @typedef {{ name: string, offset: number, len: number }} Shard Place and length in the container, in bytes. */

/** The format that this page reads; src/format/header.rs has the same number. */
export const VERSION = 2;

/** What fonds itself writes; a name becomes a path. */
const NAME = /^[a-z0-9-]+$/;

export class Directory {
  /** Parts in the order of their offsets; one without shards has yet to be loaded. @type {{ name: string, offset: number, shards: Shard[] | null }[]} */
  #parts;
  /** @type {[string, number, string][]} */
  #segments;
  /** Id of the archive: prefix of every storage key. */
  archive;

  /**
   * @param {Manifest} manifest the first part.
   * @param {string} archive id of the archive that the page was published with; empty where it is not known.
   */
  constructor(manifest, archive) {
    if (manifest.version !== VERSION) throw new Error(`This archive has version ${manifest.version} of the format, and this page reads version ${VERSION}: publish it anew, or open it with the page that came with it.`);
    if (archive !== '' && manifest.archive !== archive) throw new Error('archive/manifest.js belongs to another archive than index.html: was one folder copied over another?');
    this.archive = manifest.archive;
    this.#segments = manifest.segments ?? [];
    this.#parts = [{ name: 'manifest', offset: 0, shards: placed(manifest.shards, 0) }, ...manifest.pages.map(([name, offset]) => ({ name, offset, shards: null }))];
  }

  /** The shard that opens the archive. @returns {Shard} */
  get root() {
    const root = this.#parts[0]?.shards?.[0];
    if (!root) throw new Error('archive/manifest.js names no shards: was the folder written whole?');
    return root;
  }

  /** The shard that every first look at a post needs, where the first part names it. @returns {Shard | undefined} */
  get dictionary() {
    return this.#parts[0]?.shards?.find(({ name }) => name.startsWith('store-dictionary-'));
  }

  /** The shards that most queries begin with, those of words, where the first part names them and they have no more bytes than `max`. @param {number} max @returns {Shard[]} */
  beginnings(max) {
    const shards = this.#parts[0]?.shards?.filter(({ name }) => /^(terms|prefixes)-/.test(name)) ?? [];
    return shards.reduce((sum, { len }) => sum + len, 0) > max ? [] : shards;
  }

  /** Names of the shards that open the segments. @returns {string[]} */
  get roots() {
    return this.#segments.length > 0 ? this.#segments.map(([, , name]) => checked(name)) : [this.root.name];
  }

  /** Name of the page that must be added before this block can be found, if any. @param {number} offset @returns {string | null} */
  missing(offset) {
    const part = last(this.#parts, offset);
    return part && part.shards === null ? part.name : null;
  }

  /** @param {string} name @param {ManifestPage} page */
  add(name, page) {
    const part = this.#parts.find((part) => part.name === name);
    if (!part || page.archive !== this.archive) throw new Error(damaged(`archive/${name}.js`));
    part.shards = placed(page.shards, part.offset);
  }

  /** The shard that holds all of a block; null when none does. @param {BlockRef} block @returns {Shard | null} */
  locate({ offset, len }) {
    const shard = last(last(this.#parts, offset)?.shards ?? [], offset);
    return shard && offset + len <= shard.offset + shard.len ? shard : null;
  }
}

/** @param {string} name */
function checked(name) {
  if (!NAME.test(name)) throw new Error(damaged('archive/manifest.js'));
  return name;
}

/** @param {[string, number][]} pairs names and lengths. @param {number} offset of the first. @returns {Shard[]} */
function placed(pairs, offset) {
  return pairs.map(([name, len]) => {
    const shard = { name: checked(name), offset, len };
    offset += len;
    return shard;
  });
}

/** The last of those that begin at or before an offset, by binary search. @template {{ offset: number }} T @param {T[]} sorted @param {number} offset @returns {T | undefined} */
function last(sorted, offset) {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (/** @type {T} */ (sorted[middle]).offset <= offset) low = middle + 1;
    else high = middle;
  }
  return sorted[low - 1];
}
