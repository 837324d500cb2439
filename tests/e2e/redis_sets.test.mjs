// Quotas, tenants and keys in a Redis that is more than one server: behind sentinels, a cluster, or over TLS.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { afterEach, before, describe, it } from 'node:test';
import { run, stopEverything } from './lib/child.mjs';
import { startDouble } from './lib/double.mjs';
import { startGateway, writeConfig } from './lib/gateway.mjs';
import { audit, scrape } from './lib/metrics.mjs';
import { startOffer } from './lib/offer.mjs';
import { gatewayProgram } from './lib/paths.mjs';
import { startCluster, startSentinelSet, startTlsRedis } from './lib/redis_sets.mjs';
import { until } from './lib/wait.mjs';

const CONNECTIONS = 12;
const RATE = 60, BURST = 30;
const OFFERED = 300, OFFERED_MS = 1500;
const NOTICED_MS = 1000, BACK_MS = 2000, SLACK_MS = 500;

const now = () => performance.now();
const passed = (since, ms) => until('it has passed', () => now() - since >= ms, ms + 5000);

describe('a Redis of another kind', () => {
    const gateways = [];
    let place, key;

    before(() => {
        gateways.length = 0;
    });
    afterEach(async () => {
        try {
            for (const gateway of gateways.splice(0)) await gateway.stop();
        } finally {
            await stopEverything();
        }
    });

    async function tell(...words) {
        const done = await run(gatewayProgram, [...words, '--json', ...place]);
        assert.equal(done.code, 0, done.err);
        return JSON.parse(done.out);
    }

    async function start(redis) {
        const double = await startDouble();
        const settings = { aws: double.aws, tenants: 'redis', tenants_file: null, tenants_refresh_s: 3600, redis };
        const folder = writeConfig(settings, []);
        place = ['--config', join(folder, 'config.json')];
        await tell('tenant', 'set', 'acme', '--records-per-second', `${RATE}`, '--records-burst', `${BURST}`);
        key = await tell('key', 'create', '--tenant', 'acme');
        gateways.push(...(await Promise.all([0, 1].map(() => startGateway({}, [key], { folder })))));
    }

    const everywhere = async (asked, statuses) => {
        const all = await Promise.all(gateways.map((gateway) => gateway.put('one', 'x', { key: asked.key })));
        return all.every(({ status }) => statuses.includes(status));
    };
    const total = async (name) => {
        const all = await Promise.all(gateways.map((gateway) => scrape(gateway)));
        return all.reduce((sum, metrics) => sum + metrics.get(name), 0);
    };

    async function quotaHolds(t) {
        // Each worker finds Redis by itself: enough connections that all of them are asked.
        await until('Redis decides for every worker', async () => {
            const before = await total('kgw_quota_outage_total');
            const asked = Array.from({ length: CONNECTIONS }, () => everywhere(key, [200, 429]));
            return (await Promise.all(asked)).every(Boolean) && (await total('kgw_quota_outage_total')) === before;
        });
        await passed(now(), (1000 * BURST) / RATE); // the burst is whole again
        const before = await total('kgw_quota_outage_total');
        const offer = startOffer(gateways, { rate: OFFERED });
        await passed(offer.began, OFFERED_MS);
        const results = await offer.stop();
        const seconds = (now() - offer.began) / 1000;
        const admitted = results.filter(({ status }) => status === 200).length;
        t.diagnostic(`${admitted} of ${results.length} admitted in ${seconds.toFixed(2)} s`);
        assert.ok(results.every(({ status }) => status === 200 || status === 429));
        assert.equal(await total('kgw_quota_outage_total'), before, 'it was Redis that decided');
        assert.ok(admitted <= BURST + RATE * seconds, `${admitted} in ${seconds} s`);
        assert.ok(admitted >= 0.9 * RATE * (OFFERED_MS / 1000), `${admitted} in ${seconds} s`);
    }

    async function keysFollow(ms) {
        const other = await tell('key', 'create', '--tenant', 'acme');
        await until('a new key is accepted', () => everywhere(other, [200, 429]), ms + SLACK_MS);
        await tell('key', 'revoke', other.id);
        await until('and refused once it is revoked', () => everywhere(other, [401]), NOTICED_MS + SLACK_MS);
    }

    it('over TLS holds quotas and keys', async (t) => {
        const tls = await startTlsRedis();
        await start({ url: tls.url, ca_file: tls.caFile, timeout_ms: 500 });
        await quotaHolds(t);
        await keysFollow(NOTICED_MS);
        for (const gateway of gateways) await audit(gateway);
    });

    it('as a cluster holds quotas and keys, on all of its nodes', async (t) => {
        const { url, nodes } = await startCluster();
        await start({ url, timeout_ms: 500 });
        await quotaHolds(t);
        await keysFollow(NOTICED_MS);
        const others = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
        for (const name of others) {
            await tell('tenant', 'set', name, '--requests-per-second', '10');
            const theirs = await tell('key', 'create', '--tenant', name);
            await until('its key is accepted', () => everywhere(theirs, [200]), NOTICED_MS + SLACK_MS);
        }
        const kept = await Promise.all(nodes.map(async (node) => (await node.ask('KEYS', 'kgw:*:q')).match(/kgw/g) ?? []));
        assert.equal(kept.flat().length, others.length + 1);
        assert.ok(kept.filter((keys) => keys.length > 0).length > 1, 'tenants are spread over nodes');
        for (const gateway of gateways) await audit(gateway);
    });

    it('behind sentinels is followed to where a failover takes it', async (t) => {
        const set = await startSentinelSet();
        await start({ url: set.url, timeout_ms: 500 });
        await quotaHolds(t);
        const old = await tell('key', 'create', '--tenant', 'acme');
        await until('a new key is accepted', () => everywhere(old, [200, 429]), NOTICED_MS + SLACK_MS);
        await until('the replica has it', async () => (await set.replica.ask('HLEN', '{kgw}:keys')) === '2');

        const offer = startOffer(gateways, { rate: 100 });
        await passed(now(), 300);
        await set.primary.kill();
        const killed = now();
        await set.promoted();
        const promoted = now();
        t.diagnostic(`promoted after ${(promoted - killed).toFixed(0)} ms`);
        await tell('key', 'revoke', old.id);
        await until('the revoked key is refused', () => everywhere(old, [401]), BACK_MS + NOTICED_MS + SLACK_MS);
        t.diagnostic(`refused ${(now() - promoted).toFixed(0)} ms after it`);
        const results = await offer.stop();
        const meanwhile = results.filter(({ sent }) => sent > killed && sent < promoted);
        assert.ok(meanwhile.some(({ status }) => status === 200), 'its share is had while there is no primary');
        assert.deepEqual([...new Set(results.map(({ status }) => status))].sort(), [200, 429]);
        assert.ok((await total('kgw_quota_outage_total')) > 0);
        await quotaHolds(t);
        await keysFollow(NOTICED_MS);
        for (const gateway of gateways) await audit(gateway);
    });
});
