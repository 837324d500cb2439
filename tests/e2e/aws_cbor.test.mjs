// The AWS-shaped endpoint in CBOR, as the AWS SDK for Java speaks: written, read and signed by code of the SDK for JavaScript.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, afterEach, before, describe, it } from 'node:test';
import { startGatewayForSdks } from './lib/aws.mjs';
import { startDouble } from './lib/double.mjs';
import { stopAll } from './lib/gateway.mjs';
import { call } from './lib/http.mjs';
import { audit } from './lib/metrics.mjs';
import { fromNpm } from './lib/paths.mjs';

const { cbor } = fromNpm('@smithy/core/cbor');
const { Sha256 } = fromNpm('@aws-crypto/sha256-js');
const { HttpRequest } = fromNpm('@smithy/protocol-http');
const { SignatureV4 } = fromNpm('@smithy/signature-v4');

const CBOR = 'application/x-amz-cbor-1.1';

// As Jackson writes, which the SDK for Java uses: maps and arrays of indefinite length; strings too if asked for.
function jackson(value, inChunks = false) {
    const head = (major, length) =>
        length < 24
            ? Buffer.from([major | length])
            : length < 256
              ? Buffer.from([major | 24, length])
              : length < 65536
                ? Buffer.from([major | 25, length >> 8, length & 255])
                : Buffer.from([major | 26, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255]);
    const string = (major, bytes) => {
        if (!inChunks) return Buffer.concat([head(major, bytes.length), bytes]);
        let half = bytes.length >> 1;
        while (major === 0x60 && (bytes[half] & 0xc0) === 0x80) half++; // a chunk of text has whole characters
        const parts = [bytes.subarray(0, half), Buffer.alloc(0), bytes.subarray(half)];
        const chunks = parts.map((part) => Buffer.concat([head(major, part.length), part]));
        return Buffer.concat([Buffer.from([major | 31]), ...chunks, Buffer.from([0xff])]);
    };
    if (typeof value === 'string') return string(0x60, Buffer.from(value));
    if (value instanceof Uint8Array) return string(0x40, Buffer.from(value));
    if (typeof value === 'boolean') return Buffer.from([value ? 0xf5 : 0xf4]);
    const inside = Array.isArray(value)
        ? value.map((element) => jackson(element, inChunks))
        : Object.entries(value).flat().map((part) => jackson(part, inChunks));
    return Buffer.concat([Buffer.from([Array.isArray(value) ? 0x9f : 0xbf]), ...inside, Buffer.from([0xff])]);
}

describe('CBOR on the AWS-shaped endpoint', () => {
    let double, gateway;

    before(async () => {
        double = await startDouble();
        gateway = await startGatewayForSdks({
            aws: { ...double.aws, call_timeout_ms: 500 },
            request_timeout_ms: 2000,
            streams: { four: { name: 'four' }, byId: { name: 'four', envelope: 'json' } },
        });
    });
    afterEach(() => double.clearFaults());
    after(() => stopAll(gateway));

    const stored = ({ SequenceNumber }) => double.read().bySequence.get(SequenceNumber);
    async function ask(operation, body, headers = { 'X-Api-Key': gateway.key.key }) {
        const answer = await call(`${gateway.url}/`, {
            body,
            headers: { 'Content-Type': CBOR, 'X-Amz-Target': `Kinesis_20131202.${operation}`, ...headers },
        });
        assert.equal(answer.headers['content-type'], CBOR, answer.text);
        assert.ok(answer.headers['x-amzn-requestid']);
        return { status: answer.status, value: answer.body.length ? cbor.deserialize(answer.body) : undefined };
    }
    const writers = {
        'definite lengths': (value) => cbor.serialize(value),
        'indefinite lengths, as Jackson': (value) => jackson(value),
        'strings in chunks': (value) => jackson(value, true),
        'a self-describing tag': (value) => Buffer.concat([Buffer.from([0xd9, 0xd9, 0xf7]), cbor.serialize(value)]),
    };

    for (const [how, write] of Object.entries(writers)) {
        for (const data of [Buffer.alloc(0), Buffer.from([0, 255]), randomBytes(1000)]) {
            it(`PutRecord stores the bytes: ${data.length}, ${how}`, async () => {
                const { status, value } = await ask(
                    'PutRecord',
                    write({ StreamName: 'four', PartitionKey: 'Grüße', Data: data, Unknown: [{ a: 'b' }], ExplicitHashKey: '17' }),
                );
                assert.equal(status, 200, JSON.stringify(value));
                assert.deepEqual(Object.keys(value).sort(), ['EncryptionType', 'SequenceNumber', 'ShardId']);
                const record = stored(value);
                assert.ok(record.data.equals(data));
                assert.equal(record.partition_key, 'Grüße');
                assert.equal(record.shard, value.ShardId);
            });
        }
        it(`PutRecords answers in order: ${how}`, async () => {
            const Records = Array.from({ length: 500 }, (_, index) => ({ PartitionKey: `k${index}`, Data: Buffer.from(`data ${index}`) }));
            const { status, value } = await ask('PutRecords', write({ StreamName: 'four', Records }));
            assert.equal(status, 200, JSON.stringify(value));
            assert.equal(value.FailedRecordCount, 0);
            assert.equal(value.EncryptionType, 'NONE');
            const { bySequence: ledger } = double.read();
            value.Records.forEach((result, index) => {
                const record = ledger.get(result.SequenceNumber);
                assert.ok(record.data.equals(Records[index].Data));
                assert.equal(record.partition_key, Records[index].PartitionKey);
                assert.equal(record.shard, result.ShardId);
            });
        });
    }

    it('tells which records failed', async () => {
        await double.setFaults({ kind: 'throttle_record', match_key: 'hot' });
        const Records = ['hot', 'cold'].map((PartitionKey) => ({ PartitionKey, Data: Buffer.from('x') }));
        const { status, value } = await ask('PutRecords', cbor.serialize({ StreamName: 'four', Records }));
        assert.equal(status, 200);
        assert.equal(value.FailedRecordCount, 1);
        assert.equal(value.Records[0].ErrorCode, 'ProvisionedThroughputExceededException');
        assert.ok(value.Records[0].ErrorMessage && stored(value.Records[1]));
    });

    it('verifies signatures over the bytes', async () => {
        const sign = async (body) => {
            const signer = new SignatureV4({
                service: 'kinesis',
                region: 'us-east-1',
                sha256: Sha256,
                credentials: { accessKeyId: gateway.derived.id, secretAccessKey: gateway.derived.secret },
            });
            const { headers } = await signer.sign(
                new HttpRequest({
                    method: 'POST',
                    protocol: 'http:',
                    hostname: gateway.address,
                    path: '/',
                    body,
                    headers: { 'host': gateway.address, 'content-type': CBOR, 'x-amz-target': 'Kinesis_20131202.PutRecord' },
                }),
            );
            return headers;
        };
        const body = jackson({ StreamName: 'four', PartitionKey: 'k', Data: Buffer.from('signed') });
        const headers = await sign(body);
        assert.equal((await ask('PutRecord', body, headers)).status, 200);
        body[body.length - 2] ^= 1;
        const { status, value } = await ask('PutRecord', body, headers);
        assert.equal(status, 400);
        assert.equal(value.__type, 'InvalidSignatureException');
        assert.ok(value.message);
    });

    const good = { StreamName: 'four', PartitionKey: 'k', Data: Buffer.from('x') };
    const map = (...parts) => Buffer.concat([Buffer.from([0xa0 | (parts.length / 2)]), ...parts.map((part) => jackson(part))]);
    const member = (name, bytes) => Buffer.concat([Buffer.from([0xa1]), jackson(name), bytes]);
    const one = { PartitionKey: 'k', Data: good.Data };
    const records = (Records) => cbor.serialize({ StreamName: 'four', Records });
    const refused = {
        'no CBOR': ['PutRecord', Buffer.from('{}'), 'SerializationException'],
        'nothing': ['PutRecord', Buffer.alloc(0), 'SerializationException'],
        'a cut body': ['PutRecord', jackson(good).subarray(0, -1), 'SerializationException'],
        'more behind it': ['PutRecord', Buffer.concat([jackson(good), Buffer.from([0])]), 'SerializationException'],
        'no map': ['PutRecord', cbor.serialize([good]), 'SerializationException'],
        'Data as text': ['PutRecord', cbor.serialize({ ...good, Data: 'eA==' }), 'SerializationException'],
        'a key as bytes': ['PutRecord', map('Data', good.Data, 'PartitionKey', Buffer.from('k')), 'SerializationException'],
        'a key that is not UTF-8': ['PutRecord', member('PartitionKey', Buffer.from([0x61, 0xff])), 'SerializationException'],
        'a member twice': ['PutRecord', map('Data', good.Data, 'Data', good.Data), 'SerializationException'],
        'too deep': ['PutRecord', member('x', Buffer.concat([Buffer.alloc(1000, 0x81), Buffer.from([0])])), 'SerializationException'],
        'too many items': ['PutRecord', member('x', jackson(Array(30000).fill(''))), 'SerializationException'],
        'a length past the end': ['PutRecord', member('Data', Buffer.from('5bffffffffffffffff', 'hex')), 'SerializationException'],
        'no Data': ['PutRecord', cbor.serialize({ StreamName: 'four', PartitionKey: 'k' }), 'ValidationException'],
        'no PartitionKey': ['PutRecord', cbor.serialize({ StreamName: 'four', Data: good.Data }), 'ValidationException'],
        'no Records': ['PutRecords', cbor.serialize({ StreamName: 'four' }), 'ValidationException'],
        'Records that are none': ['PutRecords', records({}), 'SerializationException'],
        'a record that is none': ['PutRecords', records([7]), 'SerializationException'],
        '501 records': ['PutRecords', records(Array(501).fill(one)), 'ValidationException'],
        'another stream': ['PutRecord', cbor.serialize({ ...good, StreamName: 'unknown' }), 'AccessDeniedException'],
        'another operation': ['ListStreams', cbor.serialize({}), 'UnknownOperationException'],
        'a dry run': ['PutRecord', cbor.serialize({ ...good, DryRun: true }), 'DryRunOperationException'],
    };
    for (const [what, [operation, body, type]] of Object.entries(refused))
        it(`refuses in AWS's words: ${what}`, async () => {
            const { status, value } = await ask(operation, body);
            assert.equal(value.__type, type, JSON.stringify(value));
            assert.equal(status, 400);
        });

    it('refuses who brings no credentials', async () => {
        const { status, value } = await ask('PutRecord', cbor.serialize(good), {});
        assert.equal(status, 400);
        assert.equal(value.__type, 'MissingAuthenticationTokenException');
    });

    it('leaves the audit in balance', async () => {
        await audit(gateway);
    });
});
