// Memory: what an idle keep-alive connection holds, and what a record of 1 MiB holds while Kinesis takes its time. Each
// is measured on a fresh process, after one small request has filled the pools; the kernel's buffers are not in it.
import { execFileSync } from 'node:child_process';
import { peakBytes, resetPeak, residentBytes } from './process.mjs';

const RECORD_BYTES = 1048576 - 256; // 1 MiB with room for any partition key
const RECORDS = 32;
const DELAY_MS = 2000;
const SPARE_FILES = 500;
const PATIENT = { request_timeout_ms: 30000, aws: { call_timeout_ms: 20000 } };

const mebi = (bytes) => (bytes / 1048576).toFixed(1);
const row = (...cells) => `| ${cells.join(' | ')} |`;

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
    const each = ((after - before) / said.open / 1024).toFixed(2);
    return row(`${said.open} idle connections`, server.name, mebi(before), mebi(after), `${each} KiB a connection`);
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
    const each = mebi((peak - before) / RECORDS);
    const load = `${RECORDS} records of 1 MiB in flight`;
    return row(load, server.name, mebi(before), `${mebi(peak)} (peak)`, `${each} MiB a record`);
}

export async function measureMemory(bench, wanted) {
    const double = bench.calibrate ? null : await bench.startDouble();
    const rows = [
        await measureIdle(bench, await bench.startEmpty(), wanted.idle),
        await measureIdle(bench, await bench.startGateway(double), wanted.idle),
        await measureInFlight(bench, await bench.startGateway(double, PATIENT), double),
    ];
    await bench.stopAll();
    return `
## Memory

Resident set of the server's process; for the records the double answers after ${DELAY_MS} ms.

| load | server | before, MiB | after, MiB | difference |
|---|---|---|---|---|
${rows.join('\n')}
`;
}
