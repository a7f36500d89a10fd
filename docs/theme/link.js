// Code and picture: a box lights up the lines that made it, a line its boxes, and a phrase both. On a page of source code,
// a line leads to the diagrams that hold it.
(() => {
    'use strict';

    const make = (tag, name, ...inside) => {
        const element = document.createElement(tag);
        if (name) element.className = name;
        element.append(...inside);
        return element;
    };
    annotated.make = make;

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
    for (const figure of document.querySelectorAll('figure.diagram')) {
        const known = new Map();
        for (const element of figure.querySelectorAll('.drawing [data-key]')) {
            const { key, lines, own } = element.dataset;
            if (!known.has(key)) {
                known.set(key, { figure, key, elements: [], places: [], own: [] });
                boxes.push(known.get(key));
            }
            const box = known.get(key);
            box.elements.push(element);
            boxOf.set(element, box);
            if (lines !== undefined) {
                Object.assign(box, { places: places(lines), own: places(own ?? lines) });
            }
        }
    }
    const isFrame = (box) => box.elements[0].matches('.f');
    const seen = (box) => box.elements.find((element) => element.checkVisibility()) ?? box.elements[0];
    const nameOf = (box) => box.elements[0].querySelector('title').textContent.split('\n')[0];
    const titleOf = (figure) => figure.querySelector('figcaption b').textContent.replace(/\.$/, '');

    // ---- Lines of the listings ----

    /** Puts each line into an element of its own; what highlighting has put around several lines, around each. */
    const wrapped = (code) => {
        const lines = [];
        let tip = null;
        const begin = (around) => {
            lines.push(make('span', 'line'));
            tip = around.reduce((outer, element) => outer.appendChild(element.cloneNode(false)), lines.at(-1));
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
        code.replaceChildren(...lines.flatMap((line, place) => (place > 0 ? ['\n', line] : [line])));
        return lines;
    };

    const lines = new Map();
    for (const listing of document.querySelectorAll('.listing')) {
        const { source, lines: numbers } = listing.dataset;
        const elements = wrapped(listing.querySelector('code'));
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
        document.querySelectorAll('.line.lit, .phrase.lit, figure.diagram .lit').forEach((element) => element.classList.remove('lit'));
        document.querySelectorAll('svg.tracing').forEach((svg) => svg.classList.remove('tracing'));
    };
    /** Of a frame, all that is in it. */
    const inside = (box) => (isFrame(box)
        ? boxes.filter(({ figure, key }) => figure === box.figure && key.startsWith(`${box.key}/`)) : []);
    const lightBoxes = (lit) => {
        for (const figure of new Set(lit.map((box) => box.figure))) {
            const all = new Set(lit.filter((box) => box.figure === figure).flatMap((box) => [box, ...inside(box)]));
            const keys = new Set([...all].map((box) => box.key));
            all.forEach((box) => box.elements.forEach((element) => element.classList.add('lit')));
            for (const svg of figure.querySelectorAll('.drawing svg')) {
                svg.classList.add('tracing');
                for (const edge of svg.querySelectorAll('[data-from]')) {
                    edge.classList.toggle('lit', keys.has(edge.dataset.from) && keys.has(edge.dataset.to));
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
            target.box.elements.forEach((element) => annotated.trace(element.ownerSVGElement, target.box.key));
        } else {
            lightBoxes(target.boxes);
        }
        target.places.forEach((place) => lines.get(place)?.elements.forEach((line) => line.classList.add('lit')));
        target.phrase?.classList.add('lit');
    };
    const bar = make('div', 'made');
    /** Keeps something lit until another is, or nothing: by escape, or a click beside it. */
    const pin = (target) => {
        document.querySelectorAll('.line[aria-pressed=true]').forEach((line) => line.setAttribute('aria-pressed', false));
        bar.remove();
        pinned = target;
        show(pinned);
    };
    const answer = (element, target, stop = element) => {
        element.addEventListener('pointerenter', (event) => event.pointerType !== 'touch' && show(target));
        element.addEventListener('pointerleave', () => show(pinned));
        stop.addEventListener('focus', () => show(target));
        stop.addEventListener('blur', () => show(pinned));
    };
    const onScreen = (element) => {
        const { top, bottom } = element.getBoundingClientRect();
        return bottom > 60 && top < innerHeight - 20;
    };
    const bring = (box) => seen(box).scrollIntoView({ block: 'center', inline: 'nearest' });

    for (const box of boxes) {
        box.target = { box, boxes: [box], places: box.places };
        box.elements.forEach((element) => answer(element, box.target, element.closest('a') ?? element));
    }
    /** For what a finger chose. */
    annotated.pin = (element) => pin(boxOf.get(element)?.target ?? null);

    // ---- A line as a button ----

    const asButton = (line, press) => {
        line.setAttribute('role', 'button');
        line.setAttribute('aria-pressed', false);
        line.tabIndex = 0;
        line.addEventListener('click', () => getSelection().isCollapsed && press());
        line.addEventListener('keydown', (event) => {
            if (event.key === 'Enter' || event.key === ' ') {
                event.preventDefault();
                press();
            }
        });
    };
    /** A finger is broader than a line: it means the nearest. */
    const nearest = (code) => code.addEventListener('click', (event) => {
        if (event.target.closest('[role=button], a, button') || !getSelection().isCollapsed) {
            return;
        }
        const far = (line) => {
            const { top, bottom } = line.getBoundingClientRect();
            return Math.abs((top + bottom) / 2 - event.clientY);
        };
        const [line] = [...code.querySelectorAll('.line[role]')].sort((one, other) => far(one) - far(other));
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
        bar.replaceChildren(`${place} made `);
        for (const [name, box] of names) {
            const button = make('button', '', name);
            button.addEventListener('click', () => {
                bring(box);
                (seen(box).closest('a') ?? seen(box)).focus({ preventScroll: true });
            });
            bar.append(button, ' ');
        }
        annotated.say(`${place} made: ${[...names.keys()].join(', ')}.`);
    };
    for (const [place, line] of lines) {
        if (line.boxes.length === 0) continue;
        for (const element of line.elements) {
            answer(element, line);
            asButton(element, () => {
                const on = pinned !== line;
                pin(on ? line : null);
                element.setAttribute('aria-pressed', on);
                if (on) {
                    element.closest('.listing').append(bar);
                    tell(place, line.boxes);
                }
            });
        }
    }
    document.querySelectorAll('.listing code, pre.source').forEach(nearest);

    // ---- Phrases ----

    for (const phrase of document.querySelectorAll('a.phrase')) {
        const keys = phrase.dataset.boxes.split('|');
        const found = boxes.filter((box) => `#${box.figure.id}` === phrase.hash && keys.includes(box.key));
        const target = { phrase, boxes: found, places: found.flatMap((box) => box.places) };
        answer(phrase, target);
        phrase.addEventListener('click', (event) => {
            if (event.ctrlKey || event.metaKey || event.shiftKey || found.length === 0) return;
            event.preventDefault();
            pin(target);
            if (!found.some((box) => onScreen(seen(box)))) {
                history.pushState(null, '', phrase.hash);
                bring(found[0]);
            }
            annotated.say(`In the picture: ${found.map(nameOf).join(', ')}.`);
        });
    }

    document.addEventListener('click', (event) => {
        if (pinned && !event.target.closest('.listing, .phrase, figure.diagram')) pin(null);
    });
    document.addEventListener('keydown', (event) => {
        if (event.key === 'Escape' && pinned) pin(null);
    });

    // ---- A page of source code ----

    const source = document.querySelector('pre.source');
    if (source) {
        const file = document.querySelector('main h1').textContent.trim();
        const diagrams = [...document.querySelectorAll('ul.holds a')];
        const panel = make('div', 'made holds');
        panel.hidden = true;
        source.after(panel);
        const open = (line, aloud) => {
            const place = `${file}:${line.id.slice(1)}`;
            pin(null);
            clear();
            line.classList.add('lit');
            line.setAttribute('aria-pressed', true);
            const links = line.dataset.in.split(' ').map((number) => {
                const { textContent, pathname, protocol, host, hash } = diagrams[number];
                const link = make('a', '', textContent);
                link.href = `${protocol}//${host}${pathname}?line=${encodeURIComponent(place)}${hash}`;
                return make('li', '', link);
            });
            const close = make('button', 'close', '×');
            close.setAttribute('aria-label', 'Close');
            close.addEventListener('click', () => shut());
            panel.replaceChildren(make('p', '', `${place} is in ${links.length === 1 ? 'this diagram' : `these ${links.length} diagrams`}. The first shows it closest.`), close, make('ul', '', ...links));
            panel.hidden = false;
            if (aloud) annotated.say(`${place} is in ${links.length} diagrams, listed below the code.`);
        };
        const shut = () => {
            pin(null);
            clear();
            panel.hidden = true;
        };
        source.querySelectorAll('.line[data-in]').forEach((line) => asButton(line, () => {
            if (line.getAttribute('aria-pressed') === 'true') shut();
            else open(line, true);
        }));
        document.addEventListener('keydown', (event) => event.key === 'Escape' && shut());
        const arrive = () => {
            const line = document.getElementById(location.hash.slice(1));
            if (line?.matches('.line[data-in]')) open(line, false);
        };
        addEventListener('hashchange', arrive);
        arrive();
    }

    // ---- Where a page of source code led to ----

    const place = new URLSearchParams(location.search).get('line');
    const made = boxes.filter((box) => place && `#${box.figure.id}` === location.hash && box.own.includes(place));
    if (made.length > 0) {
        pin({ boxes: made, places: [place] });
        addEventListener('load', () => bring(made[0]));
    }
})();
