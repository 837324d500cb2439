// Single records through the native calls, into the local Kinesis and back, byte for byte.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { makeKey, startGateway, stopAll } from './lib/gateway.mjs';
import { theKinesis } from './lib/kinesis.mjs';
import { audit } from './lib/metrics.mjs';

const MIB = 1 << 20;

describe('a single record', () => {
    let kinesis, gateway;

    before(async () => {
        kinesis = await theKinesis();
        gateway = await startGateway(
            {
                aws: { ...kinesis.aws, call_timeout_ms: 10000 },
                request_timeout_ms: 20000, // the local Kinesis takes a second for a large record
                streams: {
                    one: { name: 'one' },
                    four: { name: 'four' },
                    byId: { name: 'four', partition_key: { json: '/user/id' }, partition_key_missing: 'reject' },
                    byHeader: { name: 'four', partition_key: { header: 'X-User' } },
                    byQuery: { name: 'four', partition_key: { query: 'user' } },
                    byAddress: { name: 'four', partition_key: 'client_ip' },
                },
            },
            [await makeKey()],
        );
    });
    after(() => stopAll(gateway));

    async function putAndRead(stream, body, options, upstream = stream) {
        const answer = await gateway.put(stream, body, options);
        assert.equal(answer.status, 200, answer.text);
        return kinesis.read(upstream, answer.json);
    }

    const bodies = {
        'text': Buffer.from('hello'),
        'nothing': Buffer.alloc(0),
        'a NUL': Buffer.from([0]),
        'NUL, CRLF and 0xFF': Buffer.from('\0\r\n\xff\0\r\n\r\n\xff', 'latin1'),
        'every byte': Buffer.from(Array.from({ length: 256 }, (_, i) => i)),
        'JSON as it was written': Buffer.from('{ "a" : 1e400, "a": "\\u0000",\r\n}'),
        'one byte past what base64 likes': randomBytes(3001),
        '256 KiB and one byte': randomBytes(MIB / 4 + 1),
        '1 MiB less the key': randomBytes(MIB - 'key'.length),
    };
    for (const [what, body] of Object.entries(bodies)) {
        it(`arrives unchanged: ${what}`, async () => {
            const record = await putAndRead('one', body, { query: { partitionKey: 'key' } });
            assert.ok(Buffer.from(record.Data).equals(body));
            assert.equal(record.PartitionKey, 'key');
        });
        it(`arrives unchanged as application/vnd.kinesis.v1+json: ${what}`, async () => {
            const answer = await gateway.putJson('one', { Data: body.toString('base64'), PartitionKey: 'key' });
            assert.equal(answer.status, 200, answer.text);
            const record = await kinesis.read('one', answer.json);
            assert.ok(Buffer.from(record.Data).equals(body));
            assert.equal(record.PartitionKey, 'key');
        });
    }

    it('is answered with its shard, its sequence number and its encryption', async () => {
        const { status, json, headers } = await gateway.put('one', 'x', { headers: { 'X-Request-Id': 'request-17' } });
        assert.equal(status, 200);
        assert.deepEqual(Object.keys(json).sort(), ['EncryptionType', 'SequenceNumber', 'ShardId']);
        assert.match(json.ShardId, /^shardId-\d{12}$/);
        assert.match(json.SequenceNumber, /^\d+$/);
        assert.equal(json.EncryptionType, 'NONE');
        assert.match(headers['content-type'], /^application\/json/);
        assert.equal(headers['x-request-id'], 'request-17');
    });

    it('gets a request id where it brought none', async () => {
        assert.match((await gateway.put('one', 'x')).headers['x-request-id'], /^[\w-]{8,}$/);
    });

    it('may come by fetch, with any content type, or chunked', async () => {
        const url = `${gateway.url}/v1/streams/one/record`;
        const chunks = new ReadableStream({
            start(stream) {
                for (const part of ['a', 'bc', '']) stream.enqueue(new TextEncoder().encode(part));
                stream.close();
            },
        });
        for (const [body, type] of [
            ['{"a":1}', 'application/json'],
            ['<a/>', 'text/xml; charset=x'],
            [chunks, 'image/png'],
        ]) {
            const headers = { 'X-Api-Key': gateway.key.key, 'Content-Type': type };
            const answer = await fetch(url, { method: 'POST', body, headers, duplex: 'half' });
            const text = await answer.text();
            assert.equal(answer.status, 200, text);
            const record = await kinesis.read('one', JSON.parse(text));
            assert.equal(Buffer.from(record.Data).toString(), typeof body === 'string' ? body : 'abc');
        }
    });

    it('may bring its key as Bearer token or as Basic user name', async () => {
        const { key } = gateway.key;
        for (const Authorization of [`Bearer ${key}`, `Basic ${Buffer.from(`${key}:`).toString('base64')}`]) {
            const answer = await gateway.put('one', 'x', { key: null, headers: { Authorization } });
            assert.equal(answer.status, 200, answer.text);
        }
    });

    it('takes its parameters from the query or from headers', async () => {
        const key = 'Grüße 😀/?&+%';
        for (const options of [
            { query: { partitionKey: key } },
            { headers: { 'X-Kinesis-Partition-Key': Buffer.from(key).toString('latin1') } },
        ]) {
            assert.equal((await putAndRead('four', 'x', options)).PartitionKey, key);
        }
    });

    it('goes to the same shard with the same key, and keys spread over the shards', async () => {
        const shards = new Map();
        for (const partitionKey of Array.from({ length: 32 }, (_, i) => `key-${i % 16}`)) {
            const { json } = await gateway.put('four', 'x', { query: { partitionKey } });
            assert.equal(shards.get(partitionKey) ?? json.ShardId, json.ShardId);
            shards.set(partitionKey, json.ShardId);
        }
        assert.ok(new Set(shards.values()).size > 1);
    });

    it('goes where its explicit hash key says', async () => {
        for (let shard = 0; shard < 4; shard++) {
            const explicitHashKey = String((1n << 126n) * BigInt(shard) + 7n);
            const wanted = `shardId-00000000000${shard}`;
            const byQuery = await gateway.put('four', 'x', { query: { partitionKey: 'k', explicitHashKey } });
            assert.equal(byQuery.json.ShardId, wanted, byQuery.text);
            const byHeader = await gateway.put('four', 'x', {
                headers: { 'X-Kinesis-Explicit-Hash-Key': explicitHashKey },
            });
            assert.equal(byHeader.json.ShardId, wanted, byHeader.text);
            const byJson = await gateway.putJson('four', {
                Data: 'eA==',
                PartitionKey: 'k',
                ExplicitHashKey: explicitHashKey,
            });
            assert.equal(byJson.json.ShardId, wanted, byJson.text);
        }
    });

    it('keeps its place behind SequenceNumberForOrdering', async () => {
        let last = null;
        for (let i = 0; i < 12; i++) {
            const ways = [
                () =>
                    gateway.put('four', `${i}`, {
                        query: { partitionKey: 'k', ...(last && { sequenceNumberForOrdering: last }) },
                    }),
                () =>
                    gateway.put('four', `${i}`, {
                        query: { partitionKey: 'k' },
                        headers: { 'X-Kinesis-Sequence-Number-For-Ordering': last },
                    }),
                () => gateway.putJson('four', { Data: 'eA==', PartitionKey: 'k', SequenceNumberForOrdering: last }),
            ];
            const { status, json, text } = await ways[last ? i % 3 : 0]();
            assert.equal(status, 200, text);
            assert.ok(last === null || BigInt(json.SequenceNumber) > BigInt(last));
            last = json.SequenceNumber;
        }
    });

    it('gets a random key where it brings none', async () => {
        const keys = new Set();
        for (let i = 0; i < 4; i++) keys.add((await putAndRead('four', 'x')).PartitionKey);
        assert.equal(keys.size, 4);
    });

    it("gets its key by the stream's rule: JSON pointer, header, query, address", async () => {
        const found = async (stream, body, options) => (await putAndRead(stream, body, options, 'four')).PartitionKey;
        assert.equal(await found('byId', '{"user":{"id":"u-\\u00e9"}}'), 'u-é');
        assert.equal(await found('byId', '{"user":{"id":12.50}}'), '12.50');
        assert.equal(await found('byHeader', 'x', { headers: { 'X-User': 'u2' } }), 'u2');
        assert.equal(await found('byQuery', 'x', { query: { user: 'u 3' } }), 'u 3');
        assert.equal(await found('byAddress', 'x'), '127.0.0.1');
        assert.equal(await found('byId', '{"user":{"id":"u"}}', { query: { partitionKey: 'own' } }), 'own');
        const missed = await gateway.put('byId', '{"user":{}}');
        assert.equal(missed.status, 400, missed.text);
    });

    it('is checked and not written on a dry run', async () => {
        const before = (await audit(gateway)).get('kgw_records_written_total');
        const answer = await gateway.put('one', 'x', { query: { dryRun: 'true' } });
        assert.equal(answer.status, 200, answer.text);
        assert.ok(!answer.text.includes('SequenceNumber') || answer.json.SequenceNumber === null, answer.text);
        const refused = await gateway.put('one', 'x', { query: { dryRun: 'true', explicitHashKey: '-1' } });
        assert.equal(refused.status, 400);
        assert.equal((await audit(gateway)).get('kgw_records_written_total'), before);
    });

    it('leaves metrics that add up', async () => {
        const metrics = await audit(gateway);
        assert.equal(metrics.get('kgw_records_in_flight'), 0);
        assert.ok(metrics.get('kgw_records_written_total') > 0);
    });
});
