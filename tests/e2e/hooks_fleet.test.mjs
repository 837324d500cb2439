// Webhooks told again to another gateway of a fleet, that shares Redis: written once, whoever hears of them and when.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { stopEverything } from './lib/child.mjs';
import { startDouble } from './lib/double.mjs';
import { makeKey, startGateway } from './lib/gateway.mjs';
import { call } from './lib/http.mjs';
import { audit } from './lib/metrics.mjs';
import { scratchFolder } from './lib/paths.mjs';
import { startRedis } from './lib/redis.mjs';
import { senders } from './lib/senders.mjs';
import { until } from './lib/wait.mjs';

const identified = Object.entries(senders).filter(([, { id }]) => id);
const replayed = (answer) => answer.headers['idempotent-replayed'] === 'true';
const unavailable = (answer) => answer.headers['idempotency-status'] === 'unavailable';

describe('webhooks of a fleet', () => {
    let double, redis, one, two;
    let number = 0;

    before(async () => {
        double = await startDouble();
        redis = await startRedis();
        const folder = scratchFolder('secrets');
        const hooks = {};
        for (const [name, { scheme, secret, settings }] of identified) {
            const file = join(folder, name);
            writeFileSync(file, secret);
            hooks[name] = { stream: 'four', tenant: 'acme', scheme, secrets: [`file:${file}`], ...settings };
        }
        hooks.other = { ...hooks.standard };
        hooks.off = { ...hooks.standard, dedup: 'off' };
        hooks.meta.verify_token = `file:${join(folder, 'meta')}`;
        const settings = {
            aws: { ...double.aws, call_timeout_ms: 1500 },
            redis: { url: redis.url, timeout_ms: 500 },
            streams: { four: { name: 'four', on_unknown: 'report' } },
            hooks,
        };
        const key = await makeKey();
        one = await startGateway(settings, [key]);
        two = await startGateway(settings, [key]);
        await until('both ask Redis', async () => {
            const answers = await Promise.all([one, two].map((gateway) => tell(gateway, 'github', bodyOf())));
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

    const newId = () => `msg_${process.pid}_${++number}`;
    const bodyOf = (more = {}) => JSON.stringify({ id: newId(), event_id: newId(), ...more });
    async function tell(gateway, hook, body, { id = newId(), later_s = 0, headers = {} } = {}) {
        const { secret, sign } = senders[hook] ?? senders.standard;
        const data = Buffer.from(body), date = new Date(Date.now() + later_s * 1000);
        const signed = await sign(data, { secret, id, date });
        return call(`${gateway.url}/v1/hooks/${hook}`, { body: data, headers: { ...signed, ...headers } });
    }
    const stored = (body) => double.read().times.get(body) ?? 0;

    for (const [name] of identified) {
        it(`of ${name} that are told again to the other gateway get the first ids`, async () => {
            const body = bodyOf(), id = newId();
            const first = await tell(one, name, body, { id });
            const again = await tell(two, name, body, { id, later_s: 7 });
            assert.deepEqual([first.status, again.status], [200, 200], again.text);
            assert.equal(again.text, first.text);
            assert.ok(!replayed(first) && replayed(again));
            assert.equal(stored(body), 1);
        });

        it(`of ${name} whose first attempt failed are put by the other gateway`, async () => {
            const body = bodyOf(), id = newId();
            await double.setFaults({ kind: 'throttle' });
            const failed = await tell(one, name, body, { id, headers: { 'X-Request-Timeout-Ms': '300' } });
            assert.equal(failed.status, 503, failed.text);
            assert.equal(stored(body), 0);
            await double.clearFaults();
            const put = await tell(two, name, body, { id, later_s: 7 });
            assert.ok(put.status === 200 && !replayed(put), put.text);
            assert.ok(replayed(await tell(one, name, body, { id, later_s: 60 })));
            assert.equal(stored(body), 1);
        });
    }

    it('whose outcome is unknown are put again', async () => {
        const body = bodyOf(), id = newId();
        await double.setFaults({ kind: 'reset_after', count: 1 });
        const first = await tell(one, 'standard', body, { id });
        assert.deepEqual([first.status, first.json.outcome], [504, 'unknown']);
        const put = await tell(two, 'standard', body, { id });
        assert.ok(put.status === 200 && !replayed(put), put.text);
        assert.ok(replayed(await tell(one, 'standard', body, { id })));
        assert.equal(stored(body), 2); // what cannot be promised
    });

    it('told to both at once are written once', async () => {
        await double.setFaults({ kind: 'delay', delay_ms: 50 });
        const events = Array.from({ length: 20 }, () => ({ body: bodyOf(), id: newId() }));
        const insist = async (gateway, { body, id }) => {
            for (;;) {
                const answer = await tell(gateway, 'svix', body, { id });
                if (answer.status === 200) return answer;
                assert.equal(answer.status, 409, answer.text);
            }
        };
        const all = events.map((event) => Promise.all([one, two, one].map((gateway) => insist(gateway, event))));
        for (const [first, ...others] of await Promise.all(all))
            for (const other of others) assert.equal(other.text, first.text);
        for (const { body } of events) assert.equal(stored(body), 1);
    });

    it('that tell more of the same event are answered with what was written first', async () => {
        const id = newId(), event = { id: newId(), event_id: newId() };
        for (const name of ['stripe', 'slack', 'standard']) {
            const body = JSON.stringify({ ...event, name });
            const more = JSON.stringify({ ...event, name, pending_webhooks: 1 });
            const first = await tell(one, name, body, { id });
            const again = await tell(two, name, more, { id });
            assert.deepEqual([again.status, again.text], [200, first.text], name);
            assert.ok(replayed(again));
            assert.deepEqual([stored(body), stored(more)], [1, 0]);
        }
    });

    it('are of their hook alone, and only where they are remembered', async () => {
        const body = bodyOf(), id = newId();
        for (const hook of ['standard', 'other', 'off', 'off'])
            assert.ok(!replayed(await tell(one, hook, body, { id })), hook);
        assert.equal(stored(body), 4);
        assert.ok(replayed(await tell(two, 'other', body, { id })));
    });

    it('cannot be told by a caller to be known already', async () => {
        const body = bodyOf(), id = newId(), name = newId();
        const mine = await one.put('four', 'mine', { headers: { 'Idempotency-Key': id } });
        assert.equal(mine.status, 200);
        const put = await tell(two, 'standard', body, { id, headers: { 'Idempotency-Key': name } });
        assert.ok(put.status === 200 && !replayed(put), put.text);
        assert.equal(stored(body), 1);
    });

    it('leave the audit balanced', async () => {
        for (const gateway of [one, two]) await audit(gateway);
    });
});
