// Order by key: of one partition key the ledger has the records in the order in which they came, whatever Kinesis does.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, afterEach, before, describe, it } from 'node:test';
import { ENTRIES, entriesOf, freshRecords, resultsOf } from './lib/batch.mjs';
import { startDouble } from './lib/double.mjs';
import { makeKey, startGateway, stopAll } from './lib/gateway.mjs';
import { parse } from './lib/load.mjs';
import { audit, scrape } from './lib/metrics.mjs';
import { until } from './lib/wait.mjs';

const HELD_MS = 1500; // how long the double keeps an answer while the test brings more

let number = 0;
const freshKey = (name = 'key') => `${name}-${process.pid}-${++number}`;

describe('a stream with "ordering": "key"', () => {
    let double, gateway;

    before(async () => {
        double = await startDouble();
        gateway = await startGateway(
            {
                aws: { ...double.aws, call_timeout_ms: 5000 },
                request_timeout_ms: 20000,
                workers: 2,
                retry: { budget_burst: 100000, backoff_ms: 5 },
                streams: {
                    four: { name: 'four' },
                    ordered: { name: 'four', ordering: 'key' },
                    going: { name: 'four', ordering: 'key', on_gap: 'continue' },
                },
            },
            [await makeKey()],
        );
    });
    afterEach(() => double.clearFaults());
    after(() => stopAll(gateway));

    async function put(stream, partitionKey, body, { agent, query } = {}) {
        const { status, text } = await gateway.put(stream, body, { query: { partitionKey, ...query }, agent });
        return { partitionKey, body, status, text, json: parse(text) };
    }

    const storedOf = (key) => double.records().filter((record) => record.partition_key === key);

    // `answers`: those of one key, in the order in which the records came.
    function areInOrder(answers) {
        const stored = storedOf(answers[0].partitionKey);
        const bySequence = new Map(stored.map((record) => [record.seq, record.data.toString()]));
        let last = 0n;
        for (const { status, json, body, text } of answers) {
            if (status !== 200) continue;
            assert.equal(bySequence.get(json.SequenceNumber), body, text);
            assert.ok(BigInt(json.SequenceNumber) > last, `${body} stands before its predecessor`);
            last = BigInt(json.SequenceNumber);
        }
        const places = stored.map((record) => answers.findIndex(({ body }) => body === record.data.toString()));
        assert.deepEqual(
            places,
            places.toSorted((a, b) => a - b),
            'a record that was sent again stands before its successor too',
        );
        for (const { json, body } of answers.filter(({ json }) => json?.outcome === 'not_written'))
            assert.ok(!stored.some((record) => record.data.toString() === body), json.code);
    }

    const storms = {
        'nothing': [],
        'throttles': [{ kind: 'throttle', percent: 20 }],
        '5xx, stored or not': [
            { kind: 'internal_500', percent: 10 },
            { kind: 'internal_500', percent: 10, stored: true },
            { kind: 'unavailable_503_xml', percent: 5 },
        ],
        'resets, before and after it stored': [
            { kind: 'reset_before', percent: 10 },
            { kind: 'reset_after', percent: 10 },
            { kind: 'cut', percent: 5 },
        ],
        'late answers': [{ kind: 'delay', delay_ms: 30, percent: 30 }],
    };
    for (const [what, faults] of Object.entries(storms)) {
        it(`keeps the order of callers that await each answer, over several connections: ${what}`, async () => {
            await double.setFaults(...faults);
            const agent = new http.Agent({ keepAlive: false }); // another worker may get each request
            const keys = Array.from({ length: 12 }, () => freshKey());
            await Promise.all(
                keys.map(async (key) => {
                    const answers = [];
                    for (let i = 0; i < 15; i++) answers.push(await put('ordered', key, `${key}/${i}`, { agent }));
                    assert.ok(answers.filter(({ status }) => status === 200).length > 10);
                    areInOrder(answers);
                }),
            );
        });

        it(`keeps the order of a batch's records: ${what}`, async () => {
            await double.setFaults(...faults);
            const keys = Array.from({ length: 8 }, () => freshKey());
            const records = freshRecords(120);
            const keyOf = (index) => keys[index % keys.length];
            const entries = entriesOf(records, (index) => ({ PartitionKey: keyOf(index) }));
            const results = resultsOf(await gateway.putBatch('ordered', ENTRIES, entries), records, double);
            const answers = results.map((result, index) => ({
                partitionKey: keyOf(index),
                body: records[index],
                status: result.ErrorCode ? 503 : 200,
                text: JSON.stringify(result),
                json: { ...result, outcome: result.Outcome },
            }));
            for (const key of keys) areInOrder(answers.filter(({ partitionKey }) => partitionKey === key));
            assert.ok(answers.filter(({ status }) => status === 200).length > 100);
        });
    }

    // Starts a put and waits until the gateway has it.
    async function bring(stream, key, body) {
        const before = (await scrape(gateway)).get('kgw_requests_in_flight');
        const answer = put(stream, key, body);
        await until(
            'the gateway has the request',
            async () => (await scrape(gateway)).get('kgw_requests_in_flight') > before,
            HELD_MS,
        );
        return { answer };
    }

    // One record whose answer is held, and what comes meanwhile; their answers.
    async function bringWhileHeld(stream, fault, count = 6) {
        const key = freshKey('held');
        await double.setFaults({ ...fault, match_key: key, count: 1, delay_ms: HELD_MS });
        const brought = [];
        for (let i = 0; i < count; i++) brought.push(await bring(stream, key, `${key}/${i}`));
        return Promise.all(brought.map(({ answer }) => answer));
    }

    it('keeps the order of records that came while an earlier one was under way', async () => {
        const answers = await bringWhileHeld('ordered', { kind: 'delay' });
        for (const { status, text } of answers) assert.equal(status, 200, text);
        areInOrder(answers);
    });

    it('keeps it when the first one has to be sent again', async () => {
        for (const kind of ['throttle', 'internal_500', 'reset_after']) {
            const answers = await bringWhileHeld('ordered', { kind });
            for (const { status, text } of answers) assert.equal(status, 200, text);
            areInOrder(answers);
        }
    });

    it('has one record of a key under way, and others of other keys beside it', async () => {
        await double.control('POST', '/reset');
        await double.setFaults({ kind: 'delay', delay_ms: 100 });
        const keys = Array.from({ length: 4 }, () => freshKey());
        await Promise.all(keys.flatMap((key) => [0, 1, 2, 3].map((i) => put('ordered', key, `${key}/${i}`))));
        const { in_flight_max: most, requests } = await double.counts();
        assert.ok(most > 1 && most <= keys.length, `${most}`);
        assert.equal(requests.PutRecords ?? 0, 0, 'each travels as PutRecord');
        assert.equal(requests.PutRecord, 16);
    });

    it("says each time which was the key's last sequence number", async () => {
        const key = freshKey();
        let last;
        for (let i = 0; i < 4; i++) {
            const { json } = await put('ordered', key, `${key}/${i}`);
            const sent = JSON.parse(Buffer.from((await double.lastRequest()).body, 'base64'));
            assert.equal(sent.SequenceNumberForOrdering, last);
            last = json.SequenceNumber;
        }
    });

    it('refuses a SequenceNumberForOrdering of the caller', async () => {
        const { json } = await put('ordered', freshKey(), 'x');
        const query = { sequenceNumberForOrdering: json.SequenceNumber };
        assert.equal((await put('ordered', freshKey(), 'y', { query })).status, 400);
    });

    const denied = { kind: 'error', code: 'AccessDeniedException' };

    it('fails what waited behind a record that failed: 503 OrderingGap, not written', async () => {
        const [first, ...others] = await bringWhileHeld('ordered', denied);
        assert.equal(first.status, 502, first.text);
        for (const { status, json, text } of others) {
            assert.equal(status, 503, text);
            assert.equal(json.code, 'OrderingGap');
            assert.equal(json.outcome, 'not_written');
            assert.equal(json.retryable, true);
        }
        assert.deepEqual(storedOf(first.partitionKey), []);
        assert.equal((await put('ordered', first.partitionKey, 'later')).status, 200, 'what comes later goes on');
    });

    it('goes on with what waited where the stream says so', async () => {
        const [first, ...others] = await bringWhileHeld('going', denied);
        assert.equal(first.status, 502, first.text);
        for (const { status, text } of others) assert.equal(status, 200, text);
        areInOrder(others);
        assert.equal(storedOf(first.partitionKey).length, others.length);
    });

    it('sends a SequenceNumberForOrdering alone, on a stream without order, among others', async () => {
        const key = freshKey();
        const { json } = await put('four', key, 'first');
        const query = { sequenceNumberForOrdering: json.SequenceNumber };
        const own = put('four', key, `${key}/second`, { query });
        const others = Array.from({ length: 60 }, (_, i) => put('four', freshKey(), `other-${i}`));
        for (const { status, text } of await Promise.all([own, ...others])) assert.equal(status, 200, text);
        const stored = double.records();
        const second = stored.find((record) => record.data.toString() === `${key}/second`);
        assert.equal(stored.filter((record) => record.request_id === second.request_id).length, 1);
        assert.ok(BigInt((await own).json.SequenceNumber) > BigInt(json.SequenceNumber));
    });

    it('leaves metrics that add up', async () => {
        assert.equal((await audit(gateway)).get('kgw_records_in_flight'), 0);
    });
});
