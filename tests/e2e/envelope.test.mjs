// Streams with an envelope: what a consumer reads beside a record's bytes, and what it never reads.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startGatewayForSdks, sdkOf } from './lib/aws.mjs';
import { startDouble } from './lib/double.mjs';
import { makeKey, stopAll, writeConfig } from './lib/gateway.mjs';
import { run } from './lib/child.mjs';
import { call } from './lib/http.mjs';
import { audit } from './lib/metrics.mjs';
import { fromNpm, gatewayProgram } from './lib/paths.mjs';

const { PutRecordCommand } = fromNpm('@aws-sdk/client-kinesis');
const MIB = 1 << 20;

describe('an envelope', () => {
    let double, gateway, page;

    before(async () => {
        double = await startDouble();
        page = await makeKey({ calls: ['beacon'], origins: ['https://shop.example'] });
        gateway = await startGatewayForSdks(
            {
                aws: double.aws,
                listen: [{ address: '127.0.0.1:0', trusted_proxies: ['127.0.0.0/8'] }],
                streams: {
                    wrapped: {
                        name: 'one',
                        envelope: 'json',
                        envelope_headers: ['X-GitHub-Event', 'user-agent'],
                        partition_key: { json: '/id' },
                    },
                    plain: { name: 'one', envelope: 'json' },
                    cut: { name: 'one', envelope: 'json', address: 'truncated' },
                    unsaid: { name: 'one', envelope: 'json', address: 'none' },
                    pages: { name: 'one', envelope: 'json', beacon_batch: 'ndjson' },
                },
            },
            [await makeKey(), page],
        );
    });
    after(() => stopAll(gateway));

    const stored = ({ SequenceNumber }) => double.read().bySequence.get(SequenceNumber);
    const opened = (result) => JSON.parse(stored(result).data);

    async function put(body, options) {
        const answer = await gateway.put('wrapped', body, options);
        assert.equal(answer.status, 200, answer.text);
        return { answer, record: stored(answer.json), envelope: opened(answer.json) };
    }

    for (const [stream, address] of [
        ['plain', '203.0.113.9'],
        ['cut', '203.0.113.0'],
        ['unsaid', null],
    ])
        it(`has its sender's address as its stream wants it: ${stream}`, async () => {
            const answer = await gateway.put(stream, 'x', { headers: { 'X-Forwarded-For': '203.0.113.9' } });
            assert.equal(answer.status, 200, answer.text);
            assert.equal(opened(answer.json).remote_ip, address);
        });

    it('is round each event of a page, without the key of its URL', async () => {
        const url = `${gateway.url}/v1/e/pages?key=${page.key}&v=1`;
        const answer = await call(url, { headers: { Origin: 'https://shop.example' }, body: 'of a page\nof a page' });
        assert.equal(answer.status, 204, answer.text);
        const id = answer.headers['x-request-id'];
        const envelopes = double.records().map(({ data }) => JSON.parse(data)).filter(({ body }) => body === 'of a page');
        assert.deepEqual(envelopes.map((envelope) => envelope.id).sort(), [`${id}.0`, `${id}.1`]);
        assert.deepEqual([...new Set(envelopes.map(({ query }) => query))], ['v=1']);
    });

    it('says when, from where and how its record came', async () => {
        const before = Date.now();
        const { envelope, record } = await put('{"id":"é"}', {
            query: { a: '1 2', key: 'a-secret', b: 'ü' },
            headers: {
                'Content-Type': 'application/json',
                'X-Request-Id': 'call-1',
                'X-GitHub-Event': 'push',
                'User-Agent': 'test',
                'X-Forwarded-For': '203.0.113.9, 198.51.100.7',
                'Cookie': 'session=secret',
            },
        });
        const { received_at: at, ...rest } = envelope;
        assert.deepEqual(rest, {
            id: 'call-1',
            request_id: 'call-1',
            remote_ip: '198.51.100.7',
            method: 'POST',
            path: '/v1/streams/wrapped/record',
            query: 'a=1+2&b=%C3%BC',
            content_type: 'application/json',
            headers: { 'x-github-event': 'push', 'user-agent': 'test' },
            body: '{"id":"é"}',
        });
        assert.ok(Date.parse(at) >= before - 1000 && Date.parse(at) <= Date.now() + 1000);
        assert.match(at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        assert.equal(record.partition_key, 'é');
    });

    it('has the bytes of a body that is no text', async () => {
        const bytes = Buffer.from([0, 255, 1, 254]);
        const { envelope } = await put(bytes);
        assert.equal(envelope.body, undefined);
        assert.ok(Buffer.from(envelope.body_base64, 'base64').equals(bytes));
        assert.equal(envelope.content_type, null);
    });

    for (const body of ['', '\0\x01"\\\n\u{1F600}', '\u2028'])
        it(`has a body as text: ${JSON.stringify(body)}`, async () => assert.equal((await put(body)).envelope.body, body));

    it("is named by its sender's Idempotency-Key, which compares the bodies alone", async () => {
        const options = (id) => ({ headers: { 'Idempotency-Key': '"order-7"', 'X-Request-Id': id } });
        const first = await put('{"id":7}', options('first'));
        assert.equal(first.envelope.id, 'order-7');
        assert.equal(first.envelope.request_id, 'first');
        const second = await put('{"id":7}', options('second'));
        assert.equal(second.answer.headers['idempotent-replayed'], 'true');
        assert.deepEqual(second.answer.json, first.answer.json);
    });

    it('is round the Data of a call with members, however that was written', async () => {
        for (const data of [Buffer.from('{"id":"k"}'), Buffer.from([255, 0])]) {
            const answer = await gateway.putJson('wrapped', { Data: data.toString('base64') });
            assert.equal(answer.status, 200, answer.text);
            const { body, body_base64: base64, content_type: type } = opened(answer.json);
            assert.ok((base64 === undefined ? Buffer.from(body) : Buffer.from(base64, 'base64')).equals(data));
            assert.equal(type, null);
        }
    });

    it("is each record's own in a batch, with an id of its own", async () => {
        const lines = Array.from({ length: 700 }, (_, index) => `{"id":${index}}`);
        const answer = await gateway.putBatch('wrapped', 'application/x-ndjson', lines.join('\n'), {
            headers: { 'X-Request-Id': 'batch' },
        });
        assert.equal(answer.json?.FailedRecordCount, 0, answer.text);
        const { bySequence: ledger } = double.read();
        answer.json.Records.forEach(({ SequenceNumber }, index) => {
            const { data, partition_key: key } = ledger.get(SequenceNumber);
            const { id, body, request_id: request } = JSON.parse(data);
            assert.deepEqual({ id, body, request, key }, {
                id: `batch.${index}`,
                body: lines[index],
                request: 'batch',
                key: String(index),
            });
        });
    });

    it('counts for the size of a record', async () => {
        const answer = await gateway.put('wrapped', 'x'.repeat(MIB - 100));
        assert.equal(answer.status, 413, answer.text);
        assert.equal(answer.json.bytes_max, MIB);
        assert.ok(answer.json.bytes > MIB);
        const doubled = await gateway.put('wrapped', '"'.repeat(MIB / 2));
        assert.equal(doubled.status, 413, doubled.text);
        const batch = await gateway.putBatch('wrapped', 'application/x-ndjson', `a\n${'x'.repeat(MIB - 100)}`);
        assert.equal(batch.status, 413, batch.text);
        assert.deepEqual(batch.json.invalid, [1]);
    });

    it('lists User-Agent and Referer unless told otherwise', async () => {
        const headers = { 'User-Agent': 'ua', 'Referer': 'https://shop.example/', 'X-Api-Key': gateway.key.key };
        const answer = await gateway.put('plain', 'x', { headers });
        assert.deepEqual(opened(answer.json).headers, { 'user-agent': 'ua', 'referer': 'https://shop.example/' });
    });

    it("is not round what AWS's own call sends", async () => {
        const Data = Buffer.from('as it is');
        const answer = await sdkOf(gateway).send(
            new PutRecordCommand({ StreamName: 'wrapped', PartitionKey: 'k', Data }),
        );
        assert.ok(stored(answer).data.equals(Data));
    });

    it('never has a header that proves who somebody is', async () => {
        const refused = ['Authorization', 'x-api-key', 'Cookie', 'Stripe-Signature', 'X-Shopify-Hmac-Sha256', 'X-Gitlab-Token'];
        for (const name of refused) {
            const streams = { s: { name: 'one', envelope: 'json', envelope_headers: ['referer', name] } };
            const folder = writeConfig({ aws: double.aws, streams }, [gateway.key]);
            const checked = await run(gatewayProgram, ['check-config', '--config', `${folder}/config.json`]);
            assert.notEqual(checked.code, 0, name);
            assert.match(checked.err, /streams\.s\.envelope_headers: \S+ must not be listed/);
        }
    });

    it('leaves the audit in balance', async () => {
        await audit(gateway);
    });
});
