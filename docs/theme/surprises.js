// The page of surprises: which predictions were far off; and everything that is kept, to be taken along or erased.
(() => {
    'use strict';

    const { say, store, kept, predictions } = annotated;
    const { make, guard, date, isObject } = kept;

    const KINDS = [['predict', 'prediction'], ['recall', 'recall'], ['review', 'review'], ['', 'other entry']];
    const BOOK = 'The Annotated Transformer in Rust';

    // ---- Where one was surprised ----

    const ended = (text) => text.replace(/([^.!?])$/, '$1.');
    const row = ([name, { title, question, mine, came, said, day }]) => make('li', {},
        make('a', { href: `${path_to_root}${name}`, textContent: `${title}: ${question}` }),
        make('br'), `You: ${ended(mine)} What came out: ${ended(came)} ${said} `, make('span', { className: 'when', textContent: date(day) }));

    const list = () => {
        const { good, bad } = kept.every('predict', predictions.fits);
        good.sort(([, one], [, other]) => other.day - one.day);
        const judged = good.filter(([, { far }]) => far !== null);
        const far = judged.filter(([, prediction]) => prediction.far);
        const told = good.length === 0 ? 'You have predicted nothing yet.'
            : `You have predicted ${good.length} times, and were surprised ${far.length} times.`;
        const open = good.length - judged.length;
        return [
            make('p', { textContent: told.replaceAll(' 1 times', ' once') }),
            ...(far.length > 0 ? [make('ul', { className: 'surprises' }, ...far.map(row))] : []),
            ...(open > 0 ? [make('p', { textContent: 'Some answers in your own words wait until you say whether they surprised you:' }),
                make('ul', { className: 'surprises' }, ...good.filter(([, { far }]) => far === null).map(row))] : []),
            ...(bad > 0 ? [make('p', { textContent: `${bad === 1 ? 'A prediction' : `${bad} predictions`} cannot be read and is left out.` })] : []),
        ];
    };

    // ---- Take along, bring back, erase ----

    /** `2 predictions and 1 recall`. */
    const counted = (names) => {
        const kind = (name) => KINDS.find(([start]) => start === '' || name.startsWith(`${start}:`))[1];
        const parts = KINDS.map(([, one]) => [names.filter((name) => kind(name) === one).length, one])
            .filter(([count]) => count > 0)
            .map(([count, one]) => (count === 1 ? `1 ${one}` : `${count} ${one.replace(/y$/, 'ie')}s`));
        return parts.length === 0 ? 'nothing' : parts.join(', ').replace(/, ([^,]*)$/, ' and $1');
    };

    const shown = document.getElementById('surprises');
    const place = document.getElementById('kept');
    if (shown === null || place === null) {
        return;
    }
    const told = make('p', { className: 'note' });
    const sure = make('div', { className: 'row', role: 'group', 'aria-label': 'Erase everything?' });
    const show = () => shown.replaceChildren(...list());
    const button = (textContent, onclick) => make('button', { type: 'button', textContent, onclick });

    const take = () => {
        const content = JSON.stringify({ book: BOOK, version: 1, kept: store.all() }, null, 2);
        const address = URL.createObjectURL(new Blob([content], { type: 'application/json' }));
        const link = make('a', { href: address, download: 'annotated-transformer.json' });
        link.click();
        setTimeout(() => URL.revokeObjectURL(address), 1000);
        say(`The file annotated-transformer.json has ${counted(Object.keys(store.all()))}.`, told);
    };
    const bring = async ({ target }) => {
        const [file] = target.files;
        target.value = '';
        let content = null;
        try {
            content = JSON.parse(await file.text());
        } catch { /* Said below. */ }
        if (!isObject(content) || content.book !== BOOK || !isObject(content.kept) || Array.isArray(content.kept)) {
            say('This is no file that was exported here. Nothing has changed.', told);
            return;
        }
        const names = Object.keys(content.kept);
        const done = names.every((name) => store.write(name, content.kept[name]));
        show();
        say(done ? `Brought back: ${counted(names)}.` : 'This browser could not keep all of it.', told);
    };
    const erase = () => {
        const all = kept.names();
        if (all.length === 0) {
            say('Nothing is kept here.', told);
            return;
        }
        const leave = (text) => {
            sure.replaceChildren();
            say(text, told);
            ask.focus();
        };
        const keep = button('Keep it', () => leave('Nothing was erased.'));
        sure.replaceChildren(make('span', { textContent: `Erase ${counted(all)}? It cannot be undone.` }),
            button('Erase', () => {
                store.clear();
                show();
                leave(kept.names().length === 0 ? `Erased: ${counted(all)}.` : 'This browser did not let all of it be erased.');
            }), keep);
        say(sure.firstChild.textContent);
        keep.focus();
    };
    const ask = button('Erase everything', erase);
    const file = make('input', { type: 'file', accept: '.json,application/json', id: 'kept-file', onchange: bring });
    place.replaceChildren(guard(make('section', { className: 'remember', 'aria-label': 'What this browser keeps' },
        make('div', { className: 'row' }, button('Export everything', take), ask), sure,
        make('label', { className: 'file', htmlFor: 'kept-file', textContent: 'Bring back an export' }), file, told)));
    show();
})();
