/** One post, whole: its text, everything that its source said about it, and its neighbours. */

import { blockOf, el, safeHref, safePath, thumbOf } from '../dom.js';
import { formatDate, formatNumber, formatSize, locale, nameFacet, nameFlag, nameKind, nameLanguage, nameValue, say, sayParts } from '../messages.js';
import { explainFlag, formatDuration } from '../words.js';
import { copyLabel, either } from './either.js';
import { fieldRows } from './fields.js';
import { icon, mediaIcon } from './icons.js';
import { nameKinds } from './kinds.js';
import { sourceLine } from './place.js';
import { covered, outerLink, spannedText } from './spans.js';
import { markedText } from './text.js';

/** @typedef {import('../types').RecordView} RecordView */
/** @typedef {import('../types').PostView} PostView */

/** What a post and a hit have in common. @typedef {Pick<RecordView, 'uid' | 'kind' | 'date' | 'author' | 'channel' | 'title' | 'text' | 'lang' | 'damaged'> & { spans?: RecordView['spans'], media?: (string | RecordView['media'][0])[] } & { forwarded_from: string | RecordView['forwarded_from'] }} Neighbour */

/**
 * @typedef {object} PostContext
 * @property {string} timeZone
 * @property {string | null} format Of the post's source.
 * @property {(uid: string) => string} postHref
 * @property {(facet: string, value: string) => string} valueHref
 * @property {{ at: number, count: string } | null} place Which hit this is, where it is one; counted from 1.
 * @property {string | null} previous The address of the hit before.
 * @property {string | null} next
 * @property {() => void} close
 * @property {(button: HTMLButtonElement) => void} copyLink
 * @property {(button: HTMLButtonElement, post: RecordView) => void} cite
 * @property {(uid: string) => void} keep
 * @property {boolean} isKept
 * @property {string | null} passage Words of the post that the address points at.
 */

/** Characters of an id that stand in a sentence at most. */
const ID_MAX = 24;

/** Fields of the source's own that stand open below a post; more of them are folded, as is what is technical (fields.js). */
const FIELDS_OPEN = 6;

/** Flags that say why the source left the file of a medium out: `LEFT_OUT` in src/ingest/telegram.rs. */
export const LEFT_OUT = ['media_not_included', 'media_too_large', 'media_unavailable'];

/** Media that never were files. */
const NO_FILES = ['contact', 'location', 'unsupported'];

/** Between the words that lead to a passage and the passage. */
const PASSAGE_CUT = '-,';

/** Words that lead to a passage at most: a link may have some thousand characters. */
const LEAD_MAX = 100;

/** @param {PostView} view @param {PostContext} context @returns {Node[]} */
export function postView({ posts, index }, context) {
  const post = posts[index];
  if (!post) return [];
  return [
    toolbar(post, context),
    ...posts.slice(0, index).map((neighbour) => neighbourView(neighbour, context)),
    wholePost(post, context),
    ...posts.slice(index + 1).map((neighbour) => neighbourView(neighbour, context)),
  ];
}

/** What stands in the post's place when the archive has no such post. @param {string} uid @param {() => void} close @returns {Node[]} */
export function postGone(uid, close) {
  return [el('div', { class: 'tools' }, closeButton(close)), el('p', { class: 'notice' }, say('postGone', { uid }))];
}

/** @param {RecordView} post @param {PostContext} context */
function toolbar(post, { place, previous, next, close, copyLink, cite, keep, isKept }) {
  const copy = el('button', { type: 'button', class: 'plain', 'data-focus': 'copy', title: say('copyLinkHow') }, icon('link'), copyLabel('copyLink'));
  copy.addEventListener('click', () => copyLink(copy));
  const citing = el('button', { type: 'button', class: 'plain', 'data-focus': 'cite', 'aria-expanded': 'false' }, icon('cite'), el('span', {}, say('cite')));
  citing.addEventListener('click', () => cite(citing, post));
  const step = (/** @type {string | null} */ href, /** @type {'postPrevious' | 'postNext'} */ name, /** @type {'back' | 'next'} */ sign) =>
    href === null ? el('span', { class: 'step' }, icon(sign)) : el('a', { class: 'step', href, 'aria-label': say(name), title: say(name), 'data-replace': '', 'data-focus': name }, icon(sign));
  return el(
    'div',
    { class: 'tools' },
    closeButton(close),
    place && el('span', { class: 'steps' }, step(previous, 'postPrevious', 'back'), say('postOf', { at: formatNumber(place.at), count: place.count }), step(next, 'postNext', 'next')),
    el('span', { class: 'grow' }),
    copy,
    post.damaged === null && citing,
    post.damaged === null && el('button', { type: 'button', class: isKept ? 'plain kept' : 'plain', 'data-focus': 'keep', 'aria-pressed': String(isKept), on: { click: () => keep(post.uid) } }, keepLabel(isKept)),
    safeHref(post.url) !== null && outerLink(post.url, [icon('out'), el('span', {}, say('original'))], 'plain'),
  );
}

/**
 * Leaves the tools of a post their signs alone where their words would take a second line, in whatever language and with whatever count;
 * a pointer is told the words then.
 */
export function fitTools() {
  const tools = document.querySelector('#post .tools');
  if (!tools) return;
  tools.classList.remove('signs');
  const parts = /** @type {HTMLElement[]} */ ([...tools.querySelectorAll('.steps, .plain:not(.close)')]);
  const isTight = Math.max(...parts.map(({ offsetTop }) => offsetTop)) >= Math.min(...parts.map(({ offsetTop, offsetHeight }) => offsetTop + offsetHeight));
  tools.classList.toggle('signs', isTight);
  for (const part of parts) {
    // What says more than its word keeps saying it.
    if (part.matches('.plain:not([data-focus=copy])')) part.title = isTight ? (part.textContent ?? '') : '';
  }
}

/** Says whether a post is kept, in a sign too: a narrow screen has no room for the word. @param {boolean} isKept */
export function keepLabel(isKept) {
  const [word, other] = isKept ? [say('kept'), say('keep')] : [say('keep'), say('kept')];
  return [icon(isKept ? 'kept' : 'basket'), either(word, other)];
}

/** @param {() => void} close */
function closeButton(close) {
  return el('button', { type: 'button', class: 'plain close', 'data-focus': 'close', 'aria-label': say('back'), on: { click: close } }, icon('back'), icon('close'), el('span', {}, say('back')));
}

/** @param {RecordView} post @param {PostContext} context */
function wholePost(post, context) {
  if (post.damaged !== null) return el('article', { class: 'whole', 'data-post': post.uid }, el('p', { class: 'notice' }, say('damaged', { reason: post.damaged })));
  const { lang } = post;
  return el(
    'article',
    { class: 'whole', 'data-post': post.uid },
    passageNotice(post, context.passage),
    header(post, context),
    post.title !== null && el('h2', { dir: 'auto', lang, tabindex: -1 }, markedText(post.title, post.title_ranges)),
    post.text !== '' && el('div', { class: 'text', dir: 'auto', lang }, spannedText(post.text, [...post.spans, ...passageSpans(post.text, context.passage)], post.text_ranges, context.valueHref)),
    post.media.map((medium) => (isHidden(post) ? hiddenView(medium, post) : mediaView(medium, post))),
    post.poll && pollView(post.poll, post.title, lang),
    tagsLine(post, context),
    reactionsLine(post),
    details(post, context),
  );
}

/**
 * Where a passage stands in a text: white space and line ends may be others. Of words that stand more than once, some before them tell
 * which are meant: `before-,words`, as in https://wicg.github.io/scroll-to-text-fragment/.
 * @param {string} text @param {string | null} passage @returns {[number, number][]}
 */
export function passageRange(text, passage) {
  if (passage === null || passage.trim() === '') return [];
  const cut = passage.indexOf(PASSAGE_CUT);
  const found = findWords(text, '', passage) ?? (cut > 0 ? findWords(text, passage.slice(0, cut), passage.slice(cut + PASSAGE_CUT.length)) : null);
  return found === null ? [] : [found];
}

/**
 * The passage that leads to these words of a text, of which so much stands before them; null where it would be too long.
 * @param {string} text @param {string} before @param {string} words @returns {string | null}
 */
export function passageAt(text, before, words) {
  const length = (/** @type {string} */ part) => part.replace(/\s/g, '').length;
  const lead = before.trim().split(/\s+/);
  for (let count = 0; count <= LEAD_MAX; count += 1) {
    const passage = count === 0 ? words : `${lead.slice(-count).join(' ')}${PASSAGE_CUT}${words}`;
    const [range] = passageRange(text, passage);
    if (range && length(text.slice(0, range[0])) === length(before)) return passage;
  }
  return null;
}

/** Where words first stand behind others. @param {string} text @param {string} before @param {string} words @returns {[number, number] | null} */
function findWords(text, before, words) {
  if (words.trim() === '') return null;
  const loose = (/** @type {string} */ part) => part.trim().split(/\s+/).map((word) => word.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')).join('\\s+');
  const found = new RegExp(`(${loose(before)}\\s*)(${loose(words)})`).exec(text);
  if (found === null) return null;
  const [all, lead = ''] = found;
  return [found.index + lead.length, found.index + all.length];
}

/** Says that a link points at words that are not here: the post was edited, or the link was cut. @param {RecordView} post @param {string | null} passage */
function passageNotice({ text }, passage) {
  if (passage === null || passage.trim() === '' || passageRange(text, passage).length > 0) return null;
  return el('p', { class: 'extras passage-gone', role: 'status' }, say('passageGone', { passage: firstWords(passage) }));
}

/** @param {string} text @param {string | null} passage @returns {RecordView['spans']} */
function passageSpans(text, passage) {
  return passageRange(text, passage).map(([start, end]) => ({ start, end, kind: 'passage', href: null }));
}

/** @param {RecordView} post @param {PostContext} context */
function header(post, { timeZone, valueHref, postHref }) {
  const forwarded = post.forwarded_from;
  return el(
    'header',
    { class: 'meta' },
    el('p', {}, post.date !== null
      ? el('time', { datetime: post.date, title: post.date }, formatDate(post.date, timeZone, 'long'))
      : el('span', {}, capital(nameKind(post.kind)), say('comma'), say('undatedPost'))),
    el(
      'p',
      {},
      dotted([
        post.author !== null && el('a', { href: valueHref('author', post.author), dir: 'auto' }, post.author),
        post.channel !== null && post.channel !== post.author && el('a', { href: valueHref('channel', post.channel), dir: 'auto' }, post.channel),
        forwarded && el('span', {}, icon('forward'), sayParts('forwardedFrom', { name: el('a', { href: valueHref('forwarded_from', forwarded.name), dir: 'auto' }, forwarded.name) }), safeHref(forwarded.url) !== null && [' ', outerLink(forwarded.url, [icon('out'), el('span', { class: 'unseen' }, say('opens'))])]),
        post.reply_to !== null && link(uidWithin(post, post.reply_to), postHref, say('replyTo', { id: short(post.reply_to) }), 'answered'),
        post.thread !== null && link(uidWithin(post, post.thread), (uid) => valueHref('thread', uid), say('thread', { id: short(post.thread) }), 'thread'),
      ]),
    ),
  );
}

/** An id within a sentence: some are whole addresses. @param {string} id */
function short(id) {
  const shown = [...id];
  return shown.length > ID_MAX ? `${shown.slice(0, ID_MAX - 1).join('')}…` : id;
}

/** @param {string | null} uid @param {(uid: string) => string} to @param {string} words @param {string} [name] Its class. */
function link(uid, to, words, name) {
  return uid === null ? el('span', {}, words) : el('a', { href: to(uid), class: name ?? null }, words);
}

/**
 * What a post of this id in the same source is called: the uid of a post with an id begins with its source's name. Null where this one has none.
 * @param {Pick<RecordView, 'uid' | 'id'>} post @param {string} id
 */
export function uidWithin(post, id) {
  const end = post.id === null ? -1 : post.uid.lastIndexOf(`/${post.id}`);
  return end < 0 ? null : `${post.uid.slice(0, end)}/${id}`;
}

/** Whether its media are a spoiler, as Telegram's own field says. @param {RecordView} post */
function isHidden({ fields }) {
  return fields.some(({ name, value }) => name === 'media_spoiler' && value === 'true');
}

/** Posts whose media the reader has asked for. @type {Set<string>} */
const uncovered = new Set();

/** What stands for a medium that is shown only to those who ask for it: not even its thumbnail is loaded before. @param {RecordView['media'][0]} medium @param {RecordView} post */
function hiddenView(medium, post) {
  const path = safePath(medium.path);
  // What is not here hides nothing; and what was shown stays so when the post is drawn anew.
  if (uncovered.has(post.uid) || path === null || (thumbOf(path) === null && blockOf('manifest') !== null)) return mediaView(medium, post);
  const show = () => {
    uncovered.add(post.uid);
    const shown = mediaView(medium, post);
    cover.replaceWith(shown);
    const target = shown.querySelector('a') ?? shown;
    if (target === shown) shown.tabIndex = -1;
    target.focus({ preventScroll: true });
  };
  const cover = el('p', { class: 'medium' }, icon(mediaIcon(medium.kind)), el('button', { type: 'button', class: 'more', on: { click: show } }, say('spoilerMedium', { kind: nameKind(medium.kind) })));
  return cover;
}

/** @param {RecordView['media'][0]} medium @param {RecordView} post */
function mediaView(medium, post) {
  const path = safePath(medium.path);
  const thumb = thumbOf(path);
  // The single html has thumbnails alone.
  const isSingle = blockOf('manifest') !== null;
  if (path === null || (isSingle && thumb === null)) return unseenView(medium, post);
  const kind = nameKind(medium.kind);
  const image = thumb === null ? null : el('img', { src: thumb, alt: medium.name === null ? kind : say('namedValue', { name: kind, value: medium.name }), loading: 'lazy' });
  const shown = image ?? [icon(mediaIcon(medium.kind)), ' ', kind];
  const facts = mediaFacts(medium);
  const figure = el(
    'figure',
    { class: image ? 'photo' : 'medium' },
    path === thumb || isSingle ? shown : el('a', { href: path, download: medium.kind !== 'photo' && (medium.name ?? true), target: medium.kind === 'photo' && '_blank' }, shown),
    facts.length > 0 && el('figcaption', {}, facts),
  );
  // A folder may have been copied without its media.
  image?.addEventListener('error', () => figure.replaceWith(unseenView(medium, post)));
  return figure;
}

/** @param {RecordView['media'][0]} medium @param {string | null} [reason] Why it is not here. */
function mediaFacts({ name, duration, size }, reason = null) {
  return dotted([name !== null && el('bdi', {}, name), duration !== null && formatDuration(duration), size !== null && formatSize(size), reason !== null && explainFlag(reason)]);
}

/** The flag that says why this medium is not here: where the source gives two reasons, which of them nobody knows. @param {RecordView['media'][0]} medium @param {Pick<RecordView, 'flags'>} post @returns {string | null} */
export function leftOut({ kind, path }, { flags }) {
  const [reason = null, other] = flags.filter((flag) => LEFT_OUT.includes(flag));
  return path === null && other === undefined && !NO_FILES.includes(kind) ? reason : null;
}

/** A medium that is not here, in words. @param {RecordView['media'][0]} medium @param {RecordView} post */
function unseenView(medium, post) {
  const words = medium.kind === 'unsupported' ? say('mediaUnsupported') : say('mediaUnseen', { kind: nameKind(medium.kind) });
  const facts = mediaFacts(medium, leftOut(medium, post));
  return el(
    'p',
    { class: 'medium' },
    icon(mediaIcon(medium.kind)),
    el('span', {}, facts.length > 0 ? sayParts('namedValue', { name: words, value: el('span', {}, facts) }) : words, safeHref(post.url) !== null && ['; ', outerLink(post.url, [say('mediaOpen')])]),
  );
}

/** @param {NonNullable<RecordView['poll']>} poll @param {string | null} title What stands above it, which may be what it asks. @param {string | null} lang */
function pollView({ question, answers, voters }, title, lang) {
  // Where one may choose several answers, a bar is the share of those who voted; where they are not counted, of the votes.
  const cast = answers.map(({ votes }) => votes ?? 0);
  const all = Math.max(1, ...cast, voters ?? cast.reduce((sum, votes) => sum + votes, 0));
  return el(
    'div',
    { class: 'poll' },
    el('p', { class: 'label' }, say('poll'), voters !== null && [' · ', say('pollVoters', { n: voters })]),
    question !== '' && question !== title && el('p', { class: 'question', dir: 'auto', lang }, question),
    el('ul', {}, answers.map(({ text, votes }) => {
      const share = el('span', { class: 'share', 'aria-hidden': 'true' });
      share.style.setProperty('inline-size', `${((votes ?? 0) / all) * 100}%`);
      return el('li', {}, el('span', { dir: 'auto', lang }, text), votes !== null && el('span', { class: 'count' }, say('pollVotes', { n: votes })), share);
    })),
  );
}

/** The tags that the text itself does not hold. @param {RecordView} post @param {PostContext} context */
function tagsLine(post, { valueHref }) {
  const tags = post.tags.filter((tag) => !post.text.includes(nameValue('tag', tag)));
  if (tags.length === 0) return null;
  return el('p', { class: 'extras' }, tags.map((tag) => el('a', { class: 'tag', href: valueHref('tag', tag), dir: 'auto' }, nameValue('tag', tag))));
}

/** @param {RecordView} post */
function reactionsLine(post) {
  const told = post.media.map((medium) => leftOut(medium, post));
  const parts = [
    ...post.reactions.map(({ emoji, count }) => el('span', { class: 'reaction' }, el('bdi', {}, emoji), ' ', formatNumber(count))),
    post.views !== null && el('span', {}, say('views', { n: post.views })),
    // What is said beside a medium is not said again; by itself it names what it is about.
    ...post.flags.filter((flag) => (flag !== 'unsupported_media' || post.media.length === 0) && !told.includes(flag)).map((flag) => el('span', {}, LEFT_OUT.includes(flag) ? nameFlag(flag) : explainFlag(flag))),
  ].filter(Boolean);
  return parts.length === 0 ? null : el('p', { class: 'extras' }, /** @type {Node[]} */ (parts));
}

/** What else is known, as a quiet table. @param {RecordView} post @param {PostContext} context */
function details(post, { timeZone, format, valueHref, postHref }) {
  /** @type {[Node | string, Node | string | (Node | string)[]][]} */
  const rows = [];
  // On paper a link is worth nothing without its address.
  /** @type {[string, string][]} */
  const printed = [];
  if (post.dates_mentioned.length > 0) {
    rows.push([nameFacet('dates_mentioned'), comma(post.dates_mentioned.map((date) => el('a', { href: valueHref('dates_mentioned', date) }, formatDate(date, 'UTC'))))]);
  }
  if (post.lang !== null) rows.push([nameFacet('lang'), nameLanguage(post.lang)]);
  if (post.edited !== null) rows.push([capital(say('edited')), formatDate(post.edited, timeZone, 'long')]);
  rows.push([say('source'), sourceLine(post)]);
  if (post.url !== null) printed.push([say('original'), post.url]);
  rows.push([say('postId'), el('a', { href: postHref(post.uid), 'data-replace': '', dir: 'auto' }, post.uid)]);
  const { plain, technical } = fieldRows(post, format, timeZone);
  const isFew = plain.length <= FIELDS_OPEN;
  const folded = isFew ? technical : [...plain, ...technical];
  const row = (/** @type {Node | string} */ name, /** @type {import('../dom.js').Child | Node[] | (Node | string)[]} */ value, /** @type {string} */ kind) =>
    el('div', { class: kind }, el('dt', {}, name), el('dd', {}, value));
  return [
    el('dl', { class: 'details' }, rows.map(([name, value]) => row(name, value, 'known')), isFew && plain.map(({ name, value }) => row(name, value, 'known')), printed.map(([name, value]) => row(name, value, 'printed'))),
    folded.length > 0 && el('details', { class: 'fields' }, el('summary', { class: 'quiet' }, say('furtherFields', { n: folded.length })), el('dl', { class: 'details' }, folded.map(({ name, value }) => row(name, value, 'known')))),
  ];
}

/** A neighbour: enough of it to know what the post stood beside. @param {Neighbour} post @param {Pick<PostContext, 'timeZone' | 'postHref'>} context */
export function neighbourView(post, { timeZone, postHref }) {
  const text = post.damaged !== null ? say('damaged', { reason: post.damaged }) : (post.title ?? '') || covered(post.text, post.spans ?? []) || nameKinds(post);
  const who = post.author ?? post.channel ?? forwarder(post.forwarded_from) ?? nameKind(post.kind);
  return el(
    'a',
    { class: 'neighbour', href: post.damaged === null && postHref(post.uid), 'data-replace': '' },
    el('span', { class: 'meta' }, dotted([post.date !== null && formatDate(post.date, timeZone), el('bdi', {}, who)])),
    el('span', { class: 'text', dir: 'auto', lang: post.lang }, firstWords(text)),
  );
}

/** @param {Neighbour['forwarded_from']} forwarded */
function forwarder(forwarded) {
  return typeof forwarded === 'string' ? forwarded : forwarded?.name;
}

/** The beginning of a text, cut between words. @param {string} text */
function firstWords(text) {
  const most = 220;
  if (text.length <= most) return text;
  const cut = text.slice(0, most);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), most - 30)).replace(/[\uD800-\uDBFF]$/, '')} …`;
}

/** @param {(Node | string | false | null | undefined)[]} parts @returns {(Node | string)[]} */
function dotted(parts) {
  const there = /** @type {(Node | string)[]} */ (parts.filter(Boolean));
  return there.flatMap((part, i) => (i === 0 ? [part] : [el('span', { class: 'dot' }, ' · '), part]));
}

/** @param {Node[]} parts @returns {(Node | string)[]} */
function comma(parts) {
  return parts.flatMap((part, i) => (i === 0 ? [part] : [say('comma'), part]));
}

/** @param {string} text */
function capital(text) {
  return text.charAt(0).toLocaleUpperCase(locale()) + text.slice(1);
}
