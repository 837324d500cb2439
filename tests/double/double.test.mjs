// What a Kinesis does, and what a signature must be.
// KINESIS_DOUBLE=build/tests/double/kinesis_double node --test tests/double/double.test.mjs
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'node:test';
import { Double, credential, data, record, records, shardOf } from './harness.mjs';

let double;
before(async () => {
    double = await Double.start('--stream', 'orders:4', '--stream', 'large:1:2097152', '--stream', 'three:3');
});
after(async () => assert.equal(await double.stop(), 0, 'SIGTERM ends it with 0'));
beforeEach(async () => {
    await double.control('DELETE', '/faults');
    await double.control('POST', '/reset');
});
const stored = async () => (await double.counts()).records_stored;

describe('a Kinesis', () => {
    it('stores a record, and its ledger line is there before the answer', async () => {
        const before = double.ledger().length;
        const answer = await double.call('PutRecord', record('key "é\u0001'));
        const line = double.ledger()[before];
        assert.equal(answer.status, 200);
        assert.match(answer.json.SequenceNumber, /^[1-9]\d{55}$/);
        assert.equal(answer.json.ShardId, shardOf('key "é\u0001', 4));
        assert.equal(answer.json.EncryptionType, 'NONE');
        assert.match(answer.headers['x-amzn-requestid'], /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
        assert.equal(answer.headers['x-amz-id-2'].length, 76);
        const { at_ms: at, ...rest } = line;
        assert.ok(Math.abs(at - Date.now()) < 60000);
        assert.deepEqual(rest, {
            seq: answer.json.SequenceNumber,
            shard: answer.json.ShardId,
            stream: 'orders',
            partition_key: 'key "é\u0001',
            explicit_hash_key: null,
            sha256: createHash('sha256').update('hello').digest('hex'),
            length: 5,
            request_id: answer.headers['x-amzn-requestid'],
            head: data,
            data,
        });
    });

    it('keeps only the head of more than 1 KiB in the ledger', async () => {
        const payload = Buffer.alloc(1025, 'x');
        await double.call('PutRecord', record('k', { Data: payload.toString('base64') }));
        const line = double.ledger().at(-1);
        assert.equal(line.data, undefined);
        assert.equal(line.head, payload.subarray(0, 64).toString('base64'));
    });

    it('puts records by MD5 or explicit hash key, in order, with rising sequence numbers', async () => {
        const keys = Array.from({ length: 500 }, (_, i) => `key-${i}`);
        const call = records(keys);
        call.Records[7].ExplicitHashKey = String(2n ** 128n - 1n);
        call.Records[8].ExplicitHashKey = '0';
        const { json } = await double.call('PutRecords', call);
        assert.equal(json.FailedRecordCount, 0);
        assert.equal(json.Records.length, 500);
        json.Records.forEach((result, i) => {
            const explicit = call.Records[i].ExplicitHashKey;
            assert.equal(result.ShardId, shardOf(keys[i], 4, explicit && BigInt(explicit)));
            if (i > 0) assert.ok(BigInt(result.SequenceNumber) > BigInt(json.Records[i - 1].SequenceNumber));
        });
        const counts = await double.counts();
        assert.equal(counts.records_stored, 500);
        assert.equal(
            Object.values(counts.streams.orders.shards).reduce((a, b) => a + b),
            500,
        );
    });

    it('cuts three shards where AWS cuts them', async () => {
        const { json } = await double.call('ListShards', { StreamName: 'three' });
        const ends = json.Shards.map(({ HashKeyRange: r }) => [r.StartingHashKey, r.EndingHashKey]);
        const [a, b] = ['113427455640312821154458202477256070485', '226854911280625642308916404954512140970'];
        const all = String(2n ** 128n - 1n);
        assert.deepEqual(ends, [
            ['0', String(BigInt(a) - 1n)],
            [a, String(BigInt(b) - 1n)],
            [b, all],
        ]);
        const edges = [String(BigInt(a) - 1n), a, b].map((ExplicitHashKey) => ({
            Data: '',
            PartitionKey: 'k',
            ExplicitHashKey,
        }));
        const put = await double.call('PutRecords', { Records: edges, StreamName: 'three' });
        assert.deepEqual(
            put.json.Records.map((r) => Number(r.ShardId.slice(-1))),
            [0, 1, 2],
        );
    });

    it('describes a stream, and takes its ARN', async () => {
        const StreamARN = 'arn:aws:kinesis:us-east-1:111122223333:stream/large';
        const { json } = await double.call('DescribeStreamSummary', { StreamARN });
        assert.equal(json.StreamDescriptionSummary.StreamName, 'large');
        assert.equal(json.StreamDescriptionSummary.MaxRecordSizeInKiB, 2048);
        const put = await double.call('PutRecord', { Data: data, PartitionKey: 'k', StreamARN });
        assert.equal(put.status, 200);
    });

    it('takes the last sequence number for ordering, and none from the future', async () => {
        const { json: first } = await double.call('PutRecord', record());
        const next = (SequenceNumberForOrdering) =>
            double.call('PutRecord', record('k1', { SequenceNumberForOrdering }));
        assert.equal((await next(first.SequenceNumber)).status, 200);
        const future = await next(String(BigInt(first.SequenceNumber) + 10n ** 30n));
        assert.equal(future.json.__type, 'InvalidArgumentException');
    });

    const mebibyte = Buffer.alloc(1048576).toString('base64');
    const refusals = [
        ['an unknown operation, without a message', 'putRecord', record(), 'UnknownOperationException', null],
        ['an unknown stream', 'PutRecord', record('k', { StreamName: 'nope' }), 'ResourceNotFoundException'],
        ['no stream', 'PutRecord', record('k', { StreamName: undefined }), 'InvalidArgumentException'],
        ['JSON that is none', 'PutRecord', '{"Data":', 'SerializationException'],
        ['a list for a call', 'PutRecord', '[]', 'SerializationException'],
        [
            'a member twice',
            'PutRecord',
            '{"Data":"","Data":"","PartitionKey":"k","StreamName":"orders"}',
            'SerializationException',
        ],
        ['an unknown member', 'PutRecord', record('k', { Colour: 'red' }), 'SerializationException'],
        [
            'ten unknown members',
            'PutRecord',
            '{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"j":1}',
            'SerializationException',
        ],
        [
            'ordering inside PutRecords',
            'PutRecords',
            { Records: [{ ...record(), SequenceNumberForOrdering: '1' }] },
            'SerializationException',
        ],
        ['a number for a key', 'PutRecord', record(7), 'SerializationException'],
        ['a string for records', 'PutRecords', { Records: 'x', StreamName: 'orders' }, 'SerializationException'],
        ['base64 without padding', 'PutRecord', record('k', { Data: 'aGVsbG8' }), 'SerializationException'],
        ['base64 with stray bits', 'PutRecord', record('k', { Data: 'aGVsbG9=' }), 'SerializationException'],
        ['base64 with a line break', 'PutRecord', record('k', { Data: 'aGVs\nbG8=' }), 'SerializationException'],
        ['no data', 'PutRecord', record('k', { Data: null }), 'ValidationException'],
        ['no key', 'PutRecord', record(''), 'ValidationException'],
        ['a key of 257 characters', 'PutRecord', record('é'.repeat(257)), 'ValidationException'],
        ['a hash key with a leading zero', 'PutRecord', record('k', { ExplicitHashKey: '01' }), 'ValidationException'],
        [
            'a hash key of 2^128',
            'PutRecord',
            record('k', { ExplicitHashKey: String(2n ** 128n) }),
            'InvalidArgumentException',
        ],
        ['no records', 'PutRecords', records([]), 'ValidationException'],
        ['501 records', 'PutRecords', records(Array(501).fill('k')), 'ValidationException'],
        ['501 records beyond ASCII', 'PutRecords', records(Array(501).fill('é')), 'ValidationException'],
        ['data and key above 1 MiB', 'PutRecord', record('k', { Data: mebibyte }), 'InvalidArgumentException'],
        [
            '6 records of 1 MiB',
            'PutRecords',
            { ...records([]), Records: Array(6).fill({ Data: mebibyte.slice(4), PartitionKey: 'k' }) },
            'InvalidArgumentException',
        ],
        ['a dry run', 'PutRecord', record('k', { DryRun: true }), 'DryRunOperationException'],
    ];
    for (const [what, operation, input, type, message] of refusals) {
        it(`refuses ${what}`, async () => {
            const answer = await double.call(operation, input);
            assert.equal(answer.status, 400);
            assert.equal(answer.json.__type, type);
            if (message === null) assert.deepEqual(answer.json, { __type: type });
            assert.equal(await stored(), 0);
            assert.equal((await double.counts()).last_error.code, type);
        });
    }

    it('takes 256 characters of key, 1 MiB less its key, and more where a stream allows it', async () => {
        const fits = Buffer.alloc(1048575).toString('base64');
        assert.equal((await double.call('PutRecord', record('é'.repeat(256)))).status, 200);
        assert.equal((await double.call('PutRecord', record('k', { Data: fits }))).status, 200);
        assert.equal(
            (await double.call('PutRecord', record('k', { Data: mebibyte, StreamName: 'large' }))).status,
            200,
        );
    });

    it('answers a stranger in XML', async () => {
        const answer = await double.call('PutRecord', record(), { headers: { 'content-type': 'text/plain' } });
        assert.deepEqual([answer.status, answer.text], [404, '<UnknownOperationException/>\n']);
    });
});

describe('a signature', () => {
    const lists = (headers) => ({ headers });
    const cases = [
        ['is needed', lists({ authorization: undefined }), 'MissingAuthenticationTokenException', /^Missing Auth/],
        [
            'must be whole',
            lists({ authorization: 'AWS4-HMAC-SHA256 Credential=x' }),
            'IncompleteSignatureException',
            /SignedHeaders/,
        ],
        [
            'must fit',
            { secret: 'other' },
            'InvalidSignatureException',
            /^The request signature we calculated does not match/,
        ],
        [
            'covers the headers',
            lists({ 'x-amz-target': 'Kinesis_20131202.PutRecords' }),
            'InvalidSignatureException',
            /does not match/,
        ],
        [
            'covers every x-amz- header',
            lists({ 'x-amz-other': '1' }),
            'InvalidSignatureException',
            /'x-amz-other' must be/,
        ],
        ['is of a known key', { accessKey: 'AKIDOTHER' }, 'UnrecognizedClientException', /security token included/],
        ['has no token nobody gave', { token: 'stray' }, 'UnrecognizedClientException', /is invalid/],
        ['is of this region', { region: 'eu-west-1' }, 'InvalidSignatureException', /valid region, not 'eu-west-1'/],
        ['is of this service', { service: 's3' }, 'InvalidSignatureException', /correct service: 'kinesis'/],
        [
            'is not old',
            { skewSeconds: -330 },
            'InvalidSignatureException',
            /^Signature expired: \d{8}T\d{6}Z is now earlier than .* - 5 min\.\)$/,
        ],
        [
            'is not early',
            { skewSeconds: 330 },
            'InvalidSignatureException',
            /^Signature not yet current: .* is still later than .* \+ 5 min\.\)$/,
        ],
    ];
    for (const [what, options, type, message] of cases) {
        it(what, async () => {
            const answer = await double.call('PutRecord', record(), options);
            assert.equal(answer.status, 400);
            assert.equal(answer.json.__type, type);
            assert.match(answer.json.message, message);
            assert.equal((await double.counts()).signatures_rejected, 1);
            assert.equal(await stored(), 0);
        });
    }

    it('may be four minutes off', async () => {
        for (const skewSeconds of [-240, 240])
            assert.equal((await double.call('PutRecord', record(), { skewSeconds })).status, 200);
    });

    it('may be of any credential that control has set', async () => {
        const row = { access_key: 'ASIATEMP', secret: 'secret two', token: 'token/two==' };
        const first = { access_key: credential.accessKey, secret: credential.secret };
        assert.equal((await double.control('POST', '/credentials', [first, row])).status, 200);
        const options = { accessKey: row.access_key, secret: row.secret, token: row.token };
        assert.equal((await double.call('PutRecord', record(), options)).status, 200);
        await double.control('POST', '/credentials', [first]);
        const gone = await double.call('PutRecord', record(), options);
        assert.equal(gone.json.__type, 'UnrecognizedClientException');
    });
});
