// Suggested experiments: a question to predict first, and then a button that sets up the change in the figure.
(() => {
    'use strict';

    const { say, store, live, kept } = annotated;

    /** The buttons of a figure's experiments are there as soon as the figure runs. */
    live.experiments = (place) => {
        for (const area of document.querySelectorAll(`.live-try[data-live="${place.dataset.live}"]`)) {
            if (area.querySelector('button') !== null) continue;
            const { predict, text, change } = area.dataset;
            const note = kept.make('span', { className: 'live-note', role: 'status' });
            const press = live.button('Try it in the figure', '', async () => {
                const isAnswered = store.read(`predict:${kept.page}#predict-${predict}`, null) !== null;
                if (!isAnswered) {
                    say('Please predict first, even if it is a wild guess.', note);
                    document.getElementById(`predict-${predict}-field`)?.focus();
                    return;
                }
                note.textContent = '';
                await place.live.run(text, place.live.desk.read(change));
                place.scrollIntoView({ block: 'start' });
                place.querySelector('.live-changes').querySelector('button:last-of-type')?.focus({ preventScroll: true });
            });
            area.append(kept.make('div', { className: 'live-row' }, press, note));
        }
    };
})();
