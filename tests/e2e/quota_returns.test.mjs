// What is given back to a quota in Redis: what certainly was not written, and what a gateway had on lease when it ended;
// once, through whichever gateway, and whatever happens to that meanwhile.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { run, stopEverything } from './lib/child.mjs';
import { startDouble } from './lib/double.mjs';
import { makeKey, startGateway, writeConfig } from './lib/gateway.mjs';
import { audit, scrape } from './lib/metrics.mjs';
import { gatewayProgram } from './lib/paths.mjs';
import { startRedis } from './lib/redis.mjs';
import { until } from './lib/wait.mjs';

const RECORDS = 400; // that a month has
const BYTES = 10; // of each, with its key
const AT_ONCE = 8;
// With a killed gateway: what it put in vain, of which it hands back what is left of ended leases once a second only, and a
// lease, longer where Redis is slow.
const LOST_MAX = 160;

describe('a quota in Redis gets back', () => {
    let double, redis, number = 0;

    before(async () => {
        double = await startDouble();
        redis = await startRedis();
    });
    after(stopEverything);

    async function fleet() {
        const key = await makeKey({}, `tenant-${++number}`);
        // The rates limit nothing here; with them there are leases.
        const quota = { bytes_per_month: RECORDS * BYTES, records_per_second: 5000, requests_per_second: 5000 };
        const settings = {
            aws: { ...double.aws, call_timeout_ms: 1000 },
            redis: { url: redis.url, timeout_ms: 1000 },
            streams: { one: { name: 'one', on_unknown: 'report' } },
        };
        const folder = writeConfig(settings, [key], { [key.tenant]: { quota, on_redis_failure: 'closed' } });
        const start = async () => {
            const gateway = await startGateway({}, [key], { folder });
            await until('all of it asks Redis', () => asksRedis(gateway));
            return gateway;
        };
        const used = async () => {
            const words = ['tenant', 'usage', key.tenant, '--json', '--config', join(folder, 'config.json')];
            const done = await run(gatewayProgram, words);
            assert.equal(done.code, 0, done.err);
            return JSON.parse(done.out).usage.bytes_per_month.used / BYTES;
        };
        return { start, used, stored: storedSince(double.records().length) };
    }
    // Each connection may meet another worker, with a way to Redis of its own.
    async function asksRedis(gateway) {
        const options = { query: { partitionKey: 'k', dryRun: 'true' }, headers: { Connection: 'close' } };
        const answers = await Promise.all(Array.from({ length: 2 * AT_ONCE }, () => gateway.put('one', 'x', options)));
        gateway.outages = (await scrape(gateway)).get('kgw_quota_outage_total');
        return answers.every(({ status }) => status !== 503);
    }
    const storedSince = (before) => () => double.records().length - before;

    // So many puts at whichever gateway is there: how often each status came.
    async function puts(gateways, times) {
        const seen = {};
        let left = times;
        const client = async (_, i) => {
            while (left-- > 0) {
                const gateway = gateways[i % gateways.length];
                const { status } = await gateway.put('one', 'nine byte', { query: { partitionKey: 'k' } });
                seen[status] = (seen[status] ?? 0) + 1;
            }
        };
        await Promise.all(Array.from({ length: AT_ONCE }, client));
        return seen;
    }
    const refuseAll = () => double.setFaults({ kind: 'error', code: 'InvalidArgumentException', status: 400 });

    it('all that was not written, over reloads and drains: no record more and none less is had', async () => {
        const { start, used, stored } = await fleet();
        let [one, two] = await Promise.all([start(), start()]);
        assert.deepEqual(await puts([one, two], 60), { 200: 60 });
        await refuseAll();
        const failing = puts([one, two], 2 * RECORDS);
        await one.reload({});
        await one.reload({});
        assert.deepEqual(await failing, { 400: 2 * RECORDS });
        await double.clearFaults();
        await one.stop();
        assert.deepEqual(await puts([two], 60), { 200: 60 });
        one = await start();
        await puts([one, two], RECORDS);
        // One may have been refused what the other had on lease: that comes back within a second.
        await until('all of it is had', async () => stored() === RECORDS || !(await puts([one, two], AT_ONCE)));
        assert.deepEqual(await puts([one, two], AT_ONCE), { 429: AT_ONCE });
        assert.equal(stored(), RECORDS);
        for (const gateway of [one, two]) {
            const metrics = await audit(gateway);
            assert.equal(metrics.get('kgw_quota_outage_total'), gateway.outages);
            await gateway.stop();
        }
        assert.equal(await used(), RECORDS);
    });

    it('what ends while its gateway drains, and nothing whose outcome is unknown', async () => {
        const { start, used, stored } = await fleet();
        const gateway = await start();
        assert.deepEqual(await puts([gateway], 40), { 200: 40 });
        await double.setFaults({ kind: 'reset_after', count: 5 });
        const unknown = (await puts([gateway], 20))[504];
        assert.ok(unknown > 0);
        await double.setFaults(
            { kind: 'delay', delay_ms: 300 },
            { kind: 'error', code: 'InvalidArgumentException', status: 400 },
        );
        const last = puts([gateway], AT_ONCE);
        await until('they are upstream', async () => (await scrape(gateway)).get('kgw_records_in_flight') === AT_ONCE);
        await gateway.stop();
        await last;
        await double.clearFaults();
        assert.equal(stored(), 60);
        assert.equal(await used(), 60);
    });

    it('nothing twice when a gateway is killed, and the others have nearly all that is left', async () => {
        const { start, used, stored } = await fleet();
        const [doomed, other] = await Promise.all([start(), start()]);
        assert.deepEqual(await puts([doomed, other], 100), { 200: 100 });
        await refuseAll();
        const failing = puts([doomed], 200).catch(() => null);
        await until('some came back', async () => (await scrape(doomed)).get('kgw_upstream_calls_total') > 120);
        await doomed.child.stop('SIGKILL');
        await failing;
        await double.clearFaults();
        await puts([other], RECORDS);
        await other.stop();
        assert.ok(stored() <= RECORDS && stored() >= RECORDS - LOST_MAX, `${stored()}`);
        assert.ok((await used()) >= stored(), 'what the killed one had is not given to another');
    });
});
