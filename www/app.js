/** Wiring: events → state → worker → view. Here, and nowhere else, is state that outlives an event. */

import { paysByTheByte } from './connection.js';
import { byId, el } from './dom.js';
import { learnLanguage } from './language.js';
import { say } from './messages.js';
import { openArchive } from './open.js';
import { FACET_FEW, emptyAddress, formatAddress, hintsAtWhole, isAsked, isOpenEnded, parseAddress, sameQuestion, withoutSort } from './query.js';
import * as view from './view.js';
import { icon } from './view/icons.js';
import { PAGE_LEN, ResultList } from './view/results.js';

/** @typedef {import('./core.js').Core} Core */
/** @typedef {import('./query.js').Address} Address */
/** @typedef {import('./types').ArchiveInfo} ArchiveInfo */
/** @typedef {import('./types').SearchPage} SearchPage */
/** @typedef {import('./types').PostView} PostView */
/** @typedef {import('./room.js').Room} Room */
/** @typedef {import('./room.js').Host} Host */
/** @typedef {{ y: number, n: number }} Left How far down a reader was, and how many hits were there. */

/** Neighbours of an open post on each side. */
const CONTEXT = 2;

/** Wait before what is typed is written into the address and the title. WebKit refuses more than a hundred writes of the one in half a
 *  minute, and the other takes Chromium longer than the hits. */
const TYPING_MS = 150;

/** A query that stands for so long was meant: it stays in the history when another is typed. */
const PAUSE_MS = 1500;

/** Wait after a refused write. */
const REFUSED_MS = 5000;

/** An answer that comes sooner shows no progress line. */
const PATIENCE_MS = 200;

/** A frame that does not come sooner is not waited for: of a page that nobody sees none are drawn. */
const FRAME_MS = 250;

/** Wait after a key before what stands beside the hits is counted: in the middle of a word nobody reads it, and the next key would wait for it. */
const COUNTING_MS = 150;

/** A list that stands for so long is read, and what follows it is loaded; between keys that would be work for nothing. */
const AHEAD_MS = 400;

/** A page that was not scrolled for so long stands where it is read. */
const STILL_MS = 500;

/** Hits that are shown again at most where a reader comes back to. */
const AGAIN_MAX = 200;

/** Texts that one question scans at most: few enough for the answer to come at once. */
const SLICE = 400;

/** Corrected queries that are offered at most: as many as one looks at. */
const SUGGESTIONS = 3;

const narrow = matchMedia('(max-width: 699px)');

/** Aborted where a reader does not want to wait for the archive to open. */
const stopping = new AbortController();

class App {
  #core;
  #info;
  #box = /** @type {HTMLInputElement} */ (byId('q'));
  /** @type {Address} */
  #address = emptyAddress();
  /** The last answer, which stays on the screen until the next. @type {SearchPage | null} */
  #page = null;
  /** The open post; null where the archive has none of this uid, undefined until it is here. @type {PostView | null | undefined} */
  #post;
  /** Questions under way. */
  #busy = 0;
  /** Timer of a write to the history that waits. */
  #writing = 0;
  /** Timer of a title that waits. */
  #titling = 0;
  /** Whether the query stands, and the next key begins another. */
  #isSettled = true;
  #pause = 0;
  /** When the last key was typed, in milliseconds since the page was opened. */
  #typed = -COUNTING_MS;
  /** Timer of what is loaded ahead. */
  #ahead = 0;
  /** Whether going back one entry closes the open post. */
  #postWasPushed = false;
  /** Sentences about questions that failed, by kind. @type {Map<string, string>} */
  #failures = new Map();
  #results;
  #source;
  /** The answer to the newest question. @type {Promise<unknown>} */
  #answer = Promise.resolve();
  /** Whether the hits of the last answer have been drawn, and what stands beside them. @type {Promise<void>} */
  #drawn = Promise.resolve();
  /** Timer of conditions that wait for the answer. */
  #framing = 0;
  /** What surrounds the hits, once it is wanted, and once it is here. @type {Promise<Room> | null} */
  #loading = null;
  /** @type {Room | null} */
  #room = null;

  /** @param {Awaited<ReturnType<typeof openArchive>>} archive */
  constructor({ core, info, source }) {
    this.#core = core;
    this.#info = info;
    this.#source = source;
    const links = { post: (/** @type {string} */ uid) => this.#postHref(uid), value: (/** @type {string} */ facet, /** @type {string} */ value) => this.#valueHref(facet, value) };
    this.#results = new ResultList({ list: byId('results'), above: byId('above'), below: byId('below') }, links, (offset) => void this.#more(offset));
  }

  /** What surrounds the hits; loaded when it is first asked for. */
  #getRoom() {
    this.#loading ??= this.#source.room().then((Room) => {
      this.#room = new Room(this.#host());
      if (this.#page) this.#room.showAnswer(this.#page);
      return this.#room;
    });
    // A connection may be there again when it is next asked for.
    this.#loading.catch(() => (this.#loading = null));
    return this.#loading;
  }

  /** What the room may know and do. @returns {Host} */
  #host() {
    return {
      core: this.#core,
      info: this.#info,
      source: this.#source,
      address: () => this.#address,
      page: () => this.#page,
      post: () => this.#post,
      results: this.#results,
      drawn: () => this.#answer.then(() => this.#drawn),
      request: (offset) => this.#request(offset),
      go: (address, how) => this.#go(address, how),
      ask: (kind, question) => this.#ask(kind, question),
      show: (page) => this.#showAnswer(page),
      recount: () => this.#showCounts(),
      postHref: (uid) => this.#postHref(uid),
      valueHref: (facet, value) => this.#valueHref(facet, value),
      closePost: () => this.#closePost(),
      showSheet: view.showSheet,
    };
  }

  /** Shows what the address asks for, and listens. */
  async start() {
    const address = parseAddress(location.hash);
    // Words typed while the archive was opening come before those of the address.
    if (this.#box.value !== '') address.q = this.#box.value;
    if (formatAddress(address) !== formatAddress(parseAddress(location.hash))) this.#writeHistory(address, true);
    view.showRoom();
    // Its room is kept while its bars are on their way.
    byId('timeline').hidden = this.#info.first_date?.slice(0, 10) === this.#info.last_date?.slice(0, 10);
    this.#listen();
    await this.#apply(address, true, leftAt());
  }

  #listen() {
    const box = this.#box;
    box.addEventListener('input', (event) => {
      if (!(/** @type {InputEvent} */ (event).isComposing)) this.#type();
    });
    box.addEventListener('compositionend', () => this.#type());
    byId('ask').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
    byId('sort').addEventListener('change', (event) => {
      const sort = /** @type {Address['sort']} */ (/** @type {HTMLSelectElement} */ (event.target).value);
      this.#go({ ...this.#address, q: withoutSort(this.#address.q), sort });
    });
    byId('help-open').addEventListener('click', () => void this.#toggleHelp());
    byId('filters-open').addEventListener('click', () => view.showSheet(!document.documentElement.hasAttribute('data-sheet')));
    byId('filters-close').addEventListener('click', () => view.showSheet(false));
    const head = byId('top');
    new ResizeObserver(() => document.documentElement.style.setProperty('--head', `${head.offsetHeight}px`)).observe(head);
    document.addEventListener('click', (event) => this.#click(event));
    for (const name of ['popstate', 'hashchange']) addEventListener(name, () => this.#followHistory());
    // Whoever leaves the page says so too late.
    let still = 0;
    addEventListener('scroll', () => {
      clearTimeout(still);
      still = setTimeout(() => this.#leave(), STILL_MS);
    }, { passive: true });
    try {
      history.scrollRestoration = 'manual';
    } catch {
      // A frame without a history of its own has nothing to restore.
    }
  }

  // ── State ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Goes to an address, as a step that can be taken back unless `replace`. @param {Address} address @param {{ replace?: boolean }} [how] */
  #go(address, { replace = false } = {}) {
    if (formatAddress(address) === formatAddress(this.#address)) return;
    const opens = address.post !== null && this.#address.post === null;
    const pushed = this.#writeHistory(address, replace);
    if (!replace) this.#postWasPushed = opens && pushed;
    void this.#apply(address, false);
  }

  /** @param {Address} address @param {boolean} isFirst @param {Left | null} [left] */
  async #apply(address, isFirst, left = null) {
    const before = this.#address;
    this.#address = address;
    if (this.#box.value !== address.q) this.#box.value = address.q;
    const asks = isFirst || !sameQuestion(before, address);
    // The worker is asked before anything is drawn: it can work meanwhile.
    const search = asks ? this.#search(isFirst || left ? null : 'top', left?.n) : null;
    this.#showFrame();
    // Conditions are drawn anew with the answer, which tells their forms.
    clearTimeout(this.#framing);
    if (search) this.#framing = setTimeout(() => this.#room?.showFrame(), PATIENCE_MS);
    else this.#room?.showFrame();
    const opens = isFirst ? address.post !== null : before.post !== address.post || (address.post !== null && (before.q !== address.q || before.passage !== address.passage));
    await Promise.all([search, opens ? this.#openPost(before.post) : null]);
    if (this.#address !== address) return;
    // A list that stood beside the post stays where it was read; one that made room for it comes back.
    if (left && (asks || narrow.matches)) this.#results.goTo(left.y);
    if (opens && !asks) this.#results.bringIn(address.post ?? before.post);
  }

  /** Parts of the page that follow from the address alone. */
  #showFrame() {
    const root = document.documentElement;
    root.toggleAttribute('data-embed', this.#address.embed);
    const home = /** @type {HTMLAnchorElement} */ (byId('home'));
    home.href = `#${formatAddress(this.#address.embed ? { ...this.#address, embed: false } : emptyAddress())}`;
    home.target = this.#address.embed ? '_blank' : '';
    home.rel = 'noopener';
    home.title = this.#address.embed ? say('openFull') : '';
    if (!home.querySelector('svg')) home.append(icon('out'));
    clearTimeout(this.#titling);
    this.#titling = setTimeout(() => view.showTitle(this.#address, this.#info.title), TYPING_MS);
  }

  #followHistory() {
    const address = parseAddress(location.hash);
    if (formatAddress(address) === formatAddress(this.#address)) return;
    this.#postWasPushed = false;
    void this.#apply(address, false, leftAt());
  }

  /**
   * Writes an address into the history; what is typed a moment later, since browsers refuse too many writes in a row.
   * @param {Address} address
   * @param {boolean} replace
   * @returns {boolean} whether a new entry was made: a frame may have no history, and a browser may refuse for a while.
   */
  #writeHistory(address, replace) {
    clearTimeout(this.#writing);
    if (replace) {
      this.#writing = setTimeout(() => this.#rewriteHistory(history.state), TYPING_MS);
      return false;
    }
    try {
      this.#leave();
      history.pushState(null, '', `#${formatAddress(address)}`);
      return true;
    } catch {
      this.#writing = setTimeout(() => this.#rewriteHistory(history.state), REFUSED_MS);
      return false;
    }
  }

  /** Notes where the reader stands, for whoever comes back to this entry. */
  #leave() {
    this.#rewriteHistory(/** @type {Left} */ ({ y: scrollY, n: this.#results.uids.length }));
  }

  /** Writes the address as it is now into the present entry. @param {unknown} state */
  #rewriteHistory(state) {
    clearTimeout(this.#writing);
    try {
      // An empty fragment is written as "#": a bare path would leave the old one standing on file://.
      history.replaceState(state, '', `#${formatAddress(this.#address)}`);
    } catch {
      // The next write tries again.
    }
  }

  // ── Questions ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** A request for hits alone. @param {number} offset @returns {import('./types').SearchRequest} */
  #request(offset) {
    const { q, filters, from, to, sort } = this.#address;
    return { query: q, typing: isOpenEnded(q), filters, from, to, sort, offset, limit: PAGE_LEN, facet_limit: 0, suggestions: 0, scan_limit: SLICE };
  }

  /** @param {'top' | null} scroll Where to scroll once the answer is here. @param {number} [again] Hits that were there before. */
  async #search(scroll, again = 0) {
    const address = this.#address;
    clearTimeout(this.#ahead);
    const answer = this.#ask('search', () => this.#core.search({ ...this.#request(0), limit: Math.min(Math.max(again, PAGE_LEN), AGAIN_MAX) }, 'search'));
    this.#answer = answer;
    const page = await answer;
    if (!sameQuestion(address, this.#address)) return;
    if (!page) {
      if (this.#failures.has('search')) view.showUnanswered();
      return;
    }
    // Asked before anything is drawn: afterwards the browser would have to lay it out for the answer.
    const isBelow = scroll === 'top' && this.#isBelowResults();
    this.#showAnswer(page);
    if (isBelow) this.#scrollToResults();
    if (isUnfinished(page)) await this.#ask('scan', async () => (await this.#getRoom()).scan(page));
    if (!sameQuestion(address, this.#address)) return;
    const counts = await this.#showCounts();
    if ((page.wants_more || counts?.wants_more) && sameQuestion(address, this.#address)) await this.#askWhole(page);
    if (!sameQuestion(address, this.#address)) return;
    this.#loadAhead();
    // Whoever asks something of their own goes on asking.
    if (scroll === 'top' && !paysByTheByte()) this.#core.wholeSoon();
  }

  /** Asks once more where the whole core might find more: what stands here stays until it has. @param {SearchPage} page The answer so far. */
  async #askWhole(page) {
    const address = this.#address;
    if (paysByTheByte()) return;
    try {
      await this.#core.whole();
    } catch {
      // The answer is a good one without it.
      return;
    }
    if (!sameQuestion(address, this.#address)) return;
    const better = await this.#ask('search', () => this.#core.search(this.#request(0), 'search'));
    if (!better || !sameQuestion(address, this.#address)) return;
    const uids = (/** @type {SearchPage} */ { hits }) => hits.map(({ uid }) => uid).join('\n');
    // Where the list is the same, whoever reads in it is not disturbed.
    if (better.total !== page.total || uids(better) !== uids(page)) this.#showAnswer(better);
    await this.#showCounts();
  }

  /** Counts, bars and corrections come after the hits, which need fewer parts of the archive. */
  async #showCounts() {
    const address = this.#address;
    const request = { ...this.#request(0), limit: 0, facet_limit: this.#room?.facetLimit ?? FACET_FEW, suggestions: SUGGESTIONS, scan_limit: 1 };
    return this.#ask('facets', async () => {
      await this.#rested();
      if (!sameQuestion(address, this.#address)) return;
      const [counts, room] = await Promise.all([this.#core.search(request, 'facets'), this.#getRoom(), this.#drawn]);
      if (!counts || !sameQuestion(address, this.#address)) return;
      const { facets, timeline, damage, suggestions } = counts;
      if (this.#page) this.#page = { ...this.#page, facets, timeline, damage, suggestions };
      await room.showCounts(counts);
      return counts;
    });
  }

  /** While the reader reads, what comes next is loaded: unless the reader pays by the byte. */
  #loadAhead() {
    const after = this.#results.uids.length;
    if (paysByTheByte() || after >= (this.#page?.total ?? 0)) return;
    clearTimeout(this.#ahead);
    // What cannot be had now is asked for again, and told, when it is wanted.
    this.#ahead = setTimeout(() => void this.#core.ahead(this.#request(after)).catch(() => {}), AHEAD_MS);
  }

  /** @param {number} offset */
  async #more(offset) {
    const address = this.#address;
    const page = await this.#ask('more', async () => {
      await this.#rested();
      // Another question has hits of its own.
      return sameQuestion(address, this.#address) ? this.#core.search(this.#request(offset), 'more') : undefined;
    });
    if (!page) return this.#results.askAgain();
    this.#results.add(offset, page.hits);
    this.#loadAhead();
  }

  /** Resolves once no key was typed for a moment. @returns {Promise<void>} */
  #rested() {
    return new Promise((rested) => setTimeout(rested, this.#typed + COUNTING_MS - performance.now()));
  }

  /** @param {string | null} before Uid of the post that was open. */
  async #openPost(before) {
    const { post: uid, q } = this.#address;
    this.#results.setOpen(uid);
    document.documentElement.toggleAttribute('data-reading', uid !== null);
    // Another post than the one that stands here must not be read under this address.
    if (this.#post?.posts[this.#post.index]?.uid !== uid) this.#post = undefined;
    if (uid === null) {
      this.#failures.delete('post');
      this.#room?.showSide();
      if (before !== null) (this.#results.linkOf(before) ?? this.#box).focus({ preventScroll: true });
      return;
    }
    const [answer, room] = await Promise.all([
      this.#ask('post', () => this.#core.post({ uid, query: q, typing: isOpenEnded(q), context: CONTEXT })),
      this.#ask('room', () => this.#getRoom()),
    ]);
    if (answer === undefined || !room || this.#address.post !== uid) return;
    this.#post = answer;
    room.showSide();
    // On a phone the post has taken the place of the list, and of what had the focus in it.
    if (narrow.matches) byId('post').focus({ preventScroll: true });
    scrollToPost(this.#address.passage !== null);
  }

  /**
   * Counts what is under way, and shows a failure as a sentence beside the last good answer.
   * @template T
   * @param {'search' | 'more' | 'scan' | 'facets' | 'post' | 'room'} kind An answer takes back the failure of its own kind only.
   * @param {() => Promise<T>} question
   * @returns {Promise<T | undefined>}
   */
  async #ask(kind, question) {
    this.#busy++;
    view.showState('searching');
    const { dataset } = document.documentElement;
    const slow = setTimeout(() => (dataset.slow = kind), PATIENCE_MS);
    try {
      const answer = await question();
      if (answer !== undefined) this.#failures.delete(kind);
      return answer;
    } catch (error) {
      this.#failures.set(kind, error instanceof Error ? error.message : String(error));
      return undefined;
    } finally {
      view.showError([...this.#failures.values()][0] ?? null, this.#page === null ? 'nothing' : 'answer');
      clearTimeout(slow);
      // What is asked about an answer makes nothing fainter.
      if (dataset.slow === kind) delete dataset.slow;
      this.#busy--;
      // The answer is drawn by whoever asked, in a microtask after this one; the state must not speak before it.
      if (this.#busy === 0) queueMicrotask(() => queueMicrotask(() => this.#settle()));
    }
  }

  #settle() {
    if (this.#busy > 0) return;
    view.showProgress(0, 0);
    view.showState(this.#failures.size > 0 ? 'error' : this.#page?.total === 0 && this.#page.exact && isAsked(this.#address) ? 'empty' : 'ready');
  }

  // ── View ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** @param {SearchPage} page */
  #showAnswer(page) {
    this.#page = page;
    const dated = this.#info.first_date !== null;
    view.showStatus(page, this.#address, this.#info);
    view.showSort(page.sort, this.#info);
    view.showHeading(this.#address, dated && page.sort === 'new');
    this.#results.show(page.hits, page.total - (page.folded ?? 0), this.#info.time_zone);
    this.#results.setOpen(this.#address.post);
    // The hits stand on the screen before anything beside them is drawn.
    this.#drawn = nextFrame().then(() => {
      if (this.#page !== page) return;
      clearTimeout(this.#framing);
      this.#room?.showAnswer(page);
    });
  }

  /** Whether the page was scrolled beyond the first hit. */
  #isBelowResults() {
    return byId('found').getBoundingClientRect().top < byId('top').offsetHeight;
  }

  /** Brings the first hit under the head of the page. */
  #scrollToResults() {
    scrollTo({ top: byId('found').getBoundingClientRect().top + scrollY - byId('top').offsetHeight });
  }

  /** @param {string} uid */
  #postHref(uid) {
    return `#${formatAddress({ ...this.#address, post: uid, passage: null })}`;
  }

  /** @param {string} facet @param {string} value */
  #valueHref(facet, value) {
    const { embed, rest } = this.#address;
    return `#${formatAddress({ ...emptyAddress(), embed, rest, filters: [{ facet, value, exclude: false }] })}`;
  }

  // ── Events ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** What is typed replaces itself in the history, and makes an entry once it was left standing. */
  #type() {
    this.#typed = performance.now();
    if (hintsAtWhole(this.#box.value)) this.#core.whole().catch(() => {});
    this.#go({ ...this.#address, q: this.#box.value }, { replace: !this.#isSettled });
    // Words to complete it come after the hits.
    this.#room?.typed(this.#box.value);
    this.#isSettled = false;
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => (this.#isSettled = true), PAUSE_MS);
  }

  /** Enter in the box opens the first hit; on a phone it puts the keyboard away. */
  #submit() {
    this.#isSettled = true;
    if (narrow.matches) return this.#box.blur();
    const first = this.#results.uids[0];
    if (this.#busy !== 0 || !first || !isAsked(this.#address)) return;
    if (this.#address.post === first) return byId('post').focus();
    this.#go({ ...this.#address, post: first, passage: null }, { replace: this.#address.post !== null });
  }

  #closePost() {
    if (this.#postWasPushed) {
      this.#rewriteHistory(history.state);
      history.back();
    } else this.#go({ ...this.#address, post: null, passage: null });
  }

  /** Links within the archive change the state instead of the document; a click on a hit opens it. @param {MouseEvent} event */
  #click(event) {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const target = /** @type {Element} */ (event.target);
    const link = target.closest('a');
    if (link) {
      const href = link.getAttribute('href') ?? '';
      if (!href.startsWith('#') || link.target === '_blank') return;
      event.preventDefault();
      const { embed, rest } = this.#address;
      const address = { ...parseAddress(href), embed, rest };
      const stays = this.#address.post !== null && address.post !== null;
      // A hit whose post is open already leads into it.
      if (link.hasAttribute('aria-current')) byId('post').focus();
      this.#go(address, { replace: link.hasAttribute('data-replace') && stays });
      return;
    }
    const article = target.closest('article');
    const isReading = getSelection()?.isCollapsed === false;
    if (!article || isReading || target.closest('button, input, label, [role=button]')) return;
    const uid = article.dataset.uid;
    if (uid) this.#go({ ...this.#address, post: uid, passage: null }, { replace: this.#address.post !== null });
  }

  async #toggleHelp() {
    (await this.#ask('room', () => this.#getRoom()))?.showHelp(Boolean(byId('help').hidden));
  }
}

/** Resolves once a frame has been drawn. @returns {Promise<void>} */
function nextFrame() {
  return new Promise((resolve) => {
    const turn = new MessageChannel();
    turn.port1.onmessage = () => resolve();
    requestAnimationFrame(() => turn.port2.postMessage(null));
    setTimeout(resolve, FRAME_MS);
  });
}

/** How the page stood when this entry of the history was left. @returns {Left | null} */
function leftAt() {
  const { y, n } = history.state ?? {};
  return y >= 0 && n >= 0 ? { y, n } : null;
}

/** Whether a scan still has texts to look at. @param {SearchPage} page */
function isUnfinished({ scan }) {
  return scan !== null && scan[0] < scan[1];
}

/** Brings the post itself into sight, with the neighbour before it where there is room; or the passage that the address points at. @param {boolean} toPassage */
function scrollToPost(toPassage) {
  const post = /** @type {HTMLElement | null} */ (document.querySelector('#post .whole'));
  if (!post) return;
  const passage = toPassage && post.querySelector('.passage');
  if (passage) return passage.scrollIntoView({ block: 'center' });
  const side = byId('side');
  const tools = /** @type {HTMLElement | null} */ (side.querySelector('.tools'));
  const before = /** @type {HTMLElement | null} */ (post.previousElementSibling);
  const top = before && before !== tools ? before.offsetTop : post.offsetTop;
  if (getComputedStyle(side).overflowY === 'auto') side.scrollTop = top - (tools?.offsetHeight ?? 0);
  else post.scrollIntoView({ block: 'start' });
}

/** Opens the archive and hands over to {@link App}. */
async function main() {
  await learnLanguage();
  const ask = byId('ask');
  const box = /** @type {HTMLInputElement} */ (byId('q'));
  box.value ||= parseAddress(location.hash).q;
  if (!narrow.matches && parent === window) box.focus({ preventScroll: true });
  view.showLoading(0);
  // Aborted first: what the browser then gives up must not be asked for once more.
  const halt = el('button', { type: 'button', class: 'link', on: { click: () => (stopping.abort(), stop()) } }, say('stop'));
  byId('status').after(halt);
  /** @type {Promise<never>} */
  const halted = new Promise((_, reject) => (stopping.signal.onabort = reject));
  const archive = await Promise.race([halted, openArchive(fondsShard, document, (loaded, total) => {
    view.showProgress(loaded, total);
    if (halt.isConnected) view.showLoading(loaded);
  }, stopping.signal)]).finally(() => {
    if (document.activeElement === halt) box.focus();
    halt.remove();
  });
  await new App(archive).start();
}

/** The newest posts in index.html stay readable whatever happens. */
function start() {
  main().catch((error) => {
    // Whoever has stopped it is told of no error, nor is the page around this one.
    const { aborted } = stopping.signal;
    const message = error instanceof Error ? error.message : String(error);
    view.showError(aborted ? say('stopped') : message, aborted ? 'nothing' : 'start');
    const again = el('button', { type: 'button', class: 'link', on: { click: () => location.reload() } }, say('loadAgain'));
    byId('broken').append(' ', again);
    // The button that had the focus is gone.
    if (aborted) again.focus();
    byId('bar').hidden = true;
    byId('ask').hidden = true;
    if (!aborted) parent.postMessage({ fonds: 'error', message }, '*');
    view.showState('error');
  });
}

// In the single-file form this script stands before the bootstrap.
if (typeof fondsShard === 'undefined') addEventListener('DOMContentLoaded', start);
else start();
