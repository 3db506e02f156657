/** The basket: posts that a reader has marked, with notes. It lives in this page's storage under the archive's id, and in memory alone
 *  where storage throws, as it does in some frames. What it holds leaves it as a file. */

/** @typedef {{ uid: string, note: string }} Kept */
/** @typedef {import('./types').RecordView} RecordView */

/** More would not fit into a storage, nor into anyone's head. */
export const KEPT_MAX = 5000;

const NOTE_MAX = 10_000;

export class Basket {
  #key;
  #storage;
  /** @type {Map<string, string>} */
  #notes = new Map();

  /** @param {string} archive Id of the archive. @param {() => Pick<Storage, 'getItem' | 'setItem'>} storage May throw. */
  constructor(archive, storage) {
    this.#key = `fonds:${archive}:basket`;
    this.#storage = storage;
    try {
      this.add(parseKept(this.#storage().getItem(this.#key) ?? '[]'));
    } catch {
      // What cannot be read is not there.
    }
  }

  get size() {
    return this.#notes.size;
  }

  /** @returns {Kept[]} In the order in which they were marked. */
  get kept() {
    return [...this.#notes].map(([uid, note]) => ({ uid, note }));
  }

  /** @param {string} uid */
  has(uid) {
    return this.#notes.has(uid);
  }

  /** @param {string} uid */
  remove(uid) {
    this.#notes.delete(uid);
    return this.#save();
  }

  /** Adds posts; one that is here keeps its note where it comes without. @param {Kept[]} kept @returns {boolean} whether it will still be here tomorrow. */
  add(kept) {
    for (const { uid, note } of kept) {
      if (this.#notes.size >= KEPT_MAX && !this.#notes.has(uid)) break;
      this.#notes.set(uid, (note || this.#notes.get(uid) || '').slice(0, NOTE_MAX));
    }
    return this.#save();
  }

  #save() {
    try {
      this.#storage().setItem(this.#key, JSON.stringify(this.kept));
      return true;
    } catch {
      return false;
    }
  }
}

/**
 * Reads a basket as {@link toJson} writes it. Throws on anything else.
 * @param {string} json
 * @returns {Kept[]}
 */
export function parseKept(json) {
  const value = JSON.parse(json);
  const list = Array.isArray(value) ? value : value?.posts;
  if (!Array.isArray(list)) throw new Error('no list of posts');
  return list.slice(0, KEPT_MAX).filter((post) => typeof post?.uid === 'string' && post.uid !== '').map(({ uid, note }) => ({ uid, note: typeof note === 'string' ? note : '' }));
}

/** @typedef {{ archive: string, hash: string, link: (uid: string) => string }} About */
/** @typedef {{ post: RecordView | null, uid: string, note: string }} Row A post, or null where the archive has none of this uid. */

/** @param {Row[]} rows @param {About} about */
export function toJson(rows, { archive, hash, link }) {
  const posts = rows.map(({ post, uid, note }) => ({
    uid, note, link: link(uid), ...(post && { date: post.date, author: post.author, channel: post.channel, title: post.title, text: post.text, tags: post.tags, url: post.url, source: post.source }),
  }));
  return `${JSON.stringify({ archive, sha256: hash, posts }, null, 2)}\n`;
}

/** As RFC 4180 has it. What a spreadsheet would run as a formula begins with an apostrophe. @param {Row[]} rows @param {About} about */
export function toCsv(rows, { link }) {
  const cell = (/** @type {string | null | undefined} */ text) => {
    const safe = /^[=+\-@\t\r]/.test(text ?? '') ? `'${text}` : (text ?? '');
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const head = ['uid', 'date', 'author', 'channel', 'title', 'text', 'tags', 'url', 'link', 'note'];
  const lines = rows.map(({ post, uid, note }) => [uid, post?.date, post?.author, post?.channel, post?.title, post?.text, post?.tags.map((tag) => `#${tag}`).join(' '), post?.url, link(uid), note]);
  return [head, ...lines].map((line) => `${line.map(cell).join(',')}\r\n`).join('');
}

/** @param {Row[]} rows @param {About} about */
export function toMarkdown(rows, { archive, hash, link }) {
  const mark = (/** @type {string} */ text) => text.replace(/[\\`*_[\]<>#]/g, '\\$&');
  const posts = rows.map(({ post, uid, note }) => {
    const head = [post?.date, post?.author, post?.channel].filter(Boolean).map((part) => mark(String(part))).join(' · ');
    const quote = post === null ? '' : [post.title && `**${mark(post.title)}**`, mark(post.text)].filter(Boolean).join('\n\n').split('\n').map((line) => `> ${line}`.trimEnd()).join('\n');
    const links = [`<${link(uid)}>`, post?.url && `<${post.url.replace(/[<>\s]/g, encodeURIComponent)}>`].filter(Boolean).join(' · ');
    return [`## ${head || mark(uid)}`, quote, note && mark(note), links].filter(Boolean).join('\n\n');
  });
  return `# ${mark(archive)}\n\nSHA-256 ${hash}\n\n${posts.join('\n\n')}\n`;
}
