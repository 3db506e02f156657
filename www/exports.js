/** Posts as files: a table, JSON, Markdown. Each is written post by post, since all that a question finds may be more than memory holds
 *  twice. */

import { sayParts } from './messages.js';

/** @typedef {import('./types').RecordView} RecordView */
/** @typedef {{ post: RecordView | null, uid: string, note: string }} Row A post, or null where the archive has none of this uid. */

/**
 * @typedef {object} About What a file says of where its posts are from.
 * @property {string} archive Title of the archive.
 * @property {string} hash The SHA-256 of its container, or how it begins.
 * @property {(uid: string) => string} link
 * @property {string} [question] The address of the search whose hits these are.
 */

/**
 * @typedef {object} Form
 * @property {string} name
 * @property {string} type
 * @property {(about: About) => string} begin
 * @property {(row: Row, about: About, at: number) => string} row
 * @property {(count: number) => string} end
 */

/** Without it some spreadsheets take a table for one in another encoding. */
export const BOM = '\uFEFF';

/** The forms, by the endings of their files. @type {Record<string, Form>} */
export const FORMS = {
  csv: { name: 'CSV', type: 'text/csv;charset=utf-8', begin: () => BOM + line(['uid', 'date', 'author', 'channel', 'forwarded_from', 'title', 'text', 'spans', 'tags', 'url', 'link', 'note']), row: csvRow, end: () => '' },
  json: { name: 'JSON', type: 'application/json', begin: jsonBegin, row: jsonRow, end: (count) => `${count > 0 ? '\n  ' : ''}]\n}\n` },
  md: { name: 'Markdown', type: 'text/markdown;charset=utf-8', begin: markdownBegin, row: markdownRow, end: () => '' },
};

/** A file as one text. @param {Form} form @param {Row[]} rows @param {About} about */
export function written(form, rows, about) {
  return form.begin(about) + rows.map((row, at) => form.row(row, about, at)).join('') + form.end(rows.length);
}

/** @param {About} about */
function jsonBegin({ archive, hash, question }) {
  const head = JSON.stringify({ archive, sha256: hash, search: question }, null, 2);
  return `${head.slice(0, -2)},\n  "posts": [`;
}

/** @param {Row} row @param {About} about @param {number} at */
function jsonRow({ post, uid, note }, { link }, at) {
  const value = { uid, note, link: link(uid), ...(post && { date: post.date, author: post.author, channel: post.channel, forwarded_from: post.forwarded_from, title: post.title, text: post.text, spans: post.spans, tags: post.tags, url: post.url, source: post.source }) };
  return `${at > 0 ? ',' : ''}\n    ${JSON.stringify(value, null, 2).replaceAll('\n', '\n    ')}`;
}

/** @param {Row} row @param {About} about */
function csvRow({ post, uid, note }, { link }) {
  return line([uid, post?.date, post?.author, post?.channel, post?.forwarded_from?.name, post?.title, post?.text, post && post.spans.length > 0 ? JSON.stringify(post.spans) : '', post?.tags.map((tag) => `#${tag}`).join(' '), post?.url, link(uid), note]);
}

/** As RFC 4180 has it. What a spreadsheet would run as a formula begins with an apostrophe. @param {(string | null | undefined)[]} cells */
function line(cells) {
  const written = cells.map((text) => {
    const safe = /^[=+\-@\t\r]/.test(text ?? '') ? `'${text}` : (text ?? '');
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  });
  return `${written.join(',')}\r\n`;
}

/** @param {About} about */
function markdownBegin({ archive, hash, question }) {
  return `# ${mark(archive)}\n\nSHA-256 ${hash}\n${question === undefined ? '' : `\n<${question}>\n`}`;
}

/** @param {Row} row @param {About} about */
function markdownRow({ post, uid, note }, { link }) {
  const head = [post?.date, post?.author, post?.channel, forwarded(post)].filter(Boolean).map((part) => mark(String(part))).join(' · ');
  const quote = post === null ? '' : [post.title && `**${mark(post.title)}**`, spoken(post)].filter(Boolean).join('\n\n').split('\n').map((text) => `> ${text}`.trimEnd()).join('\n');
  const links = [`<${link(uid)}>`, post?.url && `<${post.url.replace(/[<>\s]/g, encodeURIComponent)}>`].filter(Boolean).join(' · ');
  return `\n${[`## ${head || mark(uid)}`, quote, note && mark(note), links].filter(Boolean).join('\n\n')}\n`;
}

/** @param {RecordView | null} post */
function forwarded(post) {
  return post?.forwarded_from ? sayParts('forwardedFrom', { name: post.forwarded_from.name }).join('') : null;
}

/** A text with its spoilers between bars, as chats write them: Markdown has no sign of its own for what is hidden. @param {RecordView} post */
function spoken({ text, spans }) {
  const hidden = spans.filter(({ kind }) => kind === 'spoiler').sort((a, b) => a.start - b.start);
  let [said, at] = ['', 0];
  for (const { start, end } of hidden) {
    if (start < at) continue;
    said += `${mark(text.slice(at, start))}||${mark(text.slice(start, end))}||`;
    at = end;
  }
  return said + mark(text.slice(at));
}

/** @param {string} text */
function mark(text) {
  return text.replace(/[\\`*_[\]<>#]/g, '\\$&');
}
