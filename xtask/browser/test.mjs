// Opens every page of the book, light and dark, narrow and wide.
// Usage: node test.mjs BOOK SCREENSHOTS CHROMIUM
//
// Fails on errors in the console, on requests that fail or leave this machine, on pages wider than the window, on
// diagrams that don't answer to the pointer, the finger and the keyboard, and on themes that change nothing.

import { createServer } from 'node:http';
import { mkdir, readFile, readdir } from 'node:fs/promises';
import { extname, join, relative, resolve, sep } from 'node:path';
import { chromium } from 'playwright-core';
import { fingers, follow, hover, select } from './diagrams.mjs';

const THEMES = ['light', 'navy'];
const SIZES = [{ width: 375, height: 800 }, { width: 1400, height: 900 }];
const TYPES = {
    '.css': 'text/css', '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.json': 'application/json',
    '.png': 'image/png', '.svg': 'image/svg+xml', '.woff2': 'font/woff2',
};

const [book, screenshots, executablePath] = process.argv.slice(2);
if (!executablePath) {
    console.error('expected: node test.mjs BOOK SCREENSHOTS CHROMIUM');
    process.exit(2);
}

/** The book, on this machine alone. */
async function serve(folder) {
    const root = resolve(folder);
    const server = createServer(async (request, response) => {
        const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
        const file = join(root, path.endsWith('/') ? `${path}index.html` : path);
        try {
            if (!file.startsWith(root + sep)) throw new Error('outside');
            const content = await readFile(file);
            response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
            response.end(content);
        } catch {
            response.writeHead(404).end();
        }
    });
    await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
    return { server, origin: `http://127.0.0.1:${server.address().port}` };
}

/** Pages a reader can come to; the table of contents and the 404 page are parts of mdBook. */
async function pages(folder) {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
        .filter((entry) => entry.isFile() && entry.name.endsWith('.html'))
        .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
        .filter((path) => !['404.html', 'toc.html'].includes(path))
        .sort();
}

/** Whether something sticks out of the window, and what. */
function overflow() {
    const width = document.documentElement.clientWidth;
    const content = document.querySelector('.content') ?? document.body;
    const wide = Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) > width;
    if (!wide && content.scrollWidth <= content.clientWidth) return null;
    const guilty = [...content.querySelectorAll('*')].filter((element) => element.getBoundingClientRect().right > width + 1);
    const name = (element) => `<${element.tagName.toLowerCase()} class="${element.getAttribute('class') ?? ''}">`;
    return guilty.slice(0, 3).map(name).join(', ') || 'the page itself';
}

async function visit(page, origin, path, file, problem) {
    await page.goto(`${origin}/${path}`, { waitUntil: 'load' });
    await page.evaluate(() => document.fonts.ready);
    const wide = await page.evaluate(overflow);
    if (wide) problem(`wider than the window: ${wide}`);
    const headings = await page.locator('main h1').count();
    if (headings === 0) problem('no heading');
    await page.screenshot({ path: file, fullPage: true });
}

const { server, origin } = await serve(book);
const browser = await chromium.launch({
    executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
const problems = [];
const colours = new Map();
let visits = 0;
const all = await pages(book);
await mkdir(screenshots, { recursive: true });
for (const theme of THEMES) {
    for (const size of SIZES) {
        const context = await browser.newContext({
            viewport: size, colorScheme: theme === 'light' ? 'light' : 'dark', reducedMotion: 'reduce',
        });
        await context.addInitScript((name) => localStorage.setItem('mdbook-theme', name), theme);
        const page = await context.newPage();
        let path = '';
        const problem = (text) => problems.push(`${path} (${theme}, ${size.width} px): ${text}`);
        page.on('console', (message) => message.type() === 'error' && problem(`console: ${message.text()}`));
        page.on('pageerror', (error) => problem(`script: ${error.message}`));
        page.on('response', (answer) => answer.status() >= 400 && problem(`${answer.status()} for ${answer.url()}`));
        page.on('request', (request) => {
            if (!request.url().startsWith(origin) && !request.url().startsWith('data:')) problem(`asks for ${request.url()}`);
        });
        for (path of all) {
            // A page of everything at once, for paper; it opens the print dialogue by itself.
            if (path === 'print.html') continue;
            const name = path.replace(/\.html$/, '').replaceAll('/', '-');
            await visit(page, origin, path, join(screenshots, `${name}-${theme}-${size.width}.png`), problem);
            if (size.width > 1000) await hover(page, problem);
            else await fingers(page, problem);
            visits += 1;
        }
        if (theme === THEMES[0]) {
            // Where Figure 1 stands.
            path = 'overview.html';
            await (size.width > 1000 ? select : follow)(page, `${origin}/${path}`, problem);
        }
        colours.set(theme, await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor));
        await context.close();
    }
}
await browser.close();
server.close();
if (new Set(colours.values()).size !== THEMES.length) problems.push('the themes have the same background');
if (visits === 0) problems.push(`no pages in ${book}`);
for (const text of problems) console.error(text);
console.log(`${visits} visits to ${all.length} pages, ${problems.length} problems; screenshots in ${relative('../..', screenshots) || screenshots}`);
process.exit(problems.length === 0 ? 0 : 1);
