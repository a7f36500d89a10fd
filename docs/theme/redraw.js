// A picture from memory: its boxes are empty, and the reader gives them their names and joins them by lines, with the
// pointer, a finger or the keyboard. Graded as the command `redraw grade` does it.
(() => {
    'use strict';

    const { say, store, now } = window.annotated;
    const SVG = 'http://www.w3.org/2000/svg';

    // ---- Grading: what `graph` does with boxes that stand in their places ----

    const share = (right, drawn, there) => ({ right, drawn, there, f1: drawn + there === 0 ? 1 : 2 * right / (drawn + there) });
    /** What is right. `names`: label by key; `lines`: pairs of keys. */
    const grade = ({ boxes, lines }, { names, lines: drawn }) => {
        const isRight = (box) => names[box.key] === box.label;
        const written = (one, other) => JSON.stringify([one, other]);
        const joined = new Set(drawn.map(([from, to]) => written(from, to)));
        const isDrawn = ({ from, to }) => isRight(boxes[from]) && isRight(boxes[to]) && joined.has(written(boxes[from].key, boxes[to].key));
        const missing = lines.filter((line) => !isDrawn(line));
        return {
            boxes: share(boxes.filter(isRight).length, Object.values(names).filter((name) => name.trim()).length, boxes.length),
            lines: share(lines.length - missing.length, joined.size, lines.length),
            ways: missing.filter(({ role }) => role === 'residual').map(({ way }) => way),
            missing: missing.filter(({ role }) => role !== 'residual'),
        };
    };
    window.annotated.redraw = { grade };

    // ---- Small helpers ----

    const make = (name, properties = {}, ...children) => {
        const element = Object.assign(document.createElement(name), properties);
        element.append(...children);
        return element;
    };
    const draw = (name, attributes, ...children) => {
        const element = document.createElementNS(SVG, name);
        Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
        element.append(...children);
        return element;
    };
    const button = (text, onclick) => make('button', { type: 'button', textContent: text, onclick });
    /** A label in lines that fit. */
    const wrapped = (label, width) => label.split(' ').reduce((lines, word) => {
        const longer = `${lines.at(-1)} ${word}`;
        return lines.length > 0 && longer.length * 7.2 <= width ? [...lines.slice(0, -1), longer] : [...lines, word];
    }, []);
    const percent = ({ f1 }) => f1.toFixed(2);
    const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

    const begin = (area) => {
        const figure = document.getElementById(area.dataset.figure);
        const picture = JSON.parse(area.dataset.picture);
        const { boxes } = picture;
        const kept = `redraw:${area.dataset.diagram}`;
        const labels = [...new Set(boxes.map(({ label }) => label))].sort();
        let [names, lines, chosen, from, mode, graded] = [{}, [], null, null, 'names', null];
        let spots = new Map();

        // ---- The parts ----

        const told = make('p', { className: 'told' });
        const list = make('ul', { className: 'missing' });
        const holder = make('div', { className: 'empty' });
        const tray = make('div', { className: 'tray' });
        const [byName, byLine] = [['Names', 'names'], ['Lines', 'lines']].map(([text, value]) => button(text, () => {
            [mode, chosen, from] = [value, null, null];
            show();
            say(mode === 'names' ? 'Choose a name, then its box.' : 'Choose the box where a line begins, then the one where it ends.', told);
        }));
        const modes = make('div', { className: 'modes' }, byName, byLine);
        modes.setAttribute('role', 'group');
        modes.setAttribute('aria-label', 'What to draw');
        tray.setAttribute('role', 'group');
        const check = button('Grade it', () => {
            graded = grade(picture, { names, lines });
            const { boxes: ofBoxes, lines: ofLines, ways, missing } = graded;
            store.write(kept, { boxes: ofBoxes.f1, lines: ofLines.f1, at: now() });
            show();
            const exact = ofBoxes.f1 === 1 && ofLines.f1 === 1;
            const sentence = (what, { right, there, drawn }, f1) => `${what}: ${right} of ${there} are right, ${drawn} drawn; score ${f1}.`;
            say(`${sentence('Boxes', ofBoxes, percent(ofBoxes))} ${sentence('Lines', ofLines, percent(ofLines))}${exact ? ' An exact copy!' : ''}`, told);
            const first = (text) => text[0].toUpperCase() + text.slice(1);
            const items = ways.map((way) => `${first(way)} is missing.`);
            if (missing.length > 0) items.push(`${missing.length} other ${missing.length === 1 ? 'line is' : 'lines are'} missing${drawnWrong() ? ', or an end has a wrong name' : ''}.`);
            list.replaceChildren(...items.map((text) => make('li', { textContent: text })));
        });
        const drawnWrong = () => boxes.some((box) => names[box.key] !== undefined && names[box.key] !== box.label);
        const clear = button('Clear', () => {
            [names, lines, chosen, from, graded] = [{}, [], null, null, null];
            list.replaceChildren();
            show();
            say('Everything is empty again.', told);
        });
        const stop = button('Back to the picture', () => {
            figure.classList.remove('redrawn');
            board.hidden = true;
            start.hidden = false;
            remember();
            start.focus();
        });
        const board = make('div', { className: 'board', hidden: true }, modes, told, holder, tray, make('div', { className: 'done' }, check, clear, stop), list);
        const start = button('Redraw it here, from memory', () => {
            figure.classList.add('redrawn');
            board.hidden = false;
            start.hidden = true;
            build();
            byName.click();
            byName.focus();
        });
        const last = make('p', { className: 'last' });
        const remember = () => {
            const found = store.read(kept, null, (value) => ['boxes', 'lines'].every((name) => value?.[name] >= 0 && value[name] <= 1));
            last.textContent = found ? `Last time: boxes ${percent({ f1: found.boxes })}, lines ${percent({ f1: found.lines })}.` : '';
        };

        // ---- The empty picture ----

        const build = () => {
            const all = [...figure.querySelectorAll('.drawing svg')];
            const source = all.find((svg) => svg.width.baseVal.value <= holder.clientWidth + 1) ?? all.at(-1);
            const tip = `${area.dataset.diagram}-redrawn-tip`;
            const svg = draw('svg', { class: 'agd', viewBox: source.getAttribute('viewBox'), width: source.getAttribute('width'), height: source.getAttribute('height'), role: 'group', 'aria-label': 'The empty picture', 'font-family': source.getAttribute('font-family') },
                draw('defs', {}, draw('marker', { id: tip, viewBox: '0 0 8 8', refX: 7.4, refY: 4, markerWidth: 8, markerHeight: 8, markerUnits: 'userSpaceOnUse', orient: 'auto' }, draw('path', { class: 'h', d: 'M0 .8 8 4 0 7.2z' }))));
            holder.replaceChildren(svg);
            const frames = [...source.querySelectorAll('g.f[data-key]')].map((frame) => {
                const copy = frame.cloneNode(true);
                const title = copy.querySelector('title');
                const label = title?.textContent.split('\n')[0] ?? '';
                title?.remove();
                copy.removeAttribute('tabindex');
                svg.append(copy);
                return { key: `${frame.dataset.key}/`, label };
            });
            const paths = draw('g', {});
            svg.append(paths);
            spots = new Map(boxes.map(({ key }, number) => {
                const shape = source.querySelector(`g.b[data-key="${CSS.escape(key)}"] > .r`);
                const spot = draw('g', { class: 'b place', role: 'button', 'data-place': key, tabindex: -1 }, shape.cloneNode());
                svg.append(spot);
                const { x, y, width, height } = spot.getBBox();
                const [wide, high] = [Math.max(width, 44), Math.max(height, 44)];
                spot.prepend(draw('rect', { x: x + (width - wide) / 2, y: y + (height - high) / 2, width: wide, height: high, fill: 'none', 'pointer-events': 'all' }));
                const text = draw('text', { 'font-size': 12 });
                spot.append(text);
                spot.addEventListener('click', (event) => choose(key, event.detail === 0));
                const frame = frames.filter((frame) => key.startsWith(frame.key)).at(-1)?.label;
                return [key, { spot, text, number, frame, kind: shape.parentNode.getAttribute('class').split(' ').find((name) => name.startsWith('k-')), x: x + width / 2, y: y + height / 2, width, height }];
            }));
            spots.values().next().value.spot.setAttribute('tabindex', 0);
            Object.assign(board, { paths, tip, source });
            show();
        };
        /** From a box's edge to another's; beside the boxes between, if there are any. */
        const way = (one, other) => {
            const [a, b] = [spots.get(one), spots.get(other)];
            const between = [...spots.values()].some((spot) => spot !== a && spot !== b && Math.abs(spot.x - a.x) < 40 && (spot.y - a.y) * (spot.y - b.y) < 0);
            if (Math.abs(a.x - b.x) < 40 && (between || a === b)) {
                const side = a.x - Math.max(a.width, b.width) / 2 - 30;
                return `M${a.x - a.width / 2} ${a.y}C${side} ${a.y} ${side} ${b.y} ${b.x - b.width / 2} ${b.y}`;
            }
            const edge = (of, to) => {
                const [dx, dy] = [to.x - of.x, to.y - of.y];
                const part = Math.min(of.width / 2 / Math.max(Math.abs(dx), 0.1), of.height / 2 / Math.max(Math.abs(dy), 0.1), 0.5);
                return `${of.x + dx * part} ${of.y + dy * part}`;
            };
            return `M${edge(a, b)}L${edge(b, a)}`;
        };

        // ---- What is seen of the state ----

        const left = (label) => boxes.filter((box) => box.label === label).length - Object.values(names).filter((name) => name === label).length;
        const show = () => {
            byName.setAttribute('aria-pressed', mode === 'names');
            byLine.setAttribute('aria-pressed', mode === 'lines');
            for (const { key, label } of boxes) {
                const { spot, text, number, frame, kind, x, y, width } = spots.get(key);
                const name = names[key];
                const state = graded && name ? (name === label ? 'right' : 'wrong') : '';
                spot.setAttribute('class', `b place ${state} ${from === key ? 'from' : ''} ${state === 'right' ? kind ?? '' : ''}`);
                spot.setAttribute('aria-label', `Box ${number + 1} of ${boxes.length}${frame ? ` in ${frame}` : ''}: ${name ?? 'empty'}${state ? `, ${state}` : ''}`);
                const rows = name ? wrapped(`${state === 'wrong' ? '✗ ' : ''}${name}`, width) : [];
                text.replaceChildren(...rows.map((row, n) => draw('tspan', { x, y: y + 4.3 + (n - (rows.length - 1) / 2) * 14 }, row)));
            }
            const isRight = new Set(graded ? picture.lines.map((line) => `${boxes[line.from].key} ${boxes[line.to].key}`) : []);
            board.paths?.replaceChildren(...lines.flatMap(([one, other]) => {
                if (isRight.has(`${one} ${other}`)) {
                    return [...board.source.querySelectorAll('path.e')].filter((path) => path.dataset.from === one && path.dataset.to === other).map((path) => {
                        const copy = path.cloneNode();
                        if (copy.hasAttribute('marker-end')) copy.setAttribute('marker-end', `url(#${board.tip})`);
                        return copy;
                    });
                }
                return [draw('path', { class: `e ${graded ? 'wrong' : ''}`, d: way(one, other), 'marker-end': `url(#${board.tip})` })];
            }));
            tray.setAttribute('aria-label', mode === 'names' ? 'Names' : 'Lines');
            tray.replaceChildren(...(mode === 'names' ? ofNames() : ofLines()));
        };
        const ofNames = () => labels.filter((label) => left(label) > 0).map((label) => {
            const name = button(left(label) > 1 ? `${label} ×${left(label)}` : label, (event) => {
                chosen = chosen === label ? null : label;
                show();
                say(chosen ? `${label}: now choose its box.` : 'Choose a name.', told);
                if (event.detail === 0) (chosen ? current().spot : named(label))?.focus();
            });
            name.dataset.name = label;
            name.setAttribute('aria-pressed', chosen === label);
            return name;
        });
        const ofLines = () => [
            button('Draw the plain lines for me', () => {
                const plain = picture.lines.filter(({ role }) => role === 'flow').map((line) => [boxes[line.from].key, boxes[line.to].key]);
                lines = [...lines.filter(([a, b]) => !plain.some(([c, d]) => a === c && b === d)), ...plain];
                again();
                say(`${plain.length} lines. The ways around and what leads from one side to the other are yours.`, told);
            }),
            button('Take back the last line', () => {
                lines.pop();
                again();
                say(`${lines.length} lines.`, told);
            }),
        ];
        const named = (label) => [...tray.querySelectorAll('button')].find((other) => other.dataset.name === label);
        const current = () => [...spots.values()].find(({ spot }) => spot.getAttribute('tabindex') === '0');
        const again = () => {
            graded = null;
            list.replaceChildren();
            show();
        };

        // ---- What the reader does ----

        const called = (key) => names[key] ?? `box ${spots.get(key).number + 1}`;
        const put = (label, key) => {
            names[key] = label;
            chosen = null;
            again();
            say(`${label} is in box ${spots.get(key).number + 1}.`, told);
        };
        const join = (one, other) => {
            const before = lines.length;
            lines = lines.filter(([a, b]) => a !== one || b !== other);
            const isNew = lines.length === before;
            if (isNew) lines.push([one, other]);
            from = null;
            again();
            say(`${isNew ? 'A line' : 'No line'} from ${called(one)} to ${called(other)}.`, told);
        };
        const choose = (key, byKeyboard) => {
            current().spot.setAttribute('tabindex', -1);
            spots.get(key).spot.setAttribute('tabindex', 0);
            if (mode === 'lines') {
                if (from !== null) {
                    join(from, key);
                } else {
                    from = key;
                    show();
                    say(`From ${called(key)}: now the box where the line ends.`, told);
                }
            } else if (chosen !== null) {
                const label = chosen;
                put(label, key);
                if (byKeyboard) (named(label) ?? tray.querySelector('button') ?? check).focus();
            } else if (names[key] !== undefined) {
                chosen = names[key];
                delete names[key];
                again();
                say(`${chosen} is free again: choose another box.`, told);
            } else {
                say('Choose a name first.', told);
            }
        };
        board.addEventListener('keydown', (event) => {
            const step = ARROWS[event.key];
            if (step) event.stopPropagation();
            const key = event.target.dataset?.place;
            if (event.key === 'Escape' && (chosen ?? from) !== null) {
                [chosen, from] = [null, null];
                show();
                say('Nothing is chosen.', told);
            }
            if (key === undefined) return;
            if (event.key === 'Enter' || event.key === ' ') {
                event.preventDefault();
                choose(key, true);
            } else if (step) {
                event.preventDefault();
                const here = spots.get(key);
                const far = (spot) => {
                    const [dx, dy] = [spot.x - here.x, spot.y - here.y];
                    const [along, aside] = [dx * step[0] + dy * step[1], Math.abs(dx * step[1]) + Math.abs(dy * step[0])];
                    return along > 1 ? along + 3 * aside : Infinity;
                };
                const next = [...spots.values()].reduce((best, spot) => (far(spot) < far(best) ? spot : best), here);
                here.spot.setAttribute('tabindex', -1);
                next.spot.setAttribute('tabindex', 0);
                next.spot.focus();
            }
        });
        // A name is dragged to its box, with the mouse a line from box to box.
        board.addEventListener('pointerdown', (event) => {
            const label = event.target.closest('[data-name]')?.dataset.name;
            const one = mode === 'lines' && event.pointerType !== 'touch' ? event.target.closest('[data-place]')?.dataset.place : undefined;
            if ((label ?? one) === undefined || event.button !== 0) return;
            const ghost = make('div', { className: 'ghost', textContent: label ?? '→' });
            const isFar = ({ clientX, clientY }) => Math.hypot(clientX - event.clientX, clientY - event.clientY) > 8;
            const move = (moved) => {
                if (isFar(moved)) board.append(ghost);
                ghost.style.transform = `translate(${moved.clientX + 6}px,${moved.clientY - 36}px)`;
            };
            const end = (ended) => {
                ghost.remove();
                ['pointermove', 'pointerup', 'pointercancel'].forEach((name) => document.removeEventListener(name, name === 'pointermove' ? move : end));
                const key = document.elementFromPoint(ended.clientX, ended.clientY)?.closest('[data-place]')?.dataset.place;
                if (ended.type !== 'pointerup' || !isFar(ended) || key === undefined || !board.contains(spots.get(key)?.spot ?? null)) return;
                if (label !== undefined) put(label, key);
                else if (key !== one) join(one, key);
            };
            document.addEventListener('pointermove', move);
            ['pointerup', 'pointercancel'].forEach((name) => document.addEventListener(name, end));
        });
        addEventListener('resize', () => {
            if (!board.hidden) build();
        });

        area.prepend(start, last, board);
        remember();
    };

    for (const area of document.querySelectorAll('.redraw[data-picture]')) {
        if (document.getElementById(area.dataset.figure)) begin(area);
    }
})();
