// What the book's other scripts share: a voice for screen readers, and a place in this browser to keep things in.
window.annotated = (() => {
    'use strict';

    // ---- A voice ----

    let region = null;
    /** Says a sentence to those who listen. `shown`, an element beside what was done, shows it too. */
    const say = (text, shown = null) => {
        if (region === null) {
            region = document.createElement('div');
            region.className = 'unseen';
            region.setAttribute('role', 'status');
            document.body.append(region);
        }
        region.textContent = text;
        if (shown !== null) {
            shown.textContent = text;
        }
    };

    // ---- What is kept ----

    const PREFIX = 'annotated:';
    /** Why nothing can be kept, said once a page. */
    let told = false;
    const tell = () => {
        if (!told) {
            told = true;
            say('This browser keeps nothing for this page: what you enter is gone when you leave it.');
            document.dispatchEvent(new CustomEvent('annotated:nothing-kept'));
        }
    };
    const keys = () => {
        try {
            return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX)).sort();
        } catch {
            return [];
        }
    };
    /** Values by name, as JSON, in this browser alone. No method throws: storage may be denied, full or corrupt. */
    const store = {
        /** What is kept under a name, if it passes `fits`; else `otherwise`. */
        read(name, otherwise, fits = () => true) {
            try {
                const text = localStorage.getItem(PREFIX + name);
                const value = text === null ? otherwise : JSON.parse(text);
                return text !== null && fits(value) ? value : otherwise;
            } catch {
                return otherwise;
            }
        },
        /** Keeps a value and says whether that went well. */
        write(name, value) {
            try {
                localStorage.setItem(PREFIX + name, JSON.stringify(value));
                return true;
            } catch {
                tell();
                return false;
            }
        },
        /** Forgets one value. */
        remove(name) {
            try {
                localStorage.removeItem(PREFIX + name);
            } catch {
                tell();
            }
        },
        /** Everything that is kept, by name; what can't be read is left out. */
        all: () => Object.fromEntries(keys().map((key) => [key.slice(PREFIX.length), store.read(key.slice(PREFIX.length), null)])
            .filter(([, value]) => value !== null)),
        /** Forgets everything. */
        clear: () => keys().forEach((key) => store.remove(key.slice(PREFIX.length))),
    };

    /** Now, in milliseconds; a test puts its own clock in its place. */
    const now = () => (window.annotatedClock ?? Date.now)();

    // What scripts add above it moves the place that the address names.
    addEventListener('load', () => document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView());

    return { say, store, now };
})();
