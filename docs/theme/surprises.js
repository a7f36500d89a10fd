'use strict';
// The page of surprises: which predictions were far off; and everything that is kept, to be taken along or erased.
(() => {
    const { predictions } = annotated;
    const BOOK = 'The Annotated Transformer in Rust';

    // ---- Where one was surprised ----

    const ended = (text) => text.replace(/([^.!?])$/, '$1.');
    const row = ([name, { title, question, mine, came, said, day }]) => make('li', {},
        make('a', { href: `${path_to_root}${name}` }, `${title}: ${question}`),
        make('br'), `You: ${ended(mine)} What came out: ${ended(came)} ${said} `, make('span', 'when', date(day)));

    const list = () => {
        const { good, bad } = keptOf('predict', predictions.fits);
        good.sort(([, one], [, other]) => other.day - one.day);
        const far = good.filter(([, prediction]) => prediction.far);
        const open = good.filter(([, prediction]) => prediction.far === null);
        const told = good.length === 0 ? 'You have predicted nothing yet.'
            : `You have predicted ${good.length} times, and were surprised ${far.length} times.`;
        return [
            make('p', {}, told.replaceAll(' 1 times', ' once')),
            ...(far.length > 0 ? [make('ul', 'surprises', ...far.map(row))] : []),
            ...(open.length > 0 ? [make('p', {}, 'Some answers in your own words wait until you say whether they surprised you:'),
                make('ul', 'surprises', ...open.map(row))] : []),
            ...(bad > 0 ? [make('p', {}, `${bad === 1 ? 'A prediction' : `${bad} predictions`} cannot be read and is left out.`)] : []),
        ];
    };

    // ---- Take along, bring back, erase ----

    /** `5 entries (predict, recall)`. */
    const counted = ({ length, ...names }) => {
        const kinds = [...new Set(Object.values(names).map((name) => name.split(':')[0]))];
        return length === 0 ? 'nothing' : `${length === 1 ? '1 entry' : `${length} entries`} (${kinds.join(', ')})`;
    };

    const shown = byId('surprises');
    const place = byId('kept');
    if (shown === null || place === null) {
        return;
    }
    const told = make('p', 'note');
    const sure = group('row', 'Erase everything?');
    const show = () => fill(shown, ...list());

    const take = () => {
        const content = JSON.stringify({ book: BOOK, version: 1, kept: store.all() }, null, 2);
        const address = URL.createObjectURL(new Blob([content], { type: 'application/json' }));
        make('a', { href: address, download: 'annotated-transformer.json' }).click();
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
        const names = store.names();
        if (names.length === 0) {
            say('Nothing is kept here.', told);
            return;
        }
        const leave = (text) => {
            fill(sure, );
            say(text, told);
            ask.focus();
        };
        const safe = button('Keep it', () => leave('Nothing was erased.'));
        fill(sure, make('span', {}, `Erase ${counted(names)}? It cannot be undone.`),
            button('Erase', () => {
                store.clear();
                show();
                leave(store.names().length === 0 ? `Erased: ${counted(names)}.` : 'This browser did not let all of it be erased.');
            }), safe);
        say(sure.firstChild.textContent);
        safe.focus();
    };
    const ask = button('Erase everything', erase);
    const file = make('input', { type: 'file', accept: '.json,application/json', id: 'kept-file', onchange: bring });
    fill(place, guard(make('section', { className: 'remember', 'aria-label': 'What this browser keeps' },
        make('div', 'row', button('Export everything', take), ask), sure,
        make('label', { className: 'file', htmlFor: 'kept-file' }, 'Bring back an export'), file, told)));
    show();
})();
