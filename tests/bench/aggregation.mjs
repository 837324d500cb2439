// What aggregation saves: payload units of 25 KB, which Kinesis bills and limits by, for a thousand small events. A
// record takes a unit for every 25 KB begun, so a 300-byte event alone takes one.
import { createReadStream, truncateSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { row, spread, table } from './numbers.mjs';
import { variants } from './setup.mjs';

const UNIT_BYTES = 25600;
const UNITS_MAX = 20;
const CONNECTIONS = 512;
const DELAY_MS = 10;

async function readLedger(path) {
    let units = 0, records = 0;
    for await (const line of createInterface({ input: createReadStream(path) })) {
        const { length, partition_key: key } = JSON.parse(line);
        units += Math.ceil((length + Buffer.byteLength(key)) / UNIT_BYTES);
        records++;
    }
    return { units, records };
}

async function measureOnce(bench, gateway, ledger, seconds) {
    truncateSync(ledger); // the double appends
    const result = await bench.load(gateway, ['--connections', CONNECTIONS, '--seconds', seconds]);
    const events = result.accepted.count;
    if (events === 0 || events !== result.requests) bench.complain(`aggregation: ${JSON.stringify(result)}`);
    const { units, records } = await readLedger(ledger);
    bench.say(`${events} events in ${records} records of ${units} units`);
    return { events, rate: result.rate, units: (1000 * units) / events, each: events / records, p99: result.accepted.p99_ms };
}

async function measureStream(bench, overrides, wanted) {
    const ledger = join(bench.directory, 'ledger');
    const double = await bench.startDouble({ ledger });
    const gateway = await bench.startGateway(double, overrides);
    await bench.setDelay(double, DELAY_MS);
    await measureOnce(bench, gateway, ledger, 1);
    const runs = [];
    for (let round = 1; round <= wanted.rounds; round++) runs.push(await measureOnce(bench, gateway, ledger, wanted.seconds));
    await bench.stopAll();
    return runs;
}

const of = (runs, field, digits) => spread(runs.map((run) => run[field]), digits);
const line = (name, runs) =>
    row(name, of(runs, 'units', 1), of(runs, 'each', 1), of(runs, 'rate', 0), of(runs, 'p99', 1));

export async function measureAggregation(bench, wanted) {
    const goal = 'units of 25 KB per 1,000 events of 300 bytes, aggregated';
    const refusal = await bench.refusalOf(variants.aggregate);
    if (refusal) {
        bench.goals.skip(goal, `≤ ${UNITS_MAX}`);
        return `\n## Aggregation\n\nSkipped: this gateway refuses the setting:\n\n\`\`\`\n${refusal}\n\`\`\`\n`;
    }
    const plain = await measureStream(bench, {}, { rounds: 1, seconds: 1 });
    const aggregated = await measureStream(bench, variants.aggregate, wanted);
    bench.goals.atMost(goal, aggregated.map((run) => run.units), 1, UNITS_MAX);
    return `
## Aggregation

${CONNECTIONS} connections, the double ${DELAY_MS} ms away, random partition keys, 300-byte events. Units from the double's ledger: each
record's Data and partition key, rounded up to ${UNIT_BYTES} bytes.

${table(['stream', 'units per 1,000 events', 'events a record', 'events/s', 'p99 ms'], [
    line('as it is', plain), line('`"aggregate": true`', aggregated)])}
`;
}
