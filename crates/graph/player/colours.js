// Colours for numbers, from the page's CSS variables (`panel.css`), so that light, dark and paper each have their own.
(() => {
    'use strict';
    const player = (globalThis.player ??= {});

    /** So many shades a scale has. */
    const SHADES = 255;
    /** Variables, from the low end to the high. In the middle of the first is zero. */
    const SCALES = {
        diverging: ['minus', 'minus-half', 'zero', 'plus-half', 'plus'],
        sequential: ['low', 'half', 'high'],
    };

    const parsed = (text) => {
        const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(text.trim());
        return hex ? hex.slice(1).map((part) => parseInt(part, 16)) : [128, 128, 128];
    };

    /** The shades of an element's scale, as the page has them now; `none` is for what is no finite number. */
    const shades = (element, diverging) => {
        const style = getComputedStyle(element);
        const colour = (name) => parsed(style.getPropertyValue(`--pl-${name}`));
        const stops = SCALES[diverging ? 'diverging' : 'sequential'].map(colour);
        const table = new Uint32Array(SHADES + 1);
        const packed = ([r, g, b]) => (255 << 24) | (b << 16) | (g << 8) | r;
        for (let shade = 0; shade < SHADES; shade += 1) {
            const at = (shade / (SHADES - 1)) * (stops.length - 1);
            const from = Math.min(Math.floor(at), stops.length - 2);
            table[shade] = packed(stops[from].map((part, place) => Math.round(part + (stops[from + 1][place] - part) * (at - from))));
        }
        table[SHADES] = packed(colour('none'));
        return table;
    };

    /** A few numbers that are so much larger than all others don't decide about the colours of these. */
    const FAR = 4;
    /**
     * What the ends of the scale mean: symmetric about zero if something is below it, else from zero to the largest. `beyond`
     * says that a few numbers are beyond them.
     */
    player.range = ({ least, most, finite, reach }, wanted) => {
        if (finite === 0) return { low: 0, high: 1, diverging: wanted ?? false };
        const diverging = wanted ?? least < 0;
        const largest = Math.max(Math.abs(least), Math.abs(most));
        const end = largest || 1;
        if (diverging) {
            const beyond = reach * FAR < largest;
            const seen = beyond ? reach : end;
            return { low: -seen, high: seen, diverging, ...(beyond && { beyond }) };
        }
        const low = Math.min(0, least);
        return { low, high: most > low ? most : low + 1, diverging };
    };

    /** Paints `height` × `width` numbers, one pixel each; `at(row, column)` is a number. */
    player.paint = (canvas, { height, width, at, low, high, diverging }) => {
        canvas.width = Math.max(1, width);
        canvas.height = Math.max(1, height);
        const context = canvas.getContext('2d');
        const image = context.createImageData(canvas.width, canvas.height);
        const pixels = new Uint32Array(image.data.buffer);
        const table = shades(canvas, diverging);
        const scale = (SHADES - 1) / (high - low);
        for (let row = 0, pixel = 0; row < height; row += 1) {
            for (let column = 0; column < width; column += 1, pixel += 1) {
                const value = at(row, column);
                const shade = Number.isFinite(value) ? Math.max(0, Math.min(SHADES - 1, Math.round((value - low) * scale))) : SHADES;
                pixels[pixel] = table[shade];
            }
        }
        context.putImageData(image, 0, 0);
    };

    // ---- When the colours change ----

    /** Paints what is on the page anew; what is not paints itself when it comes there. */
    const again = () => document.querySelectorAll('.pl-heat').forEach((heat) => heat.repaint?.());
    let watched = false;
    /** Sees to it that heat maps follow the page's theme, and paper. */
    player.followColours = () => {
        if (watched) return;
        watched = true;
        new MutationObserver(again).observe(document.documentElement, { attributes: true, attributeFilter: ['class', 'data-theme'] });
        matchMedia('(prefers-color-scheme: dark)').addEventListener('change', again);
        // Paper is white: `panel.css` gives it its colours by this class.
        const print = (on) => () => { document.documentElement.classList.toggle('pl-print', on); again(); };
        addEventListener('beforeprint', print(true));
        addEventListener('afterprint', print(false));
    };
})();
