// A page that shows any graph (crates/graph/src/page): one level at a time, the way up, a search, and links to every place. Without
// this script, all levels stand below each other, and a closed box leads to its own.
(() => {
    'use strict';
    const player = (globalThis.player ??= {});
    const { make } = player;

    const told = JSON.parse(document.querySelector('.pg-levels').textContent);
    const sections = [...document.querySelectorAll('.pg-level')];
    const crumbs = document.querySelector('.pg-crumbs');
    /** So many places a search shows. */
    const MOST = 12;

    /** What the page's files share: what is told of the graph, what is chosen, and who shows that. */
    const page = { told, level: 0, box: 0, show: [], programText: document.querySelector('.pg-program')?.textContent };
    player.page = page;

    // ---- Places ----

    /** As `escaped::place` writes it. */
    const address = (path) => `#/${[...new TextEncoder().encode(path)].map((byte) => {
        const letter = String.fromCharCode(byte);
        return /[\w\-./@:]/.test(letter) ? letter : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    }).join('')}`;
    const levelOf = new Map(told.levels.map(({ path }, number) => [path, number]));
    /** The level and the number of the box that a path means: the level of that path, or the box of that key, in the current level
     * if it is there. Null if there is none. */
    const find = (path) => {
        if (levelOf.has(path)) return [levelOf.get(path), 0];
        for (const level of [page.level, ...told.levels.keys()]) {
            const box = told.levels[level].boxes.findIndex(({ key }, number) => number > 0 && key === path);
            if (box > 0) return [level, box];
        }
        return null;
    };
    const meant = () => {
        const text = location.hash.replace(/^#\/?/, '');
        try {
            return decodeURIComponent(text);
        } catch {
            return text;
        }
    };
    page.address = address;
    page.current = () => told.levels[page.level].boxes[page.box];

    // ---- The way up ----

    const step = (href, text) => {
        const link = make('a', '', text);
        link.href = href;
        return make('li', '', link);
    };
    const showCrumbs = () => {
        const level = told.levels[page.level];
        const steps = level.above.map((number) => step(`#${told.levels[number].place}`, told.levels[number].title));
        const here = page.box === 0 ? null : level.boxes[page.box];
        const own = here === null ? make('li', '', level.title) : step(`#${level.place}`, level.title);
        steps.push(own);
        if (here !== null) steps.push(make('li', '', here.label));
        steps.at(-1).setAttribute('aria-current', 'page');
        crumbs.replaceChildren(make('ol', '', ...steps));
        crumbs.hidden = false;
    };

    // ---- Choosing ----

    const mark = () => {
        const { key } = page.current();
        for (const box of sections[page.level].querySelectorAll('.b[data-key], .f[data-key]')) {
            const isChosen = page.box !== 0 && box.dataset.key === key;
            box.classList.toggle('pg-chosen', isChosen);
            if (box.getAttribute('role') === 'button') box.setAttribute('aria-pressed', isChosen);
        }
    };
    const go = (level, box, focus) => {
        const isOther = level !== page.level;
        [page.level, page.box] = [level, box];
        sections.forEach((section, number) => { section.hidden = number !== level; });
        showCrumbs();
        mark();
        const { title } = told.levels[level];
        document.title = title === told.name ? title : `${title} · ${told.name}`;
        page.show.forEach((show) => show());
        if (focus && isOther) {
            scrollTo({ top: 0, behavior: 'instant' });
            if (box === 0) sections[level].querySelector('h2').focus({ preventScroll: true });
        }
    };
    const follow = (focus) => {
        const found = find(meant());
        if (found === null) {
            player.say(`There is no ${meant()} here.`);
            go(0, 0, focus);
        } else go(...found, focus);
    };

    /** Side of what a finger hits, in pixels. */
    const FINGER = 44;
    /** Gives a small box, such as a sum, room for a finger around it. */
    const widen = (box) => {
        const mark = box.querySelector('.r');
        const size = (name) => Number(mark?.getAttribute(name)) || 0;
        const [width, height] = mark?.tagName === 'circle' ? [2 * size('r'), 2 * size('r')] : [size('width'), size('height')];
        if (width === 0 || (width >= FINGER && height >= FINGER)) return;
        const [x, y] = mark.tagName === 'circle' ? [size('cx'), size('cy')] : [size('x') + width / 2, size('y') + height / 2];
        const [w, h] = [Math.max(FINGER, width), Math.max(FINGER, height)];
        const room = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
        Object.entries({ x: x - w / 2, y: y - h / 2, width: w, height: h, fill: 'none', 'pointer-events': 'all' })
            .forEach(([name, value]) => room.setAttribute(name, value));
        box.append(room);
    };
    for (const box of document.querySelectorAll('.pg-level svg .b[data-key]')) {
        if (box.closest('a')) continue;
        const { key } = box.dataset;
        widen(box);
        box.setAttribute('role', 'button');
        box.setAttribute('aria-label', [...box.querySelectorAll('text')].map((text) => text.textContent).join(' ') || box.querySelector('title').textContent.split('\n')[0]);
        const choose = () => {
            if (location.hash === address(key)) follow(false);
            else location.hash = address(key);
        };
        box.addEventListener('click', () => {
            if (getSelection().isCollapsed) choose();
        });
        box.addEventListener('keydown', (event) => {
            if (event.key !== 'Enter' && event.key !== ' ') return;
            event.preventDefault();
            choose();
        });
    }
    // Escape leads one level up.
    document.querySelector('main').addEventListener('keydown', (event) => {
        const level = told.levels[page.level];
        const up = page.box !== 0 ? page.level : level.above.at(-1);
        if (event.key !== 'Escape' || up === undefined) return;
        location.hash = `#${told.levels[up].place}`;
    });

    // ---- The search ----

    const search = document.querySelector('.pg-search');
    const places = [];
    const seen = new Set();
    told.levels.forEach((level, number) => level.boxes.forEach((box, place) => {
        const path = place === 0 ? level.path : box.key;
        if (seen.has(path)) return;
        seen.add(path);
        places.push({ path, label: place === 0 ? level.title : box.label, text: [box.label, path, ...box.detail].join(' ').toLowerCase(), number });
    }));
    const field = make('input', '');
    Object.assign(field, { type: 'search', autocomplete: 'off', spellcheck: false });
    const list = make('ul', 'pg-found');
    const state = make('p', 'pl-unseen');
    state.setAttribute('role', 'status');
    const look = () => {
        const words = field.value.toLowerCase().split(/\s+/).filter((word) => word !== '');
        const found = words.length === 0 ? [] : places.filter(({ text }) => words.every((word) => text.includes(word)));
        // What is called so comes before what mentions it.
        const named = ({ label, path }) => Number(!words.every((word) => `${label} ${path}`.toLowerCase().includes(word)));
        found.sort((a, b) => named(a) - named(b));
        list.replaceChildren(...found.slice(0, MOST).map(({ path, label }) => {
            const item = step(address(path), label);
            item.firstChild.append(make('span', '', path));
            return item;
        }));
        list.hidden = found.length === 0;
        state.textContent = words.length === 0 ? '' : `${found.length || 'Nothing'} found.`;
        if (words.length > 0 && found.length === 0) {
            list.replaceChildren(make('li', '', 'Nothing is called so.'));
            list.hidden = false;
        }
    };
    const clear = () => {
        field.value = '';
        look();
    };
    field.addEventListener('input', look);
    search.addEventListener('submit', (event) => {
        event.preventDefault();
        list.querySelector('a')?.click();
    });
    search.addEventListener('keydown', (event) => event.key === 'Escape' && clear());
    list.addEventListener('click', (event) => event.target.closest('a') && setTimeout(clear));
    search.append(make('label', '', 'Search ', field), state, list);
    search.hidden = false;
    list.hidden = true;

    document.documentElement.classList.add('pg-live');
    addEventListener('hashchange', () => follow(true));
    page.start = () => follow(false);
})();
