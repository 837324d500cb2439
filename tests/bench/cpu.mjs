// CPU per record: the gateway against the empty handler, same client, same machine, in turn A B A B, so that whatever
// else the machine does falls on both. The ratio is taken pair by pair.
import { cpuNow, cpuSince } from './process.mjs';

const WARMUP_SECONDS = 1;

export const median = (values) => {
    const sorted = [...values].sort((a, b) => a - b);
    const middle = sorted.length >> 1;
    return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

const spread = (values, digits) =>
    `${median(values).toFixed(digits)} (${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)})`;

// The gateway's own clock of its stages, if it has one: every kgw_stage_… line that counts seconds.
async function stageSeconds(server) {
    const seconds = new Map();
    if (!server.adminPort) return seconds;
    const text = await (await fetch(`http://127.0.0.1:${server.adminPort}/metrics`)).text();
    for (const line of text.split('\n')) {
        const [, name, labels, value] = /^(kgw_stage_\w*seconds\w*)(\{.*\})?\s+(\S+)/.exec(line) ?? [];
        if (name && !/_(bucket|count)$/.test(name)) seconds.set(name + (labels ?? ''), Number(value));
    }
    return seconds;
}

async function measure(bench, server, { connections, seconds }) {
    const stagesBefore = await stageSeconds(server);
    const before = cpuNow(server.pid);
    const result = await bench.load(server, ['--connections', connections, '--seconds', seconds]);
    const cpuNs = cpuSince(server.pid, before);
    const written = result.by_status['200'] ?? 0;
    const lost = result.requests - written;
    if (written === 0) throw new Error(`${server.name}: nothing was written: ${JSON.stringify(result)}`);
    if (lost > 0 || result.errors > 0) bench.complain(`${server.name}: ${JSON.stringify(result)}`);
    const stages = new Map();
    for (const [stage, now] of await stageSeconds(server))
        stages.set(stage, ((now - (stagesBefore.get(stage) ?? 0)) * 1e6) / written);
    return { ...result, lost, stages, us: cpuNs / 1000 / written };
}

async function measurePairs(bench, floor, gateway, wanted) {
    const pairs = [];
    for (const server of [floor, gateway]) await measure(bench, server, { ...wanted, seconds: WARMUP_SECONDS });
    for (let round = 1; round <= wanted.rounds; round++) {
        const a = await measure(bench, floor, wanted);
        const b = await measure(bench, gateway, wanted);
        pairs.push({ a, b });
        process.stderr.write(
            `round ${round}: ${a.us.toFixed(2)} and ${b.us.toFixed(2)} µs a record, ` +
                `ratio ${(b.us / a.us).toFixed(2)}, ${Math.round(b.rate)} records/s\n`,
        );
    }
    return pairs;
}

function row(delayMs, name, runs, ratios) {
    const column = (field, digits) => median(runs.map((run) => run[field])).toFixed(digits);
    const lost = runs.reduce((sum, run) => sum + run.lost, 0);
    const cells = [
        `${delayMs} ms`,
        name,
        spread(runs.map((run) => run.us), 2),
        ratios ? spread(ratios, 2) : '1',
        column('rate', 0),
        column('p50_ms', 2),
        column('p99_ms', 2),
        lost,
    ];
    return `| ${cells.join(' | ')} |`;
}

function stageTable(results) {
    const stages = [...new Set(results.flatMap(({ pairs }) => pairs.flatMap(({ b }) => [...b.stages.keys()])))];
    if (stages.length === 0) return '';
    const head = results.map(({ delayMs }) => ` upstream +${delayMs} ms, µs a record |`).join('');
    const lines = stages.map((stage) => {
        const cells = results.map(({ pairs }) => ` ${spread(pairs.map(({ b }) => b.stages.get(stage) ?? 0), 3)} |`);
        return `| \`${stage}\` |${cells.join('')}`;
    });
    return `
### Where the gateway says it goes

| stage |${head}
|---|${'---|'.repeat(results.length)}
${lines.join('\n')}
`;
}

export async function measureCpu(bench, wanted) {
    const floor = await bench.startEmpty();
    const double = bench.calibrate ? null : await bench.startDouble();
    const gateway = await bench.startGateway(double);
    if (wanted.awake) bench.keepAwake();
    const results = [];
    for (const delayMs of wanted.delays) {
        await bench.setDelay(double, delayMs);
        process.stderr.write(`upstream delay ${delayMs} ms, ${wanted.connections} connections\n`);
        results.push({ delayMs, pairs: await measurePairs(bench, floor, gateway, wanted) });
    }
    await bench.stopAll();
    const rows = results.flatMap(({ delayMs, pairs }) => [
        row(delayMs, floor.name, pairs.map(({ a }) => a)),
        row(delayMs, gateway.name, pairs.map(({ b }) => b), pairs.map(({ a, b }) => b.us / a.us)),
    ]);
    const awake = wanted.awake ? ", the client's processor kept busy at idle priority" : '';
    return `
## CPU per record

${wanted.connections} keep-alive connections, 300-byte records, one worker, ${wanted.rounds} interleaved rounds of
${wanted.seconds} s${awake}; median (minimum–maximum) over the rounds, the ratio over the pairs.

| upstream delay | server | CPU µs a record | × floor | records/s | p50 ms | p99 ms | not written |
|---|---|---|---|---|---|---|---|
${rows.join('\n')}
${stageTable(results)}`;
}
