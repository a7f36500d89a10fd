// Reads values: a SafeTensors file, as `Program::to_safetensors` writes it, and base64, as play files keep one.
player.part((player) => {
    'use strict';
    const { Problem } = player;
    const damaged = (reason) => new Problem(`The file of values is damaged or cut off: ${reason}.`);

    /** How many bytes a number takes, what it is here, and how it is read. */
    const formats = {
        F32: [4, 'float', (view, place) => view.getFloat32(place, true)],
        F16: [2, 'float', (view, place) => half(view.getUint16(place, true))],
        BF16: [2, 'float', (view, place) => brain(view.getUint16(place, true))],
        F64: [8, 'float', (view, place) => view.getFloat64(place, true)],
        I64: [8, 'int', (view, place) => whole(view.getBigInt64(place, true))],
        U64: [8, 'int', (view, place) => whole(view.getBigUint64(place, true))],
        I32: [4, 'int', (view, place) => view.getInt32(place, true)],
        U32: [4, 'int', (view, place) => whole(view.getUint32(place, true))],
        I16: [2, 'int', (view, place) => view.getInt16(place, true)],
        U16: [2, 'int', (view, place) => view.getUint16(place, true)],
        I8: [1, 'int', (view, place) => view.getInt8(place)],
        U8: [1, 'int', (view, place) => view.getUint8(place)],
        BOOL: [1, 'bool', (view, place) => truth(view.getUint8(place))],
    };

    /** Whether this machine has the order of bytes that files have. */
    const isLittle = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
    /** A number of 16 bits: sign, 5 bits of exponent, 10 of fraction. */
    const half = (bits) => {
        const sign = bits & 0x8000 ? -1 : 1;
        const exponent = (bits >> 10) & 31;
        const fraction = bits & 1023;
        if (exponent === 31) {
            return fraction === 0 ? sign * Infinity : NaN;
        }
        return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
    };
    /** All of them, made when they are first asked for: weights are many. */
    let halves = null;
    const widened = (bits) => {
        halves ??= Float32Array.from({ length: 65536 }, (_, number) => half(number));
        const result = new Float32Array(bits.length);
        for (let place = 0; place < result.length; place++) {
            result[place] = halves[bits[place]];
        }
        return result;
    };
    /** The upper half of a number of 32 bits. */
    const scratch = new DataView(new ArrayBuffer(4));
    const brain = (bits) => {
        scratch.setUint32(0, bits << 16 >>> 0);
        return scratch.getFloat32(0);
    };
    const whole = (number) => {
        if (number > 2147483647 || number < -2147483648) {
            throw new Problem(`The number ${number} takes more than the 32 bits that there are here.`);
        }
        return Number(number);
    };
    const truth = (byte) => {
        if (byte > 1) {
            throw damaged(`the byte ${byte} is neither true nor false`);
        }
        return byte;
    };

    /** The tensors of a file by their names: `Map` of `{stored, dtype, shape, data}`, where `stored` is the file's own type. */
    player.safetensors = (bytes) => {
        const buffer = bytes instanceof ArrayBuffer ? bytes : bytes?.buffer;
        if (!(buffer instanceof ArrayBuffer)) {
            throw damaged('there are no bytes');
        }
        const view = new DataView(buffer, bytes.byteOffset ?? 0, bytes.byteLength);
        if (view.byteLength < 8) {
            throw damaged(`it has ${view.byteLength} bytes`);
        }
        const length = Number(view.getBigUint64(0, true));
        if (length > view.byteLength - 8) {
            throw damaged(`its head should have ${length} bytes, and ${view.byteLength - 8} are left`);
        }
        let head;
        try {
            const text = new Uint8Array(buffer, view.byteOffset + 8, length);
            head = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text));
        } catch {
            throw damaged('its head is no JSON');
        }
        const body = new DataView(buffer, view.byteOffset + 8 + length, view.byteLength - 8 - length);
        const entries = Object.entries(head ?? {}).filter(([name]) => name !== '__metadata__');
        return new Map(entries.map(([name, entry]) => [name, read(name, entry, body)]));
    };

    const read = (name, entry, body) => {
        const format = formats[entry?.dtype];
        const [from, to] = entry?.data_offsets ?? [];
        const shape = entry?.shape;
        if (format === undefined || !Array.isArray(shape) || ![from, to, ...shape].every((n) => Number.isSafeInteger(n) && n >= 0)) {
            throw damaged(`the entry of ${name} makes no sense`);
        }
        const [width, dtype, get] = format;
        const count = player.size(shape);
        if (to - from !== count * width) {
            throw damaged(`${name} should have ${count * width} bytes, and has ${to - from}`);
        }
        if (to > body.byteLength) {
            throw damaged(`${name} should end at byte ${to}, and there are ${body.byteLength}`);
        }
        if (isLittle && (entry.dtype === 'F32' || entry.dtype === 'F16')) {
            // A copy begins where a number may begin, and keeps nothing else of the file.
            const copy = body.buffer.slice(body.byteOffset + from, body.byteOffset + to);
            const data = entry.dtype === 'F32' ? new Float32Array(copy) : widened(new Uint16Array(copy));
            return { stored: entry.dtype, dtype, shape, data };
        }
        const data = new player.arrays[dtype](count);
        for (let place = 0; place < count; place++) {
            data[place] = get(body, from + place * width);
        }
        return { stored: entry.dtype, dtype, shape, data };
    };

    /** A number that tells one text from another that differs by a slip: FNV-1a of its letters, in hexadecimal digits. */
    player.sum = (text) => {
        let hash = 0x811c9dc5;
        for (let place = 0; place < text.length; place++) {
            hash = Math.imul(hash ^ text.charCodeAt(place), 0x01000193);
        }
        return (hash >>> 0).toString(16).padStart(8, '0');
    };

    /** The bytes of base64; `sum` is what its letters come to, if that is known. */
    player.bytes = (text, sum) => {
        if (sum !== undefined && player.sum(text) !== sum) {
            throw damaged('its letters are not those that were written');
        }
        let letters;
        try {
            letters = atob(text);
        } catch {
            throw damaged('it is no base64');
        }
        const bytes = new Uint8Array(letters.length);
        for (let place = 0; place < bytes.length; place++) {
            bytes[place] = letters.charCodeAt(place);
        }
        return bytes.buffer;
    };
});
