/** The bootstrap, inline in index.html: the one script that the page's policy names by its hash. It defines `fondsShard`,
 *  the one function through which every part of an archive arrives, and fetches the parts that everything else needs.
 *  It must stay small and must not fail: while it runs, nothing else can speak to the reader. */
(() => {
  /** Parts that have arrived and that nobody has taken yet. @type {Map<string, unknown>} */
  const parts = new Map();
  /** Who waits for a part. @type {Map<string, (payload: unknown) => void>} */
  const waiting = new Map();

  /** Every script of the folder calls this. @param {string} name @param {unknown} payload */
  const fondsShard = (name, payload) => {
    const resolve = waiting.get(name);
    waiting.delete(name);
    if (resolve) resolve(payload);
    else parts.set(name, payload);
  };

  /** Resolves with a part once it is here, and forgets it. @param {string} name @returns {Promise<unknown>} */
  fondsShard.take = (name) =>
    new Promise((resolve) => {
      if (parts.has(name)) resolve(parts.get(name));
      else waiting.set(name, resolve);
      parts.delete(name);
    });

  // A fragment or a query in the document's own address must not reach the addresses of its parts.
  const base = location.href.replace(/[?#].*$/s, '').replace(/[^/]*$/, '');

  /** Runs a file of the folder as a classic script: the only kind that loads from file://. @param {string} path @returns {Promise<void>} */
  fondsShard.load = (path) =>
    new Promise((resolve, reject) => {
      const script = document.createElement('script');
      script.onload = () => {
        script.remove();
        resolve();
      };
      script.onerror = () => {
        script.remove();
        reject(new Error(path));
      };
      script.src = base + path;
      document.head.append(script);
    });

  // The box is there before what it asks: words typed meanwhile are kept.
  const ask = document.getElementById('ask');
  if (ask) {
    ask.hidden = false;
    ask.onsubmit = () => false;
  }

  /** Shows what went wrong above the newest posts, which index.html holds itself. @param {string} id the element that says it. */
  fondsShard.fail = (id) => {
    if (ask) ask.hidden = true;
    const sentence = document.getElementById(id);
    if (sentence) sentence.hidden = false;
    document.documentElement.dataset.state = 'error';
    parent.postMessage({ fonds: 'error', message: id }, '*');
  };

  /** Whether the shard that opens the archive has come. @type {Promise<boolean> | undefined} */
  fondsShard.early = undefined;

  Object.assign(window, { fondsShard });
  const root = document.documentElement;
  root.dataset.state = 'loading';
  if (/[#&](q|f\.|from|to|m)[^&]*=/.test(location.hash)) root.dataset.asked = '';
  if (/[#&]embed=(?!0)/.test(location.hash)) root.dataset.embed = '';

  // The single-file form carries its parts above this script, and runs the app once the document is complete.
  if (document.querySelector('script[data-name="manifest"]')) return;
  const app = fondsShard.load('fonds/app.js');
  for (const path of ['fonds/worker.js', 'fonds/core.js', 'archive/manifest.js']) {
    // What is missing here is named by source.js, which waits for it and knows the remedy.
    fondsShard.load(path).catch(() => fondsShard(`missing:${path}`, path));
  }
  // The shard that opens the archive is asked for before the manifest names it: one trip to the server less.
  if (root.dataset.root) fondsShard.early = fondsShard.load(`archive/${root.dataset.root}.js`).then(() => true, () => false);
  app.catch(() => fondsShard.fail('unextracted'));
})();
