#!/usr/bin/env node
// Everything that threads could share, or that reaches across the process: each is in shared.allowed, with its reason.
import { Allowed, conclude, files, lines, read, withoutComments } from './lib/tree.mjs';

const TYPES = new RegExp('\\b(?:_Atomic|_Thread_local|__thread|volatile|sig_atomic_t|sem_t|(?:mtx|cnd|thrd|tss)_t|once_flag|' +
    'pthread_(?:mutex|rwlock|spinlock|cond|barrier|once|key)?_?t|' +
    'atomic_(?!load|store|fetch|exchange|compare|init|thread_fence|signal_fence|is_lock_free|flag_)\\w+|atomic_flag)\\b');
const CALLS = new RegExp('\\b(pthread_(?:create|once|key_create|atfork|sigmask|cancel|kill)|thrd_create|call_once|' +
    'signal|sigaction|sigprocmask|signalfd|sigwait|sigwaitinfo|raise|kill|fork|vfork|clone|atexit|' +
    'setenv|putenv|unsetenv|setlocale|chdir|umask|setrlimit|mallopt|' +
    'atomic_thread_fence|atomic_signal_fence|__sync_\\w+|__atomic_\\w+)\\s*\\(', 'g');
// In formatted code only what is of the file starts in the first column; `static` further in outlives its function too.
const NO_VARIABLE = /^(typedef|extern|return|goto|case|default|else|do)\b|^(struct|union|enum)\s+\w+\s*[;{]|^[}#{]/;
const VARIABLE = /^(?:\s+static\s)?[A-Za-z_][\w\s*[\]]*[\s*]\w+(?:\[[^\]]*\])*\s*(?:[={;]|$)/;

// The names that a declaration introduces: `_Atomic uint64_t head, tail;` → head, tail.
function declared(text) {
    return text.replace(/[;{].*$/, '').split(',')
        .map((part) => /(\w+)\s*(?:\[[^\]]*\]\s*)*(?:=.*|\).*)?$/.exec(part.trim())?.[1]).filter(Boolean);
}

// A pointer to what is constant may itself change: with stars, the last one must be followed by `const`.
function isConstant(text) {
    const type = text.replace(/[={;].*$/, '').replace(/\[[^\]]*\]/g, '');
    return /\bconst\b/.test(type.includes('*') ? type.slice(type.lastIndexOf('*')) : type);
}

const isVariable = (text) => !NO_VARIABLE.test(text) && VARIABLE.test(text) && /[=;{]/.test(text);

const allowed = new Allowed('shared');
const findings = [];

function check(file, line, name, say) {
    if (!allowed.has(file, (what) => what === name))
        findings.push(`${file}:${line}: ${say} "${name}" is not in ${allowed.file}`);
}

for (const file of files(/^(auth|gateway)\/.*\.[ch]$/)) {
    lines(withoutComments(read(file))).forEach((text, index) => {
        const type = TYPES.exec(text);
        if (type && !/^\s*#/.test(text))
            for (const name of declared(text.slice(type.index + type[0].length)))
                check(file, index + 1, name, 'what threads may share,');
        else if (file.endsWith('.c') && isVariable(text) && !isConstant(text))
            for (const name of declared(text.replace(/[={].*$/, ''))) check(file, index + 1, name, 'a variable of the process,');
        for (const call of text.matchAll(CALLS))
            check(file, index + 1, `${call[1]}()`, 'a call that reaches across the process,');
    });
}
conclude([...findings, ...allowed.findings()]);
