'use strict';
// Code and picture: a box lights up the lines that made it, a line its boxes, and a phrase both. On a page of source code,
// a line leads to the diagrams that hold it.
{
    /** `attention.rs:63,65-66 linear.rs:3` as `attention.rs:63`, `attention.rs:65` and so on. */
    const places = (text) => (text || '').split(' ').filter(Boolean).flatMap((part) => {
        const [file, ranges] = part.split(':');
        return ranges.split(',').flatMap((range) => {
            const [first, last = first] = range.split('-').map(Number);
            return Array.from({ length: last - first + 1 }, (_, more) => `${file}:${first + more}`);
        });
    });

    // ---- Boxes: the wide and the narrow form of each are one ----

    const boxes = [];
    const boxOf = new Map();
    for (const figure of all('figure.diagram')) {
        const known = new Map();
        for (const el of all('.drawing [data-key]', figure)) {
            const { key, lines, own } = el.dataset;
            if (!known.has(key)) {
                known.set(key, { figure, key, elements: [], places: [], own: [] });
                boxes.push(known.get(key));
            }
            const box = known.get(key);
            box.elements.push(el);
            boxOf.set(el, box);
            if (lines !== undefined) {
                Object.assign(box, { places: places(lines), own: places(own ?? lines) });
            }
        }
    }
    const isFrame = (box) => box.elements[0].matches('.f');
    const seen = (box) => shown(box.elements) ?? box.elements[0];
    const nameOf = (box) => one('title', box.elements[0]).textContent.split('\n')[0];
    const titleOf = (figure) => one('figcaption b', figure).textContent.replace(/\.$/, '');

    // ---- Lines of the listings ----

    /** Puts each line into an element of its own; what highlighting has put around several lines, around each. */
    const wrapped = (code) => {
        const lines = [];
        let tip = null;
        const begin = (around) => {
            lines.push(make('span', 'line'));
            tip = around.reduce((outer, el) => outer.appendChild(el.cloneNode(false)), lines.at(-1));
        };
        const walk = (node, around) => {
            if (node.nodeType === Node.TEXT_NODE) {
                node.data.split('\n').forEach((text, place) => {
                    if (place > 0) begin(around);
                    tip.append(text);
                });
                return;
            }
            tip = tip.appendChild(node.cloneNode(false));
            node.childNodes.forEach((child) => walk(child, [...around, node]));
            tip = tip.parentNode;
        };
        begin([]);
        code.childNodes.forEach((child) => walk(child, []));
        fill(code, ...lines.flatMap((line, place) => (place > 0 ? ['\n', line] : [line])));
        return lines;
    };

    const lines = new Map();
    for (const listing of all('.listing')) {
        const { source, lines: numbers } = listing.dataset;
        const elements = wrapped(one('code', listing));
        places(`${source}:${numbers}`).forEach((place, at) => {
            const line = elements[at];
            line.dataset.line = place;
            if (!lines.has(place)) {
                lines.set(place, { elements: [], places: [place], boxes: boxes.filter((box) => box.own.includes(place)) });
                line.id = `code-${place}`;
            }
            lines.get(place).elements.push(line);
        });
    }

    // ---- Light ----

    const clear = () => {
        for (const name of ['lit', 'tracing']) {
            all(`main .${name}`).forEach((el) => classed(el, name, false));
        }
    };
    /** What leads to a box and away from it. */
    const trace = (svg, key) => {
        classed(svg, 'tracing');
        const keys = new Set([key]);
        for (const edge of all('[data-from]', svg)) {
            const { from, to } = edge.dataset;
            if (from === key || to === key) {
                classed(edge, 'lit');
                keys.add(from).add(to);
            }
        }
        all('.b[data-key]', svg).forEach((box) => classed(box, 'lit', keys.has(box.dataset.key)));
    };
    /** Of a frame, all that is in it. */
    const inside = (box) => (isFrame(box)
        ? boxes.filter(({ figure, key }) => figure === box.figure && key.startsWith(`${box.key}/`)) : []);
    const lightBoxes = (lit) => {
        for (const figure of new Set(lit.map((box) => box.figure))) {
            const found = lit.filter((box) => box.figure === figure).flatMap((box) => [box, ...inside(box)]);
            const keys = new Set(found.map((box) => box.key));
            found.forEach((box) => box.elements.forEach((el) => classed(el, 'lit')));
            for (const svg of all('.drawing svg', figure)) {
                classed(svg, 'tracing');
                for (const edge of all('[data-from]', svg)) {
                    classed(edge, 'lit', keys.has(edge.dataset.from) && keys.has(edge.dataset.to));
                }
            }
        }
    };
    let pinned = null;
    const show = (target) => {
        clear();
        if (target === null) {
            return;
        }
        if (target.box && !isFrame(target.box)) {
            target.box.elements.forEach((el) => trace(el.ownerSVGElement, target.box.key));
        } else {
            lightBoxes(target.boxes);
        }
        target.places.forEach((place) => lines.get(place)?.elements.forEach((line) => classed(line, 'lit')));
        classed(target.phrase, 'lit');
    };
    const bar = make('div', 'made');
    /** Keeps something lit until another is, or nothing: by escape, or a click beside it. */
    const pin = (target) => {
        all('.line[aria-pressed=true]').forEach((line) => { line.ariaPressed = false; });
        bar.remove();
        pinned = target;
        show(pinned);
    };
    const answer = (el, target, stop = el) => {
        on(el, 'pointerenter', (e) => e.pointerType !== 'touch' && show(target));
        on(el, 'pointerleave', () => show(pinned));
        on(stop, 'focus', () => show(target));
        on(stop, 'blur', () => show(pinned));
    };
    const onScreen = (el) => {
        const { top, bottom } = placed(el);
        return bottom > 60 && top < innerHeight - 20;
    };
    const bring = (box) => seen(box).scrollIntoView({ block: 'center', inline: 'nearest' });

    for (const box of boxes) {
        box.target = { box, boxes: [box], places: box.places };
        box.elements.forEach((el) => answer(el, box.target, el.closest('a') ?? el));
    }
    /** For what a finger chose. */
    annotated.pin = (el) => pin(boxOf.get(el)?.target ?? null);

    // ---- A line as a button ----

    const asButton = (line, press) => {
        line.role = 'button';
        line.ariaPressed = false;
        line.tabIndex = 0;
        on(line, 'click', () => getSelection().isCollapsed && press());
        onPress(line, press);
    };
    /** A finger is broader than a line: it means the nearest. */
    const nearest = (code) => on(code, 'click', (e) => {
        if (e.target.closest('[role=button], a, button') || !getSelection().isCollapsed) {
            return;
        }
        const far = (line) => {
            const { top, bottom } = placed(line);
            return Math.abs((top + bottom) / 2 - e.clientY);
        };
        const [line] = all('.line[role]', code).sort((one, other) => far(one) - far(other));
        if (line && far(line) < 22) line.click();
    });

    /** The boxes of a line by name, each a way to it. */
    const tell = (place, found) => {
        const several = found.some(({ figure }) => figure !== found[0].figure);
        const names = new Map();
        for (const box of found) {
            const name = several ? `${nameOf(box)} (${titleOf(box.figure)})` : nameOf(box);
            if (!names.has(name)) names.set(name, box);
        }
        fill(bar, `${place} made `);
        for (const [name, box] of names) {
            bar.append(button(name, () => {
                bring(box);
                focusOn(seen(box).closest('a') ?? seen(box));
            }), ' ');
        }
        say(`${place} made: ${[...names.keys()].join(', ')}.`);
    };
    for (const [place, line] of lines) {
        if (line.boxes.length === 0) continue;
        for (const el of line.elements) {
            answer(el, line);
            asButton(el, () => {
                const lit = pinned !== line;
                pin(lit ? line : null);
                el.ariaPressed = lit;
                if (lit) {
                    el.closest('.listing').append(bar);
                    tell(place, line.boxes);
                }
            });
        }
    }
    all('.listing code, pre.source').forEach(nearest);

    // ---- Phrases ----

    for (const phrase of all('a.phrase')) {
        const keys = phrase.dataset.boxes.split('|');
        const found = boxes.filter((box) => `#${box.figure.id}` === phrase.hash && keys.includes(box.key));
        const target = { phrase, boxes: found, places: found.flatMap((box) => box.places) };
        answer(phrase, target);
        on(phrase, 'click', (e) => {
            if (e.ctrlKey || e.metaKey || e.shiftKey || found.length === 0) return;
            ours(e);
            pin(target);
            if (!found.some((box) => onScreen(seen(box)))) {
                history.pushState(null, '', phrase.hash);
                bring(found[0]);
            }
            say(`In the picture: ${found.map(nameOf).join(', ')}.`);
        });
    }

    on(document, 'click', (e) => {
        if (pinned && !e.target.closest('.listing, .phrase, figure.diagram')) pin(null);
    });
    on(document, 'keydown', (e) => {
        if (e.key === 'Escape' && pinned) pin(null);
    });

    // ---- A page of source code ----

    const source = one('pre.source');
    if (source) {
        const file = one('main h1').textContent.trim();
        const diagrams = all('ul.holds a');
        const panel = make('div', { className: 'made holds', hidden: true });
        source.after(panel);
        const open = (line, aloud) => {
            const place = `${file}:${line.id.slice(1)}`;
            pin(null);
            clear();
            classed(line, 'lit');
            line.ariaPressed = true;
            const links = line.dataset.in.split(' ').map((number) => {
                const { textContent, pathname, protocol, host, hash } = diagrams[number];
                const href = `${protocol}//${host}${pathname}?line=${encodeURIComponent(place)}${hash}`;
                return make('li', {}, make('a', { href }, textContent));
            });
            const told = `${place} is in ${links.length === 1 ? 'this diagram' : `these ${links.length} diagrams`}. The first shows it closest.`;
            fill(panel, make('p', {}, told), closer(shut), make('ul', {}, ...links));
            panel.hidden = false;
            if (aloud) say(`${place} is in ${links.length} diagrams, listed below the code.`);
        };
        const shut = () => {
            pin(null);
            clear();
            panel.hidden = true;
        };
        all('.line[data-in]', source).forEach((line) => asButton(line, () => {
            if (line.ariaPressed === 'true') shut();
            else open(line, true);
        }));
        on(document, 'keydown', (e) => e.key === 'Escape' && shut());
        const arrive = () => {
            const line = byId(location.hash.slice(1));
            if (line?.matches('.line[data-in]')) open(line, false);
        };
        on(window, 'hashchange', arrive);
        arrive();
    }

    // ---- Where a page of source code led to ----

    const place = new URLSearchParams(location.search).get('line');
    const made = boxes.filter((box) => place && `#${box.figure.id}` === location.hash && box.own.includes(place));
    if (made.length > 0) {
        pin({ boxes: made, places: [place] });
        on(window, 'load', () => bring(made[0]));
    }
}
