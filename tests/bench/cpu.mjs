// CPU per record: the gateway against the empty handler, same client, same connections, same machine, in turn. The ratio
// is taken pair by pair. And how many calls upstream a thousand records took meanwhile.
import { measurePairs } from './measure.mjs';
import { row, spread, table } from './numbers.mjs';

const CALLS_MAX = 50;

function line({ connections, delayMs }, name, runs, ratios) {
    const column = (field, digits) => spread(runs.map((run) => run[field]), digits);
    const lost = runs.reduce((sum, run) => sum + run.lost, 0);
    const ratio = ratios ? spread(ratios, 2) : '1';
    const latency = [column('p50_ms', 2), column('p99_ms', 2)];
    return row(connections, `${delayMs} ms`, name, column('us', 2), ratio, column('rate', 0), ...latency, lost);
}

const title = ({ connections, delayMs }) => `${connections} connections, upstream +${delayMs} ms`;

function callsTable(results) {
    const line = ({ wanted, pairs }) =>
        row(title(wanted), ...['told', 'seen'].map((by) => spread(pairs.map(({ b }) => b.calls[by]), 1)));
    return `
### Calls upstream per 1,000 records

${table(['load', 'by `/metrics`', 'as the double counts'], results.map(line))}
`;
}

function stageTable(results) {
    const stages = [...new Set(results.flatMap(({ pairs }) => pairs.flatMap(({ b }) => [...b.stages.keys()])))];
    if (stages.length === 0) return '';
    const values = (pairs, stage) => spread(pairs.map(({ b }) => b.stages.get(stage) ?? 0), 3);
    const lines = stages.map((stage) => row(`\`${stage}\``, ...results.map(({ pairs }) => values(pairs, stage))));
    return `
### Where the gateway says it goes, µs a record

${table(['stage', ...results.map(({ wanted }) => title(wanted))], lines)}
`;
}

function judge(bench, { wanted, pairs }) {
    const ratios = pairs.map(({ a, b }) => b.us / a.us);
    if (wanted.ratioMax) bench.goals.atMost(`CPU a record × floor, ${title(wanted)}`, ratios, 2, wanted.ratioMax);
    const calls = pairs.map(({ b }) => b.calls.seen);
    bench.goals.atMost(`calls upstream per 1,000 records, ${title(wanted)}`, calls, 1, CALLS_MAX);
}

export async function measureCpu(bench, wanted) {
    const floor = await bench.startEmpty();
    const double = bench.calibrate ? null : await bench.startDouble();
    const gateway = await bench.startGateway(double);
    const results = [];
    for (const one of wanted.cases) {
        await bench.setDelay(double, one.delayMs);
        bench.say(title(one));
        results.push({ wanted: one, pairs: await measurePairs(bench, floor, gateway, double, { ...wanted, ...one }) });
    }
    await bench.stopAll();
    if (!bench.calibrate) for (const result of results) judge(bench, result);
    const lines = results.flatMap(({ wanted: one, pairs }) => [
        line(one, floor.name, pairs.map(({ a }) => a)),
        line(one, gateway.name, pairs.map(({ b }) => b), pairs.map(({ a, b }) => b.us / a.us)),
    ]);
    const head = ['connections', 'upstream delay', 'server', 'CPU µs a record', '× floor', 'records/s', 'p50 ms', 'p99 ms', 'not written'];
    return `
## CPU per record

Keep-alive connections in a closed loop, 300-byte records, TLS upstream, one worker, ${wanted.rounds} interleaved rounds
of ${wanted.seconds} s, the client ${bench.clientWait.at(-1)}ing; the ratio over the pairs of rounds.

${table(head, lines)}
${bench.calibrate ? '' : callsTable(results)}${stageTable(results)}`;
}
