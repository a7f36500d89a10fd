// A page whose answers come late, as on a busy machine: it hears of another address, of a timer, of a size, of what a worker has
// done, a while after it happened. A test that looks at once, where it should wait, fails on it every time and not once in a hundred.

/** Makes a page late by so many milliseconds; it runs in the page, before its own scripts. */
export function late(delay) {
    const { setTimeout, requestAnimationFrame } = window;
    const later = (act) => function (...what) {
        setTimeout(() => act.apply(this, what), delay);
    };
    window.setTimeout = (act, wait, ...what) => setTimeout(act, (wait ?? 0) + delay, ...what);
    window.requestAnimationFrame = (act) => requestAnimationFrame(() => setTimeout(() => requestAnimationFrame(act), delay));
    for (const name of ['ResizeObserver', 'IntersectionObserver', 'MutationObserver']) {
        window[name] = class extends window[name] {
            constructor(act, options) {
                super(later(act), options);
            }
        };
    }
    const listen = EventTarget.prototype.addEventListener;
    const heard = ['hashchange', 'popstate', 'toggle', 'selectionchange', 'scroll', 'message', 'storage'];
    EventTarget.prototype.addEventListener = function (name, act, options) {
        return listen.call(this, name, heard.includes(name) && typeof act === 'function' ? later(act) : act, options);
    };
    const told = Object.getOwnPropertyDescriptor(Worker.prototype, 'onmessage');
    Object.defineProperty(Worker.prototype, 'onmessage', { ...told, set(act) { told.set.call(this, later(act)); } });
}
