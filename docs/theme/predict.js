// Predict first: asks for a number, one of several, or words, and then shows both, the reader's answer and what came out.
(() => {
    'use strict';

    const { say, store, kept } = annotated;
    const { make, guard, isText, isDay } = kept;

    /** A share is far off by so many points, and any other number by so much of what came out. */
    const POINTS = 10;
    const SHARE = 1 / 4;

    const fits = (value) => [value.title, value.question, value.mine, value.came, value.said].every(isText)
        && isDay(value.day) && [true, false, null].includes(value.far);

    /** What somebody writes for a number: 1,234.5 or 0,5, with a sign or a percent sign or without. */
    const number = (text) => {
        const plain = text.replace(/\s|%/g, '').replace('−', '-').replace(/,(?=\d{3}(\D|$))/g, '').replace(',', '.');
        return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(plain) ? Number(plain) : NaN;
    };
    const round = (value) => Number(value.toPrecision(2)).toLocaleString('en', { maximumFractionDigits: 9 });

    /** How far a number is from what came out. */
    const compared = (mine, came, unit) => {
        const off = Math.abs(mine - came);
        const far = off > (unit === '%' ? POINTS : SHARE * Math.abs(came)) + 1e-12;
        if (off < 1e-12) {
            return { far, said: 'That is exactly it.' };
        }
        const where = mine > came ? 'too high' : 'too low';
        const times = Math.max(Math.abs(mine), Math.abs(came)) / Math.min(Math.abs(mine), Math.abs(came));
        const much = unit !== '%' && mine * came > 0 && times >= 3 ? `${round(times)} times` : `${round(off)}${unit === '%' ? ' points' : ''}`;
        return { far, said: `That is ${much} ${where}${far ? '.' : ', and not far off.'}` };
    };

    /** The paragraph behind an element that has a phrase, from the phrase on. */
    const passage = (element, phrase) => {
        for (const place of document.querySelectorAll('main :is(p, li, figcaption)')) {
            const text = place.textContent.replace(/\s+/g, ' ');
            if (element.compareDocumentPosition(place) & Node.DOCUMENT_POSITION_FOLLOWING && text.includes(phrase)) {
                return text.slice(text.indexOf(phrase)).trim();
            }
        }
        return '';
    };

    const field = (id, { kind, options, unit }) => {
        if (kind === 'choice') {
            const all = options.split('|').map((option) => make('option', { textContent: option }));
            return make('select', { id }, make('option', { value: '', textContent: 'choose' }), ...all);
        }
        return kind === 'number' ? make('input', { id, inputMode: 'decimal', autocomplete: 'off' })
            : make('textarea', { id, rows: 2 });
    };

    const ask = (place) => {
        const data = { unit: '', ...place.dataset };
        const name = `predict:${kept.page}#${place.id}`;
        const id = `${place.id}-field`;
        const input = field(id, data);
        const label = make('label', { htmlFor: id, textContent: `${data.question}${data.unit && ` (${data.unit})`}` });
        const note = make('p', { className: 'note' });
        const answer = make('div', { className: 'answer', role: 'group', tabIndex: -1, 'aria-label': 'Both answers' });
        const compare = make('button', { type: 'submit', textContent: 'Compare' });
        const form = make('form', { noValidate: true }, label, make('div', { className: 'row' }, input, compare), answer, note);

        const unit = (text) => (data.kind === 'number' && data.unit && !text.includes('%') ? ` ${data.unit}` : '');
        const show = (record, spoken) => {
            const { mine, came, said } = record;
            answer.replaceChildren(
                make('p', {}, make('b', { textContent: 'You: ' }), `${mine}${unit(mine)}`),
                make('p', {}, make('b', { textContent: 'What came out: ' }), `${came}${unit(came)}`),
                make('p', { className: 'difference', textContent: said }),
            );
            if (data.kind === 'words') {
                const judge = (far, text) => make('button', {
                    type: 'button', textContent: text, 'aria-pressed': record.far === far,
                    onclick: () => keep({ ...record, far, said: far ? 'You were surprised.' : 'As you thought.' }, true),
                });
                answer.append(make('div', { className: 'row' }, judge(false, 'As I thought'), judge(true, 'I am surprised')));
            }
            answer.append(make('button', { type: 'button', textContent: 'Predict anew', onclick: anew }));
            input.disabled = compare.disabled = true;
            place.classList.toggle('far', record.far === true);
            if (spoken) {
                say(`You: ${mine}${unit(mine)}. What came out: ${came}${unit(came)}. ${said}`);
            }
        };
        const keep = (record, spoken) => {
            const focused = answer.contains(document.activeElement);
            show(record, spoken);
            if (focused || spoken) {
                answer.focus({ preventScroll: true });
            }
            kept.write(name, record, note);
        };
        const anew = () => {
            store.remove(name);
            answer.replaceChildren();
            note.textContent = '';
            input.disabled = compare.disabled = false;
            input.value = '';
            place.classList.remove('far');
            input.focus();
        };
        form.addEventListener('submit', (event) => {
            event.preventDefault();
            const mine = input.value.trim();
            const common = { title: kept.title, question: data.question, day: kept.day(), mine };
            if (mine === '' || (data.kind === 'number' && Number.isNaN(number(mine)))) {
                say(data.kind === 'number' ? 'Please enter a number, even if it is a wild guess.' : 'Please answer first, even if it is a wild guess.', note);
                input.focus();
            } else if (data.kind === 'number') {
                keep({ ...common, came: data.answer, ...compared(number(mine), number(data.answer), data.unit) }, true);
            } else if (data.kind === 'choice') {
                const far = mine !== data.answer;
                keep({ ...common, came: data.answer, far, said: far ? 'That is another one.' : 'That is it.' }, true);
            } else {
                keep({ ...common, came: passage(place, data.at), far: null, said: 'Is that what you thought?' }, true);
            }
        });
        place.append(guard(form));
        const record = kept.read(name, fits, note);
        if (record !== null) {
            input.value = record.mine;
            show(record, false);
            note.textContent = kept.HERE;
        }
    };

    document.querySelectorAll('main .predict').forEach(ask);
    annotated.predictions = { fits, number, compared, passage };
})();
