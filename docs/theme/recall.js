// Where a chapter asks to write down what one remembers: a box that keeps its text, and shows it beside the key facts.
(() => {
    'use strict';

    const { say, kept, reviews } = annotated;
    const { make, guard, day, date, isText, isDay, isObject, page } = kept;

    /** Milliseconds without a key until what was written is kept. */
    const PAUSE = 400;

    const isFacts = (element) => element.matches('details') && /key facts/i.test(element.querySelector('summary').textContent);
    let facts = document.getElementById('write-down-what-you-remember');
    while (facts !== null && !isFacts(facts)) {
        facts = facts.nextElementSibling;
    }
    if (facts === null) {
        return;
    }

    // ---- What is kept ----

    const isList = (value, fits) => Array.isArray(value) && value.every(fits);
    const isEarlier = (value) => value === null || (isObject(value) && isText(value.text) && isDay(value.day));
    const isCount = (value) => isObject(value) && isDay(value.day) && isDay(value.had) && isDay(value.of);
    const fits = (value) => isText(value.text) && isText(value.title) && isDay(value.day) && isEarlier(value.earlier)
        && isList(value.had, isText) && isList(value.counts, isCount);
    const name = `recall:${page}`;
    const note = make('p', { className: 'note', id: 'recall-note', textContent: kept.HERE });
    const empty = () => ({ title: kept.title, text: '', day: day(), earlier: null, had: [], counts: [] });
    let record = kept.read(name, fits, note) ?? empty();
    /** Earlier words are out of sight until there are new ones. */
    let hidden = false;

    // ---- The box ----

    const text = make('textarea', { id: 'recall-text', rows: 8, 'aria-describedby': 'recall-note' });
    const label = make('label', { htmlFor: 'recall-text', textContent: 'What I remember' });
    const again = make('button', { type: 'button', textContent: 'Write anew', onclick: () => anew() });
    const box = guard(make('section', { className: 'remember recall', id: 'review', 'aria-label': 'What you remember' },
        label, text, note, again));
    facts.before(box);

    let timer = 0;
    const keep = () => {
        clearTimeout(timer);
        timer = 0;
        kept.write(name, record, note);
    };
    const anew = () => {
        hidden = true;
        text.value = '';
        again.hidden = true;
        facts.open = false;
        say('Your earlier text is out of sight until you have written anew.', note);
        text.focus();
        show();
    };
    text.addEventListener('input', () => {
        if (record.text !== '' && record.day < day()) {
            reviews.settle(page, record.day);
        }
        if (hidden) {
            hidden = false;
            record = { ...record, earlier: { text: record.text, day: record.day }, had: [] };
            tick();
        }
        again.hidden = true;
        record = { ...record, title: kept.title, text: text.value, day: day() };
        clearTimeout(timer);
        timer = setTimeout(keep, PAUSE);
        show();
    });
    const flush = () => timer !== 0 && keep();
    text.addEventListener('blur', flush);
    addEventListener('pagehide', flush);

    // ---- Beside the key facts ----

    const mine = make('div', { className: 'mine' });
    const count = make('p', { className: 'count' });
    const asked = make('div', {});
    const marks = [];

    const show = () => {
        const block = (when, words) => [make('p', { className: 'when', textContent: when }), make('div', { className: 'written', textContent: words })];
        if (hidden || record.text === '') {
            mine.replaceChildren(...block('What you wrote', hidden ? 'Nothing yet. What you wrote earlier is out of sight.' : 'Nothing yet.'));
        } else {
            mine.replaceChildren(...block(`What you wrote on ${date(record.day)}`, record.text));
            if (record.earlier !== null) {
                mine.append(...block(`What you wrote on ${date(record.earlier.day)}`, record.earlier.text));
            }
        }
        asked.hidden = hidden || record.text === '';
        if (!asked.hidden) {
            reviews.ask(asked, page, record.day);
        }
    };
    const tally = () => {
        const had = marks.filter(({ input }) => input.checked).length;
        const before = record.counts.filter((one) => one.day !== day()).at(-1);
        const earlier = before === undefined ? '' : ` On ${date(before.day)} you had ${before.had} of ${before.of}.`;
        return { had, said: `You had ${had} of ${marks.length} facts.${earlier}` };
    };
    const tick = () => {
        marks.forEach(({ input, fact }) => { input.checked = record.had.includes(fact); });
        count.textContent = tally().said;
    };
    const mark = () => {
        const { had, said } = tally();
        const today = { day: day(), had, of: marks.length };
        const facts = marks.filter(({ input }) => input.checked).map(({ fact }) => fact);
        record = { ...record, had: facts, counts: [...record.counts.filter((one) => one.day !== today.day), today] };
        say(said, count);
        keep();
    };

    for (const item of facts.querySelectorAll(':scope > :is(ul, ol) > li')) {
        const input = make('input', { type: 'checkbox', onchange: mark });
        const words = make('span', {}, ...item.childNodes);
        marks.push({ input, fact: words.textContent.trim().replace(/\s+/g, ' ').slice(0, 80) });
        item.append(make('label', { className: 'check' }, input, words));
        item.classList.add('fact');
    }
    const compare = make('div', { className: 'compare' });
    const theirs = make('div', { className: 'theirs' });
    theirs.append(...[...facts.childNodes].filter((node) => node.nodeName !== 'SUMMARY'), count);
    theirs.prepend(make('p', { className: 'when', textContent: 'Mark those that you had' }));
    compare.append(mine, theirs);
    facts.append(guard(compare), asked);
    guard(asked);

    // ---- At the beginning ----

    tick();
    const isOld = record.text !== '' && record.day < day();
    again.hidden = !isOld;
    const begin = () => {
        if (location.hash === '#review' && record.text !== '' && record.day < day()) {
            anew();
            box.scrollIntoView();
        } else {
            text.value = record.text;
            show();
        }
    };
    begin();
    addEventListener('hashchange', () => !hidden && begin());
})();
