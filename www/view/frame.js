/** The page inside another: what it tells its host, and how the host wants it to look (embed.js). Nothing of the host is read, and what
 *  it is told is what its reader does here: which address, how many hits, how high it stands. */

import { formatAddress } from '../query.js';

/** @typedef {import('../query.js').Address} Address */

/** The host's names for what the sheet calls otherwise, in light and dark, and the property that a value must be one of. */
const LOOKS = new Map([
  ['accent', ['color', 'accent', 'accent-dark']], ['bg', ['color', 'paper', 'paper-dark']], ['fg', ['color', 'ink', 'ink-dark']],
  ['font', ['font-family', 'serif', 'sans']], ['radius', ['border-radius', 'radius']],
]);

export class Frame {
  #isReady = false;
  #told = '';
  /** What the host wants and has not got yet: of a flood of wishes the last alone counts. @type {Parameters<typeof dress>[0] | undefined} */
  #wish;

  constructor() {
    if (parent === window) return;
    addEventListener('message', ({ source, data }) => {
      if (source !== parent || data?.fonds !== 'look') return;
      if (!this.#wish) setTimeout(() => this.#dress());
      this.#wish = data;
    });
    new ResizeObserver(() => tell('resize', { height: document.body.getBoundingClientRect().height })).observe(document.body);
  }

  #dress() {
    const wish = this.#wish;
    this.#wish = undefined;
    if (wish) dress(wish);
  }

  /** Tells which answer stands here. @param {Address} address @param {number} total */
  show(address, total) {
    if (parent === window) return;
    if (!this.#isReady) tell('ready', { total });
    this.#isReady = true;
    const now = formatAddress({ ...address, embed: false });
    if (now === this.#told) return;
    this.#told = now;
    tell('navigate', { address: now, total });
  }
}

/** A host of any origin may hear it. @param {string} event @param {object} detail */
function tell(event, detail) {
  parent.postMessage({ fonds: event, ...detail }, '*');
}

/** @param {{ theme?: unknown, style?: Record<string, unknown> }} look */
function dress({ theme, style = {} }) {
  const root = document.documentElement;
  for (const [name, [property, ...names]] of /** @type {Map<string, [string, ...string[]]>} */ (LOOKS)) {
    const value = style?.[name];
    // What refers to something else counts as any value, and may turn out to be an address.
    const isGood = typeof value === 'string' && CSS.supports(property, value) && !REFERENCE.test(value);
    for (const own of names) root.style.setProperty(`--fonds-${own}`, isGood ? value : '');
  }
  const isChosen = theme === 'light' || theme === 'dark';
  root.style.setProperty('color-scheme', isChosen ? theme : '');
  // Colours of a scheme stand in rules of the scheme that the reader's system has.
  for (const sheet of [...document.styleSheets, ...document.adoptedStyleSheets]) {
    // The page's own sheets are one layer.
    for (const rule of [...sheet.cssRules].flatMap((rule) => (rule instanceof CSSLayerBlockRule ? [...rule.cssRules] : [rule]))) {
      if (!(rule instanceof CSSMediaRule)) continue;
      const asked = taken.get(rule) ?? rule.media.mediaText;
      if (!asked.includes('prefers-color-scheme')) continue;
      taken.set(rule, asked);
      rule.media.mediaText = isChosen ? asked.replace(SCHEME, (_, scheme) => (scheme === theme ? ALWAYS : NEVER)) : asked;
    }
  }
}

const REFERENCE = /\b(?:var|env|attr|url)\s*\(/i;

/** Rules whose condition was taken over, and how it was. @type {WeakMap<CSSRule, string>} */
const taken = new WeakMap();

const SCHEME = /\(\s*prefers-color-scheme\s*:\s*(\w+)\s*\)/g;
/** Conditions that hold on every screen, and on none. */
const ALWAYS = '(min-width: 0px)', NEVER = '(max-width: 0px)';
