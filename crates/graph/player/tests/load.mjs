// Loads the player into Node, file by file as a page does.
import { readFileSync } from 'node:fs';

const list = readFileSync(new URL('../../src/player.rs', import.meta.url), 'utf8');
/** The player's files, in their order. */
export const files = [...list.match(/const RUN: [^;]*;/)[0].matchAll(/"([\w-]+\.js)"/g)].map(([, name]) => name);
if (files.length < 10) throw new Error(`only ${files.length} files of the player`);
export const texts = files.map((name) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'));

if (globalThis.player?.part === undefined) {
    // What a script declares stays in it, as each file is a function.
    texts.forEach((text) => (0, eval)(text));
}
export const player = globalThis.player;
