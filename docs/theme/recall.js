'use strict';
// Where a chapter asks to write down what one remembers: a box that keeps its text, and shows it beside the key facts.
(() => {
    const { reviews } = annotated;
    /** Milliseconds without a key until what was written is kept. */
    const PAUSE = 400;

    const isFacts = (el) => el.matches('details') && /key facts/i.test(one('summary', el).textContent);
    let facts = byId('write-down-what-you-remember');
    while (facts !== null && !isFacts(facts)) {
        facts = facts.nextElementSibling;
    }
    if (facts === null) {
        return;
    }

    // ---- What is kept ----

    const isList = (value, fits) => Array.isArray(value) && value.every(fits);
    const isEarlier = (value) => value === null || (isObject(value) && isText(value.text) && isDay(value.day));
    const isCount = (value) => isObject(value) && [value.day, value.had, value.of].every(isDay);
    const fits = (value) => isText(value.text) && isText(value.title) && isDay(value.day) && isEarlier(value.earlier)
        && isList(value.had, isText) && isList(value.counts, isCount);
    const name = `recall:${page}`;
    const note = make('p', { className: 'note', id: 'recall-note', textContent: HERE });
    const begun = readKept(name, fits, note);
    let record = begun ?? { title: chapter, text: '', day: day(), earlier: null, had: [], counts: [] };
    /** As this browser keeps it, as far as this tab knows. */
    let known = record;
    /** Earlier words are out of sight until there are new ones. */
    let hidden = false;

    // ---- The box ----

    const text = make('textarea', { id: 'recall-text', rows: 8, 'aria-describedby': 'recall-note' });
    const label = make('label', { htmlFor: 'recall-text', textContent: 'What I remember' });
    const again = button('Write anew', () => anew());
    const box = guard(make('section', { className: 'remember recall', id: 'review', 'aria-label': 'What you remember' },
        label, text, note, again));
    facts.before(box);

    let timer = 0;
    /** Takes over what another tab has kept since. No words are lost: where both have new ones, both stay. */
    const merge = () => {
        const theirs = store.read(name, null, (value) => isObject(value) && fits(value));
        if (theirs === null || JSON.stringify(theirs) === JSON.stringify(known)) {
            return;
        }
        const mine = record.text === known.text ? '' : record.text;
        const both = mine === '' ? theirs.text : theirs.text.includes(mine) ? theirs.text : `${theirs.text}\n\n${mine}`;
        const counts = [...record.counts, ...theirs.counts.filter(({ day }) => !record.counts.some((one) => one.day === day))];
        const had = record.had === known.had ? theirs.had : record.had;
        record = { ...theirs, text: theirs.text === known.text && mine !== '' ? mine : both, had, counts: counts.sort((a, b) => a.day - b.day) };
        known = theirs;
        if (!hidden) {
            text.value = record.text;
            tick();
            show();
        }
    };
    const keepIt = () => {
        clearTimeout(timer);
        timer = 0;
        merge();
        writeKept(name, record, note);
        known = record;
    };
    store.watch((changed) => (changed ?? name) === name && merge());
    const anew = () => {
        hidden = true;
        text.value = '';
        again.hidden = true;
        facts.open = false;
        say('Your earlier text is out of sight until you have written anew.', note);
        text.focus();
        show();
    };
    on(text, 'input', () => {
        if (record.text !== '' && record.day < day()) {
            reviews.settle(page, record.day);
        }
        if (hidden) {
            hidden = false;
            note.textContent = HERE;
            record = { ...record, earlier: { text: record.text, day: record.day }, had: [] };
            tick();
        }
        again.hidden = true;
        record = { ...record, title: chapter, text: text.value, day: day() };
        clearTimeout(timer);
        timer = setTimeout(keepIt, PAUSE);
        show();
    });
    const flush = () => timer !== 0 && keepIt();
    on(text, 'blur', flush);
    on(window, 'pagehide', flush);

    // ---- Beside the key facts ----

    const mine = make('div', 'mine');
    const count = make('p', 'count');
    const asked = make('div');
    const marks = [];

    const show = () => {
        const block = (when, words) => [make('p', 'when', when), make('div', 'written', words)];
        const wrote = ({ text, day }) => block(`What you wrote on ${date(day)}`, text);
        const none = hidden || record.text === '';
        fill(mine, ...(none
            ? block('What you wrote', hidden ? 'Nothing yet. What you wrote earlier is out of sight.' : 'Nothing yet.')
            : [record, record.earlier].filter(Boolean).flatMap(wrote)));
        asked.hidden = none;
        if (!none) {
            reviews.ask(asked, page, record.day);
        }
    };
    const tally = () => {
        const had = marks.filter(({ input }) => input.checked).length;
        const before = record.counts.filter((one) => one.day !== day()).at(-1);
        const earlier = before === undefined ? '' : ` On ${date(before.day)} you had ${before.had} of ${before.of}.`;
        // Nothing is counted before the first is marked.
        return { had, said: had === 0 && earlier === '' ? '' : `You had ${had} of ${marks.length} facts.${earlier}` };
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
        keepIt();
    };

    for (const item of all(':scope > :is(ul, ol) > li', facts)) {
        const input = make('input', { type: 'checkbox', onchange: mark });
        const words = make('span', {}, ...item.childNodes);
        marks.push({ input, fact: words.textContent.trim().replace(/\s+/g, ' ').slice(0, 80) });
        item.append(make('label', 'check', input, words));
        classed(item, 'fact');
    }
    const theirs = [...facts.childNodes].filter((node) => node.nodeName !== 'SUMMARY');
    const compare = make('div', 'compare', mine, make('div', 'theirs', make('p', 'when', 'Mark those that you had'), ...theirs, count));
    facts.append(guard(compare), guard(asked));

    // ---- At the beginning ----

    tick();
    const isOld = () => record.text !== '' && record.day < day();
    again.hidden = !isOld();
    const begin = () => {
        if (location.hash === '#review' && isOld()) {
            anew();
            box.scrollIntoView();
        } else {
            text.value = record.text;
            show();
        }
    };
    begin();
    on(window, 'hashchange', () => !hidden && begin());
})();
