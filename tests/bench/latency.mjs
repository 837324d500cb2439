// What a way through the gateway adds to a way straight to Kinesis, at a tenth of the capacity: the same client, the same
// arrivals, in turn. The client speaks no TLS, so both ways go to the double's plain port.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { capacityOf, openLoop } from './capacity.mjs';
import { median, row, spread, table } from './numbers.mjs';
import { variants } from './setup.mjs';

const CONNECTIONS = 64;
const PART_OF_CAPACITY = 0.1;
const EVENT_BYTES = 300;

/** The double itself as a server: PutRecord as a caller of AWS would post it. */
function direct(bench, double) {
    const file = join(bench.directory, 'put-record.json');
    const event = JSON.stringify({ id: 'T-0', padding: 'x' }).replace(/x"}$/, '').padEnd(EVENT_BYTES - 2, 'x') + '"}';
    const Data = Buffer.from(event).toString('base64');
    writeFileSync(file, JSON.stringify({ StreamName: 'bench', PartitionKey: 'key-000000', Data }));
    const headers = ['X-Amz-Target: Kinesis_20131202.PutRecord', 'Content-Type: application/x-amz-json-1.1'];
    return { name: 'straight to the double', port: double.plain, headers, extra: ['--path', '/', '--body-file', file] };
}

async function measureOnce(bench, server, rate, seconds) {
    const times = ['--rate', rate, '--warmup-seconds', 0.5, '--seconds', seconds];
    const result = await bench.load(server, [...openLoop(CONNECTIONS), ...times, ...(server.extra ?? [])]);
    if (result.accepted.count !== result.requests) bench.complain(`${server.name}: ${JSON.stringify(result)}`);
    return result.accepted;
}

export async function measureLatency(bench, wanted) {
    const rate = Math.round(median((await capacityOf(bench, wanted)).map((found) => found.rate)) * PART_OF_CAPACITY);
    const double = await bench.startDouble();
    const servers = [direct(bench, double), await bench.startGateway(double, variants.plain(double))];
    if (wanted.awake) bench.keepAwake();
    for (const server of servers) await measureOnce(bench, server, rate, 1);
    const rounds = [];
    for (let round = 1; round <= wanted.rounds; round++) {
        const [straight, through] = [
            await measureOnce(bench, servers[0], rate, wanted.seconds),
            await measureOnce(bench, servers[1], rate, wanted.seconds),
        ];
        rounds.push({ straight, through });
        bench.say(`round ${round}: p50 ${straight.p50_ms} and ${through.p50_ms} ms, p99 ${straight.p99_ms} and ${through.p99_ms} ms`);
    }
    await bench.stopAll();
    const of = (way, field) => spread(rounds.map((one) => one[way][field]), 3);
    const added = (field) => rounds.map(({ straight, through }) => through[field] - straight[field]);
    bench.goals.atMost('added latency at 10 % of capacity, p50 ms', added('p50_ms'), 3, 0.3);
    bench.goals.atMost('added latency at 10 % of capacity, p99 ms', added('p99_ms'), 3, 1.0);
    const lines = [
        row(servers[0].name, of('straight', 'p50_ms'), of('straight', 'p99_ms')),
        row('through the gateway', of('through', 'p50_ms'), of('through', 'p99_ms')),
        row('added, round by round', spread(added('p50_ms'), 3), spread(added('p99_ms'), 3)),
    ];
    return `
## Added latency

${rate} records/s, a tenth of the capacity, Poisson arrivals over ${CONNECTIONS} connections, ${wanted.rounds} interleaved
rounds of ${wanted.seconds} s. Both ways end at the double's plain port, since the client speaks no TLS: the gateway's \`aws.endpoint\`
is http:// here, and only here. Straight, the client posts PutRecord itself, unsigned, which the double does not mind.

${table(['way', 'p50 ms', 'p99 ms'], lines)}
`;
}
