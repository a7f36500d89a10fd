'use strict';
// What predictions, recall and reviews share: the page's name, days, and what to say where nothing can be kept.

/** What is typed into these controls is theirs: mdBook would turn the page, or search. */
const guard = (el) => {
    on(el, 'keydown', (e) => e.stopPropagation());
    return el;
};

// How many folders deep the page lies, mdBook says.
const folders = location.pathname.split('/').slice(-path_to_root.split('../').length);
/** The page's name from the book's first page on. */
const page = folders.join('/').replace(/(^|\/)$/, '$1index.html');
const chapter = one('main h1')?.textContent.trim() ?? page;

/** The day of the reader's calendar, as a number. */
const day = (time = now()) => {
    const date = new Date(time);
    return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 864e5;
};
const calendar = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });
const date = (number) => calendar.format(number * 864e5);

const isText = (value) => typeof value === 'string';
const isDay = (value) => Number.isInteger(value) && Math.abs(value) < 1e7;
const isObject = (value) => typeof value === 'object' && value !== null;

/** What is kept under a name, or null. What can't be read is told beside `place`, if there is one. */
const readKept = (name, fits, place = null) => {
    const value = store.read(name, null, (value) => isObject(value) && fits(value));
    const has = store.has(name);
    if (value === null && place !== null && has !== false) {
        say(has ? CORRUPT : NOWHERE, place);
    }
    return value;
};

/** Keeps a value, and says beside it whether that went well. */
const writeKept = (name, value, place) => {
    const done = store.write(name, value);
    place.textContent = done ? HERE : NOWHERE;
    return done;
};

/** Names and values of one kind, with how many of them can't be read. */
const keptOf = (kind, fits) => {
    const found = store.names().filter((name) => name.startsWith(`${kind}:`)).map((name) => [name.slice(kind.length + 1), readKept(name, fits)]);
    const good = found.filter(([, value]) => value !== null);
    return { good, bad: found.length - good.length };
};

annotated.kept = { make, guard, page };
