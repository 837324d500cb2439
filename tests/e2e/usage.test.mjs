// What tenants use: counted on /metrics, and shown by `tenant usage`, with Redis and without.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { run, stopEverything } from './lib/child.mjs';
import { startDouble } from './lib/double.mjs';
import { makeKey, startGateway, tenantsOf, writeConfig } from './lib/gateway.mjs';
import { call } from './lib/http.mjs';
import { samples, scrape } from './lib/metrics.mjs';
import { gatewayProgram } from './lib/paths.mjs';
import { startRedis } from './lib/redis.mjs';
import { startTlsRedis } from './lib/redis_sets.mjs';
import { until } from './lib/wait.mjs';

// Each tenant meets its own limit; one has none, and one bears the name of all that are not named.
const quotas = {
    requests: { requests_per_second: 1, requests_burst: 5 },
    records: { records_per_second: 1, records_burst: 5 },
    bytes: { bytes_per_second: 1, bytes_burst: 40 },
    day: { records_per_day: 5 },
    month: { bytes_per_month: 40 },
    free: undefined,
    other: { records_per_day: 1000 },
};
const limitOf = {
    requests: 'requests_per_second',
    records: 'records_per_second',
    bytes: 'bytes_per_second',
    day: 'records_per_day',
    month: 'bytes_per_month',
};
const DATA = 'seven b';
const BYTES = 8; // with the partition key

describe('usage', () => {
    let double;
    const keys = {};
    const gateways = [];

    before(async () => {
        double = await startDouble();
        for (const name of Object.keys(quotas)) keys[name] = await makeKey({}, name);
    });
    after(async () => {
        for (const gateway of gateways) await gateway.stop();
        await stopEverything();
    });

    async function start(settings = {}, policy) {
        const all = Object.values(keys);
        const folder = writeConfig({ aws: double.aws, ...settings }, all);
        const tenants = tenantsOf(...all);
        for (const [name, quota] of Object.entries(quotas)) {
            if (quota) tenants.tenants[name].quota = quota;
            if (policy && quota) tenants.tenants[name].on_redis_failure = policy;
        }
        writeFileSync(join(folder, 'tenants.json'), JSON.stringify(tenants));
        const gateway = await startGateway({}, all, { folder });
        gateways.push(gateway);
        return gateway;
    }

    async function stop(gateway) {
        gateways.splice(gateways.indexOf(gateway), 1);
        await gateway.stop();
    }

    const put = (gateway, name) => gateway.put('one', DATA, { query: { partitionKey: 'k' }, key: keys[name].key });

    // tenant → { 200: n, 429: n, … }
    async function trade(gateway, calls = 12) {
        const seen = {};
        for (const name of Object.keys(quotas)) {
            seen[name] = {};
            for (let i = 0; i < calls; i++) {
                const { status } = await put(gateway, name);
                seen[name][status] = (seen[name][status] ?? 0) + 1;
            }
        }
        return seen;
    }

    const lines = (n) => Array.from({ length: n }, (_, i) => `{"n":${i}}`).join('\n');

    const only = (all, name, labels) => {
        const found = all.filter(
            (s) => s.name === name && Object.entries(labels).every(([key, value]) => s.labels[key] === value),
        );
        assert.equal(found.length, 1, `${name} ${JSON.stringify(labels)}: ${found.length} samples`);
        return found[0].value;
    };

    // The rows of tenants, with `other`, add up to the gateway's own counters.
    async function checkSums(gateway) {
        const all = await samples(gateway);
        const sums = await scrape(gateway);
        const of = (name, labels) =>
            all
                .filter((s) => s.name === name && Object.entries(labels).every(([key, value]) => s.labels[key] === value))
                .reduce((sum, { value }) => sum + value, 0);
        for (const what of ['requests', 'records', 'bytes'])
            assert.equal(of(`kgw_tenant_admitted_${what}_total`, {}), sums.get(`kgw_admitted_${what}_total`), what);
        for (const [short, limit] of [...Object.entries(limitOf), ['burst', 'burst']])
            assert.equal(of('kgw_tenant_quota_refused_total', { limit }), sums.get(`kgw_quota_refused_${short}_total`), limit);
        assert.equal(of('kgw_tenant_quota_lease_hits_total', {}), sums.get('kgw_quota_lease_hits_total'));
        assert.equal(of('kgw_tenant_quota_asked_total', { how: 'waited' }), sums.get('kgw_quota_asked_total'));
        assert.equal(of('kgw_tenant_quota_asked_total', { how: 'ahead' }), sums.get('kgw_quota_asked_ahead_total'));
        assert.equal(of('kgw_tenant_quota_outage_total', {}), sums.get('kgw_quota_outage_total'));
        return all;
    }

    function checkTenants(all, seen) {
        for (const name of Object.keys(quotas)) {
            const admitted = seen[name][200] ?? 0;
            assert.equal(only(all, 'kgw_tenant_admitted_requests_total', { tenant: name }), admitted, name);
            assert.equal(only(all, 'kgw_tenant_admitted_records_total', { tenant: name }), admitted, name);
            assert.equal(only(all, 'kgw_tenant_admitted_bytes_total', { tenant: name }), admitted * BYTES, name);
            for (const limit of [...Object.values(limitOf), 'burst'])
                assert.equal(
                    only(all, 'kgw_tenant_quota_refused_total', { tenant: name, limit }),
                    limit === limitOf[name] ? (seen[name][429] ?? 0) : 0,
                    `${name}: ${limit}`,
                );
        }
    }

    async function usage(gateway, ...args) {
        const config = join(gateway.folder, 'config.json');
        const done = await run(gatewayProgram, ['tenant', 'usage', '--config', config, ...args]);
        assert.equal(done.code, 0, done.err);
        return done.out;
    }

    function checkUsage(list, seen) {
        assert.deepEqual(list.map(({ tenant }) => tenant).sort(), Object.keys(quotas).sort());
        const of = Object.fromEntries(list.map((row) => [row.tenant, row.usage]));
        assert.deepEqual(of.free, {});
        assert.equal(of.day.records_per_day.used, seen.day[200]);
        assert.equal(of.day.records_per_day.remaining, 5 - seen.day[200]);
        assert.match(of.day.records_per_day.resets_at, /T00:00:00Z$/);
        assert.equal(of.month.bytes_per_month.used, seen.month[200] * BYTES);
        assert.match(of.month.bytes_per_month.resets_at, /-01T00:00:00Z$/);
        const { limit, burst, used, remaining } = of.records.records_per_second;
        assert.deepEqual([limit, burst, used + remaining], [1, 5, 5]);
    }

    it('is counted by tenant as its callers saw it, without Redis', async () => {
        const gateway = await start();
        const seen = await trade(gateway);
        for (const name of Object.keys(limitOf)) assert.ok(seen[name][429] > 0, `${name}: ${JSON.stringify(seen[name])}`);
        assert.deepEqual([seen.free, seen.other], [{ 200: 12 }, { 200: 12 }]);
        checkTenants(await checkSums(gateway), seen);

        const batch = await gateway.putBatch('one', 'application/x-ndjson', lines(6), { key: keys.records.key });
        assert.equal(batch.status, 413);
        const all = await checkSums(gateway);
        assert.equal(only(all, 'kgw_tenant_quota_refused_total', { tenant: 'records', limit: 'burst' }), 1);

        const list = JSON.parse(await usage(gateway, '--admin', gateway.admin, '--json'));
        checkUsage(list, seen);
        const one = JSON.parse(await usage(gateway, '--admin', gateway.admin, '--json', 'day'));
        assert.deepEqual(one, list.find(({ tenant }) => tenant === 'day'));
        const table = await usage(gateway, '--admin', gateway.admin);
        assert.match(table, /^tenant {2,}requests {2,}records {2,}bytes {2,}records today {2,}until {2,}bytes this month {2,}until\n/);
        assert.match(table, /\nday {2,}- {2,}- {2,}- {2,}5\/5 {2,}\d{4}-\d\d-\d\dT00:00:00Z {2,}- {2,}-\n/);
        for (const [path, status] of [['usage?tenant=nobody', 404], ['usage?tenant', 400], ['usage?x=day', 400], ['usage?tenant=', 400]])
            assert.equal((await call(`${gateway.admin}/${path}`, { method: 'GET' })).status, status, path);
        await stop(gateway);
    });

    it('names as many tenants as told, and counts the rest as other', async () => {
        const gateway = await start({ admin: { address: '127.0.0.1:0', metrics_tenants: 2 }, workers: 3 });
        const first = await put(gateway, 'free');
        assert.equal(first.status, 200);
        const seen = await trade(gateway, 3);
        const all = await checkSums(gateway);
        const named = all.filter(({ name }) => name === 'kgw_tenant_admitted_requests_total');
        assert.deepEqual(named.map(({ labels }) => labels.tenant).sort(), ['free', 'other', 'requests']);
        assert.equal(only(all, 'kgw_tenant_admitted_requests_total', { tenant: 'free' }), 4);
        const rest = Object.keys(quotas).filter((name) => !['free', 'requests'].includes(name));
        assert.equal(
            only(all, 'kgw_tenant_admitted_requests_total', { tenant: 'other' }),
            rest.reduce((sum, name) => sum + seen[name][200], 0),
        );
        await stop(gateway);
    });

    it('is read from Redis where there is one', async () => {
        const redis = await startRedis();
        const gateway = await start({ redis: { url: redis.url, timeout_ms: 500 } });
        const seen = await trade(gateway);
        checkTenants(await checkSums(gateway), seen);
        const sums = await scrape(gateway);
        assert.ok(sums.get('kgw_quota_asked_total') > 0 && sums.get('kgw_quota_outage_total') === 0);
        await stop(gateway); // what was on lease is handed back
        checkUsage(JSON.parse(await usage(gateway, '--json')), seen);
        assert.match(await usage(gateway, 'day'), /\nday {2,}- {2,}- {2,}- {2,}5\/5 /);
        const nobody = await run(gatewayProgram, ['tenant', 'usage', '--config', join(gateway.folder, 'config.json'), 'nobody']);
        assert.equal(nobody.code, 1);
        assert.match(nobody.err, /there is no such tenant/);
        await redis.kill();
    });

    it('is read from a Redis with TLS, if its certificate is vouched for', async () => {
        const { url, caFile, redis } = await startTlsRedis();
        const gateway = await start({ redis: { url, ca_file: caFile, timeout_ms: 500 } });
        await until('redis is asked', async () => {
            await put(gateway, 'other');
            return (await scrape(gateway)).get('kgw_quota_asked_total') > 0;
        });
        const row = JSON.parse(await usage(gateway, '--json', 'other'));
        assert.ok(row.usage.records_per_day.used > 0, JSON.stringify(row));
        const config = join(gateway.folder, 'config.json');
        const list = await run(gatewayProgram, ['tenant', 'list', '--tenants', url, '--json']);
        assert.equal(list.code, 1);
        assert.match(list.err, /certificate/);
        assert.equal((await run(gatewayProgram, ['tenant', 'list', '--config', config])).code, 0);
        await stop(gateway);
        await redis.kill();
    });

    it('counts what was decided without Redis', async () => {
        for (const [policy, decision, other] of [
            ['open', 'admitted', 200],
            ['closed', 'refused', 503],
            ['local_share', 'admitted', 200],
        ]) {
            const redis = await startRedis();
            const gateway = await start({ redis: { url: redis.url } }, policy);
            await redis.kill();
            await until('the policy decides', async () => {
                const { status } = await put(gateway, 'other');
                return status === other && (await scrape(gateway)).get('kgw_quota_outage_total') > 0;
            });
            const all = await checkSums(gateway);
            assert.ok(only(all, 'kgw_tenant_quota_outage_total', { tenant: 'other', policy, decision }) > 0);
            await stop(gateway);
        }
    });
});
