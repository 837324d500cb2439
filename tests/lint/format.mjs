#!/usr/bin/env node
// clang-format decides the spaces of C. Only version 14 is asked: others disagree with it, and without it nothing is said.
import { spawnSync } from 'node:child_process';
import { conclude, files, root } from './lib/tree.mjs';

const program = ['clang-format-14', 'clang-format'].find((name) =>
    / version 14\./.test(spawnSync(name, ['--version'], { encoding: 'utf8' }).stdout ?? ''));

if (!program) {
    console.log('clang-format 14 is not installed: nothing was checked');
} else {
    const sources = files(/^(auth|gateway|tests)\/.*\.[ch]$/);
    const run = spawnSync(program, ['-n', '--Werror', ...sources], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });
    const places = run.stderr.match(/^\S+:\d+:\d+: (error|warning): .*$/gm) ?? [];
    const firsts = [...new Map(places.reverse().map((place) => [place.split(':')[0], place])).values()].reverse();
    const findings = firsts.map((place) => `${place.split(':').slice(0, 2).join(':')}: clang-format -i has something to do here`);
    conclude(run.status !== 0 && findings.length === 0 ? [run.stderr] : findings);
}
