'use strict';
// Predict first: asks for a number, one of several, or words, and then shows both, the reader's answer and what came out.
{
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

    /** A passage has whole sentences, of about so many letters. */
    const PASSAGE = 140;
    /** What the text behind an element says, from a phrase on. */
    const passage = (el, phrase) => {
        for (const place of all('main :is(p, li, figcaption)')) {
            if (el.compareDocumentPosition(place) & Node.DOCUMENT_POSITION_FOLLOWING) {
                const copy = place.cloneNode(true);
                all('math', copy).forEach((math) => math.replaceWith(math.getAttribute('alttext') ?? ''));
                const text = copy.textContent.replace(/\s+/g, ' ').trim();
                if (text.includes(phrase)) {
                    const rest = text.slice(text.indexOf(phrase));
                    const end = rest.slice(PASSAGE).search(/[.!?]( |$)/);
                    return end < 0 ? rest : rest.slice(0, PASSAGE + end + 1);
                }
            }
        }
        return '';
    };

    const field = (id, { kind, options, unit }) => {
        if (kind === 'choice') {
            return make('select', { id }, make('option', { value: '' }, 'choose'), ...options.split('|').map((option) => make('option', {}, option)));
        }
        return kind === 'number' ? make('input', { id, inputMode: 'decimal', autocomplete: 'off' })
            : make('textarea', { id, rows: 2 });
    };

    const ask = (place) => {
        const { kind, unit = '', answer: came, at } = place.dataset;
        const asked = place.dataset.question;
        const question = unit === '' || asked.includes(unit) ? asked : `${asked} (${unit})`;
        const name = `predict:${page}#${place.id}`;
        const id = `${place.id}-field`;
        const input = field(id, place.dataset);
        const submit = make('button', { type: 'submit' });
        const answer = make('div', { className: 'answer', role: 'group', tabIndex: -1, ariaLabel: 'The answer' });
        const note = make('p', 'note');
        /** What can be tried below, which gives the answer; until then, nothing here does. */
        const trying = place.nextElementSibling?.matches('.live-try') ? place.nextElementSibling : null;
        let isHeld = false;
        let current;

        const show = (record) => {
            current = record;
            input.disabled = record !== null;
            submit.textContent = record === null ? 'Compare' : 'Predict anew';
            answer.hidden = record === null;
            classed(place, 'predicted', record !== null);
            classed(place, 'far', record?.far === true && !isHeld);
            if (record === null) {
                return;
            }
            input.value = record.mine;
            const parts = { 'You: ': record.mine, ...(isHeld ? { '': 'Now try it.' } : { 'What came out: ': record.came, '': record.said }) };
            fill(answer, ...Object.entries(parts).map(([before, text]) => make('p', {}, make('b', {}, before), text)));
            if (kind === 'words') {
                const judge = (text, far, said) => button(text, () => keepIt({ ...record, far, said }), { ariaPressed: record.far === far });
                answer.append(make('div', 'row', judge('As I thought', false, 'As you thought.'), judge('I am surprised', true, 'You were surprised.')));
            }
        };
        const keepIt = (record) => {
            show(record);
            focusOn(answer);
            say(all('p', answer).map((part) => part.textContent).join('. '));
            if (writeKept(name, record, note)) {
                note.textContent = '';
            }
        };
        /** What came of an answer; nothing if it is none. */
        const judged = (mine) => {
            if (kind === 'words') {
                return { came: passage(place, at), far: null, said: 'Is that what you thought?' };
            }
            if (kind === 'choice') {
                return { came, far: mine !== came, said: mine === came ? 'It came out as you predicted.' : 'It came out otherwise.' };
            }
            return Number.isNaN(number(mine)) ? null : { came, ...compared(number(mine), number(came), unit) };
        };
        const submitted = (e) => {
            ours(e);
            if (input.disabled) {
                store.remove(name);
                input.value = note.textContent = '';
                show(null);
                input.focus();
                return;
            }
            const mine = input.value.trim();
            const result = mine === '' ? null : judged(mine);
            if (result === null) {
                say(`Please enter ${kind === 'number' ? 'a number' : 'an answer'}, even if it is a wild guess.`, note);
                input.focus();
                return;
            }
            note.textContent = '';
            isHeld = trying && !one('details', trying)?.open;
            keepIt({ title: chapter, question, day: day(), mine: unit === '%' ? `${mine.replace(/\s*%$/, '')} %` : mine, ...result });
        };
        const label = make('label', { htmlFor: id, textContent: question });
        const form = make('form', { noValidate: true, onsubmit: submitted }, label, make('div', 'row', input, submit), answer, note);
        show(readKept(name, fits, note));
        place.append(guard(form));
        // That details are opened is told to themselves alone; that something was tried, by the same event.
        trying?.addEventListener('toggle', () => {
            if (isHeld) {
                isHeld = false;
                show(current);
            }
        }, true);
    };

    all('main .predict').forEach(ask);
    annotated.predictions = { fits, number, compared, passage };
}
