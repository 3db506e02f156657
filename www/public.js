/** Where others find this page. */

/**
 * The address of this page, without its fragment: on a disk the one that its owner gave it, if any, since nobody else has that disk.
 * @returns {string}
 */
export function publicAddress() {
  const told = document.querySelector('meta[property="og:url"]')?.getAttribute('content');
  return location.protocol === 'file:' && told ? told : location.href.replace(/#.*$/s, '');
}
