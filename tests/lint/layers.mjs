#!/usr/bin/env node
// Who may include whom: each room only those below it, and each library only where it is at home, by whatever way round.
import { conclude, exists, files, lines, read } from './lib/tree.mjs';

const ROOMS = [
    { name: 'top', rank: 7, files: /^gateway\/([^/]+\.[ch]$|cli\/)/ },
    { name: 'conf', rank: 6, files: /^gateway\/conf\// },
    { name: 'tenants', rank: 5, files: /^gateway\/tenants\// },
    { name: 'creds', rank: 5, files: /^gateway\/creds\// },
    { name: 'front', rank: 4, files: /^gateway\/front\// },
    { name: 'quota', rank: 3, files: /^gateway\/quota\// },
    { name: 'kinesis', rank: 3, files: /^gateway\/kinesis\// },
    { name: 'net', rank: 2, files: /^gateway\/net\// },
    { name: 'base', rank: 1, files: /^gateway\/base\// },
    { name: 'auth', rank: 0, files: /^auth\// },
    { name: 'the double', rank: 0, files: /^tests\/double\// }, // it links nothing of the product
];

const SERVER = /^gateway\/front\/(server[^/]*|connection\.c|linger\.c|exchange_h2o\.c)$/;
const LIBRARIES = [
    { name: 'H2O', headers: /^(h2o\.h|h2o\/|picohttpparser|wslay)/, at: [SERVER, /^gateway\/net\//] },
    // control.c prepares the library for the whole process, before any thread.
    { name: 'curl', headers: /^curl\//, at: [/^gateway\/net\//, /^gateway\/control\.c$/] },
    { name: 'hiredis', headers: /^hiredis\//, at: [/^gateway\/net\//] },
    { name: 'OpenSSL', headers: /^openssl\//, at: [/^auth\//, SERVER, /^gateway\/net\//] },
    {
        name: 'jansson', headers: /^jansson/,
        at: [/^auth\/(keyring|aws_creds)[^/]*$/, /^gateway\/(conf|tenants|creds|cli|front\/admin)\//],
    },
    // auth/ is pure: no clock, no files, no network, no threads but for the digests' contexts and snapshots' counts.
    {
        name: 'the system', in: /^auth\//, at: [/^auth\/address\.c$/],
        headers: /^(time|unistd|fcntl|netdb|poll|signal|dirent|sys\/(?!types)\S+|netinet\/.*|arpa\/.*)(\.h)?$/,
    },
];

const roomOf = (file) => ROOMS.find((room) => room.files.test(file));

function includesOf(file) {
    return lines(read(file)).flatMap((text, index) => {
        const found = /^\s*#\s*include\s*(["<])([^">]+)[">]/.exec(text);
        return found ? [{ at: `${file}:${index + 1}`, quoted: found[1] === '"', path: found[2] }] : [];
    });
}

const sources = files(/^(auth|gateway|tests)\/.*\.[ch]$/);
const includes = new Map(sources.map((file) => [file, includesOf(file)]));
const findings = [];

function checkQuoted(file, { at, path }) {
    const from = roomOf(file), to = roomOf(path);
    if (!exists(path)) findings.push(`${at}: "${path}" is no file of the tree; paths start at its root`);
    else if (from && path.startsWith('tests/') && from !== to)
        findings.push(`${at}: ${file} is not a test and includes ${path}`);
    else if (from && to && from !== to && to.rank >= from.rank)
        findings.push(`${at}: ${from.name} must not include ${to.name}`);
}

// The line by which a file gets at the library: straight, or through a header that is at home with it. A header that is
// not is told of itself, and not once more for everything that includes it.
function wayTo(file, library) {
    return includes.get(file).find(({ quoted, path }) => quoted
        ? includes.has(path) && isHome(path, library) && wayTo(path, library)
        : library.headers.test(path));
}

const isHome = (file, library) => library.at.some((pattern) => pattern.test(file));

for (const file of sources) {
    for (const include of includes.get(file)) if (include.quoted) checkQuoted(file, include);
    for (const library of LIBRARIES) {
        if (file.startsWith('tests/') || (library.in && !library.in.test(file))) continue;
        const way = isHome(file, library) ? undefined : wayTo(file, library);
        if (way) findings.push(`${way.at}: ${library.name} is not at home here, and ${way.path} brings it`);
    }
}
conclude(findings);
