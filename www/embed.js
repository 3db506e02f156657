/** `<fonds-archive src="archive/index.html" q="harbour" height="480"><a href="archive/index.html">The archive</a></fonds-archive>`
 *  shows an archive inside another page. The link between the tags is what readers without scripts get. */
(() => {
  if (customElements.get('fonds-archive')) return;

  /** Scripts and links to other pages work inside; the host page's cookies, storage and address stay out of reach. */
  const SANDBOX = 'allow-scripts allow-popups allow-popups-to-escape-sandbox';
  const HEIGHT = 480;

  class FondsArchive extends HTMLElement {
    static observedAttributes = ['src', 'q', 'height', 'title'];
    /** @type {HTMLIFrameElement | null} */
    #frame = null;

    connectedCallback() {
      if (this.#frame) return;
      const frame = document.createElement('iframe');
      frame.setAttribute('sandbox', SANDBOX);
      frame.loading = 'lazy';
      frame.style.setProperty('display', 'block');
      frame.style.setProperty('width', '100%');
      frame.style.setProperty('border', '0');
      // Children of a shadow host are not drawn unless a slot asks for them: so the fallback link gives way by itself.
      (this.shadowRoot ?? this.attachShadow({ mode: 'open' })).replaceChildren(frame);
      this.style.setProperty('display', 'block');
      this.#frame = frame;
      this.#point();
      this.#size();
      this.#name();
    }

    disconnectedCallback() {
      this.#frame = null;
    }

    /** @param {string} name @param {string | null} before @param {string | null} now */
    attributeChangedCallback(name, before, now) {
      if (!this.#frame || before === now) return;
      if (name === 'height') this.#size();
      else if (name === 'title') this.#name();
      else this.#point();
    }

    #point() {
      const src = this.getAttribute('src');
      if (!this.#frame || !src) return;
      const url = new URL(src, document.baseURI);
      const given = url.hash.slice(1).split('&').filter((pair) => pair !== '' && !/^embed=/.test(pair));
      const q = this.getAttribute('q');
      if (q) given.push(`q=${encodeURIComponent(q)}`);
      url.hash = [...given, 'embed=1'].join('&');
      this.#frame.src = url.href;
    }

    #size() {
      const height = Number.parseInt(this.getAttribute('height') ?? '', 10);
      this.#frame?.style.setProperty('height', `${height > 0 ? height : HEIGHT}px`);
    }

    #name() {
      if (this.#frame) this.#frame.title = this.getAttribute('title') ?? (this.textContent?.trim() || 'Archive of posts');
    }
  }

  customElements.define('fonds-archive', FondsArchive);
})();
