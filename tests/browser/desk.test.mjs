/** What a reader takes along: citations, links to passages, the basket. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { axeFinds } from './axe.mjs';
import { publishDay, publishSample } from './fixtures.mjs';
import { inAddress, opens, reaches, showsText, withState } from './reading.mjs';
import { serve } from './server.mjs';
import { inEveryEngine } from './suite.mjs';

const WORD = 'storm';

inEveryEngine('the desk', ({ check, open }) => {
  const uids = () => publishSample().search(WORD).hits.map(({ uid }) => uid);
  /** @param {string} uid @param {Record<string, string>} [keys] @param {string} [path] */
  const start = async (uid, keys = {}, path = 'folder/index.html') => {
    const page = await open(withState(publishSample().fileUrl(path), { q: WORD, m: uid, ...keys }), { watch: true });
    await reaches(page, 'ready');
    await page.waitFor('document.querySelector("#post .whole") !== null', undefined, 'the post');
    return page;
  };
  const press = (/** @type {import('./engines.mjs').Page} */ page, /** @type {string} */ words) => page.evaluate((/** @type {string} */ words) => {
    const found = [...document.querySelectorAll('button')].find(({ textContent }) => textContent?.trim() === words);
    if (!found) throw new Error(`no button says ${words}`);
    found.click();
  }, words);

  /** Presses a button of a group. @param {import('./engines.mjs').Page} page @param {string} group @param {string} words */
  const pressIn = (page, group, words) => page.evaluate((/** @type {string[]} */ [group, words]) => {
    const found = [...document.querySelectorAll(`#basket [role=group][aria-label="${group}"] button`)].find(({ textContent }) => textContent?.trim() === words);
    if (!found) throw new Error(`no button of ${group} says ${words}`);
    /** @type {HTMLElement} */ (found).click();
  }, [group, words]);
  /** Empties the basket as another tab would: in some engines all of a disk is one place. @param {import('./engines.mjs').Page} page */
  const forget = async (page) => {
    await reaches(page, 'ready');
    await page.evaluate(() => {
      localStorage.clear();
      dispatchEvent(new StorageEvent('storage', { key: null }));
    });
  };
  /** Keeps the text of the next file in `window.saved`. @param {import('./engines.mjs').Scope} page */
  const catchFile = (page) => page.evaluate(() => {
    Object.assign(window, { saved: null });
    URL.createObjectURL = (/** @type {any} */ blob) => {
      void blob.text().then((/** @type {string} */ saved) => Object.assign(window, { saved }));
      return '#';
    };
    // The file has been seen; nothing is to be downloaded, and the address stays as it is.
    HTMLAnchorElement.prototype.click = function () {
      if (!this.download) HTMLElement.prototype.click.call(this);
    };
  });

  /** Chooses a file at the page's own field. @param {import('./engines.mjs').Page} page @param {string} name @param {string} text */
  const choose = (page, name, text) => page.evaluate((/** @type {string[]} */ [name, text]) => {
    const given = new DataTransfer();
    given.items.add(new File([/** @type {string} */ (text)], /** @type {string} */ (name)));
    const field = /** @type {HTMLInputElement} */ (document.querySelector('#basket input[type=file]'));
    field.files = given.files;
    field.dispatchEvent(new Event('change'));
  }, [name, text]);
  /** Waits for a word in the status of the basket. @param {import('./engines.mjs').Page} page @param {string} words */
  const told = (page, words) => page.waitFor((/** @type {string} */ words) => document.querySelector('#basket > [role=status]')?.textContent?.includes(words) && document.querySelector('#basket > [role=status]')?.textContent, undefined, `the words ${words}`, words);
  /** Fills the basket as another tab would. @param {import('./engines.mjs').Page} page @param {{ uid: string, note: string }[]} kept */
  const fill = (page, kept) => page.evaluate((/** @type {{ uid: string, note: string }[]} */ kept) => {
    localStorage.setItem(`fonds:${document.documentElement.dataset.archive}:basket`, JSON.stringify(kept));
    dispatchEvent(new StorageEvent('storage', { key: null }));
  }, kept);

  check('a basket that was saved as JSON or CSV is added again by the page', async () => {
    const [first, second] = uids();
    const page = await start(first);
    await forget(page);
    await press(page, 'Keep');
    await page.waitFor('document.querySelector("#basket-open")?.textContent === "Basket (1)"', undefined, 'one post in the basket');
    const kept = [{ uid: first, note: 'of "lamps", and\n=more' }, { uid: second, note: '' }];
    await fill(page, kept);
    await page.evaluate('document.querySelector("#basket-open").click()');
    await catchFile(page);
    for (const form of ['JSON', 'CSV']) {
      await page.evaluate('window.saved = null');
      await pressIn(page, 'Basket', `save as ${form}`);
      const saved = await page.waitFor('window.saved', undefined, `the ${form}`);
      await fill(page, []);
      await page.waitFor('document.querySelector("#basket li") === null', undefined, 'an empty basket');
      await choose(page, `basket.${form.toLowerCase()}`, form === 'CSV' ? `\uFEFF${saved.replace(/^\uFEFF/, '')}` : saved);
      assert.equal(await told(page, 'added'), '2 posts added.', form);
      assert.deepEqual(await page.evaluate('JSON.parse(localStorage.getItem(`fonds:${document.documentElement.dataset.archive}:basket`))'), kept, form);
    }
    await choose(page, 'prose.txt', 'no basket');
    await told(page, 'This file is no basket');
    assert.deepEqual(await page.problems(), []);
  });

  check('a basket of another archive says so, and what is not here is left out', async () => {
    const [first] = uids();
    const page = await start(first);
    await forget(page);
    await press(page, 'Keep');
    await page.waitFor('document.querySelector("#basket-open")?.hidden === false', undefined, 'the basket');
    await fill(page, []);
    const hash = 'ab'.repeat(32);
    await choose(page, 'basket.json', JSON.stringify({ archive: 'Another Shore', sha256: hash, posts: [{ uid: first, note: '' }, { uid: 'shore/1', note: '' }, { uid: 'shore/2', note: '' }] }));
    const said = await told(page, 'added');
    assert.match(said, new RegExp(`another archive.*“Another Shore”, SHA-256 ${hash}`));
    assert.match(said, /1 post added\. Left out, since this archive does not have them: 2\.$/);
    assert.deepEqual(await page.evaluate('[...document.querySelectorAll("#basket li")].map(({ dataset }) => dataset.kept)'), [first]);
  });

  check('a large basket is shown in parts, is emptied when it is asked back, and comes back', async () => {
    const [first] = uids();
    const page = await start(first);
    await forget(page);
    await press(page, 'Keep');
    await page.waitFor('document.querySelector("#basket-open")?.hidden === false', undefined, 'the basket');
    await page.evaluate('document.querySelector("#basket-open").click()');
    const many = Array.from({ length: 3274 }, (_, i) => ({ uid: `many/${i}`, note: i === 3273 ? 'the last' : '' }));
    await fill(page, many);
    await page.waitFor('document.querySelector("#basket-open").textContent === "Basket (3,274)"', undefined, 'all posts in the basket');
    const shown = () => page.evaluate('[...document.querySelectorAll("#basket li")].map(({ dataset }) => dataset.kept)');
    assert.deepEqual(await shown(), many.slice(0, 40).map(({ uid }) => uid));
    for (let i = 0; i < 3; i++) await pressIn(page, 'Part of the basket', 'later');
    assert.deepEqual(await shown(), many.slice(120, 160).map(({ uid }) => uid));
    assert.equal(await page.evaluate('document.activeElement.closest("li")?.dataset.kept'), 'many/120');
    await pressIn(page, 'Part of the basket', 'earlier');
    assert.deepEqual(await shown(), many.slice(80, 120).map(({ uid }) => uid));
    assert.match(await page.evaluate('document.querySelector("#basket").textContent'), /81–120 of 3,274/);
    assert.ok(await page.evaluate('document.querySelectorAll("*").length') < 2000);
    assert.deepEqual(await axeFinds(page), []);
    await pressIn(page, 'Basket', 'empty');
    await pressIn(page, 'Empty the basket?', 'no, keep it');
    assert.equal((await shown()).length, 40);
    await pressIn(page, 'Basket', 'empty');
    await pressIn(page, 'Empty the basket?', 'yes, empty it');
    assert.deepEqual(await shown(), []);
    assert.match(await told(page, 'taken out'), /^3,274 posts taken out\. undo$/);
    await page.evaluate('document.querySelector("#basket > [role=status] button").click()');
    assert.equal(await told(page, 'added'), '3,274 posts added.');
    assert.deepEqual(await page.evaluate('JSON.parse(localStorage.getItem(`fonds:${document.documentElement.dataset.archive}:basket`))'), many);
    await forget(page);
    assert.deepEqual(await page.problems(), []);
  });

  check('a post is cited in every form', async () => {
    const [uid] = uids();
    const page = await start(uid);
    await press(page, 'Cite');
    await page.waitFor('document.querySelector(".citation")?.value', undefined, 'a citation');
    const hash = await page.evaluate('document.documentElement.dataset.sha256');
    assert.match(hash, /^[0-9a-f]{64}$/);
    for (const form of ['plain', 'Markdown', 'BibTeX', 'CSL-JSON', 'wiki']) {
      const text = await page.evaluate((/** @type {string} */ form) => {
        const select = /** @type {HTMLSelectElement} */ (document.querySelector('.cite select'));
        select.value = form;
        select.dispatchEvent(new Event('change'));
        return /** @type {HTMLTextAreaElement} */ (document.querySelector('.citation')).value;
      }, form);
      assert.ok(text.includes(hash) && text.includes(uid.replace(/.*\//, '')), `${form}: ${text}`);
    }
    await press(page, 'Cite');
    assert.equal(await page.evaluate('document.querySelector(".cite")'), null);
    assert.deepEqual(await page.problems(), []);
  });

  check('a post is kept with a note, and is there at the next visit', async () => {
    const [first, second] = uids();
    const page = await start(first);
    await press(page, 'Keep');
    await page.waitFor('document.querySelector("#basket-open")?.textContent === "Basket (1)"', undefined, 'one post in the basket');
    assert.deepEqual(await page.evaluate('(({ textContent, ariaPressed, className }) => [textContent, ariaPressed, className])(document.querySelector("#post [data-focus=keep]"))'), ['Kept', 'true', 'plain kept']);
    await page.click('#basket-open');
    await page.evaluate(() => {
      const note = /** @type {HTMLInputElement} */ (document.querySelector('#basket li input'));
      note.value = 'for the chapter on lamps';
      note.dispatchEvent(new Event('change'));
    });
    await page.goto('about:blank');
    await page.goto(withState(publishSample().fileUrl('folder/index.html'), { q: WORD, m: second }));
    await page.waitFor('document.querySelector("#basket-open")?.textContent === "Basket (1)"', undefined, 'the basket of the last visit');
    await page.click('#basket-open');
    assert.equal(await page.evaluate('document.querySelector("#basket li input").value'), 'for the chapter on lamps');
    await page.click('#basket li button');
    await page.waitFor('document.querySelector("#basket li") === null', undefined, 'an empty basket');
  });

  check('everything found is kept, and every post of it is written down', async () => {
    const page = await start(uids()[0], {}, 'single.html');
    const { total } = publishSample().search(`${WORD}*`);
    await press(page, 'Keep');
    await page.waitFor('document.querySelector("#basket-open")?.hidden === false', undefined, 'the basket');
    await page.click('#basket-open');
    await press(page, `keep what was found: ${total} posts`);
    await page.waitFor((/** @type {string} */ words) => document.querySelector('#basket')?.textContent?.includes(words), undefined, 'all hits', `Basket: ${total} posts`);
    await catchFile(page);
    await pressIn(page, 'Basket', 'save as JSON');
    // Whoever goes on reading and searching meanwhile takes nothing from the file.
    await page.evaluate(() => {
      /** @type {HTMLElement} */ (document.querySelector('#results > li:not(.open) a')).click();
      const box = /** @type {HTMLInputElement} */ (document.getElementById('q'));
      box.value += ' ';
      box.dispatchEvent(new Event('input', { bubbles: true }));
    });
    const saved = JSON.parse(await page.waitFor('window.saved', undefined, 'the file'));
    assert.equal(saved.posts.length, total);
    for (const { uid, text } of saved.posts) assert.equal(text, publishSample().records.find((record) => record.uid === uid)?.text);
  });

  check('all that was found is saved and printed, and the basket stays empty', async () => {
    const found = publishSample().search(`${WORD}*`);
    const page = await open(withState(publishSample().fileUrl('folder/index.html'), { q: WORD }), { watch: true });
    await forget(page);
    await page.waitFor('document.querySelector("#found-open")?.hidden === false', undefined, 'the way to save hits');
    await page.click('#found-open');
    await page.waitFor('document.querySelector("#basket")?.hidden === false', undefined, 'the panel');
    await catchFile(page);
    await pressIn(page, 'Save hits', 'save as JSON');
    const saved = JSON.parse(await page.waitFor('window.saved', undefined, 'the file'));
    assert.equal(saved.posts.length, found.total);
    assert.equal(new Set(saved.posts.map((/** @type {{ uid: string }} */ { uid }) => uid)).size, found.total);
    assert.match(saved.search, /#q=storm$/);
    for (const { uid, text } of saved.posts) assert.equal(text, publishSample().records.find((record) => record.uid === uid)?.text);
    await page.evaluate(() => {
      window.print = () => {
        dispatchEvent(new Event('beforeprint'));
        Object.assign(window, { printed: [document.querySelectorAll('#paper article').length, document.documentElement.hasAttribute('data-paper')] });
        dispatchEvent(new Event('afterprint'));
      };
    });
    await pressIn(page, 'Save hits', 'print');
    assert.deepEqual(await page.waitFor('window.printed', undefined, 'paper'), [found.total, true]);
    await page.waitFor('document.querySelector("#paper") === null && !document.documentElement.hasAttribute("data-paper")', undefined, 'no paper');
    assert.equal(await page.evaluate('document.querySelectorAll("#basket li").length'), 0);
    assert.deepEqual(await page.problems(), []);
  });

  check('a kept post says which it is, and another tab adds to the same basket', async () => {
    const [first, second] = uids();
    const page = await start(first);
    await forget(page);
    await page.waitFor('document.querySelector("#post .whole") !== null', undefined, 'the post');
    await press(page, 'Keep');
    await page.waitFor('document.querySelector("#basket-open")?.textContent === "Basket (1)"', undefined, 'one post in the basket');
    await page.click('#basket-open');
    const words = (publishSample().records.find(({ uid }) => uid === first)?.text ?? '').trim().split(/\s+/).slice(0, 3).join(' ');
    await page.waitFor((/** @type {string} */ words) => document.querySelector('#basket li a')?.textContent?.replace(/\s+/g, ' ').includes(words), undefined, 'the first words', words);
    await page.evaluate((/** @type {string} */ uid) => {
      const key = `fonds:${document.documentElement.dataset.archive}:basket`;
      localStorage.setItem(key, JSON.stringify([...JSON.parse(localStorage.getItem(key) ?? '[]'), { uid, note: 'from there' }]));
    }, second);
    await page.evaluate(() => {
      const note = /** @type {HTMLInputElement} */ (document.querySelector('#basket li input'));
      note.value = 'from here';
      note.dispatchEvent(new Event('change'));
    });
    await page.waitFor('document.querySelectorAll("#basket li").length === 2', undefined, 'both posts');
    assert.deepEqual(await page.evaluate('[...document.querySelectorAll("#basket li input")].map(({ value }) => value)'), ['from here', 'from there']);
  });

  check('a frame that may not print says so, leaves no paper, and offers a tab', async () => {
    const [uid] = uids();
    const site = await serve(publishSample().root);
    const folder = mkdtempSync(join(tmpdir(), 'fonds-frame-'));
    writeFileSync(join(folder, 'host.html'), `<!doctype html><title>A blog</title><link rel="icon" href="data:,"><iframe sandbox="allow-scripts allow-popups allow-popups-to-escape-sandbox" width="900" height="700" src="${withState(site.url('folder/index.html'), { q: WORD, m: uid, embed: '1' })}"></iframe>`);
    const host = await serve(folder);
    try {
      const page = await open(host.url('host.html'));
      const frame = await page.frame(() => document.querySelector('iframe'));
      await reaches(frame, 'ready');
      await frame.waitFor('document.querySelector("#post [data-focus=keep]") !== null', undefined, 'the post');
      await frame.evaluate('document.querySelector("#post [data-focus=keep]").click()');
      await frame.waitFor('document.querySelector("#basket-open")?.hidden === false', undefined, 'the basket');
      await frame.evaluate('document.querySelector("#basket-open").click()');
      await frame.waitFor('document.querySelector("#basket").textContent.includes("This browser keeps nothing for this page")', undefined, 'a word on storage');
      assert.deepEqual(await frame.evaluate('(({ hash, target, rel }) => [new URLSearchParams(hash.slice(1)).get("embed"), new URLSearchParams(hash.slice(1)).get("q"), target, rel])(document.querySelector("#basket a.more"))'), [null, WORD, '_blank', 'noopener']);
      for (let i = 0; i < 2; i++) {
        await frame.evaluate('[...document.querySelectorAll("#basket [role=group][aria-label=Basket] button")].find(({ textContent }) => textContent === "print").click()');
        await frame.waitFor('document.querySelector("#basket").textContent.includes("The browser has not printed")', undefined, 'a word on paper');
        assert.deepEqual(await frame.evaluate('[document.querySelectorAll("#paper").length, document.documentElement.hasAttribute("data-paper")]'), [0, false]);
      }
    } finally {
      await host.close();
      await site.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  check('trends count as the list does, and follow its filters', async () => {
    const [uid] = uids();
    const page = await start(uid);
    await press(page, 'Trends');
    const agrees = () => page.waitFor(() => {
      const status = document.querySelector('[role=status][data-total]');
      const count = document.querySelector('#trends .legend .count')?.textContent?.replace(/\D/g, '');
      return document.documentElement.dataset.state === 'ready' && status?.getAttribute('data-exact') === 'true' && count === status.getAttribute('data-total') && count;
    }, undefined, 'the count of the list');
    const whole = Number(await agrees());
    assert.equal(whole, publishSample().search(`${WORD}*`).total);
    await page.evaluate(() => {
      const box = [...document.querySelectorAll('#facets input[type=checkbox]')].find((box) => Number(/** @type {HTMLElement} */ (box).dataset.count) < Number(document.querySelector('[role=status][data-total]')?.getAttribute('data-total')));
      /** @type {HTMLElement} */ (box).click();
    });
    await page.waitFor((/** @type {number} */ whole) => Number(document.querySelector('[role=status][data-total]')?.getAttribute('data-total')) < whole, undefined, 'fewer hits', whole);
    assert.ok(Number(await agrees()) < whole);
    await page.evaluate(() => {
      const field = /** @type {HTMLInputElement} */ (document.querySelector('#trends input'));
      field.value = 'storm, /a{1,2}/, "b, c", d, e, f';
      field.dispatchEvent(new Event('change'));
    });
    await page.waitFor('document.querySelectorAll("#trends .legend li").length === 5', undefined, 'five lines');
    assert.match(await page.evaluate('document.querySelector("#trends [role=alert]").textContent'), /cannot be told apart: f\./);
    assert.deepEqual(await page.problems(), []);
  });

  check('trends are saved as pictures that name their lines', async () => {
    const [uid] = uids();
    const page = await start(uid);
    await press(page, 'Trends');
    const terms = ['storm', '"<b>&amp;"', 'שלום', `harbour OR ${'fog '.repeat(80)}`.trim()];
    await page.waitFor('document.querySelector("#trends:not([hidden]) input") !== null', undefined, 'the field');
    await page.evaluate((/** @type {string} */ words) => {
      const field = /** @type {HTMLInputElement} */ (document.querySelector('#trends input'));
      field.value = words;
      field.dispatchEvent(new Event('change'));
    }, terms.join(', '));
    await page.waitFor('document.querySelectorAll("#trends .legend li").length === 4 && !document.querySelector("#trends").hasAttribute("aria-busy")', undefined, 'four lines');
    await page.evaluate(() => {
      URL.createObjectURL = (/** @type {any} */ blob) => {
        void blob.arrayBuffer().then((/** @type {ArrayBuffer} */ bytes) => Object.assign(window, { savedBytes: [...new Uint8Array(bytes)], kind: blob.type }));
        return '#';
      };
      HTMLAnchorElement.prototype.click = function () {
        if (!this.download) HTMLElement.prototype.click.call(this);
      };
    });
    await press(page, 'save as SVG');
    const saved = Buffer.from(await page.waitFor('window.savedBytes', undefined, 'the SVG')).toString('utf8');
    const drawn = await page.evaluate((/** @type {string} */ text) => {
      const { documentElement: root } = new DOMParser().parseFromString(text, 'image/svg+xml');
      const [width, height] = [root.getAttribute('width'), root.getAttribute('height')].map(Number);
      document.body.append(root);
      const frame = root.getBoundingClientRect();
      const words = [...root.querySelectorAll('text')].filter((text) => text.textContent?.includes('·'));
      const inside = words.every((text) => {
        const box = text.getBoundingClientRect();
        return box.left >= frame.left && box.right <= frame.right && box.bottom <= frame.bottom;
      });
      const strokes = new Set([...root.querySelectorAll(':scope > path')].slice(-4).map((path) => [path.getAttribute('stroke'), path.getAttribute('stroke-dasharray')].join()));
      root.remove();
      return { name: root.nodeName, words: words.map((text) => text.textContent?.replace(/[\u2068\u2069]/g, '')), inside, strokes: strokes.size, width, height };
    }, saved);
    assert.equal(drawn.name, 'svg');
    assert.equal(drawn.words.length, 4);
    for (const [i, term] of terms.entries()) assert.ok(drawn.words[i].startsWith(term.slice(0, 30)), drawn.words[i]);
    assert.match(drawn.words[0], /^storm · \d+ posts$/);
    assert.match(drawn.words[3], /… · [\d,]+ posts?$/);
    assert.ok(drawn.inside);
    assert.equal(drawn.strokes, 4);
    await page.evaluate('window.savedBytes = null');
    await press(page, 'save as PNG');
    const picture = Buffer.from(await page.waitFor('window.savedBytes', undefined, 'the PNG'));
    assert.equal(await page.evaluate('window.kind'), 'image/png');
    assert.equal(picture.subarray(0, 8).toString('hex'), '89504e470d0a1a0a');
    assert.deepEqual([picture.readUInt32BE(16), picture.readUInt32BE(20)], [drawn.width * 2, drawn.height * 2]);
    assert.deepEqual(await page.problems(), []);
  });

  check('a link points at a passage', async () => {
    const { uid, text } = publishSample().longest;
    const passage = text.slice(200, 500).split(/\s+/).slice(2, 9).join(' ');
    const page = await start(uid, { p: passage });
    await opens(page, uid);
    await showsText(page, text);
    const marked = await page.evaluate('[...document.querySelectorAll("#post .text mark")].map((mark) => mark.textContent).join(" ")');
    assert.ok(marked.replace(/\s+/g, '').includes(passage.replace(/\s+/g, '')), marked);
    assert.deepEqual(await inAddress(page, 'p'), [passage]);
    // And it lies in sight.
    await page.waitFor(() => {
      const { top, bottom } = /** @type {Element} */ (document.querySelector('#post mark.passage')).getBoundingClientRect();
      return top > 0 && bottom < innerHeight;
    }, undefined, 'the passage in sight');
  });

  check('a link to words that the post does not have says so', async () => {
    const { uid } = publishSample().longest;
    const page = await start(uid, { p: 'words of an earlier state' });
    await page.waitFor('document.querySelector("#post .passage-gone")?.textContent', undefined, 'a word on the passage');
    assert.equal(await page.evaluate('document.querySelector("#post .passage-gone").textContent'), 'The words that the link points at do not stand in this post: “words of an earlier state”.');
    assert.match(await page.evaluate('document.querySelector("#post [data-focus=copy]").title'), /Select words of the post first/);
    assert.match(await page.evaluate('document.getElementById("help").textContent'), /To link to a passage/);
  });

  check('links to other passages of the post that is open lead to these', async () => {
    const { uid, text } = publishDay().records[3];
    const page = await open(withState(publishDay().fileUrl('folder/index.html'), { m: uid }), { watch: true });
    await opens(page, uid);
    await showsText(page, text);
    const marked = (/** @type {number} */ at) => page.waitFor((/** @type {number} */ at) => {
      const mark = document.querySelector('#post .whole mark.passage');
      if (!mark) return false;
      const before = document.createRange();
      before.selectNodeContents(/** @type {Element} */ (document.querySelector('#post .whole .text')));
      before.setEndBefore(mark);
      return before.toString().length === at;
    }, undefined, `the words from ${at} on`, at);
    for (const [passage, at] of /** @type {[string, number][]} */ ([['All is', 0], ['3.-,All is', text.lastIndexOf('All')], ['well at', text.indexOf('well at')]])) {
      await page.evaluate((/** @type {string} */ fragment) => (location.hash = fragment), `m=${encodeURIComponent(uid)}&p=${encodeURIComponent(passage)}`);
      await marked(at);
    }
    assert.deepEqual(await page.problems(), []);
  });

  check('what is chosen beyond the text of a post is no part of the passage', async () => {
    const { uid, text } = publishDay().records[3];
    const page = await open(withState(publishDay().fileUrl('folder/index.html'), { m: uid }), { watch: true });
    await opens(page, uid);
    await showsText(page, text);
    // The post is drawn once more when it is known which hit it is.
    await reaches(page, 'ready');
    // From within the text back to the title, as a reader draws.
    await page.evaluate(() => {
      Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (/** @type {string} */ text) => void Object.assign(window, { copied: text }) }, configurable: true });
      const inText = document.createTreeWalker(/** @type {Element} */ (document.querySelector('#post .whole .text')), NodeFilter.SHOW_TEXT).nextNode();
      const title = /** @type {Node} */ (document.querySelector('#post h2')?.firstChild);
      getSelection()?.setBaseAndExtent(/** @type {Node} */ (inText), 11, title, 4);
    });
    await press(page, 'Copy link');
    await page.waitFor('window.copied', undefined, 'the link');
    const link = await page.evaluate('window.copied');
    assert.equal(new URLSearchParams(link.slice(link.indexOf('#') + 1)).get('p'), text.slice(0, 11));
  });

  for (const width of [1200, 820, 390]) {
    check(`at ${width} pixels the tools of a post stay where they are when they say what they have done`, async () => {
      const page = await open(withState(publishSample().fileUrl('folder/index.html'), { q: WORD, m: String(uids()[1]), lang: 'de' }), { width, height: 800 });
      await reaches(page, 'ready');
      await forget(page);
      await page.waitFor('document.querySelector("#post .tools .steps") !== null', undefined, 'the tools');
      await page.evaluate(`void Object.defineProperty(navigator, 'clipboard', { value: { writeText: async () => {} }, configurable: true })`);
      // What comes above the post may still move all of it.
      const places = () => page.evaluate(() => [...document.querySelectorAll('#post .tools .plain, #post .tools .steps, #post .whole')].map((tool) => {
        const { left, top, width } = tool.getBoundingClientRect();
        return [left, top - (document.querySelector('#post .tools')?.getBoundingClientRect().top ?? 0), width].map(Math.round).join();
      }));
      const before = await places();
      await page.evaluate('document.querySelector("[data-focus=copy]").click()');
      await page.waitFor('document.querySelector("[data-focus=copy]").textContent === "Kopiert"', undefined, 'that it is copied');
      assert.deepEqual(await places(), before);
      await page.evaluate('document.querySelector("[data-focus=keep]").click()');
      await page.waitFor('document.querySelector("[data-focus=keep]").textContent === "Gemerkt"', undefined, 'that it is kept');
      assert.deepEqual(await places(), before);
    });
  }

  check('a basket of somebody else is taken in where nothing is kept yet', async () => {
    const page = await open(publishSample().fileUrl('folder/index.html'), { watch: true });
    await forget(page);
    await page.waitFor('document.querySelector("#about:not([hidden])") !== null', undefined, 'what the archive is');
    // A driver cannot see the window in which a file is chosen, but that the page asks for it.
    await page.evaluate(() => {
      HTMLInputElement.prototype.click = function () {
        Object.assign(window, { asked: this.type });
      };
    });
    // Where a basket was here before, its own button of this name stands hidden.
    await page.evaluate(() => /** @type {HTMLElement} */ ([...document.querySelectorAll('#about button')].find(({ textContent }) => textContent === 'add from a file')).click());
    await page.waitFor('document.querySelector("#basket:not([hidden]) input[type=file]") !== null', undefined, 'the basket');
    assert.equal(await page.evaluate('window.asked'), 'file');
    assert.deepEqual(await page.problems(), []);
  });

  check('a link to a post that the archive does not have says so', async () => {
    const page = await open(withState(publishSample().fileUrl('folder/index.html'), { m: 'nosuch/1' }), { watch: true });
    await page.waitFor('document.querySelector("#post .notice")?.textContent.includes("nosuch/1")', undefined, 'what became of it');
  });
});
