// What a way through the gateway adds to a way straight to Kinesis, at a tenth of the capacity: the same client, the same
// arrivals, in turn. The client speaks no TLS, so both ways go to the double's plain port. The client has a processor to
// itself and polls; the double is on the gateway's, so that both ways cross over to the other processor and back once.
// The empty handler, there too, shows what that crossing takes.
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
    const result = await bench.load(server, [...openLoop(CONNECTIONS), ...times, ...bench.clientWait, ...(server.extra ?? [])]);
    if (result.accepted.count !== result.requests) bench.complain(`${server.name}: ${JSON.stringify(result)}`);
    return result.accepted;
}

export async function measureLatency(bench, wanted) {
    const rate = Math.round(median((await capacityOf(bench, wanted)).map((found) => found.rate)) * PART_OF_CAPACITY);
    const double = await bench.startDouble({ cpu: bench.cpu.server });
    const servers = {
        straight: direct(bench, double),
        empty: await bench.startEmpty(),
        through: await bench.startGateway(double, variants.plain(double)),
    };
    for (const server of Object.values(servers)) await measureOnce(bench, server, rate, 1);
    const rounds = [];
    for (let round = 1; round <= wanted.rounds; round++) {
        const one = {};
        for (const [way, server] of Object.entries(servers)) one[way] = await measureOnce(bench, server, rate, wanted.seconds);
        rounds.push(one);
        const told = Object.values(one).map(({ p50_ms, p99_ms }) => `${p50_ms} and ${p99_ms}`);
        bench.say(`round ${round}: p50 and p99, ms: ${told.join(', ')}`);
    }
    await bench.stopAll();
    const of = (way, field) => spread(rounds.map((one) => one[way][field]), 3);
    const added = (way, field) => rounds.map((one) => one[way][field] - one.straight[field]);
    bench.goals.atMost('added latency at 10 % of capacity, p50 ms', added('through', 'p50_ms'), 3, 0.3);
    bench.goals.atMost('added latency at 10 % of capacity, p99 ms', added('through', 'p99_ms'), 3, 1.0);
    const addedRow = (name, way) => row(name, spread(added(way, 'p50_ms'), 3), spread(added(way, 'p99_ms'), 3));
    const lines = [
        row(servers.straight.name, of('straight', 'p50_ms'), of('straight', 'p99_ms')),
        row("to an empty handler on the gateway's processor", of('empty', 'p50_ms'), of('empty', 'p99_ms')),
        row('through the gateway', of('through', 'p50_ms'), of('through', 'p99_ms')),
        addedRow('more to the empty handler than straight', 'empty'),
        addedRow('added by the gateway, round by round', 'through'),
    ];
    return `
## Added latency

${rate} records/s, a tenth of the capacity, Poisson arrivals over ${CONNECTIONS} connections, ${wanted.rounds} interleaved
rounds of ${wanted.seconds} s, the client ${bench.clientWait.at(-1)}ing on a processor of its own; the double is on the gateway's. Both ways
end at the double's plain port, since the client speaks no TLS: the gateway's \`aws.endpoint\` is http:// here, and only here.
Straight, the client posts PutRecord itself, unsigned, which the double does not mind.

${table(['way', 'p50 ms', 'p99 ms'], lines)}
`;
}
