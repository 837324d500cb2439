// Memory: what an idle keep-alive connection holds, and what a record of 1 MiB holds while Kinesis takes its time. Each
// is measured on a fresh process, after one small request has filled the pools; the kernel's buffers are not in it.
import { execFileSync } from 'node:child_process';
import { mebi, row, spread, table } from './numbers.mjs';
import { peakBytes, resetPeak, residentBytes } from './process.mjs';
import { variants } from './setup.mjs';

const RECORD_BYTES = 1048576 - 256; // 1 MiB with room for any partition key
const RECORDS = 32;
const ROUNDS = 3;
const DELAY_MS = 2000;
const SPARE_FILES = 500;

function idleCount(bench, wanted) {
    const said = execFileSync('/bin/sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' });
    const limit = Number(said.replace('unlimited', '1e9'));
    if (limit >= wanted + SPARE_FILES) return wanted;
    bench.complain(`at most ${limit} open files: ${limit - SPARE_FILES} idle connections instead of ${wanted}`);
    return limit - SPARE_FILES;
}

async function warm(bench, server) {
    const result = await bench.load(server, ['--connections', 1, '--requests', 1, '--seconds', 5]);
    if (!result.by_status['200']) throw new Error(`${server.name} answers ${JSON.stringify(result)}`);
}

async function measureIdle(bench, server, wanted) {
    const count = idleCount(bench, wanted);
    await warm(bench, server);
    const before = residentBytes(server.pid);
    const holder = await bench.startAnnounced(bench.loadCommand(server, ['--idle', count]), bench.cpu.client);
    const after = residentBytes(server.pid);
    const { said } = holder;
    if (said.open < count || said.refused > 0) bench.complain(`${server.name}: ${JSON.stringify(said)}`);
    await bench.stop(holder);
    await bench.stop(server.child);
    return { what: `${said.open} idle connections`, name: server.name, before, after, each: (after - before) / said.open };
}

async function measureInFlight(bench, server, double) {
    await warm(bench, server);
    await bench.setDelay(double, DELAY_MS);
    const before = residentBytes(server.pid);
    resetPeak(server.pid);
    const args = ['--connections', RECORDS, '--requests', RECORDS, '--body-bytes', RECORD_BYTES];
    const result = await bench.load(server, [...args, '--seconds', 60]);
    const peak = peakBytes(server.pid);
    await bench.setDelay(double, 0);
    await bench.stop(server.child);
    if (result.by_status['200'] !== RECORDS) bench.complain(`1 MiB records, ${server.name}: ${JSON.stringify(result)}`);
    const what = `${RECORDS} records of 1 MiB in flight (peak)`;
    return { what, name: server.name, before, after: peak, each: (peak - before) / RECORDS };
}

async function repeat(times, once) {
    const runs = [];
    for (let i = 0; i < times; i++) runs.push(await once());
    return runs;
}

function line(runs) {
    const of = (change, digits) => spread(runs.map(change), digits);
    const sizes = [of(({ before }) => mebi(before), 1), of(({ after }) => mebi(after), 1)];
    return row(runs[0].what, runs[0].name, ...sizes, of(({ each }) => each / 1024, 2));
}

export async function measureMemory(bench, wanted) {
    const double = await bench.startDouble();
    const rows = [
        await repeat(ROUNDS, async () => measureIdle(bench, await bench.startEmpty(), wanted.idle)),
        await repeat(ROUNDS, async () => measureIdle(bench, await bench.startGateway(double), wanted.idle)),
        await repeat(ROUNDS, async () =>
            measureInFlight(bench, await bench.startGateway(double, variants.patient), double)),
    ];
    await bench.stopAll();
    return `
## Memory

Resident set of the server's process, a fresh one each of ${ROUNDS} times; for the records the double answers after ${DELAY_MS} ms.

${table(['load', 'server', 'before, MiB', 'under it, MiB', 'KiB a connection or record'], rows.map(line))}
`;
}
