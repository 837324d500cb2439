// Tenants and keys in Redis: two gateways that follow it, and what becomes of them when it is away, empty or wrong.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { run, stopEverything } from './lib/child.mjs';
import { startDouble } from './lib/double.mjs';
import { Gateway, startGateway, writeConfig } from './lib/gateway.mjs';
import { call } from './lib/http.mjs';
import { scrape } from './lib/metrics.mjs';
import { gatewayProgram } from './lib/paths.mjs';
import { Redis, startRedis } from './lib/redis.mjs';
import { until } from './lib/wait.mjs';

const NOTICED_MS = 1000;
const SLACK_MS = 500; // of a busy machine, for the requests themselves
const RECOVERED_MS = 2000;

const isAccepted = async (gateway, key, status = 200) => (await gateway.put('one', 'data', { key })).status === status;

async function command(place, ...words) {
    const done = await run(gatewayProgram, [...words, '--json', ...place]);
    assert.equal(done.code, 0, done.err);
    return JSON.parse(done.out);
}

describe('tenants and keys in Redis', () => {
    let double, redis, settings, gateways, key;

    const tell = (...words) => command(['--tenants', redis.url], ...words);
    const everywhere = async (asked, status) =>
        (await Promise.all(gateways.map((gateway) => isAccepted(gateway, asked, status)))).every(Boolean);
    const soon = (what, condition, ms = NOTICED_MS) => until(what, condition, ms + SLACK_MS);
    const wait = (event, gateway, times = 1) =>
        gateway.child.until(event, () => gateway.log.split(`"event":"${event}"`).length > times);
    const counted = async (gateway, name) => (await scrape(gateway)).get(name);

    before(async () => {
        double = await startDouble();
        redis = await startRedis();
        // No gateway finds a change by looking within these tests, unless one says so.
        settings = { aws: double.aws, tenants: 'redis', tenants_file: null, tenants_refresh_s: 3600 };
        settings.redis = { url: redis.url };
        await tell('tenant', 'set', 'acme', '--records-per-second', '1000');
        key = (await tell('key', 'create', '--tenant', 'acme', '--streams', 'one')).key;
        gateways = await Promise.all([startGateway(settings, [{ key }]), startGateway(settings, [{ key }])]);
    });
    beforeEach(() => soon('the key is good everywhere', () => everywhere(key), 10000));
    after(async () => {
        try {
            await Promise.all(gateways.map((gateway) => gateway.stop()));
        } finally {
            await stopEverything();
        }
    });

    it('are what the file would say: streams and all', async () => {
        for (const gateway of gateways) {
            assert.equal((await gateway.put('one', 'data')).status, 200);
            assert.equal((await gateway.put('four', 'data')).status, 403);
            assert.equal(await counted(gateway, 'kgw_tenants_failed_total'), 0);
        }
    });

    it('uses a created key and refuses a revoked one within a second on all gateways', async () => {
        const made = await tell('key', 'create', '--tenant', 'acme');
        await soon('the new key is accepted', () => everywhere(made.key));
        await tell('key', 'revoke', made.id);
        await soon('the revoked key is refused', () => everywhere(made.key, 401));
        assert.ok(await everywhere(key));
    });

    it('refuses a key that was revoked while nobody could be told', async () => {
        const made = await tell('key', 'create', '--tenant', 'acme');
        await soon('the new key is accepted', () => everywhere(made.key));
        await redis.ask('CLIENT', 'KILL', 'TYPE', 'pubsub');
        await tell('key', 'revoke', made.id);
        await soon('the revoked key is refused', () => everywhere(made.key, 401), RECOVERED_MS);
        assert.ok(await everywhere(key));
    });

    it('manages them by the configuration too', async () => {
        const place = ['--config', `${gateways[0].folder}/config.json`];
        const made = await command(place, 'key', 'create', '--tenant', 'acme');
        await soon('the new key is accepted', () => everywhere(made.key));
    });

    it('finds without being told, by looking every tenants_refresh_s', async () => {
        const looking = await startGateway({ ...settings, tenants_refresh_s: 1 }, [{ key }]);
        const made = await tell('key', 'create', '--tenant', 'acme');
        await soon('the new key is accepted', () => isAccepted(looking, made.key));
        const row = await redis.ask('HGET', '{kgw}:keys', made.id);
        const ended = JSON.stringify({ ...JSON.parse(row), expires: '2020-01-01T00:00:00Z' });
        await redis.ask('HSET', '{kgw}:keys', made.id, ended);
        await redis.ask('INCR', '{kgw}:version'); // and nothing is published
        await soon('the ended key is refused', () => isAccepted(looking, made.key, 401), 2000);
        assert.ok(await isAccepted(gateways[0], made.key), 'who does not look does not know');
        gateways[0].child.signal('SIGHUP');
        await soon('SIGHUP reads anew', () => isAccepted(gateways[0], made.key, 401));
        await looking.stop();
    });

    it('keeps what it has while rows are wrong, says so once, and goes on when they are right', async () => {
        const { length } = gateways[0].log;
        await redis.ask('HSET', '{kgw}:tenants', 'acme', '{"quotas":{}}');
        await redis.ask('PUBLISH', 'kgw:changed', await redis.ask('INCR', '{kgw}:version'));
        await wait('tenants failed', gateways[0]);
        const failures = () => counted(gateways[0], 'kgw_tenants_failed_total');
        await soon('it tries again', async () => (await failures()) > 1, 3000);
        assert.match(gateways[0].log.slice(length), /quotas/);
        assert.equal(gateways[0].log.slice(length).split('"tenants failed"').length, 2);
        assert.ok(await everywhere(key));
        await redis.ask('HSET', '{kgw}:tenants', 'acme', '{}');
        await redis.ask('PUBLISH', 'kgw:changed', await redis.ask('INCR', '{kgw}:version'));
        await wait('tenants recovered', gateways[0]);
        assert.ok(await everywhere(key));
    });

    it('locks nobody out when Redis loses everything, not even at SIGHUP', async () => {
        const failures = gateways.map((gateway) => gateway.log.split('"tenants failed"').length);
        await redis.ask('FLUSHALL');
        for (const gateway of gateways) gateway.child.signal('SIGHUP');
        await Promise.all(gateways.map((gateway, i) => wait('tenants failed', gateway, failures[i])));
        assert.ok(await everywhere(key));
        const old = key;
        await tell('tenant', 'set', 'acme');
        key = (await tell('key', 'create', '--tenant', 'acme')).key;
        await soon('what is there again counts', () => everywhere(key), RECOVERED_MS);
        assert.ok(await everywhere(old, 401));
    });

    it('goes on with its keys while Redis is dead, and sees changes when it is back', async () => {
        const recoveries = gateways.map((gateway) => gateway.log.split('"tenants read"').length);
        await redis.kill();
        for (let i = 0; i !== 20; i++) assert.ok(await everywhere(key));
        for (const gateway of gateways) assert.ok(await gateway.isReady());
        await redis.start();
        await tell('tenant', 'set', 'acme');
        key = (await tell('key', 'create', '--tenant', 'acme')).key;
        await soon('the key of the new Redis is accepted', () => everywhere(key), RECOVERED_MS);
        await Promise.all(gateways.map((gateway, i) => wait('tenants read', gateway, recoveries[i])));
    });

    it('starts while Redis is away, answers 503 and not 401, and is ready when it comes', async () => {
        const later = await startRedis();
        await later.kill();
        const folder = writeConfig({ ...settings, redis: { url: 'env:LATER' } }, []);
        const gateway = new Gateway(folder, { key }, { env: { LATER: later.url } });
        await gateway.child.until('it listens', () => gateway.address && gateway.log.includes('"tenants failed"'));
        assert.ok(!(await gateway.isReady()));
        const refused = await gateway.put('one', 'data');
        assert.equal(refused.status, 503);
        assert.equal(refused.json.code, 'KeysUnavailable');
        assert.ok(Number(refused.headers['retry-after']) >= 1);
        assert.equal((await call(`${gateway.url}/healthz`, { method: 'GET' })).status, 200);
        await gateway.reload({ streams: { one: {} } });
        assert.equal((await gateway.put('one', 'data')).status, 503, 'a reload does not make keys');

        await later.start();
        await command(['--tenants', later.url], 'tenant', 'set', 'acme');
        const made = await command(['--tenants', later.url], 'key', 'create', '--tenant', 'acme');
        await soon('it is ready', () => gateway.isReady(), RECOVERED_MS);
        await soon('the key is accepted', () => isAccepted(gateway, made.key));
        await gateway.stop();
    });

    it('restarted while Redis does not answer has its keys as soon as that does', async () => {
        const frozen = await startRedis();
        const place = ['--tenants', frozen.url];
        await command(place, 'tenant', 'set', 'acme');
        const mine = await command(place, 'key', 'create', '--tenant', 'acme');
        const folder = writeConfig({ ...settings, redis: { url: frozen.url } }, []);
        const before = await startGateway({}, [mine], { folder });
        assert.ok(await isAccepted(before, mine.key));
        await before.stop();
        frozen.freeze();
        const gateway = new Gateway(folder, mine);
        await gateway.child.until('it listens', () => gateway.address && gateway.log.includes('"tenants failed"'));
        const refused = await gateway.put('one', 'data');
        assert.equal(refused.status, 503);
        assert.equal(refused.json.code, 'KeysUnavailable');
        assert.ok(!(await gateway.isReady()));
        frozen.thaw();
        await soon('it is ready', () => gateway.isReady(), RECOVERED_MS);
        assert.ok(await isAccepted(gateway, mine.key));
        await gateway.stop();
        await frozen.kill();
    });

    it('reloads streams with the keys it has while Redis is away', async () => {
        const gateway = await startGateway(settings, [{ key }]);
        await redis.kill();
        await gateway.reload({ streams: { two: { name: 'one' } }, tenants: 'file', tenants_file: 'tenants.json' });
        assert.match(gateway.log, /"setting needs a restart","setting":"tenants"/);
        assert.equal((await gateway.put('two', 'data')).status, 200);
        await gateway.stop();
    });
});

it('a gateway without Redis for its keys is no gateway: the settings say so', async () => {
    const folder = writeConfig({ aws: { region: 'us-east-1' }, tenants: 'redis' }, []);
    const done = await run(gatewayProgram, ['check-config', '--config', `${folder}/config.json`]);
    assert.notEqual(done.code, 0);
    assert.match(done.err, /redis\.url: is missing/);
    const right = { aws: { region: 'us-east-1' }, tenants: 'redis', tenants_file: null };
    const other = writeConfig({ ...right, redis: { url: new Redis(1).url } }, []);
    const good = await run(gatewayProgram, ['check-config', '--config', `${other}/config.json`]);
    assert.equal(good.code, 0, good.err);
    assert.match(good.out, /in Redis/);
});
