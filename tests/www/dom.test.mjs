import assert from 'node:assert/strict';
import { test } from 'node:test';
import { safeHref, safePath, thumbOf } from '../../www/dom.js';
import { HOSTILE } from './random.mjs';

test('links to the web, to mail, to Telegram and within the page pass', () => {
  for (const href of ['https://harbour.example/a?b=c#d', 'http://harbour.example/', 'mailto:office@harbour.example', 'tg://resolve?domain=x']) assert.equal(safeHref(href), href);
  assert.equal(safeHref('#q=x'), '#q=x');
  assert.equal(safeHref('HTTPS://Harbour.example'), 'https://harbour.example/');
});

test('nothing else does', () => {
  const refused = [
    null, undefined, '', 'javascript:alert(1)', 'JaVaScRiPt:alert(1)', ' javascript:alert(1)', 'java\nscript:alert(1)', '\u0001javascript:alert(1)', 'data:text/html,x', 'vbscript:x',
    'file:///etc/passwd', 'blob:https://x/y', 'about:blank', 'view-source:https://x', 'ftp://x/', '//harbour.example', '/etc', 'posts/1.html', '?x', 'intent://x#Intent;end', 'filesystem:https://x/y',
  ];
  for (const href of refused) assert.equal(safeHref(href), null, String(href));
  for (const text of HOSTILE) assert.match(safeHref(text) ?? 'https://', /^(https?:|mailto:|tg:|#)/);
});

test('a file is shown only from the folder’s media', () => {
  const hash = '0123456789abcdef'.repeat(2);
  for (const end of ['.jpg', '.t.mp4', '.thumb.jpg', '.bin']) assert.equal(safePath(`media/${hash}${end}`), `media/${hash}${end}`);
  for (const path of [null, '', 'photo.jpg', 'media/photo.jpg', `/media/${hash}.jpg`, `media/../${hash}.jpg`, `media/${hash}`, `media/${hash}.a.jpg`, `media/${hash}.jpg?y`, `media/${hash}.jpg#y`, `https://x/media/${hash}.jpg`, `media/${hash.toUpperCase()}.jpg`, `media/${hash}.jpg\n`]) {
    assert.equal(safePath(path), null, String(path));
  }
});

test('a path promises a thumbnail, or none', () => {
  const hash = '0123456789abcdef'.repeat(2);
  assert.equal(thumbOf(`media/${hash}.thumb.jpg`), `media/${hash}.thumb.jpg`);
  assert.equal(thumbOf(`media/${hash}.t.mp4`), `media/${hash}.thumb.jpg`);
  for (const path of [null, `media/${hash}.jpg`, `media/${hash}.tgs`, 'photos/a.jpg']) assert.equal(thumbOf(path), null, String(path));
});
