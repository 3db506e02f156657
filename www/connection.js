/** Whether this reader's connection is spared. */

/** Whoever pays by the byte is given what was asked for, and nothing ahead of it. @returns {boolean} */
export function paysByTheByte() {
  return /** @type {{ connection?: { saveData?: boolean } }} */ (navigator).connection?.saveData === true;
}
