// Capacity: the highest rate of an open loop that the gateway answers with a p99 under 50 ms, and nothing refused. Found by
// halving between nothing and somewhat above what a closed loop reaches. A rate is too much when it was too much twice: one
// pause of the whole machine spoils the p99 of a step, and would halve the capacity for good.
import { row, spread, table } from './numbers.mjs';

const P99_MAX_MS = 50;
const ABOVE_CLOSED_LOOP = 1.2;
const STEPS = 6;
const ALL = 0.99; // of the arrivals have to be accepted, whatever the end of a run cuts off
const NOTHING = { rate: 0, p99: NaN, gateway: NaN, others: NaN, gatewayBusy: NaN, othersBusy: NaN };

export const openLoop = (connections) => ['--connections', connections, '--arrivals', 'poisson'];

async function isCarried(bench, gateway, wanted, rate) {
    const times = ['--warmup-seconds', 0.5, '--seconds', wanted.searchSeconds, '--rate', Math.round(rate)];
    const result = await bench.load(gateway, [...openLoop(wanted.overloadConnections), ...times], wanted.watched);
    const { accepted, watch } = result;
    const isEnough = accepted.p99_ms < P99_MAX_MS && accepted.count >= ALL * (result.requests + result.overdue);
    bench.say(`${Math.round(rate)}/s: p99 ${accepted.p99_ms} ms, ${accepted.count} accepted${isEnough ? '' : ': too much'}`);
    return isEnough && { rate, p99: accepted.p99_ms, ...watch.shares() };
}

/** One search. `wanted.watched`: whose processor time is watched meanwhile. */
export async function searchCapacity(bench, gateway, wanted) {
    const closed = await bench.load(gateway, ['--connections', wanted.overloadConnections, '--seconds', 2]);
    let best = NOTHING, low = 0;
    let high = (closed.accepted.count / closed.seconds) * ABOVE_CLOSED_LOOP;
    const carriedAt = async (rate) =>
        (await isCarried(bench, gateway, wanted, rate)) || (await isCarried(bench, gateway, wanted, rate));
    for (let more; (more = await carriedAt(high)); high *= ABOVE_CLOSED_LOOP) [best, low] = [more, high];
    for (let step = 0; step < STEPS; step++) {
        const rate = (low + high) / 2;
        const carried = await carriedAt(rate);
        if (carried) [best, low] = [carried, rate];
        else high = rate;
    }
    if (best.rate === 0) throw new Error('no rate was carried with a p99 under 50 ms');
    return best;
}

async function searchOften(bench, wanted) {
    const double = await bench.startDouble();
    const gateway = await bench.startGateway(double);
    const found = [];
    for (let i = 0; i < wanted.searches; i++)
        found.push(await searchCapacity(bench, gateway, { ...wanted, watched: { gateway, double } }));
    await bench.stopAll();
    return found;
}

/** What is said instead of searching. */
export const givenCapacity = (wanted) => ({ ...NOTHING, rate: wanted.capacity });

/** Measured once in a run of the benchmark, whoever asks first. An array of what the searches found. */
export async function capacityOf(bench, wanted) {
    if (wanted.capacity) return [givenCapacity(wanted)];
    bench.capacity ??= await searchOften(bench, wanted);
    return bench.capacity;
}

export const sharesHead = ['% of its CPU: gateway', 'anybody', '% of theirs: client and double', 'anybody'];
export const sharesCells = (runs) =>
    ['gateway', 'gatewayBusy', 'others', 'othersBusy'].map((field) => spread(runs.map((run) => run[field] * 100)));

export function capacityMarkdown(found, wanted) {
    const values = (field) => found.map((one) => one[field]);
    const head = ['searches', 'records/s', 'p99 ms there', ...sharesHead];
    const line = row(found.length, spread(values('rate')), spread(values('p99'), 1), ...sharesCells(found));
    return `
### Capacity

The highest rate of Poisson arrivals over ${wanted.overloadConnections} connections with a p99 under ${P99_MAX_MS} ms and nothing
refused; TLS upstream, no delay.

${table(head, [line])}
`;
}
