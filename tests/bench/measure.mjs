// One measurement in a closed loop: what a record costs the server, and how many calls upstream it took.
import { callsPerThousand, countAll, stagesBetween } from './counters.mjs';
import { cpuNow, cpuSince } from './process.mjs';

const WARMUP_SECONDS = 1;
const DISAGREEMENT_MAX = 0.02;

export async function measure(bench, server, double, { connections, seconds }) {
    const before = await countAll(server, double);
    const cpuBefore = cpuNow(server.pid);
    const result = await bench.load(server, ['--connections', connections, '--seconds', seconds, ...bench.clientWait]);
    const cpuNs = cpuSince(server.pid, cpuBefore);
    const after = await countAll(server, double);
    const written = result.by_status['200'] ?? 0;
    const lost = result.requests - written;
    if (written === 0) throw new Error(`${server.name}: nothing was written: ${JSON.stringify(result)}`);
    if (lost > 0 || result.errors > 0) bench.complain(`${server.name}: ${JSON.stringify(result)}`);
    const calls = callsPerThousand(before, after);
    if (Math.abs(calls.told / calls.seen - 1) > DISAGREEMENT_MAX)
        bench.complain(`${server.name} counts ${calls.told} calls per 1,000 records, the double ${calls.seen}`);
    return { ...result, lost, calls, stages: stagesBetween(before, after, written), us: cpuNs / 1000 / written };
}

/** Two servers in turn, A B A B, so that whatever else the machine does falls on both. Each has a warm-up first. */
export async function measurePairs(bench, first, second, double, wanted) {
    const pairs = [];
    const warmup = { ...wanted, seconds: wanted.warmupSeconds ?? WARMUP_SECONDS };
    for (const server of [first, second]) await measure(bench, server, double, warmup);
    for (let round = 1; round <= wanted.rounds; round++) {
        const a = await measure(bench, first, double, wanted);
        const b = await measure(bench, second, double, wanted);
        pairs.push({ a, b });
        const ratio = (b.us / a.us).toFixed(2);
        bench.say(`round ${round}: ${a.us.toFixed(2)} and ${b.us.toFixed(2)} µs a record, ratio ${ratio}`);
    }
    return pairs;
}
