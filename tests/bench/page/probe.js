// The first script of the measured page: it notes when what a reader waits for has been drawn. A classic script, above any policy.
(() => {
  /** When the box for words could be seen, when the first hit, in milliseconds since the page was asked for. */
  const seen = { shell: 0, first: 0 };
  /** From each key to the frame that showed its answer. @type {{ text: string, ms: number }[]} */
  const keys = [];
  /** What kept the page's own thread busy. @type {{ start: number, ms: number }[]} */
  const tasks = [];
  /** The key that has no answer yet. @type {{ text: string, at: number } | null} */
  let asked = null;

  /** Runs once the next frame has been drawn. @param {() => void} then */
  const drawn = (then) => {
    const turn = new MessageChannel();
    turn.port1.onmessage = then;
    requestAnimationFrame(() => turn.port2.postMessage(null));
  };

  const look = () => {
    const form = document.getElementById('ask');
    if (seen.shell === 0 && form && !form.hidden) {
      seen.shell = -1;
      drawn(() => (seen.shell = performance.now()));
    }
    if (seen.first === 0 && document.querySelector('#results article')) {
      seen.first = -1;
      drawn(() => (seen.first = performance.now()));
    }
    const status = document.querySelector('#status em')?.textContent ?? '';
    if (!asked || status !== asked.text) return;
    const { text, at } = asked;
    asked = null;
    drawn(() => keys.push({ text, ms: performance.now() - at }));
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ['hidden'] });

  addEventListener('keydown', ({ timeStamp }) => {
    addEventListener('input', ({ target }) => {
      const text = /** @type {HTMLInputElement} */ (target).value.trim();
      asked = text === '' ? null : { text, at: timeStamp };
    }, { capture: true, once: true });
  }, true);

  if (globalThis.PerformanceObserver?.supportedEntryTypes?.includes('longtask')) {
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) tasks.push({ start: startTime, ms: duration });
    }).observe({ type: 'longtask', buffered: true });
  } else {
    // Where the browser does not tell, a clock that ought to strike every ten milliseconds does.
    const every = 10;
    let last = performance.now();
    setInterval(() => {
      const now = performance.now();
      if (now - last - every > 50) tasks.push({ start: last, ms: now - last - every });
      last = now;
    }, every);
  }

  Object.defineProperty(globalThis, 'fondsProbe', { value: { seen, keys, tasks, isAnswered: () => asked === null } });
})();
