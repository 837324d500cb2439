// PutRecords as the genuine SDK and the AWS CLI send it: AWS's shapes, names and limits.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, afterEach, before, describe, it } from 'node:test';
import { failsAs, runCli, sdkOf, startGatewayForSdks } from './lib/aws.mjs';
import { startDouble } from './lib/double.mjs';
import { stopAll } from './lib/gateway.mjs';
import { theKinesis } from './lib/kinesis.mjs';
import { audit } from './lib/metrics.mjs';
import { fromNpm } from './lib/paths.mjs';

const { PutRecordsCommand } = fromNpm('@aws-sdk/client-kinesis');

let number = 0;
const entry = (more) => ({ PartitionKey: `key-${++number}`, Data: Buffer.from(`sdk-${process.pid}-${number}`), ...more });
const entries = (count, more = () => ({})) => Array.from({ length: count }, (_, index) => entry(more(index)));

describe("the SDK's and the CLI's PutRecords", () => {
    let double, gateway;

    before(async () => {
        double = await startDouble();
        gateway = await startGatewayForSdks({
            aws: { ...double.aws, call_timeout_ms: 500 },
            request_timeout_ms: 2000,
            streams: { four: { name: 'four' }, packed: { name: 'four', aggregate: true } },
        });
    });
    afterEach(() => double.clearFaults());
    after(() => stopAll(gateway));

    const put = (Records, more) => sdkOf(gateway).send(new PutRecordsCommand({ StreamName: 'four', Records, ...more }));

    function isTrue(answer, records) {
        const { bySequence: ledger } = double.read();
        assert.equal(answer.Records.length, records.length);
        assert.equal(answer.FailedRecordCount, answer.Records.filter((result) => result.ErrorCode).length);
        answer.Records.forEach((result, index) => {
            if (result.ErrorCode) return;
            const stored = ledger.get(result.SequenceNumber);
            assert.ok(stored.data.equals(records[index].Data));
            assert.equal(stored.partition_key, records[index].PartitionKey);
            assert.equal(stored.shard, result.ShardId);
        });
    }

    for (const count of [1, 2, 500]) {
        it(`is answered in order: ${count} records`, async () => {
            const records = entries(count);
            const answer = await put(records);
            isTrue(answer, records);
            assert.equal(answer.FailedRecordCount, 0);
            assert.equal(answer.EncryptionType, 'NONE');
            assert.ok(answer.$metadata.requestId);
        });
    }

    it('tells which records failed as AWS does: ErrorCode and ErrorMessage, and nothing else', async () => {
        await double.setFaults(
            { kind: 'throttle_record', match_key: 'hot' },
            { kind: 'fail_record', match_key: 'broken' },
        );
        const kinds = ['hot', 'broken', 'good'];
        const records = entries(30, (index) => ({ PartitionKey: `${kinds[index % 3]}-${index}` }));
        const answer = await put(records);
        isTrue(answer, records);
        assert.equal(answer.FailedRecordCount, 20);
        const codes = ['ProvisionedThroughputExceededException', 'InternalFailure', undefined];
        answer.Records.forEach((result, index) => {
            assert.equal(result.ErrorCode, codes[index % 3]);
            const names = result.ErrorCode ? ['ErrorCode', 'ErrorMessage'] : ['SequenceNumber', 'ShardId'];
            assert.deepEqual(Object.keys(result).sort(), names);
        });
    });

    it('tells an unknown outcome as InternalFailure', async () => {
        await double.setFaults({ kind: 'silence', stored: true });
        const answer = await put(entries(3));
        for (const { ErrorCode } of answer.Records) assert.equal(ErrorCode, 'InternalFailure');
    });

    it('goes where its explicit hash keys say', async () => {
        const records = entries(8, (index) => ({ ExplicitHashKey: String((1n << 126n) * BigInt(index % 4)) }));
        const answer = await put(records);
        isTrue(answer, records);
        answer.Records.forEach(({ ShardId }, index) => assert.equal(ShardId, `shardId-00000000000${index % 4}`));
    });

    it('is never aggregated', async () => {
        const records = entries(40);
        const answer = await put(records, { StreamName: 'packed' });
        isTrue(answer, records);
    });

    for (const [what, records] of [
        ['501 records', entries(501)],
        ['no records', []],
        ['a partition key that is empty', [entry(), entry({ PartitionKey: '' })]],
        ['a hash key that is none', [entry(), entry({ ExplicitHashKey: 'x' })]],
        ['a record that is too large', [entry(), entry({ Data: randomBytes(1 << 20) })]],
    ]) {
        it(`is refused by AWS's name, and nothing is written: ${what}`, async () => {
            const before = double.records().length;
            await assert.rejects(put(records), (error) => {
                assert.ok(['ValidationException', 'InvalidArgumentException'].includes(error.name), `${error}`);
                return failsAs(error.name)(error);
            });
            assert.equal(double.records().length, before);
        });
    }

    it('writes nothing on a dry run, and says so as AWS does', async () => {
        const before = double.records().length;
        await assert.rejects(put(entries(3), { DryRun: true }), failsAs('DryRunOperationException'));
        await assert.rejects(put(entries(501), { DryRun: true }), failsAs('ValidationException'));
        assert.equal(double.records().length, before);
    });

    it('is refused for a stream that is unknown', () =>
        assert.rejects(put(entries(1), { StreamName: 'nowhere' }), failsAs('AccessDeniedException')));

    it('is refused with a wrong secret', () =>
        assert.rejects(
            sdkOf(gateway, { secret: 'x'.repeat(43) }).send(
                new PutRecordsCommand({ StreamName: 'four', Records: entries(2) }),
            ),
            failsAs('InvalidSignatureException'),
        ));

    it('comes from the AWS CLI', async () => {
        const records = entries(5).map(({ PartitionKey, Data }) => ({ PartitionKey, Data: Data.toString('base64') }));
        const args = ['put-records', '--stream-name', 'four', '--records', JSON.stringify(records)];
        const good = await runCli(gateway, args);
        assert.equal(good.code, 0, good.err);
        const answer = JSON.parse(good.out);
        isTrue(
            answer,
            records.map((record) => ({ ...record, Data: Buffer.from(record.Data, 'base64') })),
        );
        const bad = await runCli(gateway, args, 'x'.repeat(43));
        assert.notEqual(bad.code, 0);
        assert.match(bad.err, /InvalidSignatureException/);
    });

    it('leaves metrics that add up', async () => {
        await audit(gateway);
    });
});

describe("the SDK's PutRecords into the local Kinesis", () => {
    let kinesis, gateway;

    before(async () => {
        kinesis = await theKinesis();
        const aws = { ...kinesis.aws, call_timeout_ms: 10000 };
        gateway = await startGatewayForSdks({ aws, request_timeout_ms: 20000 });
    });
    after(() => stopAll(gateway));

    it('is read back, byte for byte', async () => {
        const data = [Buffer.from('\0\r\n\xff', 'latin1'), Buffer.alloc(0), randomBytes(300000), randomBytes(3)];
        const Records = data.map((Data) => entry({ Data }));
        const answer = await sdkOf(gateway).send(new PutRecordsCommand({ StreamName: 'four', Records }));
        assert.equal(answer.FailedRecordCount, 0);
        for (const [index, result] of answer.Records.entries()) {
            const record = await kinesis.read('four', result);
            assert.ok(Buffer.from(record.Data).equals(data[index]), `${index}`);
            assert.equal(record.PartitionKey, Records[index].PartitionKey);
        }
    });
});
