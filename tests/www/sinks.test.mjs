import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const WWW = new URL('../../www/', import.meta.url);
const FILES = [...readdirSync(WWW), ...readdirSync(new URL('view/', WWW)).map((name) => `view/${name}`)].filter((name) => /\.(js|html)$/.test(name));

test('no file of the page can turn text into markup or code', () => {
  const sinks = /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|setHTMLUnsafe|srcdoc|\beval\b|new Function|setTimeout\(['"`]|\sstyle=|\son\w+=["']/;
  for (const name of FILES) assert.doesNotMatch(readFileSync(new URL(name, WWW), 'utf8'), sinks, name);
});
