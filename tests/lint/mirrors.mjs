#!/usr/bin/env node
// Tests stand where what they test stands: X_test.c and X_side_test.c have their X.c (or X.h, whoever implements it), or
// mirrors.allowed says what they test. And nothing lies beside the build: every file is in a CMakeLists.txt.
import { Allowed, conclude, exists, files, read } from './lib/tree.mjs';
import { basename, dirname } from 'node:path';

const allowed = new Allowed('mirrors');
const findings = [];

// X, or what is left of it without its last words, is a file of the product.
function isTested(path) {
    for (let at = path; !at.endsWith('/'); at = at.replace(/_?[^_/]+$/, ''))
        if (exists(`${at}.c`) || exists(`${at}.h`)) return true;
    return false;
}

for (const test of files(/^tests\/(auth|gateway)\/.*_test\.c$/)) {
    const tested = test.replace(/^tests\//, '').replace(/_test\.c$/, '');
    if (!isTested(tested) && !allowed.has(test, (what) => what === 'several'))
        findings.push(`${test}:1: there is no ${tested}.c; what tests several parts belongs into ${allowed.file}`);
}

const lists = new Map(files(/(^|\/)CMakeLists\.txt$/).map((file) => [dirname(file), read(file)]));

// The nearest list above the file.
function listOf(file) {
    for (let folder = dirname(file); folder !== '.'; folder = dirname(folder)) if (lists.has(folder)) return lists.get(folder);
    return lists.get('.');
}

for (const file of files(/^(auth|gateway|tests)\/.*\.c$/)) {
    const name = basename(file, '.c'), unit = name.replace(/_test$/, '');
    const words = new Set(listOf(file).split(/[^\w]+/));
    if (!words.has(name) && !words.has(unit)) findings.push(`${file}:1: no CMakeLists.txt builds it`);
}
for (const file of files(/^tests\/fuzz\/.*\.dict$/))
    if (!exists(file.replace(/dict$/, 'c'))) findings.push(`${file}:1: a dictionary without its target`);
conclude([...findings, ...allowed.findings()]);
