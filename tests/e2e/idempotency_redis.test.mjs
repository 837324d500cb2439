// Idempotency keys of a fleet: two gateways on one Redis, with Redis and gateways in trouble.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { stopEverything } from './lib/child.mjs';
import { startDouble } from './lib/double.mjs';
import { makeKey, startGateway } from './lib/gateway.mjs';
import { audit, scrape } from './lib/metrics.mjs';
import { startRedis } from './lib/redis.mjs';
import { until } from './lib/wait.mjs';

const CALL_TIMEOUT_MS = 1500;
const HOLD_SPARE_MS = 5000; // that a claim outlives its deadline and its last attempt
const replayed = (answer) => answer.headers['idempotent-replayed'] === 'true';
const unavailable = (answer) => answer.headers['idempotency-status'] === 'unavailable';

describe('an Idempotency-Key in a fleet', () => {
    let double, redis, key, settings, one, two;
    let number = 0;

    before(async () => {
        double = await startDouble();
        redis = await startRedis();
        key = await makeKey();
        settings = {
            aws: { ...double.aws, call_timeout_ms: CALL_TIMEOUT_MS },
            request_timeout_ms: 3000,
            redis: { url: redis.url, timeout_ms: 500 },
            streams: {
                four: { name: 'four', on_unknown: 'report' },
                one: { name: 'one', on_idempotency_failure: 'refuse' },
            },
        };
        one = await startGateway(settings, [key]);
        two = await startGateway(settings, [key]);
        await until('both ask Redis', async () => {
            const answers = await Promise.all([one, two].map((gateway) => put(gateway, newKey())));
            return answers.every((answer) => answer.status === 200 && !unavailable(answer));
        });
    });
    afterEach(() => double.clearFaults());
    after(async () => {
        try {
            for (const gateway of [one, two]) await gateway?.stop();
        } finally {
            await stopEverything();
        }
    });

    const newKey = () => `key-${process.pid}-${++number}`;
    const put = (gateway, name, { stream = 'four', body = name, headers = {} } = {}) =>
        gateway.put(stream, body, { headers: { 'Idempotency-Key': `"${name}"`, ...headers } });
    const putLines = (gateway, name, lines) =>
        gateway.putBatch('four', 'application/x-ndjson', lines.map((line) => `${line}\n`).join(''), {
            headers: { 'Idempotency-Key': `"${name}"` },
        });
    const stored = (body) => double.read().times.get(body) ?? 0;
    const metric = async (gateway, name) => (await scrape(gateway)).get(name);
    const inFlight = (gateway) =>
        until('the call is upstream', async () => (await metric(gateway, 'kgw_upstream_calls_in_flight')) > 0);

    it('is answered with the first ids by any gateway', async () => {
        const name = newKey();
        const first = await put(one, name);
        const second = await put(two, name);
        assert.equal(first.status, 200, first.text);
        assert.equal(second.text, first.text);
        assert.ok(!replayed(first) && replayed(second));
        assert.equal((await put(two, name, { body: 'another' })).status, 422);
        assert.equal(stored(name), 1);
        const keys = (await redis.ask('--scan')).split('\n');
        assert.ok(keys.every((found) => /^kgw:idem:acme:four:[0-9a-f]{64}$/.test(found)), keys.join());
    });

    it('waits for the one in flight at the other gateway', async () => {
        await double.setFaults({ kind: 'delay', delay_ms: 700 });
        const name = newKey();
        const started = put(one, name);
        await inFlight(one);
        const impatient = await put(two, name, { headers: { 'X-Request-Timeout-Ms': '50' } });
        assert.equal(impatient.status, 409, impatient.text);
        assert.equal(impatient.json.code, 'IdempotencyKeyInFlight');
        const answers = await Promise.all([started, put(one, name), put(two, name)]);
        for (const { status, text } of answers) assert.deepEqual([status, text], [200, answers[0].text]);
        assert.equal(stored(name), 1);
    });

    it('is written once for fifty keys, by two callers at each gateway, while Kinesis throttles', async () => {
        await double.setFaults({ kind: 'throttle', percent: 30 }, { kind: 'delay', delay_ms: 5 });
        const names = Array.from({ length: 50 }, newKey);
        const insist = async (gateway, name) => {
            for (;;) {
                const answer = await put(gateway, name);
                assert.ok(!unavailable(answer), answer.text);
                if (answer.status === 200) return answer;
                assert.ok([409, 503].includes(answer.status), answer.text);
            }
        };
        const all = names.map((name) => Promise.all([one, two, one, two].map((gateway) => insist(gateway, name))));
        const answers = await Promise.all(all);
        for (const [first, ...others] of answers) for (const other of others) assert.equal(other.text, first.text);
        assert.ok(names.every((name) => stored(name) === 1));
        assert.equal(answers.flat().filter(replayed).length, 3 * names.length);
    });

    it('of a batch puts what was not written yet, and tells the rest again', async () => {
        const name = newKey();
        const lines = Array.from({ length: 50 }, (_, i) => `${name}-${i}`);
        await double.setFaults({ kind: 'throttle_record', shard: 'shardId-000000000001' });
        const first = await putLines(one, name, lines);
        await double.clearFaults();
        const second = await putLines(two, name, lines);
        const third = await putLines(one, name, lines);
        assert.ok(first.json.FailedRecordCount > 0 && first.json.FailedRecordCount < lines.length, first.text);
        assert.equal(second.json.FailedRecordCount, 0);
        assert.ok(!replayed(first) && !replayed(second) && replayed(third));
        first.json.Records.forEach(({ SequenceNumber }, i) => {
            if (SequenceNumber) assert.equal(SequenceNumber, second.json.Records[i].SequenceNumber);
        });
        assert.deepEqual(third.json.Records, second.json.Records);
        assert.ok(lines.every((line) => stored(line) === 1));
    });

    it('of a gateway that was killed is another’s when the claim has expired', async () => {
        const doomed = await startGateway(settings, [key]);
        const name = newKey();
        await double.setFaults({ kind: 'silence', count: 1 });
        const lost = put(doomed, name, { headers: { 'X-Request-Timeout-Ms': '200' } }).catch(() => null);
        await inFlight(doomed);
        await doomed.child.stop('SIGKILL');
        await lost;
        assert.equal((await put(one, name, { headers: { 'X-Request-Timeout-Ms': '50' } })).status, 409);
        let answer;
        await until(
            'the claim has expired',
            async () => (answer = await put(one, name)).status !== 409,
            CALL_TIMEOUT_MS + HOLD_SPARE_MS + 5000,
        );
        assert.ok(answer.status === 200 && !replayed(answer), answer.text);
        assert.ok(replayed(await put(two, name)));
        assert.equal(stored(name), 1);
    });

    it('without Redis is refused or processed, as the stream says; and told that it was not kept', async () => {
        const kept = newKey();
        await double.setFaults({ kind: 'delay', delay_ms: 700 });
        const started = put(one, kept);
        await inFlight(one);
        await redis.kill();
        const written = await started;
        assert.ok(written.status === 200 && unavailable(written), written.text);
        assert.ok((await metric(one, 'kgw_idempotency_unkept_total')) > 0);
        await double.clearFaults();
        const refused = await put(two, newKey(), { stream: 'one' });
        assert.deepEqual([refused.status, refused.json.code], [503, 'IdempotencyUnavailable']);
        const processed = await put(two, newKey());
        assert.ok(processed.status === 200 && unavailable(processed), processed.text);
        await redis.start();
        await until('Redis is asked again', async () => !unavailable(await put(two, newKey())), 5000);
        await until('and by the other', async () => !unavailable(await put(one, newKey())), 5000);
        const name = newKey();
        await put(one, name);
        assert.ok(replayed(await put(two, name)));
    });

    it('with Redis frozen waits no longer than its timeout', async () => {
        redis.freeze();
        const began = performance.now();
        const processed = await put(one, newKey());
        const took = performance.now() - began;
        redis.thaw();
        assert.ok(processed.status === 200 && unavailable(processed), processed.text);
        assert.ok(took < 500 + 1500, `${took} ms`);
        await until('Redis is asked again', async () => !unavailable(await put(one, newKey())), 5000);
    });

    it('keeps the audit balanced', async () => {
        for (const gateway of [one, two]) await audit(gateway);
    });
});
