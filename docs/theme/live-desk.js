// What the live figures share: the picture with its panel beside it, the list of what is changed, and one key that undoes it all.
(() => {
    'use strict';

    const { say, live, kept: { make, guard } } = annotated;
    const { button } = live;
    /** Pixels around the rows of a list, where the focus is drawn. */
    const ROOM = 4;

    /** Models know their boxes by the picture that shows them. */
    const seen = (model, picture) => {
        const boxes = model.places.pictures[picture] ?? {};
        const heads = (key) => {
            const softmax = boxes[key].repeats[0].steps.map((number) => model.outline.steps[number]).find((step) => step?.kind === 'Softmax');
            const axis = model.axes(softmax.outputs[0]).indexOf('heads');
            return model.outline.shape(softmax.outputs[0])[axis];
        };
        const parameters = new Map(model.program.parameters.map(({ paths, tensor }) => [tensor, paths[0]]));
        return {
            ...model, picture, heads,
            keys: new Set(Object.keys(boxes).filter((key) => boxes[key].repeats.length > 0 && boxes[key].repeats[0].out.length > 0)),
            box: (key) => boxes[key] ?? null,
            parameter: (tensor) => parameters.get(tensor)?.split('.').slice(-2).join(' ') ?? 'parameter',
        };
    };

    /** A box's name: where several have the same, with what it is in, and which of them it is. */
    const titled = (model) => {
        const label = (box) => box.label.replace(/\s+/g, ' ').trim();
        const side = (box) => {
            const axes = box.repeats[0].out.flatMap((tensor) => model.axes(tensor));
            return axes.includes('source') && !axes.includes('target') ? 'encoder' : 'decoder';
        };
        const first = (box) => box.repeats[0].steps[0] ?? -1;
        const all = [...model.keys].map((key) => model.box(key)).sort((a, b) => first(a) - first(b));
        return (box) => {
            const same = all.filter((other) => label(other) === label(box));
            if (same.length === 1) return label(box);
            const near = same.filter((other) => side(other) === side(box));
            const more = [
                ...(new Set(all.map(side)).size > 1 ? [side(box)] : []),
                ...(near.length > 1 ? [`${near.indexOf(box) + 1} of ${near.length} from below`] : []),
            ];
            return `${label(box)} (${more.join(', ')})`;
        };
    };

    /** All desks, the one that was changed last at the end. */
    let desks = [];
    const isTyped = (element) => element.matches('textarea, [contenteditable], input:not([type=checkbox], [type=radio], [type=range])')
        // A list of answers is searched by its letters.
        || (element.matches('select') && element.closest('.live') === null);
    // One key takes everything back, wherever the focus is, as long as nothing is typed.
    document.addEventListener('keydown', (event) => {
        if (event.key.toLowerCase() !== 'r' || event.ctrlKey || event.altKey || event.metaKey || isTyped(event.target)) return;
        const here = desks.find(({ place }) => place.contains(document.activeElement));
        const desk = here ?? desks.findLast(({ changes }) => changes.length > 0);
        if (desk === undefined || desk.changes.length === 0) return;
        // A list in the figure has the focus, and would be searched for this letter.
        event.preventDefault();
        event.stopPropagation();
        desk.reset();
    }, true);

    /**
     * The desk of a figure. `compute` is called when changes were made; it calls `show` with `{run, base, names, size}` and the
     * outcome in words, and says whether it came to that. `patch(text, tensors)` gives values for another text. `begins` gives the
     * layer, and what is chosen of other axes, with which a box is shown first.
     */
    live.desk = (place, opened, { compute, patch, begins = () => ({ layer: 0, pick: {} }) }) => {
        const model = seen(opened, place.dataset.picture);
        model.title = titled(model);
        let changes = [];
        let looked = { run: null, base: null, names: {}, size: {} };
        let outcome = '';
        /** What was asked for last. What comes later than that is no longer wanted. */
        let asked = 0;
        /** Whether the tokens are those of another sentence than the one that is being computed. */
        let isOld = false;

        const list = make('ul', { className: 'live-list' });
        const reset = button('Reset (R)', 'Takes back everything that is changed', () => desk.reset());
        const count = make('b');
        const question = make('a', { textContent: 'Back to the question', hidden: true });
        const came = make('p', { className: 'live-outcome' });
        const bar = make('div', { className: 'live-changes', role: 'group', 'aria-label': 'What is changed', hidden: true },
            make('p', {}, count), list, reset, question, came);
        /** A third of the window is enough for the bar: its list scrolls then, to the last rows of which none is cut. */
        const fit = () => {
            list.style.maxHeight = '';
            const top = list.getBoundingClientRect().top - list.scrollTop;
            const heights = [...list.children].map((row) => list.scrollHeight - (row.getBoundingClientRect().top - top) + ROOM);
            const room = innerHeight / 3 - (bar.offsetHeight - list.offsetHeight);
            if (list.scrollHeight <= room) return;
            list.style.maxHeight = `${heights.find((height) => height <= room) ?? heights.at(-1)}px`;
            list.scrollTop = list.scrollHeight;
        };
        // It stays in sight, so what else stays there is below it.
        new ResizeObserver(() => {
            fit();
            place.style.setProperty('--live-bar', `${bar.offsetHeight}px`);
        }).observe(bar);
        /** A change in words, with the tokens of the sentence that is there now. */
        const named = (change) => change.name(isOld ? {} : looked.names);
        const listed = () => {
            bar.hidden = changes.length === 0;
            tell(outcome);
            // Some may be out of sight.
            count.textContent = changes.length > 1 ? `Changed (${changes.length}):` : 'Changed:';
            list.replaceChildren(...changes.map((change) => make('li', {}, make('span', { textContent: named(change) }), ' ',
                button('Take back', `Takes back: ${named(change)}`, () => desk.set(changes.filter((other) => other !== change))))));
            fit();
            picture.mark(new Set(changes.map(({ key }) => key)));
        };

        const tell = (text) => {
            outcome = text;
            came.textContent = changes.length === 0 ? '' : outcome || '…';
        };

        const panel = live.panel(model, {
            look: () => looked,
            patched: (...what) => patched(...what),
            begins,
            focusBox: () => picture.reveal(),
            act: (change) => desk.set([...changes.filter((other) => !clashes(other, change)), change]),
        });
        /** The same change of the same box, anew. */
        const clashes = (one, other) => one.key === other.key && one.action === other.action && one.layer === other.layer && one.choice.head === other.choice.head;
        const picture = live.picture(place, {
            keys: model.keys,
            title: (key) => model.title(model.box(key)),
            choose: async (key, isAsked) => {
                await panel.show(key);
                if (!isAsked || panel.at().key !== key) return;
                say(`${model.title(model.box(key))}: its numbers are ${isBelow() ? 'below' : 'beside'} the picture.`);
                if (isBelow()) panel.root.scrollIntoView({ block: 'start' });
            },
        });
        /** A figure may be narrow in a window that is wide. */
        const isBelow = () => panel.root.getBoundingClientRect().top >= place.querySelector('.live-figure').getBoundingClientRect().bottom;
        const body = place.querySelector('.live-body');
        body.classList.add('runs');
        body.append(panel.root);
        guard(panel.root);

        /** A box gives what it has for another text. `position`: where alone. Null if something else was asked for meanwhile. */
        const patched = async (key, layer, text, position = null) => {
            const mine = asked += 1;
            const values = await patch(text, live.change(model, 'patch', key, layer).edits.map(({ tensor }) => tensor));
            return mine === asked ? live.change(model, 'patch', key, layer, { values, position, text: text.trim() }) : null;
        };
        const desk = {
            model, panel, picture, bar, place, tell,
            get changes() { return changes; },
            get outcome() { return outcome; },
            /** Begins with the last attention of the picture, until something else is chosen. */
            begin: () => {
                if (panel.at() !== null) return;
                const attends = [...model.keys].filter((key) => live.possible(model, key).includes('head') && picture.has(key));
                const first = (key) => model.box(key).repeats[0].steps[0];
                if (attends.length > 0) picture.take(attends.reduce((best, key) => (first(key) > first(best) ? key : best)), false);
            },
            /** What is changed, for so many tokens of each axis. */
            edits: (size) => changes.flatMap((change) => change.edits).map((edit) => live.fitted(model, edit, size)),
            /** Another text is computed: nothing came of the changes yet, and what was to be changed for the old one is not any more. */
            anew: () => {
                asked += 1;
                isOld = true;
                outcome = '';
                listed();
            },
            look: () => looked,
            /** New numbers to look at, and what came of the changes. */
            show: (look, said = '') => {
                looked = look;
                isOld = false;
                outcome = said;
                listed();
                if (panel.at() === null) return desk.begin();
                return panel.again();
            },
            /** What is changed and what came of it, for who listens; empty if nothing is changed. */
            heard: () => (changes.length === 0 ? '' : `Changed: ${changes.map(named).join('; ')}. ${outcome}`),
            /** Other changes than before, for what is computed next. */
            put: (next) => {
                asked += 1;
                changes = next;
                outcome = '';
                question.hidden = true;
                listed();
                if (next.length > 0) desks = [...desks.filter((other) => other !== desk), desk];
            },
            /** The panel shows where something was changed last, and a link leads back to what was asked. */
            answers: async (id) => {
                const { key, layer, choice } = changes.at(-1) ?? {};
                if (key === undefined) return;
                question.href = `#${id}`;
                question.hidden = false;
                if (!picture.has(key)) return;
                picture.chosen(key);
                await panel.show(key, layer ?? begins().layer, choice.head === undefined ? {} : { heads: choice.head });
            },
            /** Other changes than before; computes everything anew. */
            set: async (next) => {
                const isHere = place.contains(document.activeElement);
                const refocus = live.refocus(place);
                desk.put(next);
                const isDone = await compute();
                refocus();
                // What had the focus may be gone, or hidden.
                const has = document.activeElement;
                if (isHere && (has === document.body || (place.contains(has) && !has.checkVisibility()))) {
                    if (changes.length > 0) reset.focus({ preventScroll: true });
                    else picture.focus();
                }
                // What failed has been said, and who came later says how it went.
                if (isDone) say(desk.heard() || 'Nothing is changed any more.');
            },
            reset: () => desk.set([]),
            /**
             * Changes as a page writes them: `ACTION KEY [LAYER [HEAD]]` or `swap KEY all ONE OTHER`, several with a semicolon
             * between them. All count from 1.
             */
            read: (text) => text.split(';').map((part) => part.trim()).filter(Boolean).map((part) => {
                const [action, key, layer = 'all', ...numbers] = part.split(/\s+/);
                const [one, other] = numbers.map((number) => Number(number) - 1);
                const choice = { head: { head: one }, swap: { a: one, b: other } }[action] ?? {};
                return live.change(model, action, key, layer === 'all' ? null : Number(layer) - 1, choice);
            }),
            /** The same, or `patch KEY TEXT`, which has to compute that text first. Null if something else was asked for meanwhile. */
            made: async (text) => {
                const [, key, other] = text.match(/^patch (\S+) (.+)$/) ?? [];
                if (key === undefined) return desk.read(text);
                const change = await patched(key, null, other);
                return change === null ? null : [change];
            },
        };
        desks.push(desk);
        return desk;
    };

    /** Chips of tokens; one may be followed. */
    live.chips = (label, pieces, { chosen = null, choose = null } = {}) => {
        /** The chip that was pressed is made anew, and keeps the focus. */
        const press = (at) => (event) => {
            const place = event.currentTarget.closest('.live');
            choose(at);
            const again = [...place.querySelectorAll('.live-chips')].find((list) => list.getAttribute('aria-label') === label);
            again?.children[at]?.focus({ preventScroll: true });
        };
        const titled = (piece) => (live.isBytes(piece) ? { title: 'A byte: a part of a letter or sign' } : {});
        const chip = (piece, at) => (choose === null ? make('span', { className: 'live-chip', textContent: piece, ...titled(piece) })
            : make('button', { type: 'button', className: 'live-chip', textContent: piece, 'aria-pressed': chosen === at, onclick: press(at), ...titled(piece) }));
        return make('div', { className: 'live-chips', role: 'group', 'aria-label': label }, ...pieces.map(chip));
    };
    /** A sentence that stands where something failed; what was cancelled is no failure. `still`: the text that stands below all the same. */
    live.failed = (error, told, still = '') => {
        if (error.cancelled) return;
        say(`${error.message}${still === '' ? '' : ` Below is still ${live.quoted(live.short(still, 60))}`}`, told);
    };
    /** What was asked for by pressing something comes into sight, if it wasn't. */
    live.sight = (element) => element?.scrollIntoView({ block: 'nearest' });
    /** A text in quotation marks at the end of a sentence, which has one full stop. */
    live.quoted = (text) => `“${text}”${/[.!?…]$/.test(text) ? '' : '.'}`;
    /** As much of a text as fits into a line. */
    live.short = (text, most = 24) => (text.length <= most ? text : `${text.slice(0, most).replace(/\s+\S*$/, '')} …`);
    /** Waits until what was changed is seen. */
    live.frame = () => new Promise((done) => setTimeout(done, 0));

    live.figures = {};
    live.begin = async (place, told) => {
        const model = await live.open(place.dataset.model, told);
        await live.figures[place.dataset.live](place, model);
        live.experiments(place);
        place.classList.add('running');
    };
})();
