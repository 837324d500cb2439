// Aggregation: the genuine library takes apart what was written, and each caller's pair names its own record in it.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, afterEach, before, describe, it } from 'node:test';
import { aggregateOf, byPairs, isAggregate, userRecordsOf } from './lib/aggregate.mjs';
import { ENTRIES, entriesOf, freshRecords, LINES, linesOf } from './lib/batch.mjs';
import { startDouble } from './lib/double.mjs';
import { makeKey, startGateway, stopAll } from './lib/gateway.mjs';
import { call } from './lib/http.mjs';
import { theKinesis } from './lib/kinesis.mjs';
import { parse, startLoad } from './lib/load.mjs';
import { audit } from './lib/metrics.mjs';
import { until } from './lib/wait.mjs';

const SPACE = 1n << 128n;
const BUCKETS = 64n;

describe('a stream with "aggregate": true', () => {
    let double, gateway;
    const streams = {
        // The ledger has data of up to 1 KiB.
        packed: { name: 'four', aggregate: true, aggregate_bytes: 1024 },
        open: { name: 'four', aggregate: true, aggregate_bytes: 1024, kpl_input: 'allow' },
        plain: { name: 'four' },
    };

    before(async () => {
        double = await startDouble();
        gateway = await startGateway(
            {
                aws: { ...double.aws, call_timeout_ms: 2000 },
                request_timeout_ms: 20000,
                retry: { budget_burst: 100000, backoff_ms: 5 },
                streams,
            },
            [await makeKey()],
        );
    });
    afterEach(() => double.clearFaults());
    after(() => stopAll(gateway));

    const found = () => byPairs(double.records());
    const bucketOf = (hash) => (hash * BUCKETS) / SPACE;
    const hashOf = (key) => BigInt(`0x${createHash('md5').update(key).digest('hex')}`);

    // Each answer's pair names its own data; gives what it names.
    function areTheirs(answers, bodies) {
        const pairs = found();
        assert.equal(answers.length, bodies.length);
        const named = answers.map((answer, index) => {
            const record = pairs.of(answer);
            assert.equal(record?.data.toString(), bodies[index], JSON.stringify(answer));
            assert.equal(record.outer.shard, answer.ShardId);
            assert.equal(typeof answer.SubSequenceNumber, 'number');
            return record;
        });
        assert.equal(new Set(answers.map((a) => `${a.SequenceNumber}/${a.SubSequenceNumber}`)).size, bodies.length);
        return named;
    }

    // KCL drops a user record whose hash key is not its shard's; a bucket's key on all of them keeps them together.
    function areInTheirBucket(named) {
        for (const { partitionKey, explicitHashKey, outer } of named) {
            const isPacked = isAggregate(outer.data);
            const hash = BigInt(outer.explicit_hash_key);
            assert.equal(bucketOf(hash), bucketOf(hashOf(isPacked ? partitionKey : outer.partition_key)));
            if (isPacked) assert.equal(explicitHashKey, outer.explicit_hash_key);
        }
    }

    const keyOf = (index) => `key-${index % 5}`;

    it('packs the records of a batch, each under its pair and its own key', async () => {
        const records = freshRecords(1234);
        const entries = entriesOf(records, (index) => ({ PartitionKey: keyOf(index) }));
        const { status, json, text } = await gateway.putBatch('packed', ENTRIES, entries);
        assert.equal(status, 200, text);
        const named = areTheirs(json.Records, records);
        named.forEach(({ partitionKey, outer }, index) =>
            assert.equal(isAggregate(outer.data) ? partitionKey : outer.partition_key, keyOf(index)),
        );
        areInTheirBucket(named);
        assert.ok(new Set(named.map(({ outer }) => outer.seq)).size < 300, 'many share a Kinesis record');
    });

    it('packs records without keys under one that is drawn', async () => {
        const records = freshRecords(500);
        const { json } = await gateway.putBatch('packed', LINES, linesOf(records));
        const named = areTheirs(json.Records, records);
        const outers = new Set(named.map(({ outer }) => outer.seq));
        assert.ok(outers.size < 100, `${outers.size}`);
        for (const { explicitHashKey, outer } of named.filter(({ outer }) => isAggregate(outer.data)))
            assert.equal(explicitHashKey, outer.explicit_hash_key);
        assert.ok(new Set(named.map(({ outer }) => outer.shard)).size > 1, 'they spread over the shards');
    });

    it('packs the records of many callers, and batches beside them', async () => {
        await double.setFaults({ kind: 'delay', delay_ms: 30 });
        const singles = freshRecords(300), batches = Array.from({ length: 6 }, () => freshRecords(100));
        const putSingle = (body, index) => gateway.put('packed', body, { query: { partitionKey: keyOf(index) } });
        const [answers, ...batched] = await Promise.all([
            Promise.all(singles.map(putSingle)),
            ...batches.map((records) => gateway.putBatch('packed', LINES, linesOf(records))),
        ]);
        for (const { status, text } of [...answers, ...batched]) assert.equal(status, 200, text);
        areInTheirBucket(areTheirs(answers.map((answer) => answer.json), singles));
        batched.forEach(({ json }, index) => areTheirs(json.Records, batches[index]));
    });

    for (const [what, faults] of Object.entries({
        'throttled records': [{ kind: 'throttle_record', percent: 30 }],
        'failed records, throttled calls and resets': [
            { kind: 'fail_record', percent: 10 },
            { kind: 'throttle', percent: 10 },
            { kind: 'reset_after', percent: 10 },
            { kind: 'odd_200', body: 'wrong_length', percent: 10 },
        ],
    })) {
        it(`loses and mixes up nothing under ${what}`, async () => {
            await double.setFaults(...faults);
            const records = freshRecords(800);
            const entries = entriesOf(records, (index) => ({ PartitionKey: `key-${index % 40}` }));
            const { json } = await gateway.putBatch('packed', ENTRIES, entries);
            const isWritten = (_, index) => Boolean(json.Records[index].SequenceNumber);
            assert.ok(records.filter(isWritten).length > 700, `${json.FailedRecordCount}`);
            areTheirs(json.Records.filter(isWritten), records.filter(isWritten));
            const stored = new Set(found().values().map((record) => record.data.toString()));
            json.Records.forEach((result, index) =>
                assert.ok(result.Outcome !== 'not_written' || !stored.has(records[index]), `${index}`),
            );
        });
    }

    async function isAlone(answer, body) {
        assert.equal(answer.status, 200, answer.text);
        const record = double.records().find(({ seq }) => seq === answer.json.SequenceNumber);
        assert.equal(record.data.toString('latin1'), body.toString('latin1'));
        return record;
    }

    it("never packs a record with the caller's own explicit hash key", async () => {
        const records = freshRecords(50);
        const explicitHashKey = String(SPACE / 2n + 12345n);
        const more = () => ({ PartitionKey: 'k', ExplicitHashKey: explicitHashKey });
        const { json } = await gateway.putBatch('packed', ENTRIES, entriesOf(records, more));
        const { bySequence: stored } = double.read();
        json.Records.forEach(({ SequenceNumber }, index) => {
            assert.equal(stored.get(SequenceNumber).data.toString(), records[index]);
            assert.equal(stored.get(SequenceNumber).explicit_hash_key, explicitHashKey);
        });
    });

    it('never packs what came to the AWS-shaped endpoint, and answers it as AWS does', async () => {
        const records = freshRecords(50);
        const members = JSON.parse(entriesOf(records, () => ({ PartitionKey: 'k' })));
        const answer = await call(`${gateway.url}/`, {
            body: JSON.stringify({ StreamName: 'packed', ...members }),
            headers: {
                'X-Amz-Target': 'Kinesis_20131202.PutRecords',
                'Content-Type': 'application/x-amz-json-1.1',
                'X-Api-Key': gateway.key.key,
            },
        });
        assert.equal(answer.status, 200, answer.text);
        const ledger = double.ledger();
        answer.json.Records.forEach((result, index) => {
            assert.equal(ledger.get(result.SequenceNumber), records[index]);
            assert.deepEqual(Object.keys(result).sort(), ['SequenceNumber', 'ShardId']);
        });
    });

    it('refuses data that imitates an aggregate, alone or in a batch, unless the stream allows it', async () => {
        const forged = aggregateOf(['forged 1', 'forged 2']);
        for (const stream of ['packed', 'plain']) {
            const answer = await gateway.put(stream, forged);
            assert.equal(answer.status, 400, answer.text);
            assert.equal(answer.json.code, 'AggregateNotAllowed');
            const entries = entriesOf(['a', forged, 'b']);
            const batch = await gateway.putBatch(stream, ENTRIES, entries);
            assert.equal(batch.status, 400, batch.text);
            assert.equal(batch.json.code, 'AggregateNotAllowed');
            assert.deepEqual(batch.json.invalid, [1]);
        }
        const spoiled = Buffer.from(forged);
        spoiled[spoiled.length - 1] ^= 1;
        await isAlone(await gateway.put('plain', spoiled), spoiled);
    });

    it('takes an aggregate of the caller where the stream allows it, as it is', async () => {
        const theirs = aggregateOf(['theirs 1', 'theirs 2']);
        const { data } = await isAlone(await gateway.put('open', theirs), theirs);
        assert.deepEqual(
            userRecordsOf(data).map((record) => record.data.toString()),
            ['theirs 1', 'theirs 2'],
        );
    });

    it('is turned off and on again under load, and nothing is lost', async () => {
        await double.setFaults({ kind: 'delay', delay_ms: 3 });
        const load = startLoad(gateway, { connections: 40, stream: 'packed' });
        for (const aggregate of [false, true, false, true]) {
            const more = load.acknowledged.length + 150;
            await until('the load goes on', () => load.acknowledged.length > more);
            await gateway.reload({ streams: { ...streams, packed: { ...streams.packed, aggregate } } });
        }
        const results = await load.stop();
        assert.deepEqual(
            results.filter(({ status }) => status !== 200),
            [],
        );
        const pairs = found();
        const said = results.map(({ text, body }) => ({ ...parse(text), body }));
        for (const { body, ...answer } of said) assert.equal(pairs.of(answer)?.data.toString(), body);
        assert.ok(said.some(({ SubSequenceNumber }) => SubSequenceNumber === undefined));
        assert.ok(said.some(({ SubSequenceNumber }) => SubSequenceNumber > 0));
    });

    it('leaves metrics that add up', async () => {
        assert.equal((await audit(gateway)).get('kgw_records_in_flight'), 0);
    });
});

describe('aggregates in the local Kinesis', () => {
    let kinesis, gateway;

    before(async () => {
        kinesis = await theKinesis();
        gateway = await startGateway(
            {
                aws: { ...kinesis.aws, call_timeout_ms: 10000 },
                request_timeout_ms: 20000,
                streams: { packed: { name: 'four', aggregate: true } },
            },
            [await makeKey()],
        );
    });
    after(() => stopAll(gateway));

    it('are read back and taken apart', async () => {
        const records = freshRecords(900).map((record, index) => `${record}${'.'.repeat(index % 700)}`);
        const entries = entriesOf(records, (index) => ({ PartitionKey: `é-${index % 3}` }));
        const { status, json, text } = await gateway.putBatch('packed', ENTRIES, entries);
        assert.equal(status, 200, text);
        const outers = new Map();
        for (const result of json.Records)
            if (!outers.has(result.SequenceNumber))
                outers.set(result.SequenceNumber, await kinesis.read('four', result));
        assert.ok(outers.size < 60, `${outers.size}`);
        json.Records.forEach(({ SequenceNumber, SubSequenceNumber }, index) => {
            const outer = outers.get(SequenceNumber);
            const record = userRecordsOf(Buffer.from(outer.Data))[SubSequenceNumber];
            assert.equal(record.data.toString(), records[index]);
            assert.equal(record.partitionKey ?? outer.PartitionKey, `é-${index % 3}`);
        });
    });
});
