/** What an open post stands in: what it answers, what answers it, its album. */

import assert from 'node:assert/strict';
import { axeFinds } from './axe.mjs';
import { publishChats, publishReplies } from './fixtures.mjs';
import { reaches, resultUids, shows, withState } from './reading.mjs';
import { inEveryEngine } from './suite.mjs';

/** @typedef {import('./engines.mjs').Page} Page */

inEveryEngine('replies', ({ check, open }) => {
  const start = (/** @type {Record<string, string>} */ keys) => open(withState(publishReplies().fileUrl('folder/index.html'), keys), { watch: true });
  const there = (/** @type {Page} */ page, /** @type {string} */ selector) =>
    page.waitFor((/** @type {string} */ selector) => document.querySelector(selector) !== null, undefined, selector, selector);
  const texts = (/** @type {Page} */ page, /** @type {string} */ selector) =>
    page.evaluate((/** @type {string} */ selector) => [...document.querySelectorAll(selector)].map((node) => node.textContent), selector);
  const hrefs = (/** @type {Page} */ page, /** @type {string} */ selector) =>
    page.evaluate((/** @type {string} */ selector) => [...document.querySelectorAll(selector)].map((node) => decodeURIComponent(node.getAttribute('href') ?? '')), selector);

  check('above a post stands what leads to it, beneath it what answers it', async () => {
    const page = await start({ m: 'Harbour Talk/4' });
    await there(page, '#post .replies .neighbour');
    assert.deepEqual(await hrefs(page, '#post .chain .neighbour'), ['#m=Harbour Talk/1', '#m=Harbour Talk/2']);
    assert.deepEqual(await texts(page, '#post .replies h3'), ['2 answers']);
    assert.deepEqual(await hrefs(page, '#post .replies .neighbour'), ['#m=Harbour Talk/5', '#m=Harbour Talk/6']);
    assert.match((await texts(page, '#post .replies .neighbour'))[0] ?? '', /Jan Tiede.*small boat/);
    assert.deepEqual(await axeFinds(page), []);
    // What it answers opens, with what surrounds it.
    await page.click('#post .chain .neighbour');
    await page.waitFor('document.querySelector("#post .whole")?.dataset.post === "Harbour Talk/1"', undefined, 'the first post');
    await there(page, '#post .replies .neighbour');
    assert.deepEqual(await hrefs(page, '#post .replies .neighbour'), ['#m=Harbour Talk/2', '#m=Harbour Talk/8']);
    assert.deepEqual(await texts(page, '#post .chain'), []);
    assert.deepEqual(await page.problems(), []);
  });

  check('a post that is drawn anew stays where it is read', async () => {
    const page = await open(withState(publishReplies().fileUrl('folder/index.html'), { m: 'Harbour Talk/4' }), { width: 1280, height: 500 });
    await there(page, '#post .replies .neighbour');
    await reaches(page, 'ready');
    const below = () => page.evaluate('Math.round(document.querySelector("#post .whole header").getBoundingClientRect().top - document.querySelector("#post .tools").getBoundingClientRect().bottom)');
    const before = await below();
    for (const sort of ['old', 'new', 'old']) {
      await page.evaluate((/** @type {string} */ sort) => {
        /** @type {HTMLElement} */ (document.querySelector('#post .whole')).dataset.drawn = 'before';
        location.hash = `#sort=${sort}&m=Harbour%20Talk%2F4`;
      }, sort);
      await page.waitFor('document.querySelector("#post .whole:not([data-drawn]) .replies .neighbour") !== null', undefined, 'the post, drawn anew');
      assert.equal(await below(), before);
    }
  });

  check('an answer leads to the post of its own talk, though another has its name', async () => {
    const open_ = (/** @type {string} */ uid) => open(withState(publishChats().fileUrl('folder/index.html'), { m: uid }), { watch: true });
    const page = await open_('Quay/2.2');
    await there(page, '#post .chain .neighbour');
    assert.deepEqual(await hrefs(page, '#post .chain .neighbour'), ['#m=Quay/1.2']);
    assert.match(await page.evaluate('decodeURIComponent(document.querySelector("#post header a.answered").getAttribute("href"))'), /m=Quay\/1\.2$/);
    await page.click('#post .chain .neighbour');
    await there(page, '#post .replies .neighbour');
    assert.deepEqual(await hrefs(page, '#post .replies .neighbour'), ['#m=Quay/2.2']);
    const other = await open_('Quay/1');
    await there(other, '#post .replies .neighbour');
    assert.deepEqual(await hrefs(other, '#post .replies .neighbour'), ['#m=Quay/2']);
    assert.deepEqual(await page.problems(), []);
  });

  check('a thread is that of its own talk, though another has its name', async () => {
    const open_ = (/** @type {string} */ uid) => open(withState(publishChats().fileUrl('folder/index.html'), { m: uid }), { watch: true });
    const page = await open_('Quay/2.2');
    const thread = 'decodeURIComponent(document.querySelector("#post header a.thread")?.getAttribute("href") ?? "")';
    await page.waitFor(`${thread}.endsWith("thread=Quay/1.2")`, undefined, 'the thread of its own talk');
    // In one step: the header is drawn anew when what it leads to is known.
    await page.evaluate('document.querySelector("#post header a.thread").click()');
    await shows(page, 1);
    assert.deepEqual(await resultUids(page), ['Quay/2.2']);
    // Of a thread whose first post nobody kept there is no other.
    await page.evaluate('location.hash = "#m=Quay/3"');
    await page.waitFor(`${thread}.endsWith("thread=Quay/2000")`, undefined, 'a thread without its first post');
    assert.deepEqual(await page.problems(), []);
  });

  check('an album is shown together', async () => {
    const page = await start({ m: 'Harbour Talk/10' });
    await there(page, '#post .album li');
    assert.deepEqual(await texts(page, '#post .album h3'), ['Album: 3 posts']);
    assert.deepEqual(await hrefs(page, '#post .album a'), ['#m=Harbour Talk/9', '#m=Harbour Talk/10', '#m=Harbour Talk/11']);
    assert.deepEqual(await hrefs(page, '#post .album a[aria-current]'), ['#m=Harbour Talk/10']);
    assert.match((await texts(page, '#post .album'))[0] ?? '', /What the storm left on the north beach/);
    assert.deepEqual(await axeFinds(page), []);
    assert.deepEqual(await page.problems(), []);
  });

  check('an answer to what nobody kept says so, and its thread can be listed', async () => {
    const page = await start({ m: 'Harbour Talk/12' });
    await there(page, '#post .chain');
    assert.match((await texts(page, '#post .chain'))[0] ?? '', /Post 900, which this archive does not hold/);
    await page.evaluate('[...document.querySelectorAll("#post header a")].find((link) => link.textContent === "thread 900").click()');
    await shows(page, 1);
    assert.deepEqual(await resultUids(page), ['Harbour Talk/12']);
    assert.deepEqual(await page.problems(), []);
  });

  check('numbers of one channel say nothing of another', async () => {
    const page = await start({ m: 'Pilots/2' });
    await there(page, '#post .chain');
    assert.match((await texts(page, '#post .chain'))[0] ?? '', /does not hold/);
    await page.evaluate('location.hash = "#q=reply_to:%22Harbour%20Talk/1%22"');
    await shows(page, 2);
    await reaches(page, 'ready');
    assert.deepEqual(await page.problems(), []);
  });
});
