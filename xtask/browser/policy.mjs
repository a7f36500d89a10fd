// What the book's own server lets pages do. It sends a policy with every page, and what that forbids doesn't happen.

const HEADER = 'content-security-policy';
/** After so many milliseconds, nothing is heard any more. */
const MOMENT = 10_000;

/** What no page of the book does, by the part of the policy that forbids it. Each says whether it could be done. */
const FORBIDDEN = {
    'script-src-elem': () => {
        const script = document.createElement('script');
        script.textContent = 'window.injected = true';
        document.body.append(script);
        return 'injected' in window;
    },
    'script-src-attr': () => {
        document.body.insertAdjacentHTML('beforeend', '<button id="injected" onclick="window.pressed = true">press</button>');
        document.getElementById('injected').click();
        return 'pressed' in window;
    },
    'connect-src': (other) => fetch(other).then(() => true, () => false),
    'img-src': (other) => new Promise((done) => {
        Object.assign(new Image(), { onload: () => done(true), onerror: () => done(false), src: `${other}favicon.svg` });
    }),
};

/** The policy of the book's own server; none if it sends none. */
export const of = async (server) => (await fetch(server)).headers.get(HEADER) ?? '';

/** A page on which all of that is tried. `said` is what is told of it as of any other page, so this must be told too. */
export async function kept(page, address, server, said, problem) {
    const answer = await page.goto(address, { waitUntil: 'load' });
    if (!answer.headers()[HEADER]?.includes("default-src 'none'")) return problem(`${server} sends no policy`);
    if (said.length > 0) problem(`said before anything forbidden is done: ${said.join('; ')}`);
    for (const [part, act] of Object.entries(FORBIDDEN)) {
        const before = said.length;
        const heard = page.evaluate((moment) => new Promise((done) => {
            const told = setTimeout(done, moment, 'nothing');
            addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
                clearTimeout(told);
                done(effectiveDirective);
            }, { once: true });
        }), MOMENT);
        if (await page.evaluate(act, server)) problem(`what ${part} forbids is done`);
        if ((await heard) !== part) problem(`forbidden by ${await heard}, expected ${part}`);
        const isTold = () => said.slice(before).some((text) => text.includes('Content Security Policy'));
        for (const end = Date.now() + MOMENT; !isTold() && Date.now() < end;) await page.evaluate(() => new Promise(requestAnimationFrame));
        if (!isTold()) problem(`nobody is told of what ${part} forbids`);
    }
}
