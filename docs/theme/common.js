'use strict';
// What the book's other scripts share. They see each other's outermost names, as plain scripts do: these are everybody's.

// ---- Elements ----

/** All elements of a kind, on the page or within one. */
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
/** The first of them. */
const one = (selector, within = document) => within.querySelector(selector);
const byId = (id) => document.getElementById(id);
/** Listens to one event or to several. */
const on = (target, events, act, how) => events.split(' ').forEach((e) => target.addEventListener(e, act, how));
/** An element with properties and children; names with a hyphen, and `role`, are attributes. A text alone is a class. */
const make = (tag, properties = {}, ...children) => {
    const el = document.createElement(tag);
    for (const [name, value] of Object.entries(typeof properties === 'string' ? { className: properties } : properties)) {
        if (name.includes('-') || name === 'role') {
            el.setAttribute(name, value);
        } else {
            el[name] = value;
        }
    }
    el.append(...children);
    return el;
};
const button = (textContent, onclick, more) => make('button', { type: 'button', textContent, onclick, ...more });
/** Controls that belong together, under a name. */
const group = (className, label, ...children) => make('div', { className, role: 'group', 'aria-label': label }, ...children);
const closer = (onclick) => button('×', onclick, { className: 'close', 'aria-label': 'Close' });
const focusOn = (el) => el.focus({ preventScroll: true });
/** Gives an element a class, or takes it away. */
const classed = (el, name, isOn = true) => el?.classList.toggle(name, isOn);
/** Puts something else into an element. */
const fill = (el, ...inside) => el.replaceChildren(...inside);
/** The browser does nothing of its own with it. */
const ours = (e) => e.preventDefault();
/** What a button does with these keys, done by another element. */
const onPress = (el, act) => on(el, 'keydown', (e) => {
    if (e.key === 'Enter' || e.key === ' ') {
        ours(e);
        act();
    }
});
/** What scrolls is reached by the keyboard; what doesn't is no stop on its way. */
const reached = (el, scrolls) => {
    el.toggleAttribute('tabindex', scrolls);
    if (scrolls) {
        el.tabIndex = 0;
    }
};
/** Where an element is in the window. */
const placed = (el) => el.getBoundingClientRect();
/** Of a wide and a narrow form, the one that is shown. */
const shown = (elements) => elements.find((el) => el.checkVisibility());
const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

// ---- A voice ----

/** Says a sentence to those who listen. `beside`, an element beside what was done, shows it too. */
const say = (() => {
    let region = null;
    return (text, beside = null) => {
        if (region === null) {
            region = make('div', { className: 'unseen', role: 'status' });
            document.body.append(region);
        }
        region.textContent = text;
        if (beside !== null) {
            beside.textContent = text;
        }
    };
})();

// ---- What is kept ----

const HERE = 'Kept in this browser alone.';
const CORRUPT = 'What was kept here cannot be read. It begins anew.';
const NOWHERE = 'This browser keeps nothing for this page: what you enter is gone when you leave it.';
/** Values by name, as JSON, in this browser alone. No method throws: storage may be denied, full or corrupt. */
const store = (() => {
    const PREFIX = 'annotated:';
    /** Why nothing can be kept, said once a page. */
    let told = false;
    const attempt = (act, otherwise) => {
        try {
            return act();
        } catch {
            return otherwise();
        }
    };
    const tell = () => {
        if (!told) {
            told = true;
            say(NOWHERE);
        }
        return false;
    };
    const store = {
        /** What is kept under a name, if it passes `fits`; else `otherwise`. */
        read: (name, otherwise, fits = () => true) => attempt(() => {
            const text = localStorage.getItem(PREFIX + name);
            const value = JSON.parse(text);
            return text !== null && fits(value) ? value : otherwise;
        }, () => otherwise),
        /** Keeps a value and says whether that went well. */
        write: (name, value) => attempt(() => {
            localStorage.setItem(PREFIX + name, JSON.stringify(value));
            return true;
        }, tell),
        /** Forgets one value. */
        remove: (name) => attempt(() => localStorage.removeItem(PREFIX + name), tell),
        /** Whether anything is kept under a name, also what can't be read; null if nobody may look. */
        has: (name) => attempt(() => localStorage.getItem(PREFIX + name) !== null, () => null),
        /** All names that something is kept under. */
        names: () => attempt(() => Object.keys(localStorage), () => []).filter((key) => key.startsWith(PREFIX)).sort()
            .map((key) => key.slice(PREFIX.length)),
        /** Everything that is kept, by name; what can't be read is left out. */
        all: () => Object.fromEntries(store.names().map((name) => [name, store.read(name, null)]).filter(([, value]) => value !== null)),
        /** Forgets everything. */
        clear: () => store.names().forEach(store.remove),
        /** Calls with the name of what another tab has changed, and with nothing if that is everything. */
        watch: (act) => on(window, 'storage', ({ key }) => {
            if (key === null || key.startsWith(PREFIX)) {
                act(key?.slice(PREFIX.length));
            }
        }),
    };
    return store;
})();

/** Keeps a value, and gives back what is to be said if that was in vain. */
const keep = (name, value) => (store.write(name, value) ? '' : ` ${NOWHERE}`);
/** What is said of a value that was kept, or of one that can't be read. */
const recalled = (name, fits, told) => {
    const value = store.read(name, null, fits);
    return value !== null ? told(value) : store.has(name) ? CORRUPT : '';
};

/** Now, in milliseconds; a test puts its own clock in its place. */
const now = () => (window.annotatedClock ?? Date.now)();

/** What the page's own scripts offer each other, and tests look at. */
window.annotated = { say, store, now };

// What scripts add above it moves the place that the address names.
on(window, 'load', () => byId(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView());
