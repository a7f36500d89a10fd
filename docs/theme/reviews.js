// When to recall a chapter again: SM-2 (Woźniak 1990), over the chapters that the reader has written a recall for.
//
// What she says of a recall stands for the quality that SM-2 asks for, from 0 to 5: forgot 1 (wrong, but familiar when she saw
// it), hard 3 (right, with serious effort), good 4 (right, after some thought), easy 5 (at once). Below 3 it begins again.
annotated.reviews = (() => {
    'use strict';

    const { say, store, kept } = annotated;
    const { make, guard, day, date, isDay, isText, isObject } = kept;

    const QUALITIES = [['Forgot', 1], ['Hard', 3], ['Good', 4], ['Easy', 5]];

    // ---- The schedule ----

    /** Factors are kept in hundredths, which are exact: 2.5 to begin with, 1.3 at least. */
    const START = { times: 0, days: 0, factor: 250 };
    const LEAST = 130;
    /** What an answer makes of the state of a card: how many answers in a row, days to the next review, and the factor. */
    const answered = ({ times, days, factor }, quality) => {
        if (quality < 3) {
            return { times: 1, days: 1, factor };
        }
        const missing = 5 - quality;
        const next = Math.max(LEAST, factor + 10 - missing * (8 + missing * 2));
        const fixed = [1, 6][times];
        return { times: times + 1, days: fixed ?? Math.ceil(days * next / 100), factor: next };
    };

    // ---- What is kept of a chapter ----

    const isState = (state) => isObject(state) && [state.times, state.days, state.factor].every(isDay)
        && state.times >= 0 && state.days >= 0 && state.factor >= LEAST;
    const fits = (value) => isState(value.before) && isState(value.state) && isDay(value.day)
        && (value.quality === null || isDay(value.quality));
    const recalls = () => kept.every('recall', (value) => isText(value.text) && isText(value.title) && isDay(value.day));

    /** State and day of a chapter's last review. A recall that nobody has judged counts as good. */
    const last = (page, written) => kept.read(`review:${page}`, fits)
        ?? { state: answered(START, 4), before: START, day: written, quality: null };
    /** Before a chapter is written anew: what nobody has judged is put down as it counts. */
    const settle = (page, written) => {
        if (kept.read(`review:${page}`, fits) === null) {
            store.write(`review:${page}`, last(page, written));
        }
    };
    /** The day from which on a chapter is due. */
    const dueOn = (page, written) => {
        const { state, day: when } = last(page, written);
        return when + state.days;
    };

    // ---- Below the key facts: how did it go? ----

    /** Asks how a recall went, if it is one of today, and says when the next is due. `written` is its day. */
    const ask = (place, page, written) => {
        const today = day();
        const record = last(page, written);
        const isAgain = record.day === today;
        const due = record.day + record.state.days;
        const told = make('p', { className: 'note', textContent: `The next review is due on ${date(due)}.` });
        if (written !== today) {
            told.textContent = due <= today ? 'A review is due: write anew, and then compare.' : told.textContent;
            place.replaceChildren(told);
            return;
        }
        if (!isAgain && today < due) {
            place.replaceChildren(told);
            return;
        }
        const before = isAgain ? record.before : record.state;
        const button = ([text, quality]) => make('button', {
            type: 'button', textContent: text, 'aria-pressed': isAgain && record.quality === quality,
            onclick: ({ currentTarget }) => {
                const state = answered(before, quality);
                const done = kept.write(`review:${page}`, { before, state, day: today, quality }, told);
                place.querySelectorAll('button').forEach((other) => other.setAttribute('aria-pressed', other === currentTarget));
                if (done) {
                    say(`The next review is due on ${date(today + state.days)}.`, told);
                }
            },
        });
        const judged = isAgain && record.quality !== null;
        told.textContent = judged ? told.textContent : '';
        place.replaceChildren(
            make('div', { className: 'row', role: 'group', 'aria-label': 'How did it go?' }, make('span', { textContent: 'How did it go?' }), ...QUALITIES.map(button)),
            told,
        );
    };

    // ---- On the first page ----

    const list = () => {
        const today = day();
        const { good, bad } = recalls();
        const chapters = good.map(([page, { title, day: written }]) => ({ page, title, due: dueOn(page, written) }))
            .sort((a, b) => a.due - b.due || a.page.localeCompare(b.page));
        const due = chapters.filter((chapter) => chapter.due <= today);
        const link = ({ page, title }) => make('a', { href: `${path_to_root}${page}#review`, textContent: title });
        const since = (chapter) => (chapter.due === today ? ' (from today on)' : ` (since ${date(chapter.due)})`);
        const parts = [];
        if (due.length > 0) {
            parts.push(make('p', { textContent: due.length === 1 ? 'One review is due:' : `${due.length} reviews are due:` }),
                make('ul', {}, ...due.map((chapter) => make('li', {}, link(chapter), since(chapter)))));
        } else if (chapters.length > 0) {
            parts.push(make('p', {}, 'No review is due. The next is ', link(chapters[0]), `, on ${date(chapters[0].due)}.`));
        } else {
            parts.push(make('p', { textContent: 'There is nothing to review yet. Write down what you remember at the end of a chapter, and a day later it stands here.' }));
        }
        if (bad > 0) {
            parts.push(make('p', { textContent: `What was kept of ${bad === 1 ? 'a chapter' : `${bad} chapters`} cannot be read and is left out.` }));
        }
        return parts;
    };

    const anchor = document.getElementById('reviews');
    if (anchor !== null) {
        const shown = make('div', { id: 'reviews-due' });
        const note = make('p', { className: 'note' });
        const on = make('input', { type: 'checkbox', checked: store.read('reviews', false, (value) => value === true) });
        const show = () => shown.replaceChildren(...(on.checked ? list() : []));
        on.addEventListener('change', () => {
            show();
            kept.write('reviews', on.checked, note);
            say(on.checked ? shown.textContent : 'No reviews are offered.');
        });
        const box = make('section', { className: 'remember', 'aria-label': 'Reviews' }, shown,
            make('label', { className: 'check' }, on, make('span', { textContent: 'Offer reviews on this page when they are due' })), note);
        show();
        // Whoever wants them finds them at once; for others it is a line at its place.
        (on.checked ? document.querySelector('main h1') : anchor).after(guard(box));
    }

    return { START, answered, ask, settle };
})();
