// Figures that run: this much is on every page. What is heavy is asked for when a reader presses the button: the player, the
// tokeniser, a model's weights, and the scripts that show them.
(() => {
    'use strict';

    /** The player with the figures, and the tokeniser, in this order; the weights come after them. */
    const SCRIPTS = ['all.js', 'tokenizers.js', 'tokens.js'];
    const FOLDER = `${window.path_to_root ?? ''}live/`;
    const promised = new Map();
    /** A classic script, which a page may add from a file, too. Asked for once, unless it failed. */
    const script = (name) => {
        if (!promised.has(name)) {
            promised.set(name, new Promise((done, failed) => {
                const element = document.createElement('script');
                element.src = FOLDER + name;
                element.onload = done;
                element.onerror = () => {
                    element.remove();
                    promised.delete(name);
                    failed(new Error(`The file ${name} is missing, or could not be read.`));
                };
                document.head.append(element);
            }));
        }
        return promised.get(name);
    };
    /** What was no good is asked for anew. */
    const forget = (name) => promised.delete(name);
    annotated.live = { script, forget };
    /** How the panel looks; without it everything is still there. */
    const style = () => {
        if (document.querySelector('link[data-live]') === null) {
            document.head.append(annotated.kept.make('link', { rel: 'stylesheet', href: `${FOLDER}panel.css`, 'data-live': '' }));
        }
    };

    // mdBook would turn the page, and everything that was set up would be lost.
    for (const area of document.querySelectorAll('.live[data-live], .live-try')) {
        area.addEventListener('keydown', (event) => {
            if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') event.stopPropagation();
        });
    }

    /** An experiment can start the figure that it needs. What it says then is replaced by its own buttons. */
    const first = (area, run) => {
        const { make } = annotated.kept;
        const note = make('span', { className: 'live-note', role: 'status' });
        const button = make('button', { type: 'button', textContent: 'Run the figure first', onclick: async () => {
            button.disabled = true;
            note.textContent = 'Loading …';
            const problem = await run();
            if (problem === null) {
                area.querySelector('.live-row button').focus({ preventScroll: true });
                annotated.say('The figure runs now.', area.querySelector('.live-row .live-note'));
            } else {
                button.disabled = false;
                note.textContent = problem;
            }
        } });
        area.prepend(make('div', { className: 'live-row' }, button, note));
    };

    for (const place of document.querySelectorAll('.live[data-live]')) {
        const start = place.querySelector('.live-start');
        const button = start.querySelector('button');
        const told = start.querySelector('p');
        start.hidden = false;
        /** Null if it runs then, else a sentence why it doesn't. */
        const load = async () => {
            button.disabled = true;
            annotated.say('Loading …', told);
            try {
                style();
                for (const name of SCRIPTS) await script(name);
                await annotated.live.begin(place, (text) => annotated.say(text, told));
                start.hidden = true;
                return null;
            } catch (error) {
                button.disabled = false;
                annotated.say(`${error.message} Nothing can run here now; the picture and the text stay as they are.`, told);
                return told.textContent;
            }
        };
        let loading = null;
        const run = () => {
            loading ??= load().finally(() => { loading = null; });
            return loading;
        };
        button.addEventListener('click', async () => {
            // The button that was pressed is gone then, and with it the focus.
            const isLost = () => document.activeElement === document.body || start.contains(document.activeElement);
            if (await run() === null && isLost()) place.querySelector('form input').focus({ preventScroll: true });
        });
        document.querySelectorAll(`.live-try[data-live="${place.dataset.live}"]`).forEach((area) => first(area, run));
    }
})();
