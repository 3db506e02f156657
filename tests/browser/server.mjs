/** A static server on loopback that can be as poor as real hosts are. */

import { createReadStream, readFileSync, statSync } from 'node:fs';
import http from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import { gzipSync } from 'node:zlib';

/**
 * @typedef {object} ServerOptions
 * @property {string} [prefix] A sub-folder under which the site lies, as `/people/ana`; the root answers 404 then.
 * @property {boolean} [range] Whether Range is honoured; true where not given. A host that ignores it answers 200 and everything.
 * @property {boolean} [gzip] Whether everything is sent compressed, as some hosts do even with a Range.
 * @property {boolean} [stripsQuery] Whether an address with a query is sent on to the same without it, as caches and mailers do.
 * @property {RegExp} [hold] Paths that are not answered until `release`, to see a page that waits.
 * @property {boolean} [wrongTypes] Whether all but HTML comes as `application/octet-stream`.
 */

/**
 * @typedef {object} Server
 * @property {string} origin
 * @property {(path?: string) => string} url The address of a file, given by its path under the root.
 * @property {{method: string, path: string, range: string | null, status: number}[]} log In the order of arrival.
 * @property {() => void} release Answers what was held, and holds nothing more.
 * @property {() => Promise<void>} close
 */

const TYPES = /** @type {Record<string, string>} */ ({
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.jsonl': 'application/x-ndjson',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
});

/**
 * Serves a folder. No answer carries a CORS header: published archives must not need any.
 * Two servers are two origins, since their ports differ.
 *
 * @param {string} root
 * @param {ServerOptions} [options]
 * @returns {Promise<Server>}
 */
export function serve(root, { prefix = '', range = true, gzip = false, wrongTypes = false, stripsQuery = false, hold } = {}) {
  /** @type {Server['log']} */
  const log = [];
  /** @type {((value?: unknown) => void)[]} */
  const held = [];

  const server = http.createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    const entry = { method: request.method ?? '', path, range: request.headers.range ?? null, status: 0 };
    log.push(entry);
    if (hold?.test(path)) await new Promise((go) => held.push(go));
    if (stripsQuery && request.url?.includes('?')) {
      entry.status = 301;
      response.writeHead(301, { location: request.url.replace(/\?.*/s, '') }).end();
      return;
    }
    /** @param {number} status @param {http.OutgoingHttpHeaders} [headers] */
    const head = (status, headers) => {
      entry.status = status;
      response.writeHead(status, headers);
    };

    const file = path.startsWith(`${prefix}/`) ? locate(root, path.slice(prefix.length)) : null;
    if (!file) {
      head(404, { 'content-type': 'text/plain' });
      response.end('not found\n');
      return;
    }
    const extension = extname(file.path);
    /** @type {http.OutgoingHttpHeaders} */
    const headers = {
      'content-type': wrongTypes && extension !== '.html' ? 'application/octet-stream' : TYPES[extension] ?? 'application/octet-stream',
    };
    if (gzip) {
      head(200, { ...headers, 'content-encoding': 'gzip' });
      response.end(request.method === 'HEAD' ? undefined : gzipSync(readFileSync(file.path)));
      return;
    }
    if (range) headers['accept-ranges'] = 'bytes';
    const asked = range ? /^bytes=(\d+)-(\d*)$/.exec(entry.range ?? '') : null;
    const from = asked ? Number(asked[1]) : 0;
    const to = asked?.[2] ? Math.min(Number(asked[2]), file.size - 1) : file.size - 1;
    if (asked && from > to) {
      head(416, { 'content-range': `bytes */${file.size}` });
      response.end();
      return;
    }
    if (asked) headers['content-range'] = `bytes ${from}-${to}/${file.size}`;
    head(asked ? 206 : 200, { ...headers, 'content-length': to - from + 1 });
    if (request.method === 'HEAD' || file.size === 0) response.end();
    else createReadStream(file.path, { start: from, end: to }).pipe(response);
  });

  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      const origin = `http://127.0.0.1:${port}`;
      resolve({
        origin,
        url: (path = '') => `${origin}${prefix}/${path}`,
        log,
        release: () => {
          hold = undefined;
          for (const go of held.splice(0)) go();
        },
        close: () => new Promise((done) => {
          server.close(() => done());
          server.closeAllConnections();
        }),
      });
    });
  });
}

/** @param {string} root @param {string} path @returns {{path: string, size: number} | null} */
function locate(root, path) {
  const full = normalize(join(root, path.endsWith('/') ? `${path}index.html` : path));
  if (!full.startsWith(normalize(root + sep))) return null;
  try {
    const stat = statSync(full);
    return stat.isFile() ? { path: full, size: stat.size } : null;
  } catch {
    return null;
  }
}
