// What quotas cost: the gateway with limits that nobody reaches, kept in Redis, against the same without; and how often
// Redis is asked.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openLoop } from './capacity.mjs';
import { measurePairs } from './measure.mjs';
import { row, spread, table } from './numbers.mjs';
import { measureOutage } from './outage.mjs';
import { scriptsOf, startRedis } from './redis.mjs';

const CONNECTIONS = 64;
const RATIO_MAX = 1.05;
const RATE = 5000;
const COMMANDS_MAX = 20;
const QUOTA = { requests_per_second: 1000000, records_per_second: 1000000, bytes_per_second: 1000000000 };

/** Settings of a gateway whose tenant has quotas, kept in that Redis. */
export function limited(bench, socket) {
    const tenants = JSON.parse(readFileSync(join(bench.directory, 'tenants.json')));
    tenants.tenants.bench.quota = QUOTA;
    const file = join(bench.directory, 'tenants-limited.json');
    writeFileSync(file, JSON.stringify(tenants, null, 2));
    return { tenants_file: file, redis: { url: `unix://${socket}` } };
}

async function commandsPerThousand(bench, gateway, socket, { rounds, seconds }) {
    const all = [];
    for (let round = 0; round < rounds; round++) {
        const before = scriptsOf(socket);
        const times = ['--rate', RATE, '--warmup-seconds', 0, '--seconds', seconds];
        const { accepted } = await bench.load(gateway, [...openLoop(CONNECTIONS), ...times]);
        all.push(((scriptsOf(socket) - before) / accepted.count) * 1000);
    }
    return all;
}

export async function measureQuota(bench, wanted) {
    const double = await bench.startDouble();
    const redis = await startRedis(bench), { socket } = redis;
    const without = { ...(await bench.startGateway(double)), name: 'without quotas' };
    const withQuotas = { ...(await bench.startGateway(double, limited(bench, socket))), name: 'with quotas' };
    const pairs = await measurePairs(bench, without, withQuotas, double, { ...wanted, connections: CONNECTIONS });
    const commands = await commandsPerThousand(bench, withQuotas, socket, wanted);
    const outage = await measureOutage(bench, withQuotas, redis, wanted);
    await bench.stopAll();
    const ratios = pairs.map(({ a, b }) => b.us / a.us);
    bench.goals.atMost('CPU a record, with quotas × without', ratios, 2, RATIO_MAX);
    bench.goals.atMost(`Redis commands per 1,000 records at ${RATE} records/s`, commands, 1, COMMANDS_MAX);
    const us = (runs) => spread(runs.map((run) => run.us), 2);
    const lines = [
        row('without quotas', us(pairs.map(({ a }) => a)), '1', ''),
        row('in Redis', us(pairs.map(({ b }) => b)), spread(ratios, 3), spread(commands, 1)),
    ];
    return `
## Quotas

${CONNECTIONS} connections in a closed loop, limits of requests, records and bytes a second, upstream without delay,
${wanted.rounds} interleaved rounds of ${wanted.seconds} s; Redis's commands at
${RATE} records/s, Poisson arrivals, the heartbeat's included.

${table(['gateway', 'CPU µs a record', '× without', 'Redis commands per 1,000 records'], lines)}
${outage}`;
}
