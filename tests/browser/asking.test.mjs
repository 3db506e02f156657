/** What the page says of a query and helps to ask: its parts, the forms of its words, its order, scans, completions, closer times. */

import assert from 'node:assert/strict';
import { KEEPERS, MANY, publishDay, publishMany, publishSample, publishWorks } from './fixtures.mjs';
import { SEARCH, inAddress, reaches, resultUids, shows, total, withState } from './reading.mjs';
import { serve } from './server.mjs';
import { inEveryEngine } from './suite.mjs';

const url = () => publishSample().fileUrl('folder/index.html');

/** Beyond the anchors: buttons are found by what they say. @param {string} within @param {string} words */
const button = (within, words) => `[...document.querySelectorAll('${within} button')].find((button) => button.textContent.trim().startsWith(${JSON.stringify(words)}))`;

inEveryEngine('asking', ({ check, open }) => {
  /** @param {Record<string, string>} keys @param {import('./suite.mjs').OpenOptions} [options] */
  const start = async (keys, options) => {
    const page = await open(withState(url(), keys), { watch: true, ...options });
    await reaches(page, 'ready', 'empty');
    return page;
  };
  /** @param {import('./engines.mjs').Page} page @param {string} within @param {string} words */
  const press = async (page, within, words) => {
    await page.waitFor(`${button(within, words)} !== undefined`, undefined, `the button ${words}`);
    await page.evaluate(`${button(within, words)}.click()`);
  };

  check('what was not understood is pointed at, and the box shows where it is', async () => {
    const page = await start({ q: 'storm (harbour' });
    await page.waitFor('document.querySelector("#problem button") !== null', undefined, 'the place of the fault');
    assert.match(await page.evaluate('document.getElementById("problem").textContent'), /In the query: this bracket is not closed/);
    assert.deepEqual(await page.evaluate('[document.querySelector("#problem button").textContent, document.querySelector("#problem mark").textContent]'), ['storm (harbour', '(harbour']);
    await page.click('#problem button');
    assert.deepEqual(await page.evaluate('[document.activeElement.id, q.selectionStart, q.selectionEnd]'), ['q', 6, 14]);
    assert.deepEqual(await page.problems(), []);
  });

  check('an expression that is none is said in the language of the page', async () => {
    const page = await start({ q: '/stor(m/', lang: 'de' });
    await page.waitFor('document.querySelector("#problem button") !== null', undefined, 'the place of the fault');
    assert.match(await page.evaluate('document.getElementById("problem").textContent'), /eine Klammer dieses Ausdrucks ist nicht geschlossen/);
    assert.equal(await page.evaluate('document.querySelector("#problem mark").textContent'), 'stor(m/');
  });

  check('the place of the open post says what it is for', async () => {
    const page = await start({ q: 'storm' }, { width: 1440, height: 900 });
    const hint = 'document.querySelector("#side .hint")?.getClientRects().length';
    await page.waitFor(`${hint} > 0`, undefined, 'the hint');
    await page.evaluate('document.querySelector("#results h2 a, #results a").click()');
    await page.waitFor(`${hint} === 0`, undefined, 'no hint beside an open post');
  });

  check('a word shows its other forms, and can be asked for alone', async () => {
    const all = publishSample().search('storms').total;
    const alone = publishSample().search('=storms').total;
    assert.ok(alone > 0 && alone < all);
    const page = await start({ q: 'storms ' });
    await shows(page, all);
    await press(page, '#chips', 'and 1 other form');
    assert.match(await page.evaluate('document.querySelector("#chips .forms").textContent'), /^storm \d+/);
    await press(page, '#chips', 'only as typed');
    await shows(page, alone);
    assert.deepEqual(await inAddress(page, 'q'), ['=storms']);
    await press(page, '#chips', 'with other forms');
    await shows(page, all);
    assert.deepEqual(await page.problems(), []);
  });

  check('the parts of a query are chips that take themselves away', async () => {
    const page = await start({ q: 'storm -"the harbour" from:"Agnes Torvik" ' });
    await page.waitFor('document.querySelectorAll("#chips .part").length === 3', undefined, 'a chip for each part');
    assert.equal(await page.evaluate('document.querySelector("#chips .part.excluded bdi").textContent'), '"the harbour"');
    await page.evaluate('document.querySelectorAll("#chips .part")[2].click()');
    await shows(page, publishSample().search('storm -"the harbour"').total);
    assert.deepEqual(await inAddress(page, 'q'), ['storm -"the harbour"']);
  });

  check('where nothing was found, only what finds something is offered, with its count', async () => {
    const ways = (/** @type {import('./engines.mjs').Page} */ page, /** @type {number} */ n) => page.waitFor((/** @type {number} */ n) => {
      const items = [...document.querySelectorAll('#nothing > ul:last-child li')].map((item) => item.textContent);
      return items.length === n ? items : null;
    }, undefined, `${n} ways out`, n);
    const { total: all } = publishSample().search('storm');
    const lost = await start({ q: 'storm ', 'f.lang': 'zh', 'f.year': '2022', from: '2023-01' });
    assert.deepEqual(await ways(lost, 1), [`Search without any filter or time ${all}`], 'no single one of the conditions is the cause');
    await press(lost, '#nothing', 'Search without any');
    await shows(lost, all);
    // What then stands at the end may go on, as in the box.
    const page = await start({ q: 'storm views:9000..2500 ' });
    assert.deepEqual(await ways(page, 1), [`Search without “views:9000..2500” ${publishSample().search('storm*').total}`]);
    const range = await start({ q: 'views:9000..2500 ' });
    assert.deepEqual(await ways(range, 1), [`Search without “views:9000..2500” ${publishSample().records.length}`]);
    const word = await start({ q: 'qzxvkwj ' });
    assert.match(await word.evaluate('document.getElementById("nothing").textContent'), /^No post has this\.$/);
    assert.deepEqual(await word.problems(), []);
  });

  check('the order that a query asks for is shown, and the menu takes its place', async () => {
    const page = await start({ q: 'storm sort:views' });
    assert.match(await page.evaluate('document.querySelector("[role=status]").textContent'), /most views first$/);
    assert.equal(await page.evaluate('document.querySelector("#sort").value'), 'views');
    await page.evaluate(() => {
      const sort = /** @type {HTMLSelectElement} */ (document.querySelector('#sort'));
      sort.value = 'old';
      sort.dispatchEvent(new Event('change', { bubbles: true }));
    });
    await page.waitFor('new URLSearchParams(location.hash.slice(1)).get("q") === "storm "', undefined, 'the query without its order');
    await shows(page, publishSample().search('storm').total);
    const dates = await page.evaluate('[...document.querySelectorAll("#results time")].map((time) => time.getAttribute("datetime"))');
    assert.deepEqual(dates, [...dates].sort((a, b) => Date.parse(a) - Date.parse(b)));
  });

  check('an expression is scanned for, and its total becomes exact', async () => {
    const expression = '/st[o]rms?/i';
    const page = await start({ q: expression });
    await shows(page, publishSample().search(expression).total);
    assert.equal(await page.evaluate('document.querySelector("#scan").hidden'), true);
    assert.deepEqual(await page.problems(), []);
  });

  check('a scan says in bytes too what it takes', async () => {
    const server = await serve(publishMany().root);
    try {
      const page = await open(server.url('folder/index.html'));
      await reaches(page, 'ready');
      await page.waitFor('document.querySelector("#scan button") !== null', undefined, 'the line of a scan');
      await page.evaluate(() => {
        Object.assign(window, { told: [] });
        const line = /** @type {HTMLElement} */ (document.querySelector('#scan'));
        new MutationObserver(() => /** @type {any} */ (window).told.push(line.querySelector('span')?.textContent)).observe(line, { subtree: true, childList: true });
      });
      await page.type(SEARCH, '/zzq+x/');
      await reaches(page, 'empty');
      const told = await page.evaluate('window.told');
      assert.ok(told.some((/** @type {string} */ words) => /^[\d,]+ of [\d,]+ texts looked at · [\d.]+\s?[kM]B loaded$/.test(words)), told.slice(-3).join('\n'));
    } finally {
      await server.close();
    }
  });

  check('a scan that was stopped says how far it came, and goes on: the focus stays, and so does what stands beneath', async () => {
    const page = await open(publishMany().fileUrl('folder/index.html'), { watch: true, width: 320, height: 700 });
    await reaches(page, 'ready');
    await page.waitFor('document.querySelector("#scan button") !== null', undefined, 'the line of a scan');
    await page.evaluate(() => {
      Object.assign(window, { heights: new Set(), counts: new Set() });
      const line = /** @type {HTMLElement} */ (document.querySelector('#scan'));
      const stop = /** @type {HTMLButtonElement} */ (line.querySelector('button'));
      let isStopped = false;
      new MutationObserver(() => {
        if (line.hidden) return;
        const count = document.querySelector('#facets li .count');
        if (document.documentElement.hasAttribute('data-scan')) /** @type {any} */ (window).counts.add(count === null ? 'hidden' : getComputedStyle(count).visibility);
        /** @type {any} */ (window).heights.add(line.offsetHeight);
        if (isStopped || stop.hidden) return;
        isStopped = true;
        stop.focus();
        stop.click();
      }).observe(line, { subtree: true, childList: true, attributes: true });
    });
    await page.type(SEARCH, '/zzq+x/');
    await page.waitFor('document.querySelector("#scan button:not([hidden])")?.textContent === "go on"', undefined, 'the way to go on');
    assert.match(await page.evaluate('document.getElementById("scan").textContent'), new RegExp(`\\d of ${MANY.toLocaleString('en')} texts looked at`));
    assert.equal(await page.evaluate('document.activeElement.textContent'), 'go on');
    await reaches(page, 'ready');
    assert.equal(await page.evaluate('document.getElementById("nothing").hidden'), true);
    assert.equal(await page.evaluate('document.activeElement.click(), document.activeElement.textContent'), 'stop');
    await reaches(page, 'empty');
    assert.deepEqual(await page.evaluate('[document.getElementById("nothing").hidden, document.getElementById("scan").hidden, document.activeElement.id]'), [false, true, 'q']);
    assert.equal(await page.evaluate('window.heights.size'), 1, 'the line takes the same room');
    assert.deepEqual(await page.evaluate('[...window.counts]'), ['hidden'], 'counts of another question are not shown');
    assert.deepEqual(await page.problems(), []);
  });

  check('what is typed is completed from the words of the archive', async () => {
    const page = await start({});
    await page.type(SEARCH, 'stor');
    await press(page, '#completions', 'stormottilie');
    await shows(page, publishSample().search('stormottilie').total);
    assert.equal(await page.evaluate('document.querySelector("input[type=search]").value'), 'stormottilie ');
    assert.equal(await page.evaluate('document.activeElement.id'), 'q');
  });

  check('people and channels are completed, whatever has been found, and so are the values of fields', async () => {
    const page = await start({});
    const offered = async (/** @type {string} */ typed, /** @type {string} */ name) => {
      await page.evaluate('document.getElementById("q").value = ""');
      await page.type(SEARCH, typed);
      await page.waitFor((/** @type {string} */ name) => [...document.querySelectorAll('#completions button')].some((button) => button.textContent?.includes(name)), undefined, `${name} for ${typed}`, name);
    };
    await offered('Agn', 'Agnes Torvik');
    await offered('storm from:Sam', 'Samir Qandil-Berg');
    await page.evaluate(`[...document.querySelectorAll('#completions button')].find((button) => button.textContent.includes('Samir')).click()`);
    await page.waitFor('decodeURIComponent(location.hash) === "#q=storm&f.author=Samir Qandil-Berg"', undefined, 'the address');
  });

  check('a chosen time is drawn closer, to its hours, and its bars add up', async () => {
    const page = await start({ from: '2022-11', to: '2022-11' });
    const count = await total(page);
    const sum = () => page.evaluate('document.querySelector("#timeline svg").querySelectorAll("text.year").length');
    await press(page, '.tools-line', 'closer');
    await page.waitFor('/1 Nov/.test(document.querySelector("#timeline text.year").textContent)', undefined, 'days under the bars');
    assert.ok((await sum()) > 3);
    await press(page, '.beneath', 'Calendar');
    const days = await page.waitFor(() => {
      const days = /** @type {HTMLElement[]} */ ([...document.querySelectorAll('#calendar [data-count]')]).map((day) => /** @type {const} */ ([day.dataset.focus ?? '', Number(day.dataset.count)]));
      return days.length > 0 ? days : null;
    }, undefined, 'the days of the calendar');
    assert.equal(days.reduce((all, [, count]) => all + count, 0), count);
    const [day, most] = days.sort((a, b) => b[1] - a[1])[0];
    await page.click(`#calendar [data-focus="${day}"]`);
    await shows(page, most);
    await press(page, '.tools-line', 'closer');
    await page.waitFor('document.querySelector("#timeline svg").classList.contains("still")', undefined, 'the hours of a day');
    await press(page, '.tools-line', 'the whole time');
    await page.waitFor('!document.querySelector("#timeline svg").classList.contains("still")', undefined, 'the whole time again');
    assert.deepEqual(await page.problems(), []);
  });

  check('an archive of one day has its hours over time, and its calendar', async () => {
    const page = await open(publishDay().fileUrl('folder/index.html'), { watch: true });
    await page.waitFor('document.querySelector("#timeline:not([hidden]) svg.still path.hits")?.getAttribute("d")', undefined, 'the hours');
    await press(page, '.beneath', 'Calendar');
    await page.waitFor(`document.querySelector('#calendar [data-count="${KEEPERS}"]') !== null`, undefined, 'the day');
    assert.deepEqual(await page.problems(), []);
  });

  check('any name is completed behind its field', async () => {
    const page = await open(publishDay().fileUrl('folder/index.html'), { watch: true });
    await reaches(page, 'ready');
    await page.type(SEARCH, 'from:583');
    await page.waitFor('[...document.querySelectorAll("#completions button")].some((button) => button.textContent.includes("Keeper 583"))', undefined, 'the name');
    assert.deepEqual(await page.problems(), []);
  });

  check('any value of a long facet is found in its find-box', async () => {
    const page = await open(publishDay().fileUrl('folder/index.html'), { watch: true });
    await page.waitFor('document.querySelector("fieldset[data-facet=author] .more") !== null', undefined, 'the facet');
    // Not by a pointer: facets above it may still grow.
    await page.evaluate('document.querySelector("fieldset[data-facet=author] .more").click()');
    await page.waitFor('document.querySelector("fieldset[data-facet=author] .find") !== null', undefined, 'its find-box');
    const found = (/** @type {string} */ words) => page.evaluate((/** @type {string} */ words) => {
      const find = /** @type {HTMLInputElement} */ (document.querySelector('fieldset[data-facet=author] .find'));
      find.value = words;
      find.dispatchEvent(new Event('input'));
    }, words);
    // By count and name, these stand first, in the middle and last.
    for (const name of ['Keeper 0', 'Keeper 583', 'Keeper 999']) {
      await found(name.toLowerCase());
      await page.waitFor((/** @type {string} */ name) => [...document.querySelectorAll('fieldset[data-facet=author] input')].some((box) => box.getAttribute('data-value') === name), undefined, name, name);
    }
    await found('nobody');
    await page.waitFor('document.querySelector("fieldset[data-facet=author]").textContent.includes("none of this name")', undefined, 'that there is none');
    assert.deepEqual(await page.problems(), []);
  });

  check('however long its lists are, the document stays small, and says what it leaves out', async () => {
    const page = await open(publishDay().fileUrl('folder/index.html'), { watch: true });
    const more = (/** @type {string} */ facet) => `document.querySelector('fieldset[data-facet=${facet}] .more')`;
    await page.waitFor(`${more('tag')} !== null && ${more('domain')} !== null`, undefined, 'the long facets');
    // To the end of what the list keeps.
    await page.waitFor(() => {
      scrollTo(0, document.body.scrollHeight);
      return /** @type {HTMLElement} */ (document.getElementById('above')).offsetHeight > 0;
    }, undefined, 'rows that are only measured, above the rows that are there');
    for (const facet of ['author', 'tag', 'domain']) {
      await page.evaluate(`${more(facet)}.click()`);
      await page.waitFor((/** @type {string} */ facet) => document.querySelectorAll(`fieldset[data-facet=${facet}] li`).length === 50, undefined, `fifty of ${facet}`, facet);
      assert.match(await page.evaluate(`document.querySelector('fieldset[data-facet=${facet}]').textContent`), /50 of 1,200: type to find the others/);
      assert.equal(await page.evaluate(`document.querySelectorAll('#facets [aria-expanded=true]').length`), 1, 'one is open at a time');
      const elements = await page.evaluate('document.querySelectorAll("*").length');
      assert.ok(elements <= 2000, `${elements} elements with ${facet} open`);
    }
    assert.deepEqual(await page.problems(), []);
  });

  check('a range of numbers is typed beside the filters', async () => {
    const page = await start({});
    await page.evaluate(() => {
      const from = /** @type {HTMLInputElement} */ (document.querySelector('[data-number=views] input'));
      from.value = '1000';
      from.dispatchEvent(new Event('change'));
    });
    await shows(page, publishSample().search('views:1000..').total);
    assert.deepEqual(await inAddress(page, 'q'), ['views:1000..']);
  });

  check('a range that is none says what is expected', async () => {
    const page = await start({});
    await page.waitFor('document.querySelector("[data-number=views] input") !== null', undefined, 'the fields');
    const type = (/** @type {string} */ within, /** @type {string[]} */ ...values) => page.evaluate((/** @type {{ within: string, values: string[] }} */ { within, values }) => {
      const inputs = [...document.querySelectorAll(`${within} input`)].map((input) => /** @type {HTMLInputElement} */ (input));
      inputs.forEach((input, i) => (input.value = values[i] ?? ''));
      inputs[0]?.dispatchEvent(new Event('change'));
      return inputs.map((input) => document.getElementById(input.getAttribute('aria-describedby') ?? '')?.textContent ?? '');
    }, { within, values });
    const dates = '.bounds:not([data-number])';
    const date = 'Expected is a date, such as 2022-01-01, 2022-01 or 2022.';
    assert.deepEqual(await type(dates, 'nonsense', ''), [date, '']);
    assert.deepEqual(await type(dates, '', '5/2023'), ['', date]);
    assert.deepEqual(await type(dates, '2024', '2023'), Array(2).fill('The end lies before the beginning.'));
    assert.deepEqual(await type('[data-number=views]', 'many', ''), ['Expected is a number, such as 1000.', '']);
    assert.deepEqual(await type('[data-number=views]', '9000', '2500'), Array(2).fill('The end lies before the beginning.'));
    assert.equal(await page.evaluate('location.hash.length < 2'), true, 'nothing of it was asked');
    assert.deepEqual(await type(dates, '2022-11', '2022-11'), ['', '']);
    await page.waitFor('/from=2022-11/.test(location.hash)', undefined, 'what is right is asked');
    assert.equal(await page.evaluate(`document.querySelector('${dates}').textContent`), 'Dates–');
    assert.deepEqual(await page.problems(), []);
  });

  check('a calendar whose part of the archive is missing says so in its place', async () => {
    const copy = publishSample().copy('times');
    const [times] = copy.shards('times-');
    copy.remove(`archive/${times}`);
    const page = await open(copy.url);
    await reaches(page, 'ready', 'error');
    await page.waitFor('document.querySelector("[aria-controls=calendar]") !== null', undefined, 'the calendar');
    await press(page, '.beneath', 'Calendar');
    await page.waitFor('document.querySelector("#calendar [role=alert]") !== null', undefined, 'what is missing');
    assert.ok((await page.evaluate('document.querySelector("#calendar [role=alert]").textContent')).includes(times.replace(/\.\w+$/, '')));
  });

  check('several values of one facet add up', async () => {
    const names = ['Agnes Torvik', 'Tomas Weirholt'];
    const either = publishSample().records.filter(({ author }) => names.includes(String(author))).length;
    const page = await open(`${url()}#${names.map((name) => `f.author=${encodeURIComponent(name)}`).join('&')}`, { watch: true });
    await shows(page, either);
    assert.ok(names.every((name) => publishSample().records.some(({ author }) => author === name)));
    await page.waitFor('document.querySelectorAll("fieldset[data-facet=author] .chosen").length === 2', undefined, 'both chosen');
    const sum = await page.evaluate('[...document.querySelectorAll("fieldset[data-facet=author] .chosen input")].reduce((all, box) => all + Number(box.dataset.count), 0)');
    assert.equal(sum, either);
  });

  check('a word is marked in its inflected forms too', async () => {
    const page = await start({ q: 'storms ' });
    const marks = await page.evaluate(`[...new Set([...document.querySelectorAll('#results mark')].map((mark) => mark.textContent.toLowerCase()))]`);
    assert.ok(marks.includes('storm') && marks.includes('storms'), marks.join());
  });

  check('on this day shows the posts that have this month and day, whatever their year', async () => {
    const { records } = publishSample();
    const days = new Map();
    for (const { date } of records) if (date) days.set(String(date).slice(5, 10), new Set([...days.get(String(date).slice(5, 10)) ?? [], String(date).slice(0, 10)]));
    const [[day, dates]] = [...days].sort((a, b) => b[1].size - a[1].size);
    const page = await start({});
    await page.waitFor('document.querySelector("[aria-controls=calendar]") !== null', undefined, 'the calendar');
    // Noon, so that no time zone makes it another day.
    await page.evaluate((/** @type {string} */ now) => {
      const Real = Date;
      globalThis.Date = /** @type {any} */ (class extends Real {
        /** @param {...any} given */
        constructor(...given) {
          if (given.length === 0) super(now);
          else super(.../** @type {[]} */ (given));
        }
      });
    }, `2031-${day}T12:00:00`);
    await page.evaluate('document.querySelector("#about .anniversary")?.remove()');
    await press(page, '.beneath', 'Calendar');
    const shown = await page.waitFor(() => {
      const items = [...document.querySelectorAll('#calendar .today li')].map((item) => item.textContent);
      return items.length > 0 ? items : null;
    }, undefined, 'the days');
    assert.equal(shown.length, dates.size, shown.join());
    assert.deepEqual(shown.map((/** @type {string} */ text) => Number(/\d{4}/.exec(text)?.[0])), [...dates].sort().reverse().map((date) => Number(date.slice(0, 4))));
  });

  check('a range of dates that posts have in a field is typed beside the filters, and they are an order', async () => {
    const works = publishWorks();
    const page = await open(withState(works.fileUrl('folder/index.html'), { q: 'the sort:finish_by' }), { watch: true });
    await shows(page, works.search('the').total);
    assert.deepEqual(await resultUids(page), works.search('the sort:finish_by').hits.map(({ uid }) => uid));
    assert.match(await page.evaluate('document.querySelector("[role=status]").textContent'), /newest first \(finish_by\)$/);
    const type = (/** @type {string} */ from, /** @type {string} */ to) => page.evaluate((/** @type {string[]} */ values) => {
      const inputs = [...document.querySelectorAll('[data-number=finish_by] input')].map((input) => /** @type {HTMLInputElement} */ (input));
      inputs.forEach((input, i) => (input.value = values[i] ?? ''));
      inputs[1]?.dispatchEvent(new Event('change'));
      return inputs.map((input) => input.getAttribute('aria-invalid'));
    }, [from, to]);
    await page.waitFor('document.querySelector("[data-number=finish_by]") !== null', undefined, 'the fields of the range');
    assert.deepEqual(await type('2024-01', '2024-06'), ['false', 'false']);
    const asked = 'the sort:finish_by finish_by:2024-01..2024-06';
    await shows(page, works.search(asked).total);
    assert.deepEqual(await inAddress(page, 'q'), [asked]);
    assert.deepEqual(await resultUids(page), works.search(asked).hits.map(({ uid }) => uid));
    assert.equal(await page.evaluate('document.querySelector("[data-number=finish_by] input").value'), '2024-01');
    assert.deepEqual(await type('2024-07', '2024-06'), ['true', 'true'], 'an end before the beginning');
    assert.deepEqual(await type('soon', ''), ['true', 'false'], 'no date');
    assert.deepEqual(await type('>2024-06', ''), ['false', 'false']);
    await shows(page, works.search('the finish_by:>2024-06').total);
    assert.deepEqual(await page.problems(), []);
  });

  check('where a value that is let go takes its row with it, the focus stays among the filters', async () => {
    const works = publishWorks();
    const value = String(works.records.find((record) => record['Finish by'])?.['Finish by']);
    const isChosen = (/** @type {import('./engines.mjs').Page} */ page, /** @type {string} */ within) =>
      page.waitFor((/** @type {string} */ within) => {
        const box = /** @type {HTMLElement | null} */ (document.querySelector(`${within} input:checked`));
        box?.focus();
        return box !== null && document.activeElement === box;
      }, undefined, 'the focus on what is chosen', within);
    const page = await open(withState(works.fileUrl('folder/index.html'), { 'f.Finish by': value }), { watch: true });
    await isChosen(page, '[data-number=finish_by] [data-facet="Finish by"]');
    await page.press(' ');
    await page.waitFor('document.querySelector(\'[data-facet="Finish by"]\') === null', undefined, 'the range alone');
    assert.equal(await page.evaluate('document.activeElement === document.querySelector("[data-number=finish_by] input")'), true, 'a list within a range');
    const day = await open(withState(publishDay().fileUrl('folder/index.html'), { 'f.author': 'Keeper 700' }), { watch: true });
    await isChosen(day, '[data-facet=author]');
    await day.press(' ');
    await day.waitFor('document.querySelectorAll("[data-facet=author] li").length > 1 && document.querySelector("[data-facet=author] input:checked") === null', undefined, 'the first values');
    assert.equal(await day.evaluate('document.activeElement.matches("[data-facet=author] input")'), true, 'a list of its own');
    for (const opened of [page, day]) assert.deepEqual(await opened.problems(), []);
  });

  check('single values of a column stand beneath its range, where they are few', async () => {
    const values = '[data-number=finish_by] [data-facet="Finish by"]';
    const page = await open(withState(publishWorks().fileUrl('folder/index.html'), { q: 'crane OR winch ' }), { watch: true });
    await page.waitFor((/** @type {string} */ values) => document.querySelectorAll(`${values} li`).length === 2, undefined, 'both values', values);
    assert.equal(await page.evaluate('document.querySelectorAll(\'[data-facet="Finish by"]\').length'), 1);
    assert.equal(await page.evaluate('document.querySelector("[data-number=finish_by] > legend").textContent'), 'Finish by');
    assert.equal(await page.evaluate('document.querySelector("[data-number=finish_by] input").type'), 'text', 'the range comes first');
    await page.click(`${values} input[type=checkbox]`);
    await shows(page, 1);
    await page.waitFor((/** @type {string} */ values) => document.activeElement?.matches(`${values} input`), undefined, 'the focus on the value', values);
    await page.click(`${values} input[type=checkbox]`);
    await shows(page, 2);
    // All posts have more values than a glance takes in; and a list that is gone does not come and go as one types.
    await page.evaluate('location.hash = "#"');
    await page.waitFor((/** @type {string} */ values) => document.querySelector(values) === null, undefined, 'the range alone', values);
    assert.notEqual(await page.evaluate('document.querySelector("[data-number=finish_by]")'), null);
    assert.deepEqual(await page.problems(), []);
  });

  check('the help says which parts of the archive were loaded, and why', async () => {
    const page = await start({ q: 'storm' });
    await page.click('#help-open');
    await page.waitFor('document.querySelectorAll("#trace tbody tr").length > 2', undefined, 'the requests');
    const words = await page.evaluate('document.querySelector("#trace").textContent');
    assert.match(words, /the query/);
    assert.match(words, /postings-000-[0-9a-f]{8}/);
  });

  check('nothing reaches beyond the side of a narrow page', async () => {
    for (const keys of [{ q: 'storms harbour views:10.. ' }, { from: '2022-11', to: '2022-11' }]) {
      const page = await start(keys, { width: 320, height: 700 });
      await page.click('.beneath [aria-controls=calendar]');
      await page.waitFor('document.querySelector("#calendar td") !== null', undefined, 'the calendar');
      await page.click('#help-open');
      await page.waitFor('document.querySelector("#trace td") !== null', undefined, 'the requests');
      assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true);
      assert.ok((await resultUids(page)).length > 0);
    }
  });
});
