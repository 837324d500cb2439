// The AWS-shaped endpoint, as the genuine SDK and the AWS CLI use it.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { failsAs, runCli, sdkOf, startGatewayForSdks } from './lib/aws.mjs';
import { makeKey, stopAll } from './lib/gateway.mjs';
import { call } from './lib/http.mjs';
import { theKinesis } from './lib/kinesis.mjs';
import { audit } from './lib/metrics.mjs';
import { fromNpm } from './lib/paths.mjs';

const { DescribeStreamCommand, PutRecordCommand } = fromNpm('@aws-sdk/client-kinesis');
const arn = 'arn:aws:kinesis:us-east-1:000000000000:stream/four';

describe('the AWS-shaped endpoint', () => {
    let kinesis, gateway, derived, key;

    before(async () => {
        kinesis = await theKinesis();
        key = await makeKey();
        const bound = await makeKey({ streams: ['one'] });
        gateway = await startGatewayForSdks(
            {
                aws: { ...kinesis.aws, call_timeout_ms: 10000 },
                request_timeout_ms: 20000,
                streams: { one: { name: 'one' }, 'by-arn': { arn } },
            },
            [key, bound],
        );
        derived = gateway.derived;
        gateway.bound = bound;
    });
    after(() => stopAll(gateway));

    const sdk = (options) => sdkOf(gateway, options);

    function unsigned(apiKey) {
        const client = sdk({ id: 'none', secret: 'none' });
        client.middlewareStack.add(
            (next) => (args) => {
                delete args.request.headers.authorization;
                args.request.headers['x-api-key'] = apiKey;
                return next(args);
            },
            { step: 'finalizeRequest', priority: 'low', name: 'apiKey' },
        );
        return client;
    }

    const record = (more) =>
        new PutRecordCommand({ StreamName: 'one', PartitionKey: 'k', Data: Buffer.from('x'), ...more });

    for (const [what, data] of [
        ['text', Buffer.from('hello')],
        ['nothing', Buffer.alloc(0)],
        ['NUL, CRLF and 0xFF', Buffer.from('\0\r\n\xff', 'latin1')],
        ['1 MiB less the key', randomBytes((1 << 20) - 1)],
    ]) {
        it(`takes a record signed by the SDK: ${what}`, async () => {
            const answer = await sdk().send(record({ Data: data }));
            assert.equal(answer.EncryptionType, 'NONE');
            assert.ok(answer.$metadata.requestId);
            assert.ok(Buffer.from((await kinesis.read('one', answer)).Data).equals(data));
        });
    }

    it('takes an unsigned record with an API key', async () => {
        const answer = await unsigned(key.key).send(record());
        assert.equal((await kinesis.read('one', answer)).PartitionKey, 'k');
    });

    it('takes a stream by its ARN, and all six parameters', async () => {
        const first = await sdk().send(
            new PutRecordCommand({ StreamARN: arn, PartitionKey: 'k', Data: Buffer.from('1') }),
        );
        const second = await sdk().send(
            new PutRecordCommand({
                StreamName: 'by-arn',
                StreamARN: arn,
                PartitionKey: 'other',
                Data: Buffer.from('2'),
                ExplicitHashKey: String(3n << 126n),
                SequenceNumberForOrdering: first.SequenceNumber,
            }),
        );
        assert.equal(second.ShardId, 'shardId-000000000003');
        assert.equal((await kinesis.read('four', second)).PartitionKey, 'other');
    });

    it('refuses a wrong secret, an unknown access key and a bad API key by the names that AWS gives', async () => {
        await assert.rejects(sdk({ secret: 'x'.repeat(43) }).send(record()), failsAs('InvalidSignatureException'));
        await assert.rejects(sdk({ id: 'AKIDUNKNOWN00000' }).send(record()), failsAs('UnrecognizedClientException'));
        await assert.rejects(unsigned('x').send(record()), failsAs('UnrecognizedClientException'));
        await assert.rejects(unsigned((await makeKey()).key).send(record()), failsAs('UnrecognizedClientException'));
    });

    it('tells a client whose clock is wrong so, with the right time', async () => {
        const late = sdk({ systemClockOffset: -3600 * 1000 });
        const error = await late.send(record()).then(
            () => assert.fail('accepted'),
            (e) => e,
        );
        failsAs('InvalidSignatureException')(error);
        assert.ok(Math.abs(Date.parse(error.$response.headers.date) - Date.now()) < 60000);
        const corrected = sdk({ systemClockOffset: -3600 * 1000, maxAttempts: 3 });
        assert.ok((await corrected.send(record())).SequenceNumber, 'the SDK corrects its clock and tries again');
    });

    it('refuses session tokens and a signature that came in the query', async () => {
        const client = sdk({
            credentials: { accessKeyId: derived.id, secretAccessKey: derived.secret, sessionToken: 't' },
        });
        await assert.rejects(client.send(record()), (error) => error.$metadata.httpStatusCode === 400);
    });

    it('answers unknown and forbidden streams alike, and two names of different streams not at all', async () => {
        const client = unsigned(gateway.bound.key);
        await assert.rejects(client.send(record({ StreamName: 'nowhere' })), failsAs('AccessDeniedException'));
        await assert.rejects(client.send(record({ StreamName: 'by-arn' })), failsAs('AccessDeniedException'));
        await assert.rejects(sdk().send(record({ StreamARN: arn })), (error) => error.$metadata.httpStatusCode === 400);
    });

    it("has AWS's names for bad arguments, other operations and bad JSON", async () => {
        for (const bad of [{ ExplicitHashKey: '-1' }, { PartitionKey: '' }, { Data: Buffer.alloc(1 << 20) }]) {
            await assert.rejects(sdk().send(record(bad)), (error) =>
                ['ValidationException', 'InvalidArgumentException'].includes(error.name),
            );
        }
        await assert.rejects(
            sdk().send(new DescribeStreamCommand({ StreamName: 'one' })),
            failsAs('UnknownOperationException'),
        );
        const answer = await post('Kinesis_20131202.PutRecord', '{"StreamName":');
        assert.equal(answer.status, 400);
        assert.equal(answer.json.__type, 'SerializationException');
        assert.ok(answer.headers['x-amzn-requestid']);
    });

    it('writes nothing on a dry run', async () => {
        const before = (await audit(gateway)).get('kgw_records_written_total');
        const answer = await post(
            'Kinesis_20131202.PutRecord',
            '{"StreamName":"one","PartitionKey":"k","Data":"eA==","DryRun":true}',
        );
        assert.equal(answer.status, 400, answer.text);
        assert.equal(answer.json.__type, 'DryRunOperationException');
        assert.equal((await audit(gateway)).get('kgw_records_written_total'), before);
    });

    function post(target, body) {
        const headers = { 'X-Amz-Target': target, 'Content-Type': 'application/x-amz-json-1.1', 'X-Api-Key': key.key };
        return call(`${gateway.url}/`, { body, headers });
    }

    it('takes a record from the AWS CLI', async () => {
        const data = Buffer.from('from the CLI\0').toString('base64');
        const put = (secret) =>
            runCli(gateway, ['put-record', '--stream-name', 'one', '--partition-key', 'cli', '--data', data], secret);
        const good = await put(derived.secret);
        assert.equal(good.code, 0, good.err);
        const stored = await kinesis.read('one', JSON.parse(good.out));
        assert.equal(Buffer.from(stored.Data).toString(), 'from the CLI\0');
        const bad = await put('x'.repeat(43));
        assert.notEqual(bad.code, 0);
        assert.match(bad.err, /InvalidSignatureException/);
    });

    it('leaves metrics that add up', async () => {
        assert.equal((await audit(gateway)).get('kgw_records_in_flight'), 0);
    });
});
