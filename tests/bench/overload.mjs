// Offers the gateway a multiple of its capacity, in one run of several phases: a warm-up, half the capacity, 80 % of it,
// the overload, half again. What goes through meanwhile, what it costs in memory, and how soon it is over. The capacity is
// searched for anew before each run, since that of a shared machine changes within minutes.
import { capacityMarkdown, givenCapacity, openLoop, searchCapacity, sharesCells, sharesHead } from './capacity.mjs';
import { mebi, median, row, spread, table } from './numbers.mjs';
import { peakBytes, resetPeak, residentBytes } from './process.mjs';

const FACTORS = [2, 5, 10];
const PATIENCE_MS = 5;
const RECOVERY_MAX_SECONDS = 5;
const GOODPUT_MIN = 0.9;
const SLOWER_MAX = 3;
const FULL = 0.95;
const STRANGERS_MAX = 0.1;
const GOOD = 0.98; // of a second's arrivals have to be accepted for it to count as recovered

const phasesOf = (rate, factor) => [
    { name: 'warm-up', rate: rate / 2, seconds: 1 },
    { name: 'before', rate: rate / 2, seconds: 3 },
    { name: 'high', rate: rate * 0.8, seconds: 3 },
    { name: 'overload', rate: rate * factor, seconds: 6 },
    { name: 'after', rate: rate / 2, seconds: 8 },
];

function startOf(phases, name) {
    const index = phases.findIndex((phase) => phase.name === name);
    return phases.slice(0, index).reduce((sum, phase) => sum + phase.seconds, 0);
}

/** Seconds from the overload's end to the end of the first good second. */
function recovery(result, phases, before) {
    const since = startOf(phases, 'after');
    const arrivals = (second) => second.accepted + second.refused + second.failed + second.abandoned;
    const isGood = (second) => second.accepted >= GOOD * arrivals(second) && second.p99_ms < 2 * before.p99_ms;
    const index = result.timeline.slice(since).findIndex(isGood);
    return index < 0 ? Infinity : index + 1;
}

async function overloadOnce(bench, { gateway, double, rate, factor, wanted }) {
    const phases = phasesOf(rate, factor);
    const plan = phases.map((phase) => `${phase.rate.toFixed(1)}:${phase.seconds}`).join(',');
    const residentBefore = residentBytes(gateway.pid);
    resetPeak(gateway.pid);
    const args = [...openLoop(wanted.overloadConnections), '--phases', plan, '--patience-ms', PATIENCE_MS];
    const result = await bench.load(gateway, args, { gateway, double });
    const of = Object.fromEntries(phases.map((phase, index) => [phase.name, result.phases[index]]));
    if (of.overload.failed > 0) bench.say(`not all were accepted or refused: ${JSON.stringify(result.by_status)}, ` +
        JSON.stringify(result.errors_by_kind));
    const from = startOf(phases, 'overload'), to = startOf(phases, 'after');
    const perSecond = (field) => of.overload[field] / of.overload.seconds;
    const one = {
        rate, offered: rate * factor,
        accepted: perSecond('accepted'), refused: perSecond('refused'), abandoned: perSecond('abandoned'),
        failed: of.overload.failed,
        goodput: perSecond('accepted') / rate,
        p99: of.overload.p99_ms, highP99: of.high.p99_ms, slower: of.overload.p99_ms / of.high.p99_ms,
        recovery: recovery(result, phases, of.before),
        residentBefore, peak: peakBytes(gateway.pid), residentAfter: residentBytes(gateway.pid),
        ...result.watch.shares(from, to),
    };
    bench.say(`${factor} times: ${Math.round(one.accepted)}/s accepted, p99 ${one.p99} ms, recovered after ${one.recovery} s`);
    return one;
}

async function overload(bench, { factor, wanted }) {
    const double = await bench.startDouble();
    const gateway = await bench.startGateway(double);
    await bench.load(gateway, ['--connections', wanted.overloadConnections, '--seconds', 1]);
    const runs = [], found = [];
    for (let i = 0; i < wanted.overloadRounds; i++) {
        const one = wanted.capacity ? givenCapacity(wanted)
            : await searchCapacity(bench, gateway, { ...wanted, watched: { gateway, double } });
        found.push(one);
        runs.push(await overloadOnce(bench, { gateway, double, rate: one.rate, factor, wanted }));
    }
    await bench.stopAll();
    return { factor, runs, found };
}

const of = (runs, field, digits = 0, change = (value) => value) => spread(runs.map((run) => change(run[field])), digits);

function goodputTable(results) {
    const head = ['× capacity', 'offered/s', '200s/s', '200s, × capacity', '503s/s', 'abandoned/s', 'failed', 'p99 ms of 200s',
        'p99 ms at 80 %', 'ratio', 'recovered after, s'];
    return table(head, results.map(({ factor, runs }) =>
        row(factor, of(runs, 'offered'), of(runs, 'accepted'), of(runs, 'goodput', 2), of(runs, 'refused'),
            of(runs, 'abandoned'), of(runs, 'failed'), of(runs, 'p99', 1), of(runs, 'highP99', 1), of(runs, 'slower', 2),
            of(runs, 'recovery'))));
}

function costTable(results) {
    const head = ['× capacity', 'RSS before, MiB', 'peak', 'after', ...sharesHead];
    return table(head, results.map(({ factor, runs }) =>
        row(factor, of(runs, 'residentBefore', 1, mebi), of(runs, 'peak', 1, mebi), of(runs, 'residentAfter', 1, mebi),
            ...sharesCells(runs))));
}

// Whose processor was full decides what was measured; where strangers had a part of it, nobody can tell.
function bottleneck(results) {
    const share = (field) => median(results.flatMap(({ runs }) => runs.map((run) => run[field])));
    const strangers = Math.max(share('gatewayBusy') - share('gateway'), share('othersBusy') - share('others'));
    if (strangers > STRANGERS_MAX)
        return `**Strangers had up to ${Math.round(strangers * 100)} % of a processor: what is measured is they, too.**`;
    if (share('gatewayBusy') >= FULL) return "The gateway's processor was full: what is measured is the gateway.";
    if (share('othersBusy') >= FULL)
        return "The client's processor was full, the gateway's was not: **the client and the double were the limit**.";
    return 'Neither processor was full: the connections and their round trips were the limit.';
}

export async function measureOverload(bench, wanted) {
    const results = [];
    for (const factor of FACTORS) results.push(await overload(bench, { factor, wanted }));
    for (const { factor, runs } of results) {
        const values = (field) => runs.map((run) => run[field]);
        bench.goals.atLeast(`written at ${factor} × capacity, × capacity`, values('goodput'), 2, GOODPUT_MIN);
        bench.goals.atMost(`p99 of these, × that at 80 %`, values('slower'), 2, SLOWER_MAX);
        bench.goals.atMost(`recovery after ${factor} × capacity, s`, values('recovery'), 0, RECOVERY_MAX_SECONDS);
    }
    const found = results.flatMap((result) => result.found);
    return `
## Overload
${capacityMarkdown(found, wanted)}
### Beyond it

Poisson arrivals over ${wanted.overloadConnections} connections. An arrival that finds none free within ${PATIENCE_MS} ms is *abandoned*:
never sent, as in a caller whose pool of connections is exhausted and who fails at once. The others' latency runs from the moment they
were meant to be sent. A run is half the capacity for 4 s, 80 % for 3 s, the overload for 6 s, half again for 8 s; recovery is the end
of the first whole second with a p99 below twice that before the overload and ${GOOD * 100} % of the arrivals accepted, so 1 is the least.

${goodputTable(results)}

${bottleneck(results)} The client and the double share one processor, the gateway has another.

${costTable(results)}
`;
}
