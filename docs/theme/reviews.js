'use strict';
// When to recall a chapter again: SM-2 (Woźniak 1990), over the chapters that the reader has written a recall for.
//
// What she says of a recall stands for the quality that SM-2 asks for, from 0 to 5: forgot 1 (wrong, but familiar when she saw
// it), hard 3 (right, with serious effort), good 4 (right, after some thought), easy 5 (at once). Below 3 it begins again.
annotated.reviews = (() => {
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
    const recalls = () => keptOf('recall', (value) => isText(value.text) && isText(value.title) && isDay(value.day));

    /** State and day of a chapter's last review. A recall that nobody has judged counts as good. */
    const last = (page, written) => readKept(`review:${page}`, fits)
        ?? { state: answered(START, 4), before: START, day: written, quality: null };
    /** Before a chapter is written anew: what nobody has judged is put down as it counts. */
    const settle = (page, written) => {
        if (readKept(`review:${page}`, fits) === null) {
            store.write(`review:${page}`, last(page, written));
        }
    };
    /** The day from which on a chapter is due. */
    const dueOn = (page, written) => {
        const { state, day: when } = last(page, written);
        return when + state.days;
    };

    // ---- Below the key facts: how did it go? ----

    /** Asks again, and lists again, when another tab has judged. */
    let [again, listed] = [() => {}, () => {}];
    store.watch(() => {
        again();
        listed();
    });

    /** Asks how a recall went, if it is one of today, and says when the next is due. `written` is its day. */
    const ask = (place, page, written) => {
        again = () => ask(place, page, written);
        const today = day();
        const record = last(page, written);
        const isAgain = record.day === today;
        const due = record.day + record.state.days;
        const told = make('p', 'note', `The next review is due on ${date(due)}.`);
        if (written !== today) {
            told.textContent = due <= today ? 'A review is due: write anew, and then compare.' : told.textContent;
            fill(place, told);
            return;
        }
        if (!isAgain && today < due) {
            fill(place, told);
            return;
        }
        const judge = ([text, quality]) => button(text, ({ currentTarget }) => {
            // As it is kept now: another tab may have been here.
            const { state: late, before: early, day: when } = last(page, written);
            const before = when === today ? early : late;
            const state = answered(before, quality);
            const done = writeKept(`review:${page}`, { before, state, day: today, quality }, told);
            all('button', place).forEach((other) => { other.ariaPressed = other === currentTarget; });
            if (done) {
                say(`The next review is due on ${date(today + state.days)}.`, told);
            }
        }, { ariaPressed: isAgain && record.quality === quality });
        const judged = isAgain && record.quality !== null;
        told.textContent = judged ? told.textContent : '';
        fill(place, group('row', 'How did it go?', make('span', {}, 'How did it go?'), ...QUALITIES.map(judge)), told, ...hint());
    };
    /** Where a review is offered, for who has not asked for it yet. */
    const hint = () => (store.read('reviews', false) === true ? [] : [make('a', { href: `${path_to_root}index.html#reviews` }, 'The first page can remind you when it is due.')]);

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
            parts.push(make('p', {}, due.length === 1 ? 'One review is due:' : `${due.length} reviews are due:`),
                make('ul', {}, ...due.map((chapter) => make('li', {}, link(chapter), since(chapter)))));
        } else if (chapters.length > 0) {
            parts.push(make('p', {}, 'No review is due. The next is ', link(chapters[0]), `, on ${date(chapters[0].due)}.`));
        } else {
            parts.push(make('p', {}, 'There is nothing to review yet. Write down what you remember at the end of a chapter, and a day later it stands here.'));
        }
        if (bad > 0) {
            parts.push(make('p', {}, `What was kept of ${bad === 1 ? 'a chapter' : `${bad} chapters`} cannot be read and is left out.`));
        }
        return parts;
    };

    const anchor = byId('reviews');
    if (anchor !== null) {
        const due = make('div', { id: 'reviews-due' });
        const note = make('p', 'note');
        const wanted = make('input', { type: 'checkbox' });
        const show = () => fill(due, ...(wanted.checked ? list() : []));
        listed = () => {
            wanted.checked = store.read('reviews', false, (value) => value === true);
            show();
        };
        on(wanted, 'change', () => {
            show();
            writeKept('reviews', wanted.checked, note);
            say(wanted.checked ? due.textContent : 'No reviews are offered.');
        });
        const box = make('section', { className: 'remember', 'aria-label': 'Reviews' }, due,
            make('label', 'check', wanted, make('span', {}, 'Offer reviews on this page when they are due')), note);
        listed();
        // Whoever wants them finds them at once; for others it is a line at its place.
        (wanted.checked ? one('main h1') : anchor).after(guard(box));
    }

    return { START, answered, ask, settle };
})();
