/** What a host's page loads of ours, before a reader has asked for anything. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

/** The script that makes `<fonds-archive>`, as it is sent: a blog loads it on every page. */
const EMBED_MAX = 4096;

test('the script of the element is at most 4 KB', () => {
  const { length } = readFileSync(new URL('../../www/dist/embed.js', import.meta.url));
  assert.ok(length <= EMBED_MAX, `${length} bytes`);
});
