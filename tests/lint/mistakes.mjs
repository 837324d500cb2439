#!/usr/bin/env node
// Mistakes that no compiler sees and that were made elsewhere before. A row is a check; mistakes.allowed has the exceptions,
// by a part of the line.
import { Allowed, conclude, files, lines, read, withoutComments } from './lib/tree.mjs';

const PRODUCT = /^(auth|gateway)\/.*\.[ch]$/;
const C_TESTS = /^tests\/(?!bench\/|double\/).*\.[ch]$/;
const C = /\.[ch]$/;
const NODE_TESTS = /^tests\/(?!bench\/|lint\/).*\.mjs$/;

const RULES = [
    {
        in: /^(auth|gateway\/(front|quota|cli))\/.*\.[ch]$/, find: /\b(memcmp|bcmp)\s*\(/,
        say: 'its time tells where two texts part: bytes_equal_constant_time(), or why this is no secret',
    },
    { in: PRODUCT, find: /\b(strcpy|strcat|stpcpy|sprintf|vsprintf|strtok|alloca)\s*\(/, say: 'knows no bounds' },
    { in: PRODUCT, find: /\b(strncpy|strncat)\s*\(/, say: 'may leave a text without its end' },
    { in: PRODUCT, find: /\b(ato[ifl]l?|sscanf)\s*\(/, say: 'reads numbers loosely: span_parse_u64()' },
    { in: C, find: /\b(gets|system|popen|tmpnam|tempnam|mktemp)\s*\(/, say: 'is never right' },
    { in: C, find: /\b(rand|random|drand48|lrand48)\s*\(/, say: 'is predictable: random.h, or a seeded one of the test' },
    {
        in: PRODUCT, find: /\b(time|gettimeofday|clock_gettime|localtime|localtime_r|mktime|ctime|ctime_r|ftime|clock)\s*\(/,
        say: 'time is an argument, or the loop\'s',
    },
    { in: PRODUCT, find: /\b(usleep|sleep|nanosleep|clock_nanosleep)\s*\(/, say: 'blocks' },
    { in: PRODUCT, find: /\b(getaddrinfo|gethostbyname)\s*\(/, say: 'blocks' },
    { in: PRODUCT, find: /\bstrndup\s*\(/, say: 'reads on to a NUL that a span does not have' },
    {
        in: PRODUCT, find: /\b(abort|exit|_exit|quick_exit)\s*\(/,
        say: 'ends the process: assert() for our mistakes, a failure for others\'',
    },
    {
        in: PRODUCT, find: /\bassert\s*\([^=!<>]*(\+\+|--|[^=!<>]=[^=])/,
        say: 'does something that must also be done without asserts',
    },
    {
        in: C_TESTS, find: /\b(usleep|sleep|nanosleep|clock_nanosleep|thrd_sleep)\s*\(/,
        say: 'wait for the condition, not for time',
    },
    {
        in: NODE_TESTS, find: /timers\/promises|\bsetTimeout\(\s*(r|done|resolve|next)\b/, raw: true,
        say: 'wait for the condition, not for time: lib/wait.mjs',
    },
    { in: C_TESTS, find: /\bhtons\s*\(\s*[1-9]/, say: 'a fixed port: port 0, and ask which it became' },
    { in: NODE_TESTS, find: /\.listen\(\s*[1-9]|\bport:\s*[1-9]/, raw: true, say: 'a fixed port: port 0, and ask which it became' },
];

const allowed = new Allowed('mistakes');
const findings = [];

function check(rule, file, text, line, shown) {
    const found = rule.find.exec(text);
    if (found && !allowed.has(file, (what) => shown.includes(what)))
        findings.push(`${file}:${line}: ${found[1] ?? found[0].trim()}: ${rule.say}`);
}

for (const file of files(/^(auth|gateway|tests)\/.*\.([ch]|mjs)$/)) {
    const rules = RULES.filter((rule) => rule.in.test(file));
    const text = read(file), shown = lines(text), code = C.test(file) ? lines(withoutComments(text)) : shown;
    for (const rule of rules)
        code.forEach((line, index) => check(rule, file, rule.raw ? shown[index] : line, index + 1, shown[index]));
}
conclude([...findings, ...allowed.findings()]);
