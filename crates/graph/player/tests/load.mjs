// Loads the player into Node, file by file as a page does.
import { readFileSync } from 'node:fs';

/** The player's files, in their order. */
export const files = ['common.js', 'safetensors.js', 'kinds.js', 'kinds-numbers.js', 'kinds-moves.js', 'kinds-sums.js', 'kinds-matrix.js',
    'kinds-windows.js', 'program.js', 'edits.js', 'player.js', 'worker.js'];
export const texts = files.map((name) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'));

if (globalThis.player?.part === undefined) {
    // What a script declares stays in it, as each file is a function.
    texts.forEach((text) => (0, eval)(text));
}
export const player = globalThis.player;
