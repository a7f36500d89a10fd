// What a reader does with a figure that runs: what is seen and heard of a change, keys, the panel of a box, and experiments.

import { expect } from './remember.mjs';
import { PAGE, FIGURES, DECODER, LAYER, SCALE, reader, begin, said, hears, set, run, box } from './running.mjs';
/** With nothing but the keyboard: from the button to a box, its numbers, a change, and back. */
export async function keyboard(page, address, problem) {
    await page.goto(address + PAGE, { waitUntil: 'load' });
    await page.locator('#live-language .live-start button').focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.getElementById('live-language').matches('.running'), null);
    const box = page.locator('#live-language .b[tabindex="0"]:visible');
    expect(problem, 'stops of the tab key in the picture', await box.count(), 1);
    await box.focus();
    for (let times = 0; times < 4; times += 1) await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    const pressed = page.locator('#live-language .b[aria-pressed="true"]:visible');
    expect(problem, 'chosen boxes', await pressed.count(), 1);
    await page.locator('#live-language .live-panel canvas').first().waitFor();
    const words = await page.locator('#live-language .pl-words').first().textContent();
    if (words.length < 20) problem(`a tensor in words: ${JSON.stringify(words)}`);
    await page.locator('#live-language .live-actions button', { hasText: 'Off' }).first().focus();
    await page.keyboard.press('Enter');
    await page.locator('#live-language .live-changes li').waitFor();
    // The button that was pressed is made anew, and has the focus again, and keeps it.
    const isThere = () => page.waitForFunction(() => document.activeElement.matches('#live-language .live-actions button') && document.activeElement.textContent === 'Off', null, { timeout: 20_000 })
        .catch(async () => problem(`the focus is on ${JSON.stringify(await page.evaluate(() => document.activeElement.outerHTML.slice(0, 200)))}`));
    await isThere();
    await page.keyboard.press('r');
    await page.waitForFunction(() => document.querySelector('#live-language .live-changes').hidden && document.getElementById('live-language').live.desk.look().base === null);
    await isThere();
    // So does a token.
    await page.locator('#live-language .live-chip').nth(2).focus();
    await set(page, 'language', `off ${LAYER}/sublayer.1/feed_forward`);
    await page.keyboard.press('r');
    await page.waitForFunction(() => document.querySelector('#live-language .live-changes').hidden && document.getElementById('live-language').live.desk.look().base === null);
    await page.waitForFunction(() => document.activeElement === document.querySelectorAll('#live-language .live-chip')[2], null, { timeout: 20_000 })
        .catch(async () => problem(`the focus of a token is on ${JSON.stringify(await page.evaluate(() => document.activeElement.outerHTML.slice(0, 200)))}`));
}

const OUTCOMES = [
    ['translate', `off ${DECODER}/sublayer.2/feed_forward`, `${DECODER}/sublayer.2/feed_forward`, 'Feed Forward (decoder), all layers: off', '“We must def def def def …”, was “We must defend the city.”: 5.52 bits'],
    ['language', `off ${LAYER}/sublayer.1/feed_forward`, `${LAYER}/sublayer.1/feed_forward`, 'Feed Forward, all layers: off', '“her” 89 %, was 0.1 %: 5.76 bits'],
    ['attention', `unscale ${SCALE}`, SCALE, 'Scale, all layers: unscaled', '“her” gives “see” 87 %, was 36 %'],
];
/** What came of a change is in sight, wherever the reader is in the figure, and is heard. */
export async function outcomes(page, problem) {
    for (const [name, change, key, title, outcome] of OUTCOMES) {
        await set(page, name, change);
        await box(page, name, key).scrollIntoViewIfNeeded();
        for (const block of ['start', 'center', 'end']) {
            const found = await page.evaluate(async ({ name, block }) => {
                const place = document.getElementById(`live-${name}`);
                place.querySelector('.live-panel').scrollIntoView({ block, behavior: 'instant' });
                await new Promise((done) => { setTimeout(done, 200); });
                const [bar, panel, menu] = [place.querySelector('.live-changes'), place.querySelector('.live-panel'), document.getElementById('mdbook-menu-bar')].map((one) => one.getBoundingClientRect());
                const at = document.elementFromPoint(bar.left + 40, bar.bottom - 12);
                return { isSeen: bar.top >= 0 && bar.bottom <= innerHeight && at?.closest('.live-changes') !== null, isFree: panel.top >= bar.bottom - 1, menu: menu.bottom <= bar.top + 1 };
            }, { name, block });
            expect(problem, `${name}: the outcome from the panel's ${block}`, found, { isSeen: true, isFree: true, menu: true });
        }
        expect(problem, `${name}: what came of it`, await page.locator(`#live-${name} .live-outcome`).textContent(), outcome);
        await hears(page, problem, `${name}, changed`, `Changed: ${title}. ${outcome}`);
    }
    // A new sentence, while something is changed.
    await page.locator('#live-attending').fill('Elizabeth was so much');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.querySelector('body > .unseen[role=status]').textContent.startsWith('Read: 6 tokens, with the one that begins every text. Changed: Scale, all layers: unscaled. “much” gives '), null, { timeout: 20_000 })
        .catch(async () => problem(`a new sentence while something is changed: ${JSON.stringify(await said(page))}`));
    for (const name of FIGURES) await set(page, name, '');
    // A token that is followed.
    await page.locator('#live-translate .live-before .live-chip', { hasText: 'must' }).click();
    await hears(page, problem, 'a token is followed', 'The way of “must” is below: 7 rows.');
    // Another attention.
    await run(page, 'attention', 'She was very glad to see her');
    await page.locator('#live-attention .live-steps [data-key]', { hasText: 'glad' }).click();
    await hears(page, problem, 'another key', '“her” gives “glad” 19.4 %.');
    expect(problem, 'the focus after another key', await page.evaluate(() => document.activeElement.textContent), 'glad');
    await page.locator('#live-attention .live-row select').nth(1).selectOption({ label: '2' });
    await page.waitForFunction(() => /^“her” gives “glad” (?!19\.4)[\d.]+ %\.$/.test(document.querySelector('body > .unseen[role=status]').textContent), null, { timeout: 20_000 })
        .catch(async () => problem(`another head: ${JSON.stringify(await said(page))}`));
    await page.locator('#live-attention .live-row select').first().selectOption({ label: '3' });
    await page.waitForFunction(() => document.querySelector('#live-attention .live-panel select')?.value === '2' && document.querySelector('#live-attention .live-panel .pl-choosers select')?.value === '1', null, { timeout: 20_000 })
        .catch(() => problem('the panel doesn’t follow to another layer and head'));
    await box(page, 'attention', `${LAYER}/sublayer.0/multi_head_attention/attention/mask_fill`).click();
    await page.waitForFunction(() => document.querySelector('#live-attention .live-panel h3')?.textContent === 'Mask' && document.querySelector('#live-attention .live-panel select')?.value === '2' && document.querySelector('#live-attention .live-panel .pl-choosers select')?.value === '1', null, { timeout: 20_000 })
        .catch(() => problem('another box is not shown with the layer and the head that are opened'));
    expect(problem, 'steps of an attention', await page.locator('#live-attention .live-steps > li').count(), 6);
    // What the chapter says of two positions that change places.
    for (const [positions, outcome] of [['2 3', '“he” 28 %, was 36 %: 0.04 bits'], ['2 11', '“had” 19 %, was 0.2 %: 7.06 bits']]) {
        await run(page, 'language', 'He had not been at home many minutes, when');
        await set(page, 'language', `swap language_model/embeddings/add all ${positions}`);
        expect(problem, `positions ${positions} swapped`, await page.locator('#live-language .live-outcome').textContent(), outcome);
    }
    const widths = await page.locator('#live-language .pl-track').evaluateAll((all) => [...new Set(all.map((track) => Math.round(track.getBoundingClientRect().width)))]);
    expect(problem, 'bars before and after have one measure', widths.length, 1);
}

/** Keys that mdBook or the browser would take, and the one that takes everything back. */
export async function keys(page, problem) {
    const key = 'language_model/stack/layer.0/sublayer.1/feed_forward';
    // What comes as far as the document turns the page.
    await page.evaluate(() => {
        window.turned = [];
        document.addEventListener('keydown', ({ key }) => { if (/^Arrow(Left|Right)$/.test(key)) window.turned.push(key); });
    });
    await set(page, 'language', `off ${key}`);
    await page.locator('#live-language .live-chip').last().click();
    await page.locator('#live-language .live-stream').waitFor();
    const places = ['#live-language .live-chip', '#live-language .live-changes > button', '#live-language .live-followed .table-wrapper', '#live-language .drawing', '#live-language .live-panel select', '.live-try[data-live=language] button'];
    for (const place of places) {
        await page.locator(place).first().evaluate((element) => { element.tabIndex = 0; element.focus(); });
        for (const arrow of ['ArrowLeft', 'ArrowRight']) await page.keyboard.press(arrow);
        // If the page was turned, nothing is left of it.
        expect(problem, `arrows at ${place} that turn the page`, await page.evaluate(() => window.turned).catch(() => 'gone'), []);
    }
    const changed = (name) => page.evaluate((name) => document.getElementById(`live-${name}`).live.desk.changes.length, name);
    const back = async (name, what) => {
        await page.waitForFunction((id) => document.querySelector(`#${id} .live-changes`).hidden, `live-${name}`, { timeout: 20_000 }).catch(() => problem(`R ${what} takes nothing back`));
    };
    // A list in the figure has the focus: its choice stays.
    await page.locator('#live-language .live-panel select').first().focus();
    await page.keyboard.press('r');
    await back('language', 'on a list');
    // Nothing has the focus: the one that was changed last.
    await set(page, 'language', `off ${key}`);
    await set(page, 'attention', `unscale ${SCALE}`);
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press('r');
    await back('attention', 'with the focus nowhere');
    expect(problem, 'the figure that was changed before', await changed('language'), 1);
    await set(page, 'attention', `unscale ${SCALE}`);
    await page.locator('#live-language .live-chip').first().focus();
    await page.keyboard.press('R');
    await back('language', 'in the figure that was changed before');
    expect(problem, 'the figure without the focus', await changed('attention'), 1);
    // What is typed, or means something else.
    await page.locator('#live-attending').focus();
    await page.keyboard.press('r');
    await page.locator('.predict :is(select, textarea)').first().focus();
    await page.keyboard.press('r');
    for (const modifier of ['ctrlKey', 'altKey', 'metaKey']) {
        await page.evaluate((modifier) => document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'r', bubbles: true, cancelable: true, [modifier]: true })), modifier);
    }
    await page.waitForTimeout(300);
    expect(problem, 'changes after an r that was typed', await changed('attention'), 1);
}

/** Whatever box is chosen, what comes out of it is there to be seen. */
export async function boxes(page, problem) {
    for (const name of FIGURES) {
        const keys = await page.locator(`#live-${name} .b[data-key]:visible`).evaluateAll((all) => all.map((found) => found.dataset.key));
        if (keys.length < 5) problem(`${name} has ${keys.length} boxes`);
        for (const key of keys) {
            await page.evaluate(({ name, key }) => document.getElementById(`live-${name}`).live.desk.picture.take(key, false), { name, key });
            const first = page.locator(`#live-${name} .live-panel > .pl-panel > :is(.pl-tabs, .pl-chooser, .pl-one)`).first();
            await first.filter({ hasText: 'Comes out' }).waitFor({ timeout: 20_000 })
                .catch(async () => problem(`${name}, ${key}: ${await page.locator(`#live-${name} .live-panel`).innerText()}`));
            await page.locator(`#live-${name} .live-panel .pl-body .pl-words`).first().waitFor({ state: 'attached', timeout: 20_000 })
                .catch(() => problem(`${name}, ${key}: nothing is seen of what comes out`));
        }
    }
}

/** Where the numbers of a box are, what is said of that, and what stays as the reader chose it. */
export async function panels(page, address, problem) {
    const attention = `${LAYER}/sublayer.0/multi_head_attention`;
    for (const [width, where] of [[1400, 'beside'], [1100, 'below'], [375, 'below']]) {
        const tell = (text) => problem(`${width} px: ${text}`);
        const own = await reader(page, tell, { width });
        await own.goto(address + PAGE, { waitUntil: 'load' });
        await begin(own, 'language');
        await box(own, 'language', `${LAYER}/sublayer.1/feed_forward`).click();
        await hears(own, tell, 'a chosen box', `Feed Forward: its numbers are ${where} the picture.`);
        const top = await own.locator('#live-language .live-panel').evaluate((panel) => panel.getBoundingClientRect().top);
        if (top < 0 || top > 450) tell(`the panel is at ${top} pixels when its box was chosen`);
        await own.context().close();
    }
    const own = await reader(page, problem, { width: 1400 });
    await own.goto(address + PAGE, { waitUntil: 'load' });
    await begin(own, 'language');
    await box(own, 'language', attention).click();
    const panel = own.locator('#live-language .live-panel');
    await panel.locator('.pl-tabs button', { hasText: 'Goes in (1)' }).click();
    await panel.locator('.pl-tabs button', { hasText: 'Attention weights' }).click();
    await panel.locator('.pl-choosers select').selectOption('2');
    await panel.locator('.live-check input').uncheck();
    // That there is something to be changed is said, where it is out of sight.
    await panel.evaluate((element) => { element.style.maxHeight = '400px'; });
    await panel.locator('.live-more').waitFor();
    await panel.locator('.live-more').click();
    await panel.locator('.live-more').waitFor({ state: 'hidden' });
    const now = () => panel.evaluate((element) => ({
        tab: element.querySelector('.pl-tabs [aria-pressed=true]')?.textContent, head: element.querySelector('.pl-choosers select')?.value,
        every: element.querySelector('.live-check input').checked, isScrolled: element.scrollTop > 50,
    }));
    const before = await now();
    expect(problem, 'what was chosen', before, { tab: 'Attention weights', head: '2', every: false, isScrolled: true });
    await panel.locator('.live-actions button', { hasText: 'Head off' }).click();
    await own.locator('#live-language .live-changes li').waitFor();
    await own.waitForFunction(() => document.querySelector('#live-language .live-panel .pl-compare') !== null && document.querySelector('#live-language .live-panel').scrollTop > 50, null, { timeout: 20_000 }).catch(() => {});
    expect(problem, 'what was chosen, after a change', await now(), before);
    expect(problem, 'a head is that of one layer', await own.evaluate(() => document.getElementById('live-language').live.desk.changes.map(({ layer, edits }) => [layer, edits.length])), [[0, 1]]);
    await run(own, 'language', 'Elizabeth was so much');
    const { tab, head } = await now();
    expect(problem, 'what was chosen, for the next sentence', [tab, head], ['Attention weights', '2']);
    // After the logits there is nothing to change.
    await box(own, 'language', 'probabilities').click();
    await panel.getByText('it comes after the logits').waitFor();
    expect(problem, 'changes after the logits', await panel.locator('.live-actions button').count(), 0);
    expect(problem, 'the name of a box', await box(own, 'language', 'language_model/stack/layer_norm').getAttribute('aria-label'), 'Layer Norm norm (3 of 3 from below)');
    // What comes after the place where it stops.
    await run(own, 'language', 'She was very glad to see her');
    await set(own, 'language', `stop ${LAYER}/sublayer.1/add 1`);
    await own.locator('#live-language .live-chip').last().click();
    await own.locator('#live-language .live-stream').waitFor();
    const rows = await own.locator('#live-language .live-stream tbody tr').evaluateAll((all) => all.map((row) => [...row.cells].slice(1).map(({ textContent }) => textContent === 'stopped')));
    expect(problem, 'what is stopped', rows.map((cells) => cells.every(Boolean)), [false, false, false, true, true, true, true]);
    // The end of a text.
    await own.evaluate(async () => {
        const { live } = document.getElementById('live-language');
        await live.desk.set([]);
        live.state.ids.push(window.annotated.live.special.EOS);
        await live.on(10);
    });
    await hears(own, problem, 'the end of a text', 'The text has come to an end: <eos>. Begin anew to go on.');
    await own.context().close();
}

/** An experiment can start its figure, asks for a prediction once, and computes nothing that nobody wanted. */
export async function experiments(page, address, problem) {
    await page.goto(address + PAGE, { waitUntil: 'load' });
    const area = page.locator('.live-try[data-live=language]').first();
    await area.getByRole('button', { name: 'Run the figure first' }).click();
    const go = area.getByRole('button', { name: 'Try it in the figure' });
    await go.waitFor();
    expect(problem, 'the focus where the figure was started', await page.evaluate(() => document.activeElement.textContent), 'Try it in the figure');
    expect(problem, 'experiments that wait for the figure', await page.locator('.live-try[data-live=language] button', { hasText: 'Run the figure first' }).count(), 0);
    await go.click();
    await area.getByText('Please predict first').waitFor();
    const asked = page.locator('#predict-most-damage');
    await asked.locator('select').selectOption({ index: 1 });
    await asked.locator('button[type=submit]').click();
    await page.waitForFunction(() => !document.querySelector('.live-try[data-live=language] .live-note').textContent.includes('predict first'));
    // The sentence that was there is not computed with the change.
    await run(page, 'language', 'Elizabeth was so much');
    await page.evaluate(() => {
        const place = document.getElementById('live-language');
        window.outcomes = [];
        new MutationObserver(() => window.outcomes.push(place.querySelector('.live-outcome').textContent)).observe(place.querySelector('.live-outcome'), { childList: true });
    });
    await go.click();
    await page.waitForFunction(() => document.querySelector('#live-language .live-outcome').textContent.endsWith('bits'));
    expect(problem, 'what an experiment computes', [...new Set(await page.evaluate(() => window.outcomes))].filter((text) => text.length > 1), ['“her” 89 %, was 0.1 %: 5.76 bits']);
    await page.waitForFunction(() => document.activeElement.matches('#live-language .live-changes > button'));
}
