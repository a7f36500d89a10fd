// What predictions, recall and reviews share: elements, days, the page's name, and what to say where nothing can be kept.
annotated.kept = (() => {
    'use strict';

    const { say, store, now } = annotated;

    /** An element with properties and children; names with a hyphen, and `role`, are attributes. */
    const make = (tag, properties = {}, ...children) => {
        const element = document.createElement(tag);
        for (const [name, value] of Object.entries(properties)) {
            if (name.includes('-') || name === 'role') {
                element.setAttribute(name, value);
            } else {
                element[name] = value;
            }
        }
        element.append(...children);
        return element;
    };

    /** What is typed into these controls is theirs: mdBook would turn the page, or search. */
    const guard = (element) => {
        element.addEventListener('keydown', (event) => event.stopPropagation());
        return element;
    };

    // How many folders deep the page lies, mdBook says.
    const depth = path_to_root.split('../').length - 1;
    const parts = location.pathname.split('/').slice(-1 - depth);
    /** The page's name from the book's first page on. */
    const page = parts.join('/').replace(/(^|\/)$/, '$1index.html');
    const title = document.querySelector('main h1')?.textContent.trim() ?? page;

    /** The day of the reader's calendar, as a number. */
    const day = (time = now()) => {
        const date = new Date(time);
        return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 864e5;
    };
    const shown = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
    const date = (number) => shown.format(number * 864e5);

    /** As `store` has it. */
    const PREFIX = 'annotated:';
    const isText = (value) => typeof value === 'string';
    const isDay = (value) => Number.isInteger(value) && Math.abs(value) < 1e7;
    const isObject = (value) => typeof value === 'object' && value !== null;

    /** What is kept under a name, or null. What can't be read is told beside `place`, if there is one. */
    const read = (name, fits, place = null) => {
        const value = store.read(name, null, (value) => isObject(value) && fits(value));
        if (value === null && place !== null) {
            const fault = wrong(name);
            if (fault !== null) {
                say(fault, place);
            }
        }
        return value;
    };
    /** Why there is nothing to be read under a name, if there should be something. */
    const wrong = (name) => {
        try {
            return localStorage.getItem(PREFIX + name) === null ? null
                : 'What was kept here cannot be read. It begins anew.';
        } catch {
            return NOWHERE;
        }
    };
    const NOWHERE = 'This browser keeps nothing for this page: what you enter is gone when you leave it.';
    const HERE = 'Kept in this browser alone.';

    /** Keeps a value, and says beside it whether that went well. */
    const write = (name, value, place) => {
        const done = store.write(name, value);
        place.textContent = done ? HERE : NOWHERE;
        return done;
    };

    /** All names that something is kept under, also what can't be read. */
    const names = () => {
        try {
            return Object.keys(localStorage).filter((name) => name.startsWith(PREFIX)).map((name) => name.slice(PREFIX.length));
        } catch {
            return [];
        }
    };
    /** Names and values of one kind, with how many of them can't be read. */
    const every = (kind, fits) => {
        const all = names().filter((name) => name.startsWith(`${kind}:`)).map((name) => [name, read(name, fits)]);
        const good = all.filter(([, value]) => value !== null);
        return { good: good.map(([name, value]) => [name.slice(kind.length + 1), value]), bad: all.length - good.length };
    };

    return { make, guard, page, title, day, date, isText, isDay, isObject, read, write, names, every, HERE };
})();
