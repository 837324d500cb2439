// Quotas: in one process across its workers, and in Redis across gateways; with Redis in trouble.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { stopEverything } from './lib/child.mjs';
import { startDouble } from './lib/double.mjs';
import { makeKey, startGateway, tenantsOf, writeConfig } from './lib/gateway.mjs';
import { scrape } from './lib/metrics.mjs';
import { startRedis } from './lib/redis.mjs';
import { until } from './lib/wait.mjs';

const now = () => performance.now();
const metric = async (gateway, name) => (await scrape(gateway)).get(name);

describe('a quota', () => {
    let double, key;
    const gateways = [];

    before(async () => {
        double = await startDouble();
        key = await makeKey();
    });
    after(async () => {
        for (const gateway of gateways) await gateway.stop();
        await stopEverything();
    });

    async function start(row, settings = {}) {
        const folder = writeConfig({ aws: double.aws, ...settings }, [key]);
        const tenants = tenantsOf(key);
        Object.assign(tenants.tenants.acme, row);
        writeFileSync(join(folder, 'tenants.json'), JSON.stringify(tenants));
        const gateway = await startGateway({}, [key], { folder });
        gateways.push(gateway);
        return gateway;
    }

    async function stop(...some) {
        for (const gateway of some) {
            gateways.splice(gateways.indexOf(gateway), 1);
            await gateway.stop();
        }
    }

    // Offers as much as comes back, over `connections`, for so long: the moments of what was admitted, and all answers.
    async function storm(targets, milliseconds, connections = 8) {
        const end = now() + milliseconds;
        const admitted = [];
        const answers = [];
        async function client(gateway) {
            const agent = new Agent({ keepAlive: true, maxSockets: 1 });
            while (now() < end) {
                const began = now();
                const answer = await gateway.put('one', 'x', { query: { partitionKey: 'k' }, agent });
                answers.push({ status: answer.status, took: now() - began, headers: answer.headers });
                if (answer.status === 200) admitted.push(now());
            }
            agent.destroy();
        }
        await Promise.all(targets.flatMap((gateway) => Array.from({ length: connections }, () => client(gateway))));
        return { admitted, answers };
    }

    const busiestSecond = (moments) => {
        let most = 0;
        let first = 0;
        for (let last = 0; last < moments.length; last++) {
            while (moments[last] - moments[first] > 1000) first++;
            most = Math.max(most, last - first + 1);
        }
        return most;
    };

    it('holds in one process across its workers, without Redis', async () => {
        const gateway = await start({ quota: { records_per_second: 50, records_burst: 20 } }, { workers: 3 });
        const { admitted, answers } = await storm([gateway], 3000, 12);
        assert.ok(admitted.length >= 150 && admitted.length <= 20 + 50 * 3.2, `${admitted.length}`);
        const refused = answers.find(({ status }) => status === 429);
        assert.match(refused.headers['retry-after'], /^[1-9]\d*$/);
        assert.match(refused.headers['ratelimit-policy'], /^"records";q=20;w=1$/);
        assert.match(refused.headers.ratelimit, /^"records";r=\d+;t=\d+$/);
        assert.ok(answers.every(({ status }) => status === 200 || status === 429));
        await stop(gateway);
    });

    it('tells a sole caller a time after which it succeeds', async () => {
        const gateway = await start({ quota: { requests_per_second: 2, requests_burst: 1 } });
        assert.equal((await gateway.put('one', 'x')).status, 200);
        const refused = await gateway.put('one', 'x');
        assert.equal(refused.status, 429);
        assert.equal(refused.json.code, 'QuotaExceeded');
        const then = now() + 1000 * Number(refused.headers['retry-after']);
        await until('the stated time has passed', () => now() >= then);
        assert.equal((await gateway.put('one', 'x')).status, 200);
        await stop(gateway);
    });

    it('holds over three gateways with Redis: rate, burst, and nearly all of it usable', async () => {
        const redis = await startRedis();
        const row = { quota: { records_per_second: 100, records_burst: 50 } };
        const three = [];
        for (let i = 0; i < 3; i++) three.push(await start(row, { redis: { url: redis.url, timeout_ms: 500 } }));
        const began = now();
        const { admitted, answers } = await storm(three, 8000, 6);
        const seconds = (now() - began) / 1000;
        assert.ok(admitted.length <= 50 + 100 * seconds, `${admitted.length} in ${seconds} s`);
        assert.ok(admitted.length >= 0.95 * (100 * 8), `${admitted.length} in ${seconds} s`);
        // Answers are seen a little later than they are granted: up to what one takes.
        const slowest = Math.max(...answers.map(({ took }) => took));
        assert.ok(busiestSecond(admitted) <= 150 + 100 * (slowest / 1000) + 1, `${busiestSecond(admitted)}`);
        assert.ok(answers.every(({ status }) => status === 200 || status === 429));
        await stop(...three);
        await redis.kill();
    });

    for (const [policy, want] of [
        ['open', [200]],
        ['closed', [503]],
        ['local_share', [200, 429]],
    ])
        it(`with Redis gone is ${policy}, and comes back with it`, async () => {
            const redis = await startRedis();
            const row = { quota: { records_per_second: 1000, records_burst: 100 }, on_redis_failure: policy };
            const gateway = await start(row, { redis: { url: redis.url } });
            await until('redis is asked', async () => (await gateway.put('one', 'x')).status === 200);
            await redis.kill();
            await until('leases are over', async () => {
                await gateway.put('one', 'x');
                return (await metric(gateway, 'kgw_quota_outage_total')) > 0;
            });
            const { answers } = await storm([gateway], 500, 2);
            assert.ok(answers.length > 0 && answers.every(({ status }) => want.includes(status)), JSON.stringify(answers));
            await redis.start();
            const back = now();
            await until('redis decides again', async () => {
                const before = await metric(gateway, 'kgw_quota_outage_total');
                const { status } = await gateway.put('one', 'x');
                return status === 200 && (await metric(gateway, 'kgw_quota_outage_total')) === before;
            });
            assert.ok(now() - back < 5000, `${now() - back} ms`);
            await stop(gateway);
            await redis.kill();
        });

    it('with Redis frozen holds up nobody for longer than its timeout', async () => {
        const redis = await startRedis();
        const row = { quota: { records_per_second: 100000, records_burst: 1000 }, on_redis_failure: 'open' };
        const gateway = await start(row, { redis: { url: redis.url, timeout_ms: 20 } });
        const well = await storm([gateway], 1000, 4);
        redis.freeze();
        const ill = await storm([gateway], 2000, 4);
        redis.thaw();
        const p99 = ({ answers }) => answers.map(({ took }) => took).sort((a, b) => a - b)[Math.floor(answers.length * 0.99)];
        assert.ok(ill.answers.every(({ status }) => status === 200), JSON.stringify(ill.answers.find((a) => a.status !== 200)));
        assert.ok(p99(ill) <= p99(well) + 20 + 100, `${p99(well)} and ${p99(ill)} ms`);
        await stop(gateway);
        await redis.kill();
    });

    it('gives back what certainly was not written', async () => {
        const gateway = await start({ quota: { records_per_second: 1, records_burst: 5 } });
        await double.setFaults({ kind: 'error', code: 'InvalidArgumentException', status: 400 });
        for (let i = 0; i < 20; i++) assert.equal((await gateway.put('one', 'x')).status, 400);
        await double.clearFaults();
        assert.equal((await gateway.put('one', 'x')).status, 200);
        await stop(gateway);
    });

    it('refuses a batch beyond its burst at once, with 413', async () => {
        const gateway = await start({ quota: { records_per_second: 5 } });
        const lines = (n) => Array.from({ length: n }, (_, i) => `{"n":${i}}`).join('\n');
        const tooLarge = await gateway.putBatch('one', 'application/x-ndjson', lines(6));
        assert.equal(tooLarge.status, 413);
        assert.equal(tooLarge.json.retryable, false);
        assert.equal((await gateway.putBatch('one', 'application/x-ndjson', lines(5))).status, 200);
        assert.equal((await gateway.put('one', 'x')).status, 429);
        await stop(gateway);
    });
});
