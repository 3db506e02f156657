/** What a post without words is called. */

import { nameKind, say } from '../messages.js';

/** A photo, a video, or what its source called it. @param {{ kind: string, media?: (string | { kind: string })[] }} post Hits have the kinds of their media alone. */
export function nameKinds({ kind, media = [] }) {
  const kinds = new Set(media.map((medium) => nameKind(typeof medium === 'string' ? medium : medium.kind)));
  return kinds.size === 0 ? nameKind(kind) : [...kinds].join(say('comma'));
}
