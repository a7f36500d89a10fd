// Suggested experiments: a question to predict first, and then a button that sets up the change in the figure.
(() => {
    'use strict';

    const { say, live, kept } = annotated;

    /** The buttons of a figure's experiments are there as soon as the figure runs. */
    live.experiments = (place) => {
        let turn = 0;
        for (const area of document.querySelectorAll(`.live-try[data-live="${place.dataset.live}"]`)) {
            const { predict, text, change } = area.dataset;
            const note = kept.make('span', { className: 'live-note', role: 'status' });
            // Where the browser keeps nothing, it is predicted all the same.
            const isPredicted = () => document.getElementById(`predict-${predict}`)?.matches('.predicted') ?? true;
            // What was asked for is done.
            document.getElementById(`predict-${predict}`)?.addEventListener('submit', () => {
                setTimeout(() => { if (isPredicted()) note.textContent = ''; });
            });
            const go = async (sentence) => {
                if (!isPredicted()) {
                    say('Please predict first, even if it is a wild guess.', note);
                    document.getElementById(`predict-${predict}-field`)?.focus();
                    return;
                }
                note.textContent = '';
                place.scrollIntoView({ block: 'start' });
                const changes = await place.live.desk.made(change);
                // Who asks for something else meanwhile gets that.
                if (changes === null) return;
                const mine = turn += 1;
                await place.live.run(sentence, changes);
                if (mine !== turn || place.live.desk.changes !== changes) return;
                area.dispatchEvent(new Event('toggle'));
                place.querySelector('.live-changes > button').focus({ preventScroll: true });
                await place.live.desk.answers(`predict-${predict}`);
            };
            const all = text.split('|');
            const buttons = all.map((sentence) => live.button(all.length > 1 ? `Try it with “${sentence}”` : 'Try it in the figure', '', () => go(sentence).catch((error) => say(error.message, note))));
            area.querySelector(':scope > .live-row')?.remove();
            area.prepend(kept.make('div', { className: 'live-row' }, ...buttons, note));
        }
    };
})();
