// What the checks share: the tree's files, C without its comments and strings, lists of what is allowed, and the verdict.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const PARTS = ['.ci', 'auth', 'deploy', 'gateway', 'tests'];
const PASSED_OVER = new Set(['node_modules', 'corpus']);

function walk(folder, found) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
        if (entry.isDirectory() && !PASSED_OVER.has(entry.name)) walk(join(folder, entry.name), found);
        if (entry.isFile()) found.push(relative(root, join(folder, entry.name)));
    }
    return found;
}

const top = readdirSync(root, { withFileTypes: true }).filter((e) => e.isFile()).map((e) => e.name);
const all = [...top, ...PARTS.filter((p) => existsSync(join(root, p))).flatMap((p) => walk(join(root, p), []))].sort();

/** The tree's files whose path matches. */
export const files = (pattern) => all.filter((file) => pattern.test(file));
export const exists = (file) => all.includes(file);
export const read = (file) => readFileSync(join(root, file), 'utf8');
export const lines = (text) => text.split('\n');

const blank = (text) => text.replace(/[^\n]/g, ' ');

/** C without comments, its strings and characters emptied; every line and column stays where it was. */
export function withoutComments(text) {
    return text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g, (part) =>
        part[0] === '/' ? blank(part) : part[0] + blank(part.slice(1, -1)) + part[0]);
}

/**
 * A list of exceptions, tests/lint/NAME.allowed: a line each, FILE, WHAT and the reason, with two spaces or more between
 * them. An exception that nothing needs any more is a finding itself.
 */
export class Allowed {
    constructor(name) {
        this.file = `tests/lint/${name}.allowed`;
        this.rows = lines(read(this.file)).map((text, index) => ({ text, line: index + 1 }))
            .filter(({ text }) => text.trim() !== '' && !text.startsWith('#'))
            .map((row) => {
                const [file, what, reason] = row.text.split(/ {2,}/);
                return { ...row, file, what, reason, isUsed: false };
            });
    }

    /** Is there a row for this file for which `matches(what)` holds? */
    has(file, matches) {
        const rows = this.rows.filter((row) => row.file === file && row.reason && matches(row.what));
        for (const row of rows) row.isUsed = true;
        return rows.length > 0;
    }

    findings() {
        return this.rows.filter((row) => !row.isUsed).map((row) => `${this.file}:${row.line}: ${row.reason
            ? 'nothing needs this exception any more' : 'must be FILE, WHAT and a reason, two spaces between them'}`);
    }
}

/** Prints the findings, if there are any, and ends. */
export function conclude(findings) {
    for (const finding of findings) console.log(finding);
    process.exitCode = findings.length === 0 ? 0 : 1;
}
