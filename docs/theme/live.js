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

    for (const place of document.querySelectorAll('.live[data-live]')) {
        const start = place.querySelector('.live-start');
        const button = start.querySelector('button');
        const told = start.querySelector('p');
        start.hidden = false;
        button.addEventListener('click', async () => {
            button.disabled = true;
            annotated.say('Loading …', told);
            try {
                style();
                for (const name of SCRIPTS) await script(name);
                await annotated.live.begin(place, (text) => annotated.say(text, told));
                start.hidden = true;
            } catch (error) {
                button.disabled = false;
                annotated.say(`${error.message} Nothing can run here now; the picture and the text stay as they are.`, told);
            }
        });
    }
})();
