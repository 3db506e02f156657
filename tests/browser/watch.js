// Runs before any other script of a document and keeps what goes wrong and what is asked for, for engines whose driver
// does not tell. A classic script without imports, since it is put into documents of every kind.
(() => {
  /** @type {string[]} */
  const problems = [];
  /** @type {Set<string>} */
  const requests = new Set();

  /** @param {unknown} value */
  const words = (value) => (value instanceof Error ? value.message : String(value));
  /** @param {EventTarget | null} target @returns {string} */
  const address = (target) => {
    const element = /** @type {any} */ (target);
    return typeof element?.src === 'string' ? element.src : typeof element?.href === 'string' ? element.href : '';
  };

  addEventListener('error', (/** @type {Event} */ event) => {
    // An element that failed to load has no message; an error that nobody caught has one.
    if (event instanceof ErrorEvent) problems.push(`uncaught error: ${event.message}`);
    else problems.push(`failed request: ${address(event.target)}`);
  }, true);
  addEventListener('unhandledrejection', (event) => problems.push(`uncaught error: ${words(event.reason)}`));
  document.addEventListener('securitypolicyviolation', (event) => {
    problems.push(`policy violation: ${event.effectiveDirective} refuses ${event.blockedURI || 'inline code'}`);
  });
  const { error } = console;
  console.error = (...values) => {
    problems.push(`console error: ${values.map(words).join(' ')}`);
    error.apply(console, values);
  };

  // Elements are noted when they appear, since a page may remove a script once it has run.
  const selector = 'script[src], img[src], link[href], iframe[src], source[src], video[src], audio[src]';
  /** @param {Node} node */
  const note = (node) => {
    if (!(node instanceof Element)) return;
    for (const element of [...(node.matches(selector) ? [node] : []), ...node.querySelectorAll(selector)]) {
      const link = element instanceof HTMLLinkElement;
      if (!link || /stylesheet|icon|preload|manifest/.test(element.rel)) requests.add(address(element));
    }
  };
  new MutationObserver((mutations) => {
    for (const mutation of mutations) {
      if (mutation.type === 'attributes') note(mutation.target);
      for (const node of mutation.addedNodes) note(node);
    }
  }).observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ['src', 'href'] });

  Object.defineProperty(globalThis, 'fondsWatch', {
    value: {
      /** Hands over and forgets. */
      take() {
        for (const entry of performance.getEntriesByType('resource')) requests.add(entry.name);
        const seen = { problems: problems.splice(0), requests: [location.href, ...requests] };
        requests.clear();
        return seen;
      },
    },
  });
})();
