/** What surrounds the hits: filters, chips, advice, timeline, portrait, the open post, help. It is a script of its own, loaded once the
 *  first hits are on their way, and takes the modules that it shares with app.js from there (build.mjs). */

import './view/signs.js';
import './words.js';
import sheet from './room.css';
import { paysByTheByte } from './connection.js';
import { byId, el } from './dom.js';
import { Keys } from './keys.js';
import { formatNumber, say } from './messages.js';
import { publicAddress } from './public.js';
import { FACET_FEW, emptyAddress, formatAddress, isAsked, isOpenEnded, sameQuestion, withFilter } from './query.js';
import { showAdvice } from './view/advice.js';
import { Bounds } from './view/bounds.js';
import { CalendarView } from './view/calendar.js';
import { showChips } from './view/chips.js';
import { Completions } from './view/completions.js';
import { Context } from './view/context.js';
import { Copies } from './view/copies.js';
import { FacetList } from './view/facets.js';
import { sayCopied } from './view/either.js';
import { Frame } from './view/frame.js';
import { helpView, traceView } from './view/help.js';
import { icon } from './view/icons.js';
import { ownerView } from './view/owner.js';
import { accountView, loadAccounts } from './view/account.js';
import { portraitView } from './view/portrait.js';
import { fitTools, keepLabel, passageAt, postGone, postView } from './view/post.js';
import { ScanLine } from './view/scan.js';
import { TimelineView } from './view/timeline.js';
import { findToday } from './view/today.js';

/** @typedef {import('./query.js').Address} Address */
/** @typedef {import('./types').SearchPage} SearchPage */
/** @typedef {import('./desk.js').Desk} Desk */

/**
 * @typedef {object} Host What the room may know of the page, and do.
 * @property {import('./core.js').Core} core
 * @property {import('./types').ArchiveInfo} info
 * @property {import('./source.js').Source} source
 * @property {() => Address} address
 * @property {() => SearchPage | null} page The last answer.
 * @property {() => import('./types').PostView | null | undefined} post The open post, once it is here; null where the archive has none of this uid.
 * @property {import('./view/results.js').ResultList} results The hits that are here.
 * @property {() => Promise<void>} drawn Resolves once the hits of the newest question stand on the screen, or do not come.
 * @property {(offset: number) => import('./types').SearchRequest} request
 * @property {(address: Address, how?: { replace?: boolean }) => void} go
 * @property {<T>(kind: 'search' | 'facets' | 'room', question: () => Promise<T>) => Promise<T | undefined>} ask
 * @property {(page: SearchPage) => void} show Shows a better answer to the same question.
 * @property {() => Promise<unknown>} recount Counts what stands beside the hits anew.
 * @property {(uid: string) => string} postHref
 * @property {(facet: string, value: string) => string} valueHref
 * @property {() => void} closePost
 * @property {(open: boolean) => void} showSheet The filters, where they are a sheet.
 */

/** Longest passage that a link carries: enough to find it by. */
const PASSAGE_MAX = 300;

/** A line that a screen reader speaks waits for so long: not every key is an answer worth hearing. */
const SPEAKING_MS = 700;

/** Wait before an archive is kept for a visit without a network. */
const KEEPING_MS = 1000;

const narrow = matchMedia('(max-width: 699px)');

const style = new CSSStyleSheet();
style.replaceSync(sheet);

export class Room {
  #host;
  #facets;
  #timeline;
  #calendar;
  #bounds;
  #copies;
  #context;
  #completions;
  #frame = new Frame();
  #scan = new ScanLine();
  /** @type {Desk | null} */
  #desk = null;
  #account = accountView(() => this.#host.ask('room', () => loadAccounts(this.#host.source)));
  /** @type {Promise<Desk> | null} */
  #loading = null;
  /** What the owner says of the archive, once it is here. @type {import('./types').Owner | null} */
  #owner = null;
  /** How that is shown: made once, since a reader opens and closes it. @type {HTMLElement | null} */
  #ownerView = null;
  /** Days of other years like today; null until they are asked for. @type {import('./view/today.js').Day[] | null} */
  #today = null;
  /** What the place of the open post says while none is open. */
  #hint = el('p', { class: 'hint quiet' }, say('openHint'));
  #trends = el('button', { type: 'button', class: 'more', 'aria-expanded': 'false', on: { click: () => void this.#toggleTrends() } }, say('trends'));
  #basket = el('button', { type: 'button', id: 'basket-open', class: 'plain', on: { click: () => this.#desk?.show() } });
  #found = el('button', { type: 'button', id: 'found-open', class: 'plain', on: { click: () => void this.#showFound() } }, icon('save'), say('foundShow'));
  /** What had the focus when the help was opened. @type {Element | null} */
  #returning = null;
  #said = el('p', { class: 'unseen', 'aria-live': 'polite' });
  #saying = 0;

  /** @param {Host} host */
  constructor(host) {
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, style];
    this.#host = host;
    const { address, go } = host;
    this.#facets = new FacetList(byId('facets'), {
      filter: (facet, value, how) => go({ ...address(), filters: withFilter(address().filters, facet, value, how) }),
      wantMany: () => void this.#moreFacets(),
      rangeOf: (facet) => this.#bounds.rangeOf(facet),
    });
    const setSpan = (/** @type {string | null} */ from, /** @type {string | null} */ to) => go({ ...address(), from, to });
    const zoom = (/** @type {string} */ from, /** @type {string} */ to) => this.#zoom(from, to);
    this.#calendar = new CalendarView(...this.#months(), { setSpan, zoom: (from, to) => this.#daysOf(from, to), count: (day) => this.#countDay(day), isAsked: () => isAsked(address()) });
    this.#timeline = new TimelineView(byId('timeline'), { setSpan, zoom }, el('span', { class: 'tools-line' }, this.#calendar.button, this.#trends));
    byId('timeline').append(this.#calendar.panel);
    this.#completions = new Completions(host);
    byId('order').before(this.#found, this.#basket);
    byId('side').append(this.#hint);
    this.#showDesk();
    if (hasBasket()) void this.#getDesk().then(() => this.#showDesk(), () => {});
    this.#bounds = new Bounds(host);
    this.#copies = new Copies(host);
    this.#context = new Context(host);
    nameFrame();
    byId('status').after(this.#said);
    byId('status').setAttribute('aria-live', 'off');
    byId('help').append(...helpView(() => this.showHelp(false)));
    new Keys(host, this);
    addEventListener('resize', fitTools);
    this.showFrame();
    if (document.documentElement.dataset.owner !== undefined) void host.ask('room', async () => this.#learnOwner());
    // What opens the archive comes first.
    setTimeout(() => void this.#keepForLater(), KEEPING_MS);
  }

  /** Where the owner wants a second visit to work offline, a worker keeps what was looked at, or all of it. */
  async #keepForLater() {
    if (document.documentElement.dataset.offline === undefined || location.protocol === 'file:') return;
    const tell = async () => {
      const { active } = await navigator.serviceWorker.ready;
      const { trace } = await this.#host.core.stats();
      active?.postMessage({ touched: trace.map(({ shard }) => shard), all: !paysByTheByte() });
    };
    try {
      await navigator.serviceWorker.register('sw.js');
      // A new version begins with nothing; and whoever leaves the page has looked at all that is going to be looked at.
      navigator.serviceWorker.addEventListener('controllerchange', () => void tell());
      document.addEventListener('visibilitychange', () => document.hidden && void tell());
      await tell();
    } catch {
      // No secure connection, a frame without an origin, a browser that refuses: then the archive is read where it is.
    }
  }

  async #learnOwner() {
    const owner = /** @type {import('./types').Owner} */ (await this.#host.source.json('owner'));
    this.#owner = owner;
    this.#ownerView = ownerView(owner);
    this.showSide();
  }

  /** How many values of a facet the next answer should list. */
  get facetLimit() {
    return this.#facets.limit;
  }

  /** What follows from the address alone. */
  showFrame() {
    const { address, go, page } = this.#host;
    const answer = page();
    this.#bounds?.show();
    this.#copies?.showFrame(answer);
    showChips(address(), answer?.query === address().q ? answer.terms : [], go);
  }

  /** @param {SearchPage} page */
  showAnswer(page) {
    this.showFrame();
    this.#copies?.showAnswer();
    this.#frame.show(this.#host.address(), page.total);
    showAdvice(page, this.#host.address(), this.#host.go, (address) => this.#countFor(address));
    byId('filters-close').replaceChildren(icon('close'), say('posts', { n: page.total }));
    clearTimeout(this.#saying);
    this.#saying = setTimeout(() => (this.#said.textContent = byId('status').textContent), SPEAKING_MS);
    this.showSide();
    this.#showDesk();
    this.#desk?.showAnswer();
  }

  /** Counts, then bars, each in a turn of its own: a key that is pressed meanwhile goes first. @param {SearchPage} counts */
  async showCounts(counts) {
    const { address, go, page } = this.#host;
    const asked = address();
    const { from, to } = asked;
    // Corrections come with the counts.
    showAdvice(page() ?? counts, asked, go, (address) => this.#countFor(address));
    this.#facets.show(counts);
    await new Promise((resolve) => setTimeout(resolve));
    if (!sameQuestion(asked, address())) return;
    this.#timeline.show(counts.timeline, from, to);
    void this.#calendar.show(from);
    this.showSide();
  }

  /** The bars of a part of the time. @param {string} from @param {string} to */
  async #zoom(from, to) {
    return (await this.#host.ask('facets', () => this.#bars(from, to)))?.timeline ?? null;
  }

  /** The same for a calendar, which says in its own place why they do not come. @param {string} from @param {string} to */
  async #daysOf(from, to) {
    /** @type {unknown} */
    let failure;
    const page = await this.#host.ask('facets', () => this.#bars(from, to).catch((error) => void (failure = error)));
    const [lost] = page?.timeline ? [] : page?.damage ?? [];
    if (failure !== undefined || lost !== undefined) throw failure ?? new Error(lost);
    return page?.timeline ?? null;
  }

  /** @param {string} from @param {string} to */
  #bars(from, to) {
    const { core, request } = this.#host;
    return core.search({ ...request(0), limit: 0, facet_limit: 1, scan_limit: 1, zoom_from: from, zoom_to: to }, 'zoom');
  }

  /** What another question would find; not asked of those who pay by the byte. @param {Address} address */
  async #countFor({ q, filters, from, to }) {
    const { core, request } = this.#host;
    return paysByTheByte() ? undefined : core.search({ ...request(0), query: q, typing: isOpenEnded(q), filters, from, to, limit: 0, facet_limit: 0, scan_limit: 1 }, 'aside');
  }

  /** The number of hits on a day, whatever other time is asked for. @param {string} day */
  async #countDay(day) {
    const { address, core, request } = this.#host;
    const asked = address();
    const page = await core.search({ ...request(0), limit: 0, scan_limit: 1, from: day, to: day }, 'aside').catch(() => undefined);
    return page && sameQuestion(asked, address()) ? page.total : null;
  }

  /** First and last month of the archive. @returns {[string, string]} */
  #months() {
    const { first_date, last_date } = this.#host.info;
    const month = (/** @type {string | null} */ date) => (date ?? '').slice(0, 7).padEnd(7, '-01');
    return [month(first_date), month(last_date)];
  }

  /** Days of other years like today, once, while nothing is asked: what an archive of one year has of today, its timeline shows. */
  async #findToday() {
    const [first, last] = this.#months();
    const { address, core, info, request } = this.#host;
    if (this.#today !== null || info.first_date === null || first.slice(0, 4) === last.slice(0, 4) || paysByTheByte()) return;
    this.#today = [];
    const ask = { ...request(0), limit: 0, scan_limit: 1 };
    const count = async (/** @type {string} */ day) => (await core.search({ ...ask, from: day, to: day }, 'aside').catch(() => undefined))?.total ?? null;
    const days = await findToday(first, last, (day) => (isAsked(address()) ? Promise.resolve(null) : count(day)));
    // Whoever asks something meanwhile has no other work before their own; it is done when they come back.
    this.#today = days;
    if (days !== null && days.length > 0) this.showSide();
  }

  async #moreFacets() {
    const { ask, core, request } = this.#host;
    const page = await ask('facets', () => core.search({ ...request(0), limit: 0, facet_limit: this.facetLimit, scan_limit: 1 }, 'facets'));
    if (page) this.#facets.show(page);
  }

  /** Goes on with a scan until every text was looked at, or the reader stops it. @param {SearchPage} page What has been found so far. */
  async scan(page) {
    const { address, ask, core, request, show } = this.#host;
    const asked = address();
    /** @type {SearchPage | undefined} */
    let found = page;
    // Nobody waits for what is only told.
    const tell = () => core.stats().then(({ brought }) => this.#scan.tell(brought), () => {});
    while (found?.scan && found.scan[0] < found.scan[1] && !this.#scan.isStopped(found)) {
      this.#scan.show(...found.scan);
      void tell();
      found = await ask('search', () => core.search(request(0), 'search'));
      if (!found || !sameQuestion(asked, address())) break;
      show(found);
    }
    const left = sameQuestion(asked, address()) && found ? found.scan : null;
    if (!found || left === null || left[0] >= left[1]) return this.#scan.hide();
    const rest = found;
    void tell();
    this.#scan.rest(...left, () => void ask('search', () => this.scan(rest)).then(() => this.#host.recount()));
  }

  /** The open post, or the portrait where nothing is asked. */
  showSide() {
    const { address, closePost, info, page, post: opened, postHref, results, valueHref } = this.#host;
    const { post: uid } = address();
    const answer = page();
    const view = opened();
    const post = byId('post');
    const about = byId('about');
    post.hidden = uid === null;
    // On a phone the post stands in the place of the list, which is the main thing else.
    byId('side').role = uid !== null && narrow.matches ? 'main' : 'complementary';
    about.hidden = uid !== null || isAsked(address()) || answer === null;
    this.#hint.hidden = uid !== null || !about.hidden || answer === null || answer.total === 0;
    if (!about.hidden && answer) {
      about.replaceChildren(...portraitView({ info, facets: answer.facets, valueHref, owner: this.#owner, ownerWords: this.#ownerView, today: this.#today ?? [], dayHref: (day) => `#${formatAddress({ ...emptyAddress(), from: day, to: day })}`, account: this.#account, openBasket: () => void this.#import() }));
      void this.#findToday();
    }
    if (uid === null) return post.replaceChildren();
    if (view === undefined) return post.replaceChildren();
    if (view === null) return post.replaceChildren(...postGone(uid, closePost));
    // The next post has the same tools: the focus stays on the one that led to it.
    const held = post.contains(document.activeElement) ? (document.activeElement?.getAttribute('data-focus') ?? '') : null;
    const { uids } = results;
    const at = uids.indexOf(uid);
    const href = (/** @type {number} */ index) => (uids[index] ? postHref(uids[index]) : null);
    post.replaceChildren(...postView(view, {
      timeZone: info.time_zone,
      format: formatOf(info, view.posts[view.index]?.source.file),
      postHref,
      valueHref,
      place: at < 0 ? null : { at: at + 1, count: formatNumber(answer?.total ?? uids.length) },
      previous: href(at - 1),
      next: at < 0 ? null : href(at + 1),
      close: closePost,
      copyLink: (button) => void this.#copyLink(button),
      cite: (button, opened) => void this.#cite(button, opened),
      keep: (kept) => void this.#keep(kept),
      isKept: this.#desk?.has(uid) ?? false,
      passage: address().passage,
    }));
    this.#copies?.show(view);
    this.#context?.show(view);
    // Measures, and so comes when all of it stands there.
    fitTools();
    if (held !== null) (/** @type {HTMLElement | null} */ (post.querySelector(`[data-focus="${held}"]`)) ?? post).focus({ preventScroll: true });
  }

  /** @param {HTMLButtonElement} button */
  async #copyLink(button) {
    const address = `${publicAddress()}#${formatAddress({ ...emptyAddress(), post: this.#host.address().post, passage: chosenPassage() })}`;
    try {
      await navigator.clipboard.writeText(address);
      sayCopied(button, 'copyLink');
    } catch {
      // Where the clipboard is closed to this page, the reader copies by hand.
      const field = el('input', { type: 'text', class: 'by-hand', value: address, 'aria-label': say('copyByHand') });
      field.readOnly = true;
      button.replaceWith(field);
      field.select();
    }
  }

  /** Citations and the basket; loaded when they are first asked for. @returns {Promise<Desk>} */
  #getDesk() {
    this.#loading ??= this.#host.source.desk().then((Desk) => (this.#desk = new Desk({ ...this.#host, licence: () => this.#owner?.licence?.text ?? null }, () => this.#showDesk())));
    this.#loading.catch(() => (this.#loading = null));
    return this.#loading;
  }

  /** Shows or hides the citation of a post above it. @param {HTMLButtonElement} button @param {import('./types').RecordView} post */
  async #cite(button, post) {
    const shown = document.querySelector('#post .cite');
    button.setAttribute('aria-expanded', String(shown === null));
    if (shown) return shown.remove();
    const desk = await this.#host.ask('room', () => this.#getDesk());
    const citation = desk?.citation(post);
    if (!citation || !button.isConnected) return;
    document.querySelector('#post .whole')?.prepend(citation);
    citation.scrollIntoView({ block: 'nearest' });
  }

  async #toggleTrends() {
    const desk = await this.#host.ask('room', () => this.#getDesk());
    desk?.trends.toggle();
    const isOpen = desk?.trends.panel.hidden === false;
    this.#trends.setAttribute('aria-expanded', String(isOpen));
    if (!isOpen) this.#trends.focus();
  }

  /** @param {string} uid */
  async #keep(uid) {
    const desk = await this.#host.ask('room', () => this.#getDesk());
    desk?.keep(uid);
    if (desk?.isFleeting) this.#said.textContent = say('basketFleeting');
  }

  /** What was found, to be kept, saved or printed. */
  async #showFound() {
    (await this.#host.ask('room', () => this.#getDesk()))?.show();
  }

  /** The basket of somebody else, from a file. */
  async #import() {
    (await this.#host.ask('room', () => this.#getDesk()))?.import();
  }

  /** What the basket holds, at its button and at the open post's. */
  #showDesk() {
    const desk = this.#desk;
    this.#found.hidden = !isAsked(this.#host.address()) || (this.#host.page()?.total ?? 0) === 0;
    this.#basket.hidden = !desk || (desk.size === 0 && !desk.isOpen);
    this.#basket.replaceChildren(icon('basket'), say('basketShow', { n: desk?.size ?? 0 }));
    const { post } = this.#host.address();
    const button = document.querySelector('#post [data-focus=keep]');
    const isKept = post !== null && desk?.has(post) === true;
    if (!button || button.ariaPressed === String(isKept)) return;
    button.setAttribute('aria-pressed', String(isKept));
    button.classList.toggle('kept', isKept);
    button.replaceChildren(...keepLabel(isKept));
    fitTools();
  }

  /** What is being typed, as it stands. @param {string} q */
  typed(q) {
    void this.#completions.offer(q);
  }

  /** Opens or closes the panel of keys, query language and loading. @param {boolean} open */
  showHelp(open) {
    const help = byId('help');
    byId('help-open').setAttribute('aria-expanded', String(open));
    help.hidden = !open;
    if (!open) return giveBack(this.#returning, byId('help-open'));
    this.#returning = document.activeElement;
    void this.#showTrace();
    help.focus({ preventScroll: true });
    scrollTo({ top: 0 });
  }

  /** Closes what was opened above the list, and gives the focus back. @returns {boolean} whether there was anything. */
  closeAbove() {
    if (!byId('help').hidden) this.showHelp(false);
    else if (this.#desk?.isOpen) this.#desk.show(false);
    else return false;
    return true;
  }

  /** The same for what was opened beside it. */
  closeBeside() {
    const citation = document.querySelector('#post .cite');
    const citing = /** @type {HTMLElement | null} */ (document.querySelector('#post [data-focus=cite]'));
    if (citation && citing) {
      citing.click();
      citing.focus();
    } else if (!this.#calendar.panel.hidden) this.#calendar.toggle(false);
    else if (this.#desk?.trends.panel.hidden === false) void this.#toggleTrends();
    else return false;
    return true;
  }

  async #showTrace() {
    const stats = await this.#host.ask('room', () => this.#host.core.stats());
    if (stats) byId('trace').replaceChildren(...traceView(stats));
  }
}

/** What the source is that holds this file; the files of a folder, or of several, are called with its name before theirs. @param {import('./types').ArchiveInfo} info @param {string | undefined} file */
function formatOf({ sources }, file = '') {
  return sources.find(({ name }) => file === name || file.startsWith(`${name}/`))?.format ?? null;
}

/** Gives the focus back to what had it, where that is still there. @param {Element | null} before @param {HTMLElement} otherwise */
function giveBack(before, otherwise) {
  const target = before instanceof HTMLElement && before !== document.body && before.isConnected && before.getClientRects().length > 0 ? before : otherwise;
  target.focus({ preventScroll: true });
}

/** Names what stands in the document from the beginning, in the language that is spoken. */
function nameFrame() {
  for (const [id, key] of /** @type {const} */ ([['chips', 'chips'], ['help', 'helpTitle'], ['timeline', 'timeline']])) byId(id).setAttribute('aria-label', say(key));
  byId('facets-title').textContent = say('filtersShow');
  const order = byId('order').firstElementChild;
  if (order) order.textContent = say('order');
}

/** Whether an earlier visit has left a basket for this archive. */
function hasBasket() {
  try {
    return localStorage.getItem(`fonds:${document.documentElement.dataset.archive}:basket`) !== null;
  } catch {
    return false;
  }
}

/** The passage of the open post's text that is selected, or null. */
function chosenPassage() {
  const selection = getSelection();
  const text = document.querySelector('#post .whole .text');
  if (!selection || !text || selection.isCollapsed || !selection.getRangeAt(0).intersectsNode(text)) return null;
  const chosen = selection.getRangeAt(0).cloneRange();
  // What is chosen beyond the text, of its title or its tags, is no part of it.
  if (!text.contains(chosen.startContainer)) chosen.setStart(text, 0);
  if (!text.contains(chosen.endContainer)) chosen.setEnd(text, text.childNodes.length);
  const words = chosen.toString().trim().replace(/\s+/g, ' ').slice(0, PASSAGE_MAX);
  const before = document.createRange();
  before.selectNodeContents(text);
  before.setEnd(chosen.startContainer, chosen.startOffset);
  return words === '' ? null : passageAt(text.textContent ?? '', before.toString(), words);
}

/** @typedef {typeof Room} RoomClass */

const give = () => fondsShard('room', Room);

// In the single-file form this script stands before the bootstrap.
if (typeof fondsShard === 'undefined') addEventListener('DOMContentLoaded', give);
else give();
