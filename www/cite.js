/** A post as a citation, in the forms that other programs read. Nothing is invented: what the source did not say is left out. */

import { covered } from './view/spans.js';

/** @typedef {import('./types').RecordView} RecordView */

/**
 * @typedef {object} Cited
 * @property {Pick<RecordView, 'uid' | 'author' | 'channel' | 'date' | 'title' | 'text' | 'spans' | 'url'>} post
 * @property {string} archive Title of the archive.
 * @property {string} hash The SHA-256 of its container, or how it begins.
 * @property {string} link The post's address within the archive.
 * @property {string | null} licence Under which the archive may be used.
 * @property {string | null} when Its date in words.
 * @property {string | null} day The same as `2024-06-24`, or less where the source knows less.
 * @property {string} within The word before what it stands in.
 * @property {string | null} forwarded From whom it was forwarded, in words.
 */

/** Characters of a text that stand for a title where there is none. */
const TITLE_MAX = 80;

/** The forms, by the names that the page gives them. @type {Record<string, (cited: Cited) => string>} */
export const FORMS = { plain, Markdown: markdown, BibTeX: bibtex, 'CSL-JSON': csl, wiki };

/** @param {Cited} cited */
function plain(cited) {
  const { post, archive, hash, licence, link, when, within, forwarded } = cited;
  const head = [post.author, `“${titleOf(post)}”`, place(post), when, forwarded].filter(Boolean).join(', ');
  const original = post.url === null ? '' : ` ${post.url}.`;
  return `${head}.${original} ${within} ${archive} (SHA-256 ${hash}), ${post.uid}, ${link}${licence === null ? '' : ` (${licence})`}`;
}

/** @param {Cited} cited */
function markdown({ post, archive, hash, licence, link, when, within, forwarded }) {
  const mark = (/** @type {string} */ text) => text.replace(/[\\`*_[\]<>]/g, '\\$&');
  const to = (/** @type {string} */ url) => `<${url.replace(/[<>\s]/g, encodeURIComponent)}>`;
  const title = post.url === null ? `“${mark(titleOf(post))}”` : `[${mark(titleOf(post))}](${to(post.url)})`;
  const head = [post.author && mark(post.author), title, mark(place(post) ?? ''), when, forwarded && mark(forwarded)].filter(Boolean).join(', ');
  return `${head}. ${within} [${mark(archive)}](${to(link)}), ${mark(post.uid)} (SHA-256 ${hash})${licence === null ? '' : `, ${mark(licence)}`}`;
}

/** @param {Cited} cited */
function bibtex({ post, archive, hash, licence, link, day, forwarded }) {
  const text = (/** @type {string} */ value) => value.replace(/[\\{}$&#%_^~]/g, (sign) => BIBTEX.get(sign) ?? `\\${sign}`);
  // Within an address only what would end the field may not stand.
  const address = (/** @type {string} */ url) => url.replace(/[{}\\]/g, encodeURIComponent);
  const fields = [
    ['author', post.author && `{${text(post.author)}}`], ['title', `{${text(titleOf(post))}}`], ['howpublished', place(post) && text(place(post) ?? '')],
    ['date', day], ['year', day?.slice(0, 4)], ['url', address(post.url ?? link)], ['note', `${forwarded === null ? '' : `${text(forwarded)}, `}${text(archive)}, ${text(post.uid)}, ${post.url === null ? '' : `\\url{${address(link)}}, `}SHA-256 ${hash}`], ['copyright', licence && text(licence)],
  ].filter(([, value]) => value);
  return `@misc{${keyOf(post)},\n${fields.map(([name, value]) => `  ${name} = {${value}}`).join(',\n')}\n}`;
}

const BIBTEX = new Map([['\\', '\\textbackslash{}'], ['^', '\\textasciicircum{}'], ['~', '\\textasciitilde{}']]);

/** @param {Cited} cited */
function csl({ post, archive, hash, licence, link, day, forwarded }) {
  const item = {
    id: post.uid, type: 'post', title: titleOf(post), author: post.author === null ? undefined : [{ literal: post.author }], issued: day === null ? undefined : { 'date-parts': [day.split('-').map(Number)] },
    'container-title': place(post) ?? undefined, URL: post.url ?? link, archive, archive_location: post.uid, note: [forwarded, post.url === null ? null : link, `SHA-256 ${hash}`].filter((part) => part !== null).join(', '), license: licence ?? undefined,
  };
  return JSON.stringify([item], null, 2);
}

/** @param {Cited} cited */
function wiki({ post, archive, hash, licence, link, day, forwarded }) {
  const value = (/** @type {string} */ text) => text.replace(/[|{}[\]]/g, (sign) => `&#${sign.charCodeAt(0)};`).replace(/\s+/g, ' ');
  const fields = [['url', post.url ?? link], ['title', titleOf(post)], ['author', post.author], ['date', day], ['website', place(post)], ['others', forwarded], ['via', [archive, post.uid, post.url === null ? null : link, `SHA-256 ${hash}`, licence].filter((part) => part !== null).join(', ')]];
  return `{{cite web ${fields.filter(([, text]) => text).map(([name, text]) => `|${name}=${value(text ?? '')}`).join(' ')}}}`;
}

/** Its title, else how its text begins; what a spoiler hides there is not told. @param {Cited['post']} post */
export function titleOf({ title, text, spans, uid }) {
  const line = (title ?? '').trim() || covered(text, spans).trim().split('\n')[0] || uid;
  const signs = [...line.replace(/\s+/g, ' ')];
  return signs.length <= TITLE_MAX ? signs.join('') : `${signs.slice(0, TITLE_MAX).join('').replace(/\s\S*$/, '')} …`;
}

/** @param {Cited['post']} post */
function place({ channel, author }) {
  return channel === author ? null : channel;
}

/** The day of a moment in the archive's time zone, as its words name it; of any other date the day, month or year that it has. @param {string} date @param {string} timeZone */
export function dayOf(date, timeZone) {
  const at = new Date(date);
  if (!isMoment(date) || Number.isNaN(at.getTime())) return /^\d{4}(-\d\d(-\d\d)?)?/.exec(date)?.[0] ?? null;
  const parts = new Map(new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).formatToParts(at).map(({ type, value }) => [type, value]));
  return `${parts.get('year')?.padStart(4, '0')}-${parts.get('month')}-${parts.get('day')}`;
}

/** Whether a date is a point in time, so that its day hangs on the zone. @param {string} date */
export function isMoment(date) {
  return /T.*(Z|[+-]\d\d:\d\d)$/.test(date);
}

/** A key that every program takes. @param {Cited['post']} post */
function keyOf({ uid }) {
  return uid.normalize('NFKD').replace(/[^A-Za-z0-9]+/g, '-').replace(/^-|-$/g, '') || 'post';
}
