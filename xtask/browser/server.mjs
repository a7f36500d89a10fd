// The book on this machine alone, below a path as it may be published at, and the list of its pages.

import { createServer } from 'node:http';
import { readFile, readdir, stat } from 'node:fs/promises';
import { extname, join, relative, resolve, sep } from 'node:path';

/** Nothing in the book may lead to the root of its host. */
const BELOW = '/some/where/';
const TYPES = {
    '.css': 'text/css', '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.json': 'application/json',
    '.png': 'image/png', '.svg': 'image/svg+xml', '.woff2': 'font/woff2',
};

/** The book, with a policy if there is one, and the address of its front page without a file's name. */
export async function serve(folder, policy) {
    const root = resolve(folder);
    const server = createServer(async (request, response) => {
        const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
        const inside = path.startsWith(BELOW) ? path.slice(BELOW.length) : '../outside';
        const file = join(root, inside === '' || inside.endsWith('/') ? `${inside}index.html` : inside);
        try {
            if (!file.startsWith(root + sep)) throw new Error('outside');
            const content = await readFile(file);
            const type = { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' };
            response.writeHead(200, policy ? { ...type, 'content-security-policy': policy } : type);
            response.end(content);
        } catch {
            response.writeHead(404).end();
        }
    });
    await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
    return { server, address: `http://127.0.0.1:${server.address().port}${BELOW}` };
}

/** Pages a reader can come to, with their sizes in bytes; the table of contents and the 404 page are parts of mdBook. */
export async function pages(folder) {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const paths = entries
        .filter((entry) => entry.isFile() && entry.name.endsWith('.html'))
        .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
        // A page of everything at once is for paper; it opens the print dialogue by itself.
        .filter((path) => !['404.html', 'toc.html', 'print.html'].includes(path))
        .sort();
    return Promise.all(paths.map(async (path) => ({ path, bytes: (await stat(join(folder, path))).size })));
}
