// Retries with an Idempotency-Key, while Kinesis and clients fail: one record a key, and the same ids to everybody.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { startDouble } from './lib/double.mjs';
import { makeKey, startGateway, stopAll } from './lib/gateway.mjs';
import { call, Wire } from './lib/http.mjs';
import { audit } from './lib/metrics.mjs';
import { until } from './lib/wait.mjs';

const replayed = (answer) => answer.headers['idempotent-replayed'] === 'true';

describe('a call with an Idempotency-Key', () => {
    let double, gateway;
    let number = 0;

    before(async () => {
        double = await startDouble();
        gateway = await startGateway(
            {
                aws: { ...double.aws, call_timeout_ms: 1500 },
                request_timeout_ms: 2000,
                streams: { four: { name: 'four', on_unknown: 'report' }, one: { name: 'one' } },
            },
            [await makeKey()],
        );
    });
    afterEach(() => double.clearFaults());
    after(() => stopAll(gateway));

    const newKey = () => `"key-${process.pid}-${++number}"`;
    const put = (key, body, headers = {}) =>
        gateway.put('four', body, { headers: { 'Idempotency-Key': key, ...headers } });
    const putLines = (key, lines) =>
        call(`${gateway.url}/v1/streams/four/records`, {
            body: lines.map((line) => `${line}\n`).join(''),
            headers: { 'X-Api-Key': gateway.key.key, 'Idempotency-Key': key, 'Content-Type': 'application/x-ndjson' },
        });
    const stored = (body) => [...double.ledger()].filter(([, data]) => data === body).map(([sequence]) => sequence);

    it('is answered with the first ids when it comes again', async () => {
        const key = newKey();
        const first = await put(key, key);
        const second = await put(key, key);
        assert.equal(first.status, 200, first.text);
        assert.equal(second.text, first.text);
        assert.ok(!replayed(first) && replayed(second));
        assert.deepEqual(stored(key), [first.json.SequenceNumber]);
        const other = await put(key, 'another body');
        assert.equal(other.status, 422);
        assert.equal(other.json.code, 'IdempotencyKeyReused');
    });

    it('waits for the one in flight, or says that there is one', async () => {
        await double.setFaults({ kind: 'delay', delay_ms: 1000 });
        const key = newKey();
        const started = put(key, key);
        await until('the first call is upstream', async () => (await metricsOf('kgw_upstream_calls_in_flight')) > 0);
        const impatient = await put(key, key, { 'X-Request-Timeout-Ms': '50' });
        assert.equal(impatient.status, 409, impatient.text);
        assert.equal(impatient.json.code, 'IdempotencyKeyInFlight');
        assert.match(impatient.headers['retry-after'], /^[1-9]\d*$/);
        const answers = await Promise.all([started, put(key, key), put(key, key)]);
        for (const { status, text } of answers) assert.deepEqual([status, text], [200, answers[0].text]);
        assert.equal(stored(key).length, 1);
    });

    it('is written once for a hundred keys, by three callers each, while Kinesis throttles', async () => {
        await double.setFaults(
            { kind: 'throttle', percent: 30 },
            { kind: 'throttle_record', percent: 30 },
            { kind: 'delay', delay_ms: 5 },
        );
        const keys = Array.from({ length: 100 }, newKey);
        const insist = async (key) => {
            for (;;) {
                const answer = await put(key, key);
                if (answer.status === 200) return answer;
                assert.ok([409, 503].includes(answer.status), answer.text);
            }
        };
        const answers = await Promise.all(keys.map((key) => Promise.all([insist(key), insist(key), insist(key)])));
        const ledger = [...double.ledger()].filter(([, data]) => keys.includes(data));
        assert.equal(ledger.length, keys.length);
        for (const [first, ...others] of answers) for (const other of others) assert.equal(other.text, first.text);
        assert.equal(answers.flat().filter(replayed).length, 2 * keys.length);
    });

    it('may be put again when its outcome was unknown, and only then', async () => {
        await double.setFaults({ kind: 'reset_after', count: 1 });
        const key = newKey();
        const first = await put(key, key);
        assert.deepEqual([first.status, first.json.outcome], [504, 'unknown']);
        const second = await put(key, key);
        assert.ok(second.status === 200 && !replayed(second), second.text);
        assert.equal(stored(key).length, 2); // what cannot be promised
        assert.ok(replayed(await put(key, key)));
        assert.equal(stored(key).length, 2);
    });

    it('is kept though its client left', async () => {
        await double.setFaults({ kind: 'delay', delay_ms: 300 });
        const key = newKey();
        const wire = new Wire(gateway.address);
        wire.send(
            `POST /v1/streams/four/record HTTP/1.1\r\nHost: x\r\nX-Api-Key: ${gateway.key.key}\r\n` +
                `Idempotency-Key: ${key}\r\nContent-Length: ${key.length}\r\n\r\n${key}`,
        );
        await until('the call is upstream', async () => (await metricsOf('kgw_upstream_calls_in_flight')) > 0);
        wire.destroy();
        const retry = await put(key, key);
        assert.ok(retry.status === 200 && replayed(retry), retry.text);
        assert.deepEqual(stored(key), [retry.json.SequenceNumber]);
    });

    it('puts of a batch what was not written yet, and tells the rest again', async () => {
        const key = newKey();
        const lines = Array.from({ length: 50 }, (_, i) => `${key}-${i}`);
        const known = new Map();
        for (const faults of [[{ kind: 'throttle_record', shard: 'shardId-000000000001' }], []]) {
            await double.setFaults(...faults);
            const answer = await putLines(key, lines);
            assert.equal(answer.status, 200, answer.text);
            assert.ok(!replayed(answer));
            answer.json.Records.forEach(({ SequenceNumber }, i) => {
                if (known.has(i)) assert.equal(SequenceNumber, known.get(i));
                else if (SequenceNumber !== undefined) known.set(i, SequenceNumber);
            });
            if (faults.length) assert.ok(known.size > 0 && known.size < lines.length, `${known.size} are written`);
        }
        assert.equal(known.size, lines.length);
        const again = await putLines(key, lines);
        assert.ok(replayed(again), again.text);
        assert.deepEqual(
            lines.map((line) => stored(line)),
            lines.map((_, i) => [known.get(i)]),
        );
        assert.equal((await putLines(newKey(), Array(501).fill('x'))).status, 400);
    });

    it('keeps the audit balanced', async () => {
        const metrics = await audit(gateway);
        assert.ok(metrics.get('kgw_records_replayed_total') > 200);
    });

    async function metricsOf(name) {
        return (await audit(gateway)).get(name);
    }
});
