#!/usr/bin/env node
// What every file keeps, whatever it is written in: no notes to oneself, nothing of one machine, clean ends, bearable sizes.
import { Allowed, conclude, files, lines, read } from './lib/tree.mjs';

const LINES_MAX = 350;
const COLUMNS_MAX = 120; // of C, but for long strings; of everything else, where no tool breaks lines:
const COLUMNS_ELSEWHERE_MAX = 140;
const CODE = /\.([ch]|mjs|js|sh|cmake|lua)$|CMakeLists\.txt$|^tests\/run$|^\.ci\/|^deploy\/quickstart$/;
const GENERATED = /package-lock\.json$|\.dict$/;
const BINARY = /\.(png|gif|ico|gz|der|bin)$/;

const RULES = [
    { find: /\b(TO[D]O|FIX[M]E|X{3}|HA[C]K)\b|\bfor[ ]now\b/, say: 'a note to oneself: do it, or leave it' },
    { find: new RegExp('(^|[\\s"\'`=:(])/(work|root|home|Users)/'), say: 'a path of one machine' },
    { find: new RegExp('(^|[\\s"\'`=:(])/tmp/(?!\\$)'), say: 'a path of one machine: TMPDIR, mktemp or the build folder' },
    { find: /[ \t]+$/, say: 'white space at the end of the line', unless: /\.md$/ },
    { find: /\r$/, say: 'a CR at the end of the line' },
    { find: /^ *\t/, say: 'a tab', only: /\.([ch]|mjs|cmake)$|CMakeLists\.txt$/ },
    { find: /"resolved": "(?!https:\/\/registry\.npmjs\.org\/)/, say: 'a registry that not everybody has', only: /package-lock\.json$/ },
];

const allowed = new Allowed('text');
const findings = [];
const isAllowed = (file, shown) => allowed.has(file, (what) => shown.includes(what)); // WHAT: a part of the line, or "lines"

function checkLine(file, text, line) {
    for (const rule of RULES)
        if ((!rule.only || rule.only.test(file)) && !rule.unless?.test(file) && rule.find.test(text) && !isAllowed(file, text))
            findings.push(`${file}:${line}: ${rule.say}`);
    const isC = /\.[ch]$/.test(file), most = isC ? COLUMNS_MAX : COLUMNS_ELSEWHERE_MAX, columns = [...text].length;
    if (CODE.test(file) && columns > most && !(isC && text.includes('"')) && !isAllowed(file, text))
        findings.push(`${file}:${line}: ${columns} columns, ${most} at most`);
}

for (const file of files(/./)) {
    if (BINARY.test(file)) continue;
    const text = read(file), all = lines(text);
    all.forEach((line, index) => checkLine(file, line, index + 1));
    if (GENERATED.test(file)) continue;
    if (text !== '' && !text.endsWith('\n')) findings.push(`${file}:${all.length}: no end of line at the end of the file`);
    if (text.endsWith('\n\n')) findings.push(`${file}:${all.length - 1}: empty lines at the end of the file`);
    if (CODE.test(file) && all.length - 1 > LINES_MAX && !isAllowed(file, 'lines'))
        findings.push(`${file}:${LINES_MAX + 1}: ${all.length - 1} lines, ${LINES_MAX} at most: look for the second noun`);
}
conclude([...findings, ...allowed.findings()]);
