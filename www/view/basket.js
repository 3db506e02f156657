/** The panel above the list: what was found and what the basket holds, and the ways in which both leave the page. */

import { KEPT_MAX, NOTE_MAX, parseKept } from '../basket.js';
import { titleOf } from '../cite.js';
import { el } from '../dom.js';
import { FORMS } from '../exports.js';
import { allHits, isHere, rowOf } from '../gather.js';
import { formatDate, formatNumber, say } from '../messages.js';
import { publicAddress } from '../public.js';
import { formatAddress } from '../query.js';
import { icon } from './icons.js';
import { nameKinds } from './kinds.js';
import { PAPER_MAX, printSheets, sheetOf } from './paper.js';

/** @typedef {import('../room.js').Host} Host */
/** @typedef {import('../basket.js').Kept} Kept */
/** @typedef {import('../exports.js').Row} Row */
/** @typedef {import('../exports.js').About} About */
/** @typedef {{ isStopped: () => boolean, scanned: (scanned: number, all: number) => void, tell: (at: number) => void }} Job */
/** @typedef {{ count: number, posts: (job: Job) => AsyncIterable<Kept[]>, name: string, about: About }} Stock Posts that are to leave the page. */

/** Posts of the basket that are shown at once, whatever it holds: the list of hits stands beside them. */
const ROWS_EACH = 40;

/** Between two words on how far it has come. */
const TELLING_MS = 200;

/** Letters that become one piece of a file: a browser may keep it elsewhere than in memory. */
const PIECE = 1_000_000;

export class BasketView {
  #host;
  #basket;
  #actions;
  /** What is under way: a newer one ends an older. @type {object | null} */
  #job = null;
  /** Where the posts that are shown begin. */
  #first = 0;
  /** @type {Map<string, HTMLElement>} */
  #rows = new Map();
  #found = el('div', {});
  #foundCount = el('h2', { class: 'label' });
  #keepAll = tool(() => void this.#keepHits());
  #count = el('h2', { class: 'label' });
  #tools = el('span', { class: 'basket-tools' });
  #file = el('input', { type: 'file', class: 'unseen', 'aria-label': say('basketImport'), tabindex: -1 });
  #fleeting = el('p', { class: 'quiet', role: 'alert' });
  #outside = el('a', { class: 'more', target: '_blank', rel: 'noopener', on: { click: () => this.#pointOutside() } }, say('openFull'));
  #status = el('p', { class: 'quiet', role: 'status' });
  #words = el('span', {});
  #stop = tool(() => (this.#job = null), say('stop'));
  #empty = el('p', {}, say('basketEmpty'));
  #list = el('ul', {});
  #span = el('span', { class: 'quiet' });
  #earlier = tool(() => this.#move(-ROWS_EACH), say('basketEarlier'));
  #later = tool(() => this.#move(ROWS_EACH), say('basketLater'));
  #window = el('p', { class: 'basket-tools', role: 'group', 'aria-label': say('basketWindow') }, this.#earlier, this.#span, this.#later);
  #clear = tool(() => this.#askClear(true), say('basketClear'));
  #sure = el('p', { class: 'basket-tools', role: 'group', 'aria-label': say('basketClearAsk') }, el('span', {}, say('basketClearAsk')), tool(() => this.#clearAll(), say('basketClearYes')), tool(() => this.#askClear(false), say('basketClearNo')));
  #seen = new IntersectionObserver((entries) => entries.forEach(({ isIntersecting, target }) => isIntersecting && void this.#fillRow(/** @type {HTMLElement} */ (target))));
  panel = el('section', { id: 'basket', 'aria-label': say('basket'), tabindex: -1 });

  /**
   * @param {Host} host
   * @param {import('../basket.js').Basket} basket
   * @param {{ changed: () => void, close: () => void, link: (uid: string) => string, hash: () => string, save: (name: string, content: Blob) => void }} actions
   */
  constructor(host, basket, actions) {
    this.#host = host;
    this.#basket = basket;
    this.#actions = actions;
    this.#file.accept = 'application/json,.json,text/csv,.csv';
    this.#file.addEventListener('change', () => void this.#import());
    this.#found.append(this.#foundCount, el('p', { class: 'basket-tools', role: 'group', 'aria-label': say('foundShow') }, this.#keepAll, this.#ways(() => this.#hits())));
    this.#tools.append(...this.#ways(() => this.#kept()), this.#clear);
    this.#sure.hidden = true;
    this.panel.hidden = true;
    const denied = isInFrame() ? [el('p', { class: 'quiet' }, say('frameDenied'), ' ', this.#outside)] : [];
    this.panel.append(
      el('button', { type: 'button', class: 'plain close', on: { click: () => actions.close() } }, icon('close'), say('close')),
      this.#found, this.#count,
      el('p', { class: 'basket-tools', role: 'group', 'aria-label': say('basket') }, this.#tools, tool(() => this.choose(), say('basketImport')), this.#file),
      this.#sure,
      ...denied, this.#fleeting, this.#status, this.#empty, this.#list, this.#window,
    );
  }

  /** @param {() => Stock} stock The ways in which it leaves the page. */
  #ways(stock) {
    return [
      ...Object.entries(FORMS).map(([ending, form]) => tool(() => void this.#save(stock(), ending), say('basketSave', { form: form.name }))),
      tool(() => void this.#print(stock()), say('basketPrint')),
    ];
  }

  /** Draws what has changed, and leaves alone what has not: somebody may be writing a note. */
  draw() {
    const { kept, isFleeting } = this.#basket;
    const count = this.#foundTotal;
    this.#found.hidden = count === 0;
    this.#foundCount.textContent = say('found', { n: count });
    this.#keepAll.textContent = say('basketHits', { n: count });
    this.#count.textContent = say('basketCount', { n: kept.length });
    this.#tools.hidden = kept.length === 0;
    this.#empty.hidden = kept.length > 0;
    this.#fleeting.textContent = isFleeting ? say('basketFleeting') : '';
    this.#pointOutside();
    // What was taken out may have been all that was shown.
    this.#first = Math.max(0, Math.min(this.#first, Math.ceil(kept.length / ROWS_EACH - 1) * ROWS_EACH));
    const shown = kept.slice(this.#first, this.#first + ROWS_EACH);
    const uids = new Set(shown.map(({ uid }) => uid));
    for (const [uid, row] of this.#rows) {
      if (uids.has(uid)) continue;
      row.remove();
      this.#rows.delete(uid);
    }
    shown.forEach(({ uid, note }, i) => {
      const row = this.#rows.get(uid) ?? this.#row(uid);
      const field = /** @type {HTMLInputElement} */ (row.querySelector('input'));
      if (field !== document.activeElement) field.value = note;
      if (this.#list.children[i] !== row) this.#list.insertBefore(row, this.#list.children[i] ?? null);
    });
    if (kept.length === 0) this.#sure.hidden = true;
    this.#window.hidden = kept.length <= ROWS_EACH;
    this.#earlier.hidden = this.#first === 0;
    this.#later.hidden = this.#first + shown.length >= kept.length;
    this.#span.textContent = say('basketSpan', { from: formatNumber(this.#first + 1), to: formatNumber(this.#first + shown.length), count: formatNumber(kept.length) });
  }

  get #foundTotal() {
    const page = this.#host.page();
    return page ? page.total - (page.folded ?? 0) : 0;
  }

  /** What a frame denies, a tab allows: at the same place, in its full form. */
  #pointOutside() {
    this.#outside.setAttribute('href', `#${formatAddress({ ...this.#host.address(), embed: false })}`);
  }

  /** Shows those before or behind. @param {number} by */
  #move(by) {
    this.#first += by;
    this.draw();
    /** @type {HTMLElement | null | undefined} */ (this.#list.querySelector('a'))?.focus();
  }

  /** Asks back before everything is taken out. @param {boolean} asks */
  #askClear(asks) {
    this.#sure.hidden = !asks;
    (asks ? /** @type {HTMLElement} */ (this.#sure.querySelector('button:last-of-type')) : this.#clear).focus();
  }

  #clearAll() {
    this.#job = null;
    const held = this.#basket.clear();
    this.#actions.changed();
    this.draw();
    const undo = tool(() => {
      this.#status.textContent = this.#take(held, 0);
      this.panel.focus({ preventScroll: true });
    }, say('undo'));
    this.#status.replaceChildren(`${say('basketCleared', { n: held.length })} `, undo);
    undo.focus({ preventScroll: true });
  }

  /** @param {string} uid */
  #row(uid) {
    const field = el('input', { type: 'text', class: 'find', placeholder: say('basketNote'), 'aria-label': say('basketNoteOf', { uid }), dir: 'auto' });
    field.maxLength = NOTE_MAX;
    field.addEventListener('change', () => {
      this.#basket.setNote(uid, field.value);
      this.#actions.changed();
      this.draw();
    });
    const row = el('li', { 'data-kept': uid }, el('a', { href: this.#host.postHref(uid) }, el('bdi', { class: 'quiet' }, uid)), field, el('button', { type: 'button', class: 'step', 'aria-label': say('basketRemove', { uid }), on: { click: () => this.#remove(uid) } }, icon('close')));
    this.#rows.set(uid, row);
    this.#seen.observe(row);
    return row;
  }

  /** Says of a row in sight which post it is. @param {HTMLElement} row */
  async #fillRow(row) {
    this.#seen.unobserve(row);
    const uid = row.dataset.kept ?? '';
    // What cannot be had now keeps its uid, by which it can be opened.
    const found = await rowOf(this.#host.core, { uid, note: '' }).catch(() => null);
    const link = row.querySelector('a');
    if (!found || !link) return;
    const { post } = found;
    if (post === null) return link.replaceChildren(say('postGone', { uid }));
    const { date, author, channel } = post;
    const from = [author, channel === author ? null : channel].filter((name) => name !== null).map((name) => el('bdi', {}, name));
    const when = date === null ? say('undatedPost') : formatDate(date, this.#host.info.time_zone);
    link.replaceChildren(
      el('span', { class: 'meta' }, when, ...from.flatMap((name) => [' · ', name])), ' ',
      el('span', { class: 'kept-words', dir: 'auto', lang: post.lang }, (post.title ?? '') + post.text === '' ? nameKinds(post) : titleOf(post)), ' ', el('bdi', { class: 'quiet' }, uid));
  }

  /** @param {string} uid */
  #remove(uid) {
    const row = this.#rows.get(uid);
    const next = row?.nextElementSibling ?? row?.previousElementSibling;
    this.#basket.remove(uid);
    this.#actions.changed();
    this.draw();
    (/** @type {HTMLElement | null | undefined} */ (next?.querySelector('button')) ?? this.panel).focus({ preventScroll: true });
  }

  /** @returns {Stock} */
  #kept() {
    const { kept } = this.#basket;
    return { count: kept.length, name: 'basket', about: this.#about(), posts: async function* () { yield kept; } };
  }

  /** @returns {Stock} */
  #hits() {
    const { core, request, address } = this.#host;
    const asked = request(0);
    const question = `${publicAddress()}#${formatAddress({ ...address(), post: null, passage: null, embed: false })}`;
    return {
      count: this.#foundTotal, name: 'found', about: { ...this.#about(), question },
      posts: async function* (job) { for await (const uids of allHits(core, asked, job)) yield uids.map((uid) => ({ uid, note: '' })); },
    };
  }

  /** @returns {About} */
  #about() {
    return { archive: this.#host.info.title, hash: this.#actions.hash(), link: this.#actions.link };
  }

  /** Does some work that is told of and can be stopped, and says what came of it. @param {number} count Of posts. @param {(job: Job) => Promise<string>} work Gives the last word. */
  async #run(count, work) {
    const token = {};
    this.#job = token;
    const isStopped = () => this.#job !== token;
    let told = 0;
    const tell = (/** @type {string} */ words) => {
      if (isStopped() || (told > 0 && performance.now() - told < TELLING_MS)) return;
      told = performance.now();
      this.#words.textContent = `${words} `;
      if (!this.#status.contains(this.#stop)) this.#status.replaceChildren(this.#words, this.#stop);
    };
    /** @type {Job} */
    const job = { isStopped, scanned: (scanned, all) => tell(say('scanned', { scanned: formatNumber(scanned), all: formatNumber(all) })), tell: (at) => tell(say('basketGathered', { at: formatNumber(at), count: formatNumber(Math.max(at, count)) })) };
    job.tell(0);
    const words = await work(job).catch((error) => say('basketFailed', { reason: error instanceof Error ? error.message : String(error) }));
    // A newer one speaks for itself.
    if (this.#job !== null && isStopped()) return;
    this.#status.textContent = isStopped() ? say('foundStopped') : words;
    this.#job = null;
  }

  /** Every post, whole. @param {Stock} stock @param {Job} job @returns {AsyncGenerator<Row>} */
  async *#each(stock, job) {
    let at = 0;
    for await (const some of stock.posts(job)) {
      for (const kept of some) {
        if (job.isStopped()) return;
        job.tell(at++);
        yield kept.uid === '' ? { ...kept, post: null } : await rowOf(this.#host.core, kept);
      }
    }
  }

  /** @param {Stock} stock @param {string} ending */
  async #save(stock, ending) {
    const form = /** @type {import('../exports.js').Form} */ (FORMS[ending]);
    await this.#run(stock.count, async (job) => {
      const pieces = [new Blob([form.begin(stock.about)])];
      let [text, count, lost] = ['', 0, 0];
      for await (const row of this.#each(stock, job)) {
        if (row.uid === '') lost++;
        else text += form.row(row, stock.about, count++);
        if (text.length < PIECE) continue;
        pieces.push(new Blob([text]));
        text = '';
      }
      if (job.isStopped()) return '';
      this.#actions.save(`${stock.name}.${ending}`, new Blob([...pieces, text, form.end(count)], { type: form.type }));
      return lost > 0 ? say('foundLost', { n: formatNumber(lost) }) : '';
    });
  }

  /** @param {Stock} stock */
  async #print(stock) {
    await this.#run(stock.count, async (job) => {
      /** @type {HTMLElement[]} */
      const sheets = [];
      let lost = 0;
      for await (const row of this.#each(stock, job)) {
        if (row.uid === '') lost++;
        else sheets.push(sheetOf(row, stock.about, this.#host.info.time_zone));
        if (sheets.length === PAPER_MAX) break;
      }
      if (job.isStopped()) return '';
      const cut = stock.count - lost > sheets.length ? say('paperCut', { n: formatNumber(sheets.length), all: formatNumber(stock.count) }) : '';
      const notice = [cut, lost > 0 && say('foundLost', { n: formatNumber(lost) })].filter(Boolean).join(' ');
      return (await printSheets(sheets, stock.about, notice)) ? notice : say('printDenied');
    });
  }

  /** Puts the hits of the present question into the basket. */
  async #keepHits() {
    const stock = this.#hits();
    await this.#run(stock.count, async (job) => {
      /** @type {Kept[]} */
      const kept = [];
      // As many as have no room are counted, not gathered.
      for await (const some of stock.posts(job)) {
        kept.push(...some.filter(({ uid }) => uid !== ''));
        job.tell(kept.length);
        if (kept.length >= KEPT_MAX) break;
      }
      return job.isStopped() ? '' : this.#take(kept, Math.max(0, stock.count - kept.length));
    });
  }

  /** Asks for a file with a basket. */
  choose() {
    this.#file.click();
  }

  async #import() {
    const file = this.#file.files?.[0];
    if (!file) return;
    this.#job = null;
    const read = await file.text().then(parseKept).catch(() => null);
    // The same file may be chosen again.
    this.#file.value = '';
    if (read === null) return void (this.#status.textContent = say('basketNone'));
    const { kept, unread, archive, hash } = read;
    const isOurs = hash === this.#actions.hash();
    await this.#run(kept.length, async (job) => {
      const here = isOurs ? kept : await this.#thoseHere(kept, job);
      if (job.isStopped()) return '';
      return [
        hash !== null && !isOurs && say('basketOther', { archive: archive ?? '–', hash }),
        this.#take(here, 0),
        kept.length > here.length && say('basketNotHere', { n: formatNumber(kept.length - here.length) }),
        unread > 0 && say('basketUnread', { n: formatNumber(unread) }),
      ].filter(Boolean).join(' ');
    });
  }

  /** Those that this archive has: a file of another one may name any. @param {Kept[]} kept @param {Job} job */
  async #thoseHere(kept, job) {
    /** @type {Kept[]} */
    const here = [];
    for (const [at, one] of kept.entries()) {
      if (job.isStopped()) break;
      job.tell(at);
      if (await isHere(this.#host.core, one.uid)) here.push(one);
    }
    return here;
  }

  /** Says how many posts had no room. @param {number} left */
  tellLeft(left) {
    this.#status.textContent = left > 0 ? say('basketFull', { n: formatNumber(left), max: formatNumber(KEPT_MAX) }) : '';
  }

  /** @param {Kept[]} kept @param {number} beyond Posts that were not even gathered. @returns {string} How many are new, and what had no room. */
  #take(kept, beyond) {
    const before = this.#basket.size;
    const left = this.#basket.add(kept) + beyond;
    this.#actions.changed();
    this.draw();
    const added = say('basketAdded', { n: Math.max(0, this.#basket.size - before) });
    return left > 0 ? `${added} ${say('basketFull', { n: formatNumber(left), max: formatNumber(KEPT_MAX) })}` : added;
  }
}

/** A frame without an origin: it may be denied storage, files and paper, and is told nothing of it. */
function isInFrame() {
  return parent !== window && self.origin === 'null';
}

/** @param {() => void} click @param {string} [words] */
function tool(click, words = '') {
  return el('button', { type: 'button', class: 'more', on: { click } }, words);
}
