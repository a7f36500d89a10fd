'use strict';
// A picture from memory: its boxes are empty, and the reader gives them names and joins them by lines, with the pointer,
// a finger or the keyboard.

// Graded as `graph` grades boxes that stand in their places. `names`: label by key; `lines`: pairs of keys.
annotated.redraw = ({ boxes, lines }, { names, lines: drawn }) => {
    const share = (right, drawn, there) => ({ right, drawn, there, f1: drawn + there === 0 ? 1 : 2 * right / (drawn + there) });
    const isRight = ({ key, label }) => names[key] === label;
    const joined = new Set(drawn.map((line) => line.join('\n')));
    const isDrawn = ({ from, to }) => [from, to].every((n) => isRight(boxes[n])) && joined.has(`${boxes[from].key}\n${boxes[to].key}`);
    const missing = lines.filter((line) => !isDrawn(line));
    return {
        boxes: share(boxes.filter(isRight).length, Object.values(names).filter((name) => name.trim()).length, boxes.length),
        lines: share(lines.length - missing.length, joined.size, lines.length),
        ways: missing.flatMap(({ way }) => way ?? []),
        others: missing.filter(({ way }) => !way).length,
    };
};

for (const area of all('.redraw[data-picture]')) {
    const figure = byId(area.dataset.figure);
    if (figure === null) continue;
    const picture = JSON.parse(area.dataset.picture);
    const { boxes } = picture;
    const id = `redraw:${area.dataset.diagram}`;
    const tip = `${area.dataset.diagram}-redrawn-tip`;
    const labels = [...new Set(boxes.map(({ label }) => label))].sort();
    let [names, lines, chosen, from, mode, graded, source, paths] = [{}, [], null, null, 'names'];
    let spots = new Map();

    // ---- The parts ----

    const draw = (name, attributes, ...children) => {
        const el = document.createElementNS('http://www.w3.org/2000/svg', name);
        Object.entries(attributes).forEach(([key, value]) => el.setAttribute(key, value));
        el.append(...children);
        return el;
    };
    const told = make('p', 'told');
    const tell = (text) => say(text, told);
    const list = make('ul', 'missing');
    const holder = make('div', 'empty');
    const tray = group('tray', 'What to choose from');
    const turn = (text, to, hint) => button(text, () => {
        [mode, chosen, from] = [to, null, null];
        show();
        tell(hint);
    });
    const byName = turn('Names', 'names', 'Choose a name, then its box.');
    const plain = picture.lines.filter(({ role }) => role === 'flow').map((line) => [boxes[line.from].key, boxes[line.to].key]);
    /** Names and plain lines are given: that is no redrawing to be kept. */
    let given = false;
    const byWay = button('Only the ways around', () => {
        [names, lines, given] = [Object.fromEntries(boxes.map(({ key, label }) => [key, label])), [...plain], true];
        again();
        byLine.click();
        tell('What is left is yours: the ways around, and what leads from one side to the other.');
    });
    const byLine = turn('Lines', 'lines', 'Choose the box where a line begins, then the one where it ends.');
    const check = button('Grade it', () => {
        graded = annotated.redraw(picture, { names, lines });
        const lost = given ? '' : keep(id, { boxes: graded.boxes.f1, lines: graded.lines.f1, at: now() });
        show();
        const sentence = (what) => {
            const { right, there, drawn, f1 } = graded[what];
            return `${right} of ${there} ${what} are right, ${drawn} drawn: ${f1.toFixed(2)}.`;
        };
        tell(`${sentence('boxes')} ${sentence('lines')}${graded.boxes.f1 + graded.lines.f1 === 2 ? ' An exact copy!' : ''}${lost}`);
        const items = graded.ways.map((way) => `${way[0].toUpperCase()}${way.slice(1)} is missing.`);
        if (graded.others > 0) items.push(`Other lines that are missing, or whose ends have wrong names: ${graded.others}.`);
        fill(list, ...items.map((text) => make('li', {}, text)));
    });
    const clear = button('Clear', () => {
        [names, lines, chosen, from, given] = [{}, [], null, null, false];
        again();
        tell('Everything is empty again.');
    });
    const stop = button('Back to the picture', () => {
        open(false);
        start.focus();
    });
    const board = make('div', 'board', group('modes', 'What to draw', byName, byLine, byWay), holder, make('div', 'dock', told, tray), make('div', {}, check, clear, stop), list);
    const start = button('Redraw it here, from memory', () => {
        open(true);
        build();
        byName.click();
        focusOn(byName);
        // All that there is room for, once the picture is away.
        requestAnimationFrame(() => board.scrollIntoView());
    });
    const last = make('p', 'last');
    const isResult = (value) => ['boxes', 'lines'].every((name) => value[name] >= 0 && value[name] <= 1);
    const open = (isOpen) => {
        classed(figure, 'redrawn', isOpen);
        [board.hidden, start.hidden] = [!isOpen, isOpen];
        last.textContent = recalled(id, isResult, ({ boxes, lines }) => `Last time: boxes ${boxes.toFixed(2)}, lines ${lines.toFixed(2)}.`);
    };

    // ---- The empty picture, as wide as there is room for ----

    const build = () => {
        const forms = all('.drawing svg', figure);
        source = forms.find((svg) => svg.width.baseVal.value <= holder.clientWidth + 1) ?? forms.at(-1);
        const arrow = draw('marker', { id: tip, viewBox: '0 0 8 8', refX: 7.4, refY: 4, markerWidth: 8, markerHeight: 8, markerUnits: 'userSpaceOnUse', orient: 'auto' }, draw('path', { class: 'h', d: 'M0 .8 8 4 0 7.2z' }));
        const svg = source.cloneNode();
        ['id', 'aria-labelledby'].forEach((name) => svg.removeAttribute(name));
        svg.ariaLabel = 'The empty picture';
        svg.append(draw('defs', {}, arrow));
        fill(holder, svg);
        const frames = all('g.f[data-key]', source).map((frame) => {
            const copy = frame.cloneNode(true);
            const title = one('title', copy);
            title?.remove();
            copy.removeAttribute('tabindex');
            svg.append(copy);
            return { key: `${frame.dataset.key}/`, label: title?.textContent.split('\n')[0] };
        });
        paths = draw('g', {});
        svg.append(paths);
        spots = new Map(boxes.map(({ key }, n) => {
            const shape = one(`g.b[data-key="${CSS.escape(key)}"] > .r`, source);
            const spot = draw('g', { role: 'button', 'data-place': key, tabindex: n === 0 ? 0 : -1 }, shape.cloneNode());
            svg.append(spot);
            const { x, y, width, height } = spot.getBBox();
            // A finger needs room.
            const [wide, high] = [Math.max(width, 44), Math.max(height, 44)];
            spot.prepend(draw('rect', { x: x + (width - wide) / 2, y: y + (height - high) / 2, width: wide, height: high, fill: 'none', 'pointer-events': 'all' }));
            const text = spot.appendChild(draw('text', { 'font-size': 12 }));
            on(spot, 'click', (e) => choose(key, e.detail === 0));
            const within = frames.findLast((frame) => key.startsWith(frame.key));
            const called = `Box ${n + 1} of ${boxes.length}${within ? ` in ${within.label}` : ''}`;
            return [key, { spot, text, n, called, kind: shape.parentNode.getAttribute('class'), x: x + width / 2, y: y + height / 2, width, height }];
        }));
        show();
    };
    /** From a box's edge to another's; beside the boxes between, if there are any. */
    const way = (one, other) => {
        const [a, b] = [spots.get(one), spots.get(other)];
        const between = [...spots.values()].some((spot) => Math.abs(spot.x - a.x) < 40 && (spot.y - a.y) * (spot.y - b.y) < 0);
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

    // ---- What is seen ----

    const left = (label) => boxes.filter((box) => box.label === label).length - Object.values(names).filter((name) => name === label).length;
    /** A name in lines that fit. */
    const wrapped = (name, width) => name.split(' ').reduce((rows, word) => {
        const longer = `${rows.at(-1)} ${word}`;
        return rows.length > 0 && longer.length * 7.2 <= width ? [...rows.slice(0, -1), longer] : [...rows, word];
    }, []);
    const show = () => {
        byName.ariaPressed = mode === 'names';
        byLine.ariaPressed = mode === 'lines';
        for (const { key, label } of boxes) {
            const { spot, text, called, kind, x, y, width } = spots.get(key);
            const name = names[key];
            const state = graded && name ? (name === label ? 'right' : 'wrong') : '';
            spot.setAttribute('class', `${state === 'right' ? kind : 'b'} place ${state} ${from === key ? 'from' : ''}`);
            spot.ariaLabel = `${called}: ${name ?? 'empty'}${state && `, ${state}`}`;
            // A sum has a small circle.
            const short = name === 'Add' ? '+' : name;
            const rows = name ? wrapped(state === 'wrong' ? `✗ ${short}` : short, width) : [];
            fill(text, ...rows.map((row, n) => draw('tspan', { x, y: y + 4.3 + (n - (rows.length - 1) / 2) * 14 }, row)));
        }
        const isThere = (one, other) => picture.lines.some((line) => boxes[line.from].key === one && boxes[line.to].key === other);
        fill(paths, ...lines.flatMap(([one, other]) => {
            if (!graded || !isThere(one, other)) return draw('path', { class: `e ${graded ? 'wrong' : ''}`, d: way(one, other), 'marker-end': `url(#${tip})` });
            return all('path.e', source).filter(({ dataset }) => dataset.from === one && dataset.to === other).map((path) => {
                const copy = path.cloneNode();
                if (copy.hasAttribute('marker-end')) copy.setAttribute('marker-end', `url(#${tip})`);
                return copy;
            });
        }));
        fill(tray, ...(mode === 'names' ? ofNames() : ofLines));
    };
    const ofNames = () => labels.filter((label) => left(label) > 0).map((label) => {
        const name = button(left(label) > 1 ? `${label} ×${left(label)}` : label, (e) => {
            chosen = chosen === label ? null : label;
            show();
            tell(chosen ? `${label}: now choose its box.` : 'Choose a name.');
            if (e.detail === 0) (chosen ? current().spot : named(label)).focus();
        }, { ariaPressed: chosen === label });
        name.dataset.name = label;
        return name;
    });
    const ofLines = [
        button('Draw the plain lines for me', () => {
            lines = [...lines.filter((line) => !plain.some((other) => `${line}` === `${other}`)), ...plain];
            again();
            tell('Plain lines are there. The ways around, and what leads from one side to the other, are yours.');
        }),
        button('Take back the last line', () => {
            lines.pop();
            again();
            tell(`Lines that are left: ${lines.length}.`);
        }),
    ];
    const named = (label) => [...tray.children].find(({ dataset }) => dataset.name === label);
    const current = () => [...spots.values()].find(({ spot }) => spot.tabIndex === 0);
    const again = () => {
        graded = null;
        fill(list, );
        show();
    };

    // ---- What the reader does ----

    const put = (label, key) => {
        names[key] = label;
        chosen = null;
        again();
        tell(`${label} is in box ${spots.get(key).n + 1}.`);
    };
    const go = (key) => {
        current().spot.tabIndex = -1;
        spots.get(key).spot.tabIndex = 0;
    };
    const choose = (key, byKeyboard) => {
        const called = (key) => names[key] ?? `box ${spots.get(key).n + 1}`;
        go(key);
        if (mode === 'lines' && from !== null) {
            const [line, before] = [[from, key], lines.length];
            lines = lines.filter((other) => `${other}` !== `${line}`);
            if (lines.length === before) lines.push(line);
            tell(`${lines.length > before ? 'A' : 'No'} line from ${called(from)} to ${called(key)}.`);
            from = null;
            again();
        } else if (mode === 'lines') {
            from = key;
            show();
            tell(`From ${called(key)}: now the box where the line ends.`);
        } else if (chosen !== null) {
            const label = chosen;
            put(label, key);
            if (byKeyboard) (named(label) ?? tray.firstChild ?? check).focus();
        } else if (names[key] !== undefined) {
            chosen = names[key];
            delete names[key];
            again();
            tell(`${chosen} is free again: choose another box.`);
        } else {
            tell('Choose a name first.');
        }
    };
    on(board, 'keydown', (e) => {
        const step = ARROWS[e.key];
        const key = e.target.dataset?.place;
        // mdBook would turn the page.
        if (step) e.stopPropagation();
        if (e.key === 'Escape') {
            [chosen, from] = [null, null];
            show();
            tell('Nothing is chosen.');
        }
        if (key === undefined || !(step || e.key === 'Enter' || e.key === ' ')) return;
        ours(e);
        if (!step) {
            choose(key, true);
            return;
        }
        const here = spots.get(key);
        const far = ({ x, y }) => {
            const [dx, dy] = [x - here.x, y - here.y];
            const along = dx * step[0] + dy * step[1];
            return along > 1 ? along + 3 * Math.abs(dx * step[1] + dy * step[0]) : Infinity;
        };
        const next = [...spots].reduce((best, spot) => (far(spot[1]) < far(best[1]) ? spot : best), [key, here])[0];
        go(next);
        spots.get(next).spot.focus();
    });
    // A name is dragged to its box.
    on(tray, 'pointerdown', (e) => {
        const label = e.target.dataset.name;
        if (label === undefined || e.button !== 0) return;
        const ghost = make('div', 'ghost', label);
        const dragged = new AbortController();
        const { signal } = dragged;
        on(document, 'pointermove', ({ clientX, clientY }) => {
            if (Math.hypot(clientX - e.clientX, clientY - e.clientY) > 8) board.append(ghost);
            ghost.style.transform = `translate(${clientX + 6}px,${clientY - 36}px)`;
        }, { signal });
        on(document, 'pointerup pointercancel', ({ type, clientX, clientY }) => {
            const isDragged = ghost.isConnected;
            ghost.remove();
            dragged.abort();
            const place = document.elementFromPoint(clientX, clientY)?.closest('[data-place]');
            if (isDragged && type === 'pointerup' && holder.contains(place ?? null)) put(label, place.dataset.place);
        }, { signal });
    });
    on(window, 'resize', () => board.hidden || build());

    area.prepend(start, last, board);
    open(false);
}
