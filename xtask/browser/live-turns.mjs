// Figures that run, where something is asked for while something else is computed, where what is typed is no good, and what
// masks, arithmetic and changes come to. What is forced is forced in one go, and not by waiting.

import { expect } from './remember.mjs';
import { DECODER, LAYER, SCALE, begin, box, hears, reader, run, set } from './running.mjs';

const ATTENTION = `${LAYER}/sublayer.0/multi_head_attention`;
const [LONG, SHORT] = ['Die Frau sieht den Mann, und der Mann sieht die Frau.', 'Guten Tag'];
const told = (page, name) => page.locator(`#live-${name} .live-told`).textContent();
const outcome = (page, name) => page.locator(`#live-${name} .live-outcome`).textContent();
const waits = (page, problem, what, act, given) => page.waitForFunction(act, given, { timeout: 20_000 })
    .catch(async () => problem(`${what}: ${JSON.stringify(await page.evaluate(() => [...document.querySelectorAll('.live-outcome, .live-told, .live-before .live-written')].map(({ textContent }) => textContent)))}`));

/** Types texts into a figure, each submitted at once. */
const typed = (page, field, ...texts) => page.evaluate(({ field, texts }) => {
    const input = document.getElementById(field);
    for (const text of texts) {
        input.value = text;
        input.form.requestSubmit();
    }
}, { field, texts });

/** What is no good changes nothing, and what is asked for last is what is there at the end. */
export async function turns(page, problem) {
    const written = async (text) => {
        await run(page, 'translate', text);
        return page.locator('#live-translate .live-before .live-written').textContent();
    };
    const [first, second] = [await written(LONG), await written(SHORT)];
    const there = () => page.evaluate(() => {
        const place = document.getElementById('live-translate');
        return [place.querySelector('.live-before .live-written').textContent, place.querySelectorAll('.live-source .live-chip').length, place.live.state.source.length + 1];
    });
    for (const [texts, expected] of [[[LONG, ''], first], [[LONG, SHORT], second], [[SHORT, LONG], first]]) {
        await typed(page, 'live-german', ...texts);
        await waits(page, problem, `${texts.join(', then ')}`, (expected) => document.getElementById('live-translate').live.state.isSaid && document.querySelector('.live-before .live-written').textContent === expected, expected);
        const [text, chips, tokens] = await there();
        expect(problem, `${texts.join(', then ')}: chips of the same sentence`, [text, chips], [expected, tokens]);
        if (texts[1] === '') expect(problem, 'what is said of nothing, at the end', await told(page, 'translate'), `There is nothing to read yet. Please type a sentence. Below is still “${LONG}”`);
    }
    // A change while the sentence is translated, and nothing typed while a change is computed.
    for (const [name, field, key] of [['translate', 'live-german', `${DECODER}/sublayer.2/feed_forward`], ['language', 'live-prompt', `${LAYER}/sublayer.1/feed_forward`], ['attention', 'live-attending', SCALE]]) {
        for (const [what, text] of [['nothing typed', ''], ['a sentence typed', name === 'translate' ? SHORT : 'Elizabeth was so much']]) {
            await page.evaluate(async ({ name, field, key, text }) => {
                const { desk } = document.getElementById(`live-${name}`).live;
                await desk.reset();
                const input = document.getElementById(field);
                desk.set(desk.read(`off ${key}`));
                input.value = text;
                input.form.requestSubmit();
            }, { name, field, key, text });
            await waits(page, problem, `${name}: ${what} after Off`, (name) => !/^(…?|It could not be computed\.)$/.test(document.querySelector(`#live-${name} .live-outcome`).textContent), name);
            await page.evaluate(({ name, field, key, text }) => {
                const { desk } = document.getElementById(`live-${name}`).live;
                const input = document.getElementById(field);
                input.value = text === '' ? input.value : `${text} sie`;
                input.form.requestSubmit();
                desk.set(desk.read(`off ${key}`));
            }, { name, field, key, text });
            await waits(page, problem, `${name}: Off after ${what}`, (name) => !/^(…?|It could not be computed\.)$/.test(document.querySelector(`#live-${name} .live-outcome`).textContent) && document.getElementById(`live-${name}`).live.desk.look().base !== null, name);
        }
    }
    // What fails in the middle leaves the text as it was.
    const failed = await page.evaluate(async () => {
        const { live } = document.getElementById('live-language');
        await live.run('Elizabeth was so much');
        const model = await window.annotated.live.open('austen');
        const { run } = model;
        const before = `${live.state.ids}`;
        model.run = () => Promise.reject(new Error('There is no memory left.'));
        await live.on(1);
        model.run = run;
        const after = `${live.state.ids}`;
        await live.on(1);
        return [before === after, live.state.ids.length - before.split(',').length];
    });
    expect(problem, 'a token that could not be computed', failed, [true, 1]);
}

/** Of two experiments the one that was asked for last is done, and none that was taken back. */
export async function tries(page, address, problem) {
    await page.evaluate(() => document.querySelectorAll('.predict:has(+ .live-try[data-live=translate])').forEach((place) => {
        const select = place.querySelector('select');
        select.selectedIndex = 1;
        select.form.requestSubmit();
    }));
    const [asked, details] = ['#predict-both-ways', '.live-try[data-predict=both-ways] details'];
    const answer = async () => (await page.locator(`${asked} .answer p`).allTextContents()).join(' ');
    expect(problem, 'before it is tried', await answer(), 'You: 1 and 2 Now try it.');
    expect(problem, 'it is kept all the same', await page.evaluate(() => JSON.parse(localStorage.getItem('annotated:predict:running.html#predict-both-ways')).came), '1 and 2');
    const press = (...names) => page.evaluate((names) => names.forEach((name) => (name === '' ? document.getElementById('live-translate').live.desk.reset() : document.querySelector(`.live-try[data-predict=${name}] button`).click())), names);
    const names = () => page.evaluate(() => document.getElementById('live-translate').live.desk.changes.map(({ action }) => action));
    await press('patched', 'both-ways');
    await waits(page, problem, 'the second of two experiments', () => document.activeElement.matches('#live-translate .live-changes > button') && !document.querySelector('#live-translate .live-changes a').hidden);
    await waits(page, problem, 'its answer', () => document.querySelector('#predict-both-ways .answer').textContent.includes('What came out: 1 and 2'));
    expect(problem, 'the second of two experiments', await names(), ['off']);
    expect(problem, 'the way back', await page.locator('#live-translate .live-changes a').getAttribute('href'), asked);
    await waits(page, problem, 'the panel of what an experiment changes', () => document.querySelector('#live-translate .live-panel h3').textContent.startsWith('Positional Encoding'));
    await page.locator('#live-translate .live-changes a').click();
    expect(problem, 'the question is in sight', await page.locator(asked).evaluate((place) => place.getBoundingClientRect().top < innerHeight && place.getBoundingClientRect().bottom > 0), true);
    // What the patch needs is computed by then, and nobody wants it.
    await press('patched', '');
    await page.evaluate(async () => {
        const { desk } = document.getElementById('live-translate').live;
        await desk.model.run({ src: new Array(32).fill(0), tgt: new Array(32).fill(0) });
    });
    await page.waitForTimeout(500);
    expect(problem, 'a patch that was taken back', await names(), []);
    // What comes out is seen by opening it as well.
    const other = '#predict-no-bridge .answer';
    expect(problem, 'another that was not tried', (await page.locator(other).textContent()).includes('What came out'), false);
    await page.locator('.live-try[data-predict=no-bridge] details summary').click();
    await waits(page, problem, 'an answer that was opened', (other) => document.querySelector(other).textContent.includes('What came out: always the same'), other);
    expect(problem, 'what was tried stays closed', await page.locator(details).evaluate((element) => element.open), false);
    await page.goto(`${address}surprises.html`, { waitUntil: 'load' });
    expect(problem, 'predictions that are listed', (await page.locator('#surprises').textContent()).includes('You have predicted 5 times'), true);
}

/** Without a mask a token sees those after it, and no place that is empty: as if the model's own mask hid nothing else. */
export async function masks(page, problem) {
    const both = (name, change) => page.evaluate(async ({ name, change }) => {
        const { live } = window.annotated;
        const place = document.getElementById(`live-${name}`);
        const { desk } = place.live;
        await desk.set(desk.read(change));
        const { run, size } = desk.look();
        const { outline, program } = desk.model;
        const fills = outline.steps.filter(({ kind, outputs }) => kind === 'MaskFill' && desk.changes[0].edits.some(({ tensor }) => tensor === outputs[0]));
        const mask = fills[0].fields.mask.tensor;
        const shape = outline.shape(mask);
        // It hides the empty places, and nothing more.
        const data = (await run.value(mask)).data.slice().map((_, at) => (at % shape.at(-1) >= size.target ? 1 : 0));
        const { ids, source, before } = place.live.state;
        const { BOS, EOS } = live.special;
        const inputs = name === 'translate' ? { src: live.filled([...source, EOS], 32), tgt: live.filled([BOS, ...before.written], 32) } : { ids: live.filled(ids, program.tensors[program.inputs[0].tensor].shape.at(-1)) };
        const own = await desk.model.run(inputs, { edits: [{ tensor: mask, by: { value: { shape, data } } }] });
        const [one, other] = [await run.output('logits'), await own.output('logits')];
        const rows = name === 'translate' ? size.target : 1;
        const start = name === 'translate' ? 0 : size.target - 1;
        let most = 0;
        for (let at = start; at < start + rows; at += 1) most = Math.max(most, live.bits(live.row(one, at), live.row(other, at)));
        return { most, bits: Number(place.dataset.bits) };
    }, { name, change });
    const texts = { language: 'She was very glad to see her', translate: 'Die Frau sieht den Mann.', attention: 'She was very glad to see her' };
    for (const [name, change] of [['language', `unmask ${ATTENTION}`], ['translate', `unmask ${DECODER}/sublayer.0/multi_head_attention`], ['attention', `unmask ${ATTENTION}/attention/mask_fill`], ['attention', `through ${ATTENTION}/attention/mask_fill`]]) {
        await run(page, name, texts[name]);
        const { most, bits } = await both(name, change);
        if (!(most < 1e-6)) problem(`${name}, ${change}: ${most} bits from the model with a mask that hides only what is empty`);
        if (name !== 'attention' && !(bits > 0)) problem(`${name}, ${change}: ${bits} bits`);
        // One token more, and it is seen as well.
        if (name === 'language') {
            await page.evaluate(() => document.getElementById('live-language').live.on(1));
            const longer = await both(name, change);
            if (!(longer.most < 1e-6)) problem(`${name}, ${change}, with a token more: ${longer.most} bits`);
        }
    }
    const steps = async () => (await page.locator('#live-attention .live-worked').allTextContents()).join(' ');
    if (/Here something is changed/.test(await steps())) problem(`what is hidden changes a softmax: ${await steps()}`);
    await set(page, 'attention', `off ${ATTENTION}/attention/mask_fill`);
    expect(problem, 'all scores alike', await page.locator('#live-attention .live-numbers tbody tr').evaluateAll((rows) => [...new Set(rows.map(({ cells }) => cells[4].textContent))]), ['12.5 %']);
    // Where a mask hides no token there is nothing to be unmasked, and nothing stands for itself.
    for (const name of ['translate', 'language', 'attention']) {
        const found = await page.evaluate((name) => {
            const { model } = document.getElementById(`live-${name}`).live.desk;
            const { live } = window.annotated;
            return [...model.keys].flatMap((key) => live.possible(model, key).map((action) => ({ key, action, edits: live.change(model, action, key, null, { head: 0, a: 1, b: 2 }).edits })))
                .filter(({ key, action, edits }) => (action === 'unmask' && /stack|sublayer\.1/.test(key) && key.startsWith('transformer')) || edits.some(({ tensor, by }) => by !== undefined && by.tensor === tensor)).map(({ key, action }) => `${action} ${key}`);
        }, name);
        expect(problem, `${name}: changes that can’t be`, found, []);
    }
    await set(page, 'attention', '');
}

/** A calculator comes to what the page writes, and words say what is there. */
export async function words(page, problem) {
    await run(page, 'attention', 'She was very glad to see her');
    const said = await page.evaluate(async () => {
        const { live, steps = document.querySelector('#live-attention .live-steps') } = document.getElementById('live-attention');
        const said = [];
        const number = (text) => Number(text.replace('−', '-'));
        const check = () => {
            const [scored, divided, , shared, mixture] = [...steps.querySelectorAll('.live-worked p')].map(({ textContent }) => textContent);
            const worked = (text) => text.replaceAll('−', '-').replaceAll('·', '*');
            const sums = (text) => text.replace(/\d+ smaller products that add up to |what the others add, /, '').replace(/^[^:]*: /, '').replace(/\.$/, '');
            const same = (...all) => said.push(all);
            for (const [text, digits] of [[scored, 2], [mixture, 3]]) {
                const [left, right] = worked(sums(text)).split(' = ');
                same(left, Number(right), digits, text);
            }
            const [, above, root, came] = divided.match(/^([−\d.]+), divided by √\d+ = ([\d.]+): ([−\d.]+)\.$/) ?? [];
            same(number(above) / number(root), number(came), 2, divided);
            const power = shared.match(/to the power of ([−\d.]+) − \(?([−\d.]+)\)? is ([\d.]+)\./);
            if (power !== null) {
                same(Math.exp(number(power[1]) - number(power[2])), number(power[3]), 3, shared);
                const share = shared.match(/([\d.]+) \/ ([\d.]+) = ([\d.]+) %/);
                same(share[1] / share[2] * 100, number(share[3]), 1, shared);
            }
        };
        const chips = () => [...document.querySelectorAll('#live-attention .live-source .live-chip')];
        const changed = async (act) => {
            const before = steps.firstChild;
            act();
            while (steps.firstChild === before) await new Promise((done) => { setTimeout(done, 5); });
        };
        for (let query = 0; query < chips().length; query += 1) {
            await changed(() => chips()[query].click());
            for (let key = 0; key <= query; key += 1) {
                await changed(() => steps.querySelectorAll('[data-key]')[key].click());
                check();
            }
        }
        await live.run('She was very glad to see her');
        return said;
    });
    // A page makes no scripts of texts, and its policy would forbid it.
    const made = (left) => (typeof left === 'string' ? Function(`return ${left}`)() : left);
    const wrong = said.filter(([left, right, digits]) => !(Math.abs(Number(made(left).toFixed(digits)) - right) <= 0.5 * 10 ** -digits))
        .map(([left, , , what]) => `${what}: ${made(left)}`);
    if (said.length === 0) problem('nothing is worked out');
    wrong.slice(0, 5).forEach((text) => problem(`a calculator comes to something else: ${text}`));
    const chosen = () => page.locator('#live-attention .live-steps [data-key][aria-pressed=true]').textContent();
    expect(problem, 'the key that is worked out first', await chosen(), 'She');
    await set(page, 'attention', `off ${ATTENTION}/attention/softmax`);
    expect(problem, 'the key while nothing is looked at', await outcome(page, 'attention'), '“her” gives “see” 0.0 %, was 36 %');
    await set(page, 'attention', `off ${ATTENTION}/attention/matmul.0`);
    expect(problem, 'scores of zero', (await page.locator('#live-attention .live-steps').textContent()).includes('It is not divided now.'), false);
    await set(page, 'attention', `unscale ${SCALE}`);
    expect(problem, 'scores without scale', (await page.locator('#live-attention .live-steps').textContent()).includes('It is not divided now.'), true);
    await set(page, 'attention', '');
    // A change of positions names what stands there now.
    await run(page, 'language', 'He had not been at home many minutes, when');
    await set(page, 'language', 'swap language_model/embeddings/add all 2 8');
    const name = () => page.locator('#live-language .live-list li span').textContent();
    expect(problem, 'positions by their words', await name(), 'Add (1 of 3 from below): positions 2 (“He”) and 8 (“many”) swapped');
    await typed(page, 'live-prompt', 'Elizabeth was so much');
    await waits(page, problem, 'another sentence while positions are swapped', () => document.querySelector('#live-language .live-outcome').textContent.startsWith('Every'));
    expect(problem, 'positions by their words, elsewhere', [await name(), await outcome(page, 'language')], ['Add (1 of 3 from below): positions 2 (“E”) and 8 (empty) swapped', 'Every prediction is the same, to the last bit.']);
    await set(page, 'language', '');
    await box(page, 'language', 'language_model/embeddings/add').click();
    const panel = page.locator('#live-language .live-panel');
    await panel.getByLabel('and', { exact: true }).selectOption({ index: 0 });
    await panel.getByRole('button', { name: 'Swap' }).click();
    await panel.getByText('That is one position. Please choose two.').waitFor();
    expect(problem, 'a position with itself', await page.evaluate(() => document.getElementById('live-language').live.desk.changes.length), 0);
    // What is no seed, and bytes.
    for (const text of ['-5', '1e99', '3.7']) {
        await page.locator('#live-seed').fill(text);
        await page.keyboard.press('Tab');
        await page.getByText('A seed is a whole number from 0 to 4294967295. It is still 1.').waitFor();
        await page.locator('#live-seed').fill('1');
        await page.keyboard.press('Tab');
    }
    expect(problem, 'a seed', await page.getByText('A seed is a whole number').count(), 0);
    expect(problem, 'at which temperature', await page.locator('#live-language .live-texts h4').first().textContent(), 'What may come next (shares at temperature 1)');
    await run(page, 'language', 'ł');
    expect(problem, 'bytes', await page.locator('#live-language .live-chip').allTextContents(), ['<bos>', '<0xC5>', '<0x82>']);
    if (!(await told(page, 'language')).endsWith('A token such as <0xC5> is a byte: a part of a letter or sign that is no token of its own.')) problem(`what is said of bytes: ${await told(page, 'language')}`);
    await run(page, 'translate', 'Hallo 🐘 你 好!');
    if (!(await told(page, 'translate')).includes('3 tokens are unknown to the model, which reads <unk> for each of them')) problem(`what is said of unknown tokens: ${await told(page, 'translate')}`);
    // What stands for no letters, and a patch that is longer than what it is put into.
    await run(page, 'translate', 'Guten Tag');
    await page.evaluate(async () => {
        const { live } = document.getElementById('live-translate');
        await live.desk.set(await live.desk.made('patch transformer/stack/layer_norm Wir müssen die Stadt verteidigen.'));
    });
    expect(problem, 'a longer sentence in a shorter one', (await outcome(page, 'translate')).slice(0, 25), '“We must must have to …”,');
    await set(page, 'translate', 'off transformer/generator');
    if (!/^31 × <\w+>, was “Good day”: /.test(await outcome(page, 'translate'))) problem(`no letters at all: ${await outcome(page, 'translate')}`);
    await set(page, 'translate', '');
    await page.locator('#live-translate .live-before .live-chip', { hasText: '<bos>' }).click();
    await hears(page, problem, 'the first word is followed', 'The way of “<bos>” is below: 7 rows.');
}

/** Many changes in a third of a window, and what was asked for in sight on a phone. */
export async function rooms(page, address, problem) {
    for (const width of [1400, 375]) {
        const tell = (text) => problem(`${width} px: ${text}`);
        const own = await reader(page, tell, { width });
        await own.goto(`${address}running.html`, { waitUntil: 'load' });
        for (const name of ['language', 'attention']) await begin(own, name);
        await set(own, 'language', [1, 2, 3].flatMap((layer) => [`off ${LAYER}/sublayer.1/feed_forward ${layer}`, `unmask ${ATTENTION} ${layer}`, `head ${ATTENTION} ${layer} 1`, `unscale ${ATTENTION} ${layer}`]).join('; '));
        await waits(own, tell, 'many changes in a third of the window', () => {
            const bar = document.querySelector('#live-language .live-changes').getBoundingClientRect();
            const list = document.querySelector('#live-language .live-list');
            const { top, bottom } = list.getBoundingClientRect();
            const rows = [...list.children].map((row) => row.getBoundingClientRect());
            const isCut = (row) => [top, bottom].some((edge) => row.top < edge - 1 && row.bottom > edge + 1);
            return bar.height <= innerHeight / 3 + 1 && rows.some((row) => row.top >= top && row.bottom <= bottom) && !rows.some(isCut);
        });
        await set(own, 'language', '');
        const isSeen = (selector) => waits(own, tell, `${selector} comes into sight`, (selector) => {
            const element = document.querySelector(selector)?.getBoundingClientRect();
            return element !== undefined && element.top < innerHeight - 30 && element.bottom > 60;
        }, selector);
        await own.locator('#live-language .live-chip').first().click();
        await isSeen('#live-language .live-stream caption');
        await own.locator('#live-attention .live-steps [data-key]').first().click();
        await isSeen('#live-attention .live-worked');
        await own.context().close();
    }
}
