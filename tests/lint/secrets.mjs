#!/usr/bin/env node
// A secret reaches no log, metric or error: no function that writes takes one, and it is revealed in few places only, each
// in secrets.allowed with its reason. What is inside a struct secret is known to auth/secret.c alone.
import { Allowed, conclude, files, lines, read, withoutComments } from './lib/tree.mjs';

const WRITERS = /^gateway\/(base\/(log|json_write|metrics|failure)|front\/(reply|problem|request_log|aws_reply|admin\/\w+))\.[ch]$/;
const HOME = /^auth\/secret\.[ch]$/;

const allowed = new Allowed('secrets');
const findings = [];

function check(file, text, shown, line) {
    if (WRITERS.test(file) && /\bstruct\s+secret\b|auth\/secret\.h/.test(text))
        findings.push(`${file}:${line}: what writes for others must not know struct secret`);
    if (HOME.test(file)) return;
    if (/(->|\.)hidden\b/.test(text)) findings.push(`${file}:${line}: only auth/secret.c looks inside a secret`);
    if (/\bsecret_reveal\s*\(/.test(text) && !allowed.has(file, (what) => shown.includes(what)))
        findings.push(`${file}:${line}: a secret is revealed here and ${allowed.file} does not say why`);
}

for (const file of files(/^(auth|gateway)\/.*\.[ch]$/)) {
    const shown = lines(read(file)), code = lines(withoutComments(read(file)));
    code.forEach((text, index) =>
        check(file, /^\s*#\s*include/.test(text) ? shown[index] : text, shown[index], index + 1));
}
conclude([...findings, ...allowed.findings()]);
