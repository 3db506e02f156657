/** The only way in which this page makes elements. Archive text enters as text nodes, archive links through {@link safeHref};
 *  there is no markup to sanitise, because none is ever parsed. */

/** @typedef {Node | string | number | null | undefined | false} Child */
/** @typedef {Record<string, unknown>} Props */

const ATTRIBUTES = new Set([
  'alt', 'checked', 'class', 'd', 'datetime', 'dir', 'download', 'for', 'height', 'href', 'id', 'lang', 'loading', 'name',
  'open', 'placeholder', 'rel', 'role', 'src', 'start', 'tabindex', 'target', 'title', 'transform', 'type', 'value', 'viewBox', 'width',
  'x', 'y', 'preserveAspectRatio', 'autocomplete',
]);
const SCHEMES = new Set(['http:', 'https:', 'mailto:', 'tg:']);
const SVG = 'http://www.w3.org/2000/svg';

/**
 * Makes an HTML element. A prop is an attribute from a known list, `aria-…`, `data-…`, or `on: { event: listener }`;
 * `null`, `undefined` and `false` leave it out, `true` sets it empty.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Props} [props]
 * @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function el(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

/**
 * Makes an SVG element under the same rules.
 * @template {keyof SVGElementTagNameMap} T
 * @param {T} tag
 * @param {Props} [props]
 * @param {...(Child | Child[])} children
 * @returns {SVGElementTagNameMap[T]}
 */
export function svg(tag, props = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

/**
 * The one element of the template with this id.
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`index.html has no element "${id}"`);
  return element;
}

/**
 * An address that a link may carry: http, https, mailto, tg, or a fragment of this page. Null for everything else.
 * @param {string | null | undefined} href
 * @returns {string | null}
 */
export function safeHref(href) {
  if (!href) return null;
  if (href.startsWith('#')) return href;
  try {
    const url = new URL(href);
    return SCHEMES.has(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** Names of published media; src/publish/media.rs gives them, and no others lead anywhere. */
const MEDIUM = /^(media\/[0-9a-f]{32})(\.thumb\.jpg|\.t\.[a-z0-9]{1,5}|\.[a-z0-9]{1,5})$/;

/**
 * The path of a file inside the published folder, fit for `src`, which may also be a block of the single html. Null for anything else.
 * @param {string | null | undefined} path
 * @returns {string | null}
 */
export function safePath(path) {
  return path && MEDIUM.test(path) ? path : null;
}

/** The path of the thumbnail that a medium's own path promises, or null. @param {string | null} path */
export function thumbOf(path) {
  const [, stem, end] = MEDIUM.exec(path ?? '') ?? [];
  return end && /^\.t(humb)?\./.test(end) ? `${stem}.thumb.jpg` : null;
}

/** The block of the single html that has this name. @param {string} name */
export function blockOf(name) {
  return document.querySelector(`script[data-name="${name}"]`);
}

/** @template {Element} E @param {E} element @param {Props} props @param {(Child | Child[])[]} children @returns {E} */
function fill(element, props, children) {
  for (const [name, value] of Object.entries(props)) setProp(element, name, value);
  for (const child of children.flat()) {
    if (child !== null && child !== undefined && child !== false) element.append(child instanceof Node ? child : String(child));
  }
  return element;
}

/** @param {Element} element @param {string} name @param {unknown} value */
function setProp(element, name, value) {
  if (name === 'on') {
    for (const [event, listener] of Object.entries(/** @type {Record<string, EventListener>} */ (value))) element.addEventListener(event, listener);
    return;
  }
  if (!ATTRIBUTES.has(name) && !/^(aria|data)-[a-z-]+$/.test(name)) throw new Error(`dom.js does not set the attribute "${name}"`);
  if (value === null || value === undefined || value === false) return;
  if (name === 'href') {
    const href = safeHref(String(value)) ?? safePath(String(value));
    if (href !== null) element.setAttribute('href', href);
    return;
  }
  if (name === 'src') {
    const path = safePath(String(value));
    const block = path && blockOf(path);
    if (path !== null) element.setAttribute('src', block ? `data:image/jpeg;base64,${block.textContent}` : path);
    return;
  }
  element.setAttribute(name, value === true ? '' : String(value));
}
