// CloudEvents by the HTTP binding, with the genuine library as their sender and as their reader.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startDouble } from './lib/double.mjs';
import { makeKey, startGateway, stopAll } from './lib/gateway.mjs';
import { audit } from './lib/metrics.mjs';
import { fromNpm } from './lib/paths.mjs';

const { CloudEvent, HTTP } = fromNpm('cloudevents');
const BATCH = 'application/cloudevents-batch+json';

describe('CloudEvents', () => {
    let double, gateway;

    before(async () => {
        double = await startDouble();
        gateway = await startGateway(
            {
                aws: double.aws,
                streams: {
                    one: { name: 'one' },
                    bySubject: { name: 'one', partition_key: { json: '/subject' }, partition_key_missing: 'reject' },
                    wrapped: { name: 'one', envelope: 'json' },
                },
            },
            [await makeKey()],
        );
    });
    after(() => stopAll(gateway));

    const stored = ({ SequenceNumber }) => double.read().bySequence.get(SequenceNumber);
    const eventOf = (more) =>
        new CloudEvent({ id: 'e-1', source: '/shop', type: 'order.placed', time: '2030-01-02T03:04:05.678Z', ...more });
    const read = (record) =>
        HTTP.toEvent({ headers: { 'content-type': 'application/cloudevents+json' }, body: record.data.toString() });
    async function put({ headers, body }, { stream = 'one', query } = {}) {
        const answer = await gateway.put(stream, body ?? '', { headers, query });
        assert.equal(answer.status, 200, answer.text);
        return stored(answer.json);
    }

    const events = {
        'JSON data': eventOf({ datacontenttype: 'application/json', data: { id: 7, text: 'é"\\\n' } }),
        'JSON data by +json': eventOf({ datacontenttype: 'application/vnd.shop+json; charset=utf-8', data: [1, 'a'] }),
        'text': eventOf({ datacontenttype: 'text/plain', data: 'hello "wörld"\n' }),
        'no data': eventOf({ subject: 'order-7' }),
        'a partition key': eventOf({ partitionkey: 'customer-9', datacontenttype: 'application/json', data: {} }),
        'extensions': eventOf({ traceparent: '00-ab-cd-01', comexample: 'x', datacontenttype: 'text/xml', data: '<a/>' }),
    };
    for (const [what, event] of Object.entries(events)) {
        it(`structured: the body is the Data: ${what}`, async () => {
            const message = HTTP.structured(event);
            const record = await put(message);
            assert.equal(record.data.toString(), message.body);
            assert.deepEqual(read(record).toJSON(), event.toJSON());
            if (event.partitionkey) assert.equal(record.partition_key, event.partitionkey);
        });
        it(`binary: the Data is the event in the JSON format: ${what}`, async () => {
            const record = await put(HTTP.binary(event));
            const { datacontenttype: type, ...rest } = JSON.parse(record.data);
            const { datacontenttype: _, ...want } = JSON.parse(JSON.stringify(event));
            assert.deepEqual(rest, want);
            assert.equal(type, HTTP.binary(event).headers['content-type']);
            if (event.partitionkey) assert.equal(record.partition_key, event.partitionkey);
        });
    }

    it('binary: bytes are base64', async () => {
        const data = new Uint8Array([0, 255, 1, 254]);
        const message = HTTP.binary(eventOf({ datacontenttype: 'application/octet-stream', data }));
        const record = await put({ ...message, body: Buffer.from(data) });
        const event = JSON.parse(record.data);
        assert.equal(event.data_base64, Buffer.from(data).toString('base64'));
        assert.ok(Buffer.from(read(record).data).equals(Buffer.from(data)));
    });

    const binary = (more, body) => ({
        headers: { 'ce-specversion': '1.0', 'ce-id': 'e-1', 'ce-source': '/shop', 'ce-type': 't', ...more },
        body,
    });
    const values = {
        'Euro%20%E2%82%AC%20%F0%9F%98%80': 'Euro € 😀',
        '"a \\"quoted\\" %22value%22"': 'a "quoted" "value"',
        '%41%2f%25': 'A/%',
        '%2525': '%25',
        'a+b': 'a+b',
    };
    for (const [header, want] of Object.entries(values))
        it(`binary: an attribute is decoded once: ${header}`, async () => {
            const record = await put(binary({ 'ce-subject': header }));
            assert.equal(JSON.parse(record.data).subject, want);
            const byRule = await put(binary({ 'ce-subject': header }), { stream: 'bySubject' });
            assert.equal(byRule.partition_key, want);
        });

    const refused = {
        'an overlong encoding': binary({ 'ce-subject': '%C0%A0' }),
        'a lone byte past ASCII': binary({ 'ce-subject': '%E2%82' }),
        'a surrogate': binary({ 'ce-subject': '%ED%A0%80' }),
        'half an escape': binary({ 'ce-subject': '50%' }),
        'no escape': binary({ 'ce-subject': '%zz' }),
        'a control character': binary({ 'ce-subject': 'a%0Ab' }),
        'an open quote': binary({ 'ce-subject': '"a' }),
        'an attribute given twice': binary({ 'ce-subject': ['a', 'a'] }),
        'datacontenttype as an attribute': binary({ 'ce-datacontenttype': 'text/plain' }),
        'data as an attribute': binary({ 'ce-data': 'x' }),
        'a name that is none': binary({ 'ce-my_name': 'x' }),
        'another version': binary({ 'ce-specversion': '0.3' }),
        'no version': { headers: { 'ce-id': '1', 'ce-source': '/s', 'ce-type': 't' } },
        'no id': { headers: { 'ce-specversion': '1.0', 'ce-source': '/s', 'ce-type': 't' } },
        'an empty partition key': binary({ 'ce-partitionkey': '' }),
        'data that are not the JSON they should be': binary({ 'Content-Type': 'application/json' }, '{"a":'),
        'no JSON': { headers: { 'Content-Type': 'application/cloudevents+json' }, body: '{' },
        'no type': { headers: { 'Content-Type': 'application/cloudevents+json' }, body: '{"specversion":"1.0","id":"1","source":"s"}' },
    };
    for (const [what, { headers, body }] of Object.entries(refused))
        it(`refused, and nothing is written: ${what}`, async () => {
            const before = double.records().length;
            const answer = await gateway.put('one', body ?? '', { headers });
            assert.equal(answer.status, 400, answer.text);
            assert.equal(double.records().length, before);
        });

    it('refuses formats that it does not know, and batches where one record goes', async () => {
        for (const type of ['application/cloudevents+avro', 'application/cloudevents', BATCH])
            assert.equal((await gateway.put('one', '[]', { headers: { 'Content-Type': type } })).status, 415, type);
    });

    it("a partition key of the call must be the event's", async () => {
        const message = HTTP.structured(events['a partition key']);
        assert.equal((await put(message, { query: { partitionKey: 'customer-9' } })).partition_key, 'customer-9');
        const answer = await gateway.put('one', message.body, { headers: message.headers, query: { partitionKey: 'other' } });
        assert.equal(answer.status, 400, answer.text);
    });

    it('an idempotency key is for one event, attributes and all', async () => {
        const send = (id) => gateway.put('one', 'x', binary({ 'ce-id': id, 'Idempotency-Key': '"k"' }));
        assert.equal((await send('a')).status, 200);
        assert.equal((await send('a')).headers['idempotent-replayed'], 'true');
        assert.equal((await send('b')).status, 422);
    });

    it('batched: each event is a record', async () => {
        const all = Object.values(events);
        const body = JSON.stringify(all.map((event) => event.toJSON()));
        const answer = await gateway.putBatch('one', BATCH, body);
        assert.equal(answer.json?.FailedRecordCount, 0, answer.text);
        answer.json.Records.forEach((result, index) => {
            const record = stored(result);
            assert.deepEqual(read(record).toJSON(), all[index].toJSON());
            if (all[index].partitionkey) assert.equal(record.partition_key, all[index].partitionkey);
        });
    });

    it('an envelope holds the whole event', async () => {
        const event = events['JSON data'];
        const outer = JSON.parse((await put(HTTP.binary(event), { stream: 'wrapped' })).data);
        assert.equal(outer.content_type, 'application/cloudevents+json');
        assert.deepEqual(JSON.parse(outer.body).data, event.data);
    });

    it('leaves the audit in balance', async () => {
        await audit(gateway);
    });
});
