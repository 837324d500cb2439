// Records of up to 10 MiB, at the edge and past it, and beside small ones.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { ENTRIES, entriesOf } from './lib/batch.mjs';
import { startDouble } from './lib/double.mjs';
import { makeKey, startGateway, stopAll } from './lib/gateway.mjs';
import { lostAcknowledgements, startLoad } from './lib/load.mjs';
import { audit } from './lib/metrics.mjs';
import { until } from './lib/wait.mjs';

const MIB = 1 << 20;
const LARGEST = 10 * MIB; // Data and partition key together
const AT_ONCE = 6;

describe('a stream that takes records of 10 MiB', () => {
    let double, gateway, small;

    before(async () => {
        double = await startDouble(['--stream', `large:4:${LARGEST}`]);
        small = await makeKey({}, 'small');
        gateway = await startGateway(
            {
                aws: { ...double.aws, call_timeout_ms: 30000 },
                listen: [{ address: '127.0.0.1:0', max_body_bytes: 28 * MIB }],
                request_timeout_ms: 30000,
                lane: { queue_bytes: 4 * AT_ONCE * LARGEST }, // no worker's queue is half full of them
                streams: {
                    large: { name: 'large', max_record_bytes: LARGEST },
                    four: { name: 'four' },
                },
            },
            [await makeKey(), small],
        );
    });
    after(() => stopAll(gateway));

    const partitionKey = 'large-key';
    const dataOf = (bytes) => randomBytes(bytes - partitionKey.length);

    function isStored({ ShardId, SequenceNumber }, data) {
        const record = double.records().find(({ seq }) => seq === SequenceNumber);
        assert.equal(record.length, data.length);
        assert.equal(record.sha256, createHash('sha256').update(data).digest('hex'));
        assert.equal(record.shard, ShardId);
    }

    async function put(data) {
        const answer = await gateway.put('large', data, { query: { partitionKey } });
        assert.equal(answer.status, 200, answer.text);
        isStored(answer.json, data);
        return answer;
    }

    for (const [what, bytes] of [
        ['256 KiB', MIB / 4],
        ['256 KiB and a byte', MIB / 4 + 1],
        ['1 MiB and a byte', MIB + 1],
        ['10 MiB less a byte', LARGEST - 1],
        ['10 MiB', LARGEST],
    ]) {
        it(`writes a record of ${what}`, () => put(dataOf(bytes)));
        it(`writes one of ${what} as base64`, async () => {
            const data = dataOf(bytes);
            const answer = await gateway.putJson('large', { Data: data.toString('base64'), PartitionKey: partitionKey });
            assert.equal(answer.status, 200, answer.text);
            isStored(answer.json, data);
        });
    }

    it('refuses one byte more with 413 and both sizes, and writes nothing', async () => {
        const data = dataOf(LARGEST + 1);
        const count = double.records().length;
        const raw = await gateway.put('large', data, { query: { partitionKey } });
        const members = { Data: data.toString('base64'), PartitionKey: partitionKey };
        const json = await gateway.putJson('large', members);
        const batch = await gateway.putBatch('large', ENTRIES, entriesOf([data], () => ({ PartitionKey: partitionKey })));
        for (const answer of [raw, json, batch]) {
            assert.equal(answer.status, 413, answer.text);
            assert.equal(answer.json.code, 'RecordTooLarge');
            assert.ok(answer.text.includes(`${LARGEST + 1}`) && answer.text.includes(`${LARGEST}`), answer.text);
        }
        assert.deepEqual(batch.json.invalid, [0]);
        assert.equal(double.records().length, count);
    });

    it('keeps 1 MiB on a stream that says nothing else', async () => {
        const fits = await gateway.put('four', dataOf(MIB), { query: { partitionKey } });
        assert.equal(fits.status, 200, fits.text);
        assert.equal((await gateway.put('four', dataOf(MIB + 1), { query: { partitionKey } })).status, 413);
    });

    it('writes large and small records of one batch', async () => {
        const records = [randomBytes(10), randomBytes(9 * MIB), randomBytes(20), randomBytes(MIB), randomBytes(MIB * 8)];
        const entries = entriesOf(records, (index) => ({ PartitionKey: `key-${index}` }));
        const { status, json, text } = await gateway.putBatch('large', ENTRIES, entries);
        assert.equal(status, 200, text);
        json.Records.forEach((result, index) => isStored(result, records[index]));
    });

    const most = () => Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${gateway.child.pid}/status`, 'utf8'))[1]);
    const isSanitized = () => readFileSync(`/proc/${gateway.child.pid}/maps`, 'utf8').includes('libasan');

    it(`answers ${AT_ONCE} of 10 MiB at once, and small ones beside them; memory stays bounded`, async () => {
        const data = dataOf(LARGEST);
        const load = startLoad(gateway, { connections: 8, stream: 'large', key: small.key });
        await until('the load is on', () => load.acknowledged.length > 20);
        for (let round = 0; round < 2; round++) {
            const answers = await Promise.all(
                Array.from({ length: AT_ONCE }, () => gateway.put('large', data, { query: { partitionKey } })),
            );
            for (const { status, json, text } of answers) {
                assert.equal(status, 200, text);
                isStored(json, data);
            }
        }
        const results = await load.stop();
        assert.deepEqual(
            results.filter(({ status }) => status !== 200),
            [],
        );
        assert.deepEqual(lostAcknowledgements(results, double.ledger()), []);
        // A body as it came and grew (2), its base64 and the call's own growth (2 · 4/3), and what has gone before: 64 MiB.
        if (!isSanitized()) assert.ok(most() * 1024 <= 64 * MIB + 5 * AT_ONCE * LARGEST, `${most()} KiB`);
    });

    it('leaves metrics that add up', async () => {
        assert.equal((await audit(gateway)).get('kgw_records_in_flight'), 0);
    });
});
