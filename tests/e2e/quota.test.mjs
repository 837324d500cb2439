// Quotas in one process, across its workers. Those of a fleet are quota_fleet's, with Redis in trouble quota_troubles'.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { stopEverything } from './lib/child.mjs';
import { startDouble } from './lib/double.mjs';
import { makeKey, startGateway, tenantsOf, writeConfig } from './lib/gateway.mjs';
import { until } from './lib/wait.mjs';

const now = () => performance.now();

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
