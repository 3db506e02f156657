/** Drawing anew without taking away what stays. */

/**
 * Makes these the children of an element, and moves only those that stand elsewhere: what stays keeps its focus, its scroll and a click half done.
 * @param {Element} parent
 * @param {Element[]} children
 */
export function settle(parent, children) {
  const held = document.activeElement;
  const wanted = new Set(children);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  children.forEach((child, at) => {
    if (parent.children[at] !== child) parent.insertBefore(child, parent.children[at] ?? null);
  });
  // An element that was moved has lost the focus.
  if (held instanceof HTMLElement && held !== document.activeElement && parent.contains(held)) held.focus({ preventScroll: true });
}
