/** `<fonds-archive src="archive/index.html" q="harbour" height="480"><a href="archive/index.html">The archive</a></fonds-archive>`
 *  shows an archive inside another page. The link between the tags is what readers without scripts get.
 *
 *  Attributes: `src`, `q`, `filter` (`tag=storm&-author=Mia&from=2024`), `item` (the uid of a post), `lang`, `theme` (`light` or `dark`),
 *  `height` (pixels, or `auto`), `load="click"` (nothing is asked for before), `title`. Properties of the sheet: `--fonds-accent`,
 *  `--fonds-bg`, `--fonds-fg`, `--fonds-font`, `--fonds-radius`. Events: `fonds:ready`, `fonds:navigate`, `fonds:resize`, `fonds:error`. */
(() => {
  if (customElements.get('fonds-archive')) return;

  /** Scripts and links to other pages work inside; the host page's cookies, storage and address stay out of reach. */
  const SANDBOX = 'allow-scripts allow-popups allow-popups-to-escape-sandbox';
  const HEIGHT = 480;
  /** With `height="auto"` no frame is lower or higher than this; nor is it higher than the window, in which its list goes on as it grows. */
  const AUTO = [240, 4000];
  const STYLES = ['accent', 'bg', 'fg', 'font', 'radius'];
  /** A document that says nothing for so long is no archive, or none that works. */
  const SILENCE_MS = 15_000;
  /** What the page may tell, each as an event, and of what kind each part of it is: nothing else reaches the host. @type {Record<string, Record<string, string>>} */
  const EVENTS = { ready: { total: 'number' }, navigate: { address: 'string', total: 'number' }, resize: { height: 'number' }, error: { message: 'string' } };
  /** Longest text that is passed on. */
  const TEXT_MAX = 10_000;

  /** By the object model alone, which a host's policy for styles does not concern. @param {HTMLElement} element @param {Record<string, string>} style */
  const shape = (element, style) => Object.entries(style).forEach(([name, value]) => element.style.setProperty(name, value));

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(':host { display: block } :host([hidden]) { display: none }');

  class FondsArchive extends HTMLElement {
    static observedAttributes = ['src', 'q', 'filter', 'item', 'lang', 'theme', 'height', 'load', 'title', 'style', 'class'];
    /** @type {HTMLIFrameElement | null} */
    #frame = null;
    #isWanted = false;
    /** Height of what the frame holds, as it told last. */
    #content = HEIGHT;
    /** Timer of a document that has not spoken yet. */
    #silence = 0;
    #hasSpoken = false;
    /** What the page in the frame was told last of how it should look. */
    #look = '';
    #hear = (/** @type {MessageEvent} */ event) => this.#heard(event);
    /** A host that changes its theme says so on its root. */
    #watch = new MutationObserver(() => this.#dress());

    connectedCallback() {
      const root = this.shadowRoot ?? this.attachShadow({ mode: 'open' });
      root.adoptedStyleSheets = [sheet];
      addEventListener('message', this.#hear);
      this.#watch.observe(document.documentElement, { attributes: true });
      if (this.#frame) return;
      if (this.getAttribute('load') === 'click' && !this.#isWanted) return this.#offer(root);
      const frame = document.createElement('iframe');
      frame.setAttribute('sandbox', SANDBOX);
      frame.loading = 'lazy';
      const wait = () => {
        clearTimeout(this.#silence);
        if (frame.src) this.#silence = setTimeout(() => this.#miss(root), SILENCE_MS);
      };
      frame.addEventListener('load', wait);
      // A document that never comes does not say so; and none is asked for before it is in sight.
      new IntersectionObserver(([seen], watch) => {
        if (!seen?.isIntersecting) return;
        watch.disconnect();
        if (!this.#hasSpoken) wait();
      }).observe(frame);
      shape(frame, { display: 'block', width: '100%', border: '0' });
      // Children of a shadow host are not drawn unless a slot asks for them: so the fallback link gives way by itself.
      root.replaceChildren(frame);
      this.#frame = frame;
      this.#hasSpoken = false;
      this.#content = HEIGHT;
      this.#point();
      this.#size();
      this.#name();
      this.#dress();
    }

    disconnectedCallback() {
      removeEventListener('message', this.#hear);
      this.#watch.disconnect();
      clearTimeout(this.#silence);
      this.#frame = null;
    }

    /** @param {string} name @param {string | null} before @param {string | null} now */
    attributeChangedCallback(name, before, now) {
      if (before === now) return;
      if (!this.#frame) {
        if (this.isConnected) this.connectedCallback();
      } else if (name === 'height') this.#size();
      else if (name === 'title') this.#name();
      else if (/^(theme|style|class)$/.test(name)) this.#dress();
      else if (name === 'lang') {
        // A page learns its language once.
        this.#frame = null;
        this.connectedCallback();
      } else if (name !== 'load') this.#point();
    }

    /** A button in the place of the frame, and the link beside it. @param {ShadowRoot} root */
    #offer(root) {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = this.getAttribute('title') ?? 'Archive of posts';
      button.addEventListener('click', () => {
        this.#isWanted = true;
        this.connectedCallback();
        this.#frame?.focus();
      });
      shape(button, { font: 'inherit', padding: '1em', width: '100%', cursor: 'pointer' });
      // The link stays beside it, for those who would rather leave.
      root.replaceChildren(button, document.createElement('slot'));
    }

    /** Where no archive answers the link stands beneath the frame, and the host is told. @param {ShadowRoot} root */
    #miss(root) {
      root.append(document.createElement('slot'));
      this.#tell('error', { message: `no archive answers from ${this.#frame?.src}` });
    }

    /** @param {string} name @param {object} detail */
    #tell(name, detail) {
      this.dispatchEvent(new CustomEvent(`fonds:${name}`, { detail, bubbles: true, composed: true }));
    }

    #point() {
      const src = this.getAttribute('src');
      if (!this.#frame || !src) return;
      const url = new URL(src, document.baseURI);
      const given = url.hash.slice(1).split('&').filter((pair) => pair !== '' && !/^embed=/.test(pair));
      const give = (/** @type {string} */ key, /** @type {string | null} */ value) => value && given.push(`${encodeURIComponent(key)}=${encodeURIComponent(value)}`);
      give('q', this.getAttribute('q'));
      for (const [key, value] of new URLSearchParams(this.getAttribute('filter') ?? '')) give(/^(from|to|sort)$/.test(key) ? key : `f.${key}`, value);
      give('m', this.getAttribute('item'));
      give('lang', this.getAttribute('lang'));
      url.hash = [...given, 'embed=1'].join('&');
      if (this.#frame.src !== url.href) this.#frame.src = url.href;
    }

    #size() {
      const asked = this.getAttribute('height') ?? '';
      const [least, most] = AUTO;
      const height = asked === 'auto' ? Math.min(this.#content, /** @type {number} */ (most)) : Number.parseInt(asked, 10);
      const px = `${height > 0 ? height : HEIGHT}px`;
      this.#frame?.style.setProperty('height', asked === 'auto' ? `max(${least}px, min(${px}, 100vh))` : px);
    }

    #name() {
      if (this.#frame) this.#frame.title = this.getAttribute('title') ?? (this.textContent?.trim() || 'Archive of posts');
    }

    /** Tells the page in the frame how the host wants it to look, where that is news. */
    #dress(isNew = false) {
      const theme = this.getAttribute('theme');
      this.#frame?.style.setProperty('color-scheme', theme === 'light' || theme === 'dark' ? theme : 'normal');
      const style = getComputedStyle(this);
      const look = STYLES.map((name) => [name, style.getPropertyValue(`--fonds-${name}`).trim()]).filter(([, value]) => value);
      const message = { fonds: 'look', theme, style: Object.fromEntries(look) };
      if (!isNew && this.#look === JSON.stringify(message)) return;
      this.#look = JSON.stringify(message);
      this.#frame?.contentWindow?.postMessage(message, '*');
    }

    /** @param {MessageEvent} event */
    #heard({ source, data }) {
      const fonds = data?.fonds;
      if (!this.#frame || source !== this.#frame.contentWindow || !Object.hasOwn(EVENTS, fonds)) return;
      const kinds = Object.entries(EVENTS[fonds] ?? {});
      const isRight = (/** @type {[string, string]} */ [name, kind]) => typeof data[name] === kind && (kind === 'string' ? data[name].length <= TEXT_MAX : data[name] >= 0 && data[name] < Infinity);
      if (!kinds.every(isRight)) return;
      const detail = Object.fromEntries(kinds.map(([name]) => [name, data[name]]));
      clearTimeout(this.#silence);
      this.#hasSpoken = true;
      this.shadowRoot?.querySelector('slot')?.remove();
      if (fonds === 'ready') this.#dress(true);
      if (fonds === 'resize' && detail.height > 0) {
        this.#content = Math.ceil(detail.height);
        this.#size();
      }
      this.#tell(fonds, detail);
    }
  }

  customElements.define('fonds-archive', FondsArchive);
})();
