/** Keeps an archive for a visit without a network; a worker of the folder that it lies in, and of nothing above it. The program puts
 *  `fondsKept` before it: the version, which is a hash of all that is published, and what there is to keep. Where that is null, an earlier
 *  build had such a worker and this one has none: it takes itself away.
 *
 *  The page itself is always asked for first. Where the host has another version, all that was kept of the old one is thrown away before
 *  the new page is shown, so that no part of the one meets a part of the other. */

/**
 * @typedef {object} Kept
 * @property {string} version
 * @property {string[]} shell Files without which nothing opens.
 * @property {string[]} shards Files with posts and index.
 * @property {number} size Bytes of all shards.
 */

/** @type {any} The global of a service worker, which the types of a page do not know. */
const worker = self;

/** @type {Kept | null} */
const kept = worker.fondsKept;

/** Up to so many bytes all of an archive is kept; of a larger one, what was looked at. */
const WHOLE_MAX = 64 << 20;

/** A host that says nothing for so long is taken to be out of reach. */
const PATIENCE_MS = 4000;

const scope = worker.registration.scope;
const mine = `fonds ${scope} `;
const name = mine + (kept?.version ?? '');
const known = new Set([...(kept?.shell ?? []), ...(kept?.shards ?? [])]);

worker.addEventListener('install', (/** @type {any} */ event) => event.waitUntil(install()));
worker.addEventListener('activate', (/** @type {any} */ event) => event.waitUntil(activate()));
worker.addEventListener('message', (/** @type {any} */ event) => event.waitUntil(keep(event.data)));
worker.addEventListener('fetch', (/** @type {any} */ event) => {
  const { request } = event;
  if (kept === null || request.method !== 'GET' || !request.url.startsWith(scope)) return;
  const path = request.url.slice(scope.length).replace(/[?#].*$/s, '');
  if (request.mode === 'navigate' && (path === '' || path === 'index.html')) event.respondWith(page(request));
  else if (known.has(path) && path !== 'index.html') event.respondWith(part(request, path));
});

/** All of the shell or nothing: a part that cannot be had, or a disk that is full, leaves the browser as it was. */
async function install() {
  if (kept !== null) {
    const cache = await caches.open(name);
    try {
      await Promise.all(kept.shell.map((path) => put(cache, path)));
    } catch (error) {
      await caches.delete(name);
      throw error;
    }
  }
  await worker.skipWaiting();
}

/** Takes over what earlier versions had of the same shards, which are called by their content, and throws the rest of them away. */
async function activate() {
  const others = (await caches.keys()).filter((other) => other.startsWith(mine) && other !== name);
  for (const other of others) {
    for (const path of kept?.shards ?? []) {
      const response = await caches.match(scope + path, { cacheName: other });
      if (response) await caches.open(name).then((cache) => cache.put(scope + path, response)).catch(() => {});
    }
    await caches.delete(other);
  }
  if (kept === null) await worker.registration.unregister();
  else await worker.clients.claim();
}

/** Keeps what a page has looked at, and all where that is little; the shell too, where it was thrown away since. @param {{ touched?: unknown, all?: unknown }} wish */
async function keep({ touched, all }) {
  if (kept === null) return;
  const looked = new Set(Array.isArray(touched) ? touched.map((shard) => `archive/${shard}.js`) : []);
  const isWhole = all === true && kept.size <= WHOLE_MAX;
  const cache = await caches.open(name);
  for (const path of [...kept.shell, ...kept.shards.filter((path) => isWhole || looked.has(path))]) {
    if (await cache.match(scope + path)) continue;
    try {
      await put(cache, path);
    } catch (error) {
      // The network is gone, or the room that the browser gives is full: what is kept stays.
      if (!(error instanceof Refused)) return;
    }
  }
}

/** A host that is there does not give one file. */
class Refused extends Error {}

/** @param {Cache} cache @param {string} path */
async function put(cache, path) {
  const response = await fetch(scope + path, { cache: 'no-cache' });
  if (response.status !== 200) throw new Refused(`${path}: ${response.status}`);
  const body = await response.arrayBuffer();
  if (path === 'index.html' && !isOurs(new TextDecoder().decode(body))) throw new Error('the host is between two versions');
  // Anew: what was redirected may not answer for a page, and what was unpacked is no longer packed.
  await cache.put(scope + path, new Response(body, { headers: { 'content-type': response.headers.get('content-type') ?? '' } }));
}

/** @param {string} html */
function isOurs(html) {
  return html.includes(`data-offline="${kept?.version}"`);
}

/** @param {Request} request @returns {Promise<Response>} */
async function page(request) {
  const before = await caches.match(`${scope}index.html`, { cacheName: name });
  if (!before) return fetch(request);
  try {
    const [fresh, html] = await Promise.race([whole(request), new Promise((_, reject) => setTimeout(reject, PATIENCE_MS))]);
    if (fresh.status >= 500) return before;
    // Another build of an archive; a page of the host's own, such as one about its maintenance, says nothing of what is kept.
    if (fresh.status === 200 && html.includes(' data-archive="') && !isOurs(html)) await caches.delete(name);
    return fresh;
  } catch {
    return before;
  }
}

/** An answer and its text, once all of it is here. @param {Request} request @returns {Promise<[Response, string]>} */
async function whole(request) {
  const response = await fetch(request);
  return [response, await response.clone().text()];
}

/** @param {Request} request @param {string} path @returns {Promise<Response>} */
async function part(request, path) {
  const response = await caches.match(scope + path, { cacheName: name });
  if (!response) return fetch(request);
  return cut(response, request.headers.get('range'));
}

/** The span of a kept file that is asked for, as a host would give it. @param {Response} response @param {string | null} range */
async function cut(response, range) {
  const [, first = '', last = ''] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
  if (first === '') return response;
  const bytes = await response.arrayBuffer();
  const [start, end] = [Number(first), Math.min(last === '' ? Infinity : Number(last), bytes.byteLength - 1)];
  if (start > end) return new Response(null, { status: 416, headers: { 'content-range': `bytes */${bytes.byteLength}` } });
  const headers = { 'content-type': response.headers.get('content-type') ?? '', 'content-range': `bytes ${start}-${end}/${bytes.byteLength}` };
  return new Response(bytes.slice(start, end + 1), { status: 206, headers });
}

export {};
