// Redis stops in the middle of a load (SIGSTOP): what callers wait for then, second by second, against the same load with
// a Redis that goes on.
import { setTimeout as delay } from 'node:timers/promises';
import { openLoop } from './capacity.mjs';
import { median, row, spread, table } from './numbers.mjs';

const CONNECTIONS = 64;
const RATE = 2000;
const TIMEOUT_MS = 20; // redis.timeout_ms, as it is by default
const AFTER_MS = 1; // of a p99's own noise
const BEFORE = 3, SECONDS = 6; // Redis stops between the third second and the fourth

async function runOnce(bench, gateway, redis) {
    const load = bench.load(gateway, [...openLoop(CONNECTIONS), '--phases', `${RATE}:${SECONDS}`]);
    await delay(BEFORE * 1000);
    if (redis) redis.child.kill('SIGSTOP');
    const { timeline, by_status: statuses } = await load;
    if (redis) redis.child.kill('SIGCONT');
    if (Object.keys(statuses).some((status) => status !== '200')) bench.complain(`with Redis frozen: ${JSON.stringify(statuses)}`);
    return timeline.map((second) => second.p99_ms);
}

/** The seconds' p99, of pairs of runs; the first of them is a warm-up for the breaker, which must have closed again. */
export async function measureOutage(bench, gateway, redis, { rounds }) {
    const runs = [];
    for (let round = 0; round < rounds; round++)
        runs.push({ calm: await runOnce(bench, gateway), frozen: await runOnce(bench, gateway, redis) });
    const seconds = Array.from({ length: SECONDS }, (_, second) => second);
    const added = (second) => runs.map(({ calm, frozen }) => frozen[second] - calm[second]);
    bench.goals.atMost('p99 ms with Redis frozen over without, first second', added(BEFORE), 2, TIMEOUT_MS);
    const later = (kind) => median(runs.flatMap((run) => run[kind].slice(BEFORE + 1)));
    bench.goals.atMost('the same once the breaker opened, of all such seconds', [later('frozen') - later('calm')], 2, AFTER_MS);
    const lines = seconds.map((second) => {
        const of = (kind) => spread(runs.map((run) => run[kind][second]), 2);
        const name = second < BEFORE ? 'before' : `${second - BEFORE + 1}. frozen`;
        return row(name, of('calm'), of('frozen'), spread(added(second), 2));
    });
    return `
### Redis frozen

${RATE} records/s, Poisson arrivals over ${CONNECTIONS} connections, \`on_redis_failure\` local_share,
\`redis.timeout_ms\` ${TIMEOUT_MS}; p99 in ms by second, of ${rounds} pairs of runs.

${table(['second', 'Redis well', 'Redis frozen', 'added'], lines)}
`;
}
