// What the kernel says of a process.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

// CPU time of each thread in nanoseconds: schedstat counts run time itself, where stat counts ticks.
export function cpuNow(pid) {
    const threads = new Map();
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
        const [nanoseconds] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
        threads.set(thread, Number(nanoseconds));
    }
    return threads;
}

export function cpuSince(pid, before) {
    let nanoseconds = 0;
    for (const [thread, now] of cpuNow(pid)) nanoseconds += now - (before.get(thread) ?? 0);
    return nanoseconds;
}

/** Ticks of 10 ms that each processor has had nothing to do. */
export function idleTicksNow() {
    const lines = readFileSync('/proc/stat', 'utf8').split('\n').filter((line) => /^cpu\d/.test(line));
    return lines.map((line) => line.split(/\s+/).map(Number)).map((fields) => fields[4] + fields[5]); // idle and iowait
}

function statusBytes(pid, name) {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)[1]) * 1024;
}

export const residentBytes = (pid) => statusBytes(pid, 'VmRSS');
export const peakBytes = (pid) => statusBytes(pid, 'VmHWM');
export const resetPeak = (pid) => writeFileSync(`/proc/${pid}/clear_refs`, '5');
