// Start, reload, drain, stop.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { run, stopEverything } from './lib/child.mjs';
import { startDouble } from './lib/double.mjs';
import { makeKey, startGateway, writeConfig } from './lib/gateway.mjs';
import { call } from './lib/http.mjs';
import { lostAcknowledgements, startLoad } from './lib/load.mjs';
import { audit } from './lib/metrics.mjs';
import { gatewayProgram } from './lib/paths.mjs';
import { until } from './lib/wait.mjs';

describe('the life of a gateway', () => {
    let double;

    before(async () => {
        double = await startDouble();
        await double.setFaults({ kind: 'delay', delay_ms: 5 });
    });
    after(stopEverything);

    it('has health pages: /healthz for balancers, /livez and /readyz for operators', async () => {
        const gateway = await startGateway({ aws: double.aws }, [await makeKey()]);
        for (const url of [`${gateway.url}/healthz`, `${gateway.admin}/livez`, `${gateway.admin}/readyz`]) {
            assert.equal((await call(url, { method: 'GET' })).status, 200, url);
        }
        assert.equal((await call(`${gateway.url}/metrics`, { method: 'GET' })).status, 404);
        const foreign = await call(`${gateway.admin}/metrics`, {
            method: 'GET',
            headers: { Host: 'attacker.example' },
        });
        assert.ok(foreign.status >= 400, 'a foreign Host is refused on the admin listener');
        await gateway.stop();
    });

    it('ends on SIGTERM with 0 and loses no accepted request', async () => {
        const gateway = await startGateway({ aws: double.aws, drain_delay_ms: 300 }, [await makeKey()]);
        const load = startLoad(gateway, { connections: 32 });
        await until('the load is on', () => load.acknowledged.length > 100);
        gateway.child.signal('SIGTERM');
        await until(
            '/healthz says that it drains',
            async () =>
                (await call(`${gateway.url}/healthz`, { method: 'GET' }).catch(() => ({ status: 0 }))).status === 503,
            2000,
        );
        assert.deepEqual(await gateway.child.exited, { code: 0, signal: null }, gateway.child.describe());
        const results = await load.stop();
        const ledger = double.ledger();
        assert.deepEqual(lostAcknowledgements(results, ledger), []);
        assert.deepEqual(
            results.filter(({ status }) => status && status !== 200),
            [],
        );
        // A connection that nobody had accepted when the listener closed is no accepted request, if nothing came of it.
        const stored = new Set(ledger.values());
        const lost = results.filter(
            ({ error, reusedSocket, body }) => error && error !== 'ECONNREFUSED' && (reusedSocket || stored.has(body)),
        );
        assert.deepEqual(lost, []);
    });

    async function reload(changed) {
        const [old, lasting, fresh] = [await makeKey(), await makeKey(), await makeKey()];
        const gateway = await startGateway({ aws: double.aws }, [old, lasting]);
        const load = startLoad(gateway, { key: lasting.key });
        await until('the load is on', () => load.acknowledged.length > 50);
        assert.equal((await gateway.put('one', 'x', { key: fresh.key })).status, 401);
        gateway.writeTenants(lasting, fresh);
        changed(gateway);
        await until(
            'the new key is good',
            async () => (await gateway.put('one', 'x', { key: fresh.key })).status === 200,
            1000,
        );
        await until(
            'the old key is refused',
            async () => (await gateway.put('one', 'x', { key: old.key })).status === 401,
            1000,
        );
        const later = load.acknowledged.length + 50;
        await until('the load goes on', () => load.acknowledged.length > later);
        assert.deepEqual(
            (await load.stop()).filter((result) => result.status !== 200),
            [],
        );
        await audit(gateway);
        await gateway.stop();
    }

    it('knows new keys and forgets revoked ones within 1 s of SIGHUP, dropping no request', () =>
        reload((gateway) => gateway.child.signal('SIGHUP')));

    it('does so by itself when the tenants file changes', () => reload(() => {}));

    it('keeps what it has when the new tenants file or configuration is bad, and says so', async () => {
        const key = await makeKey();
        const gateway = await startGateway({ aws: double.aws }, [key]);
        for (const name of ['tenants.json', 'config.json']) {
            const file = join(gateway.folder, name);
            const good = readFileSync(file);
            writeFileSync(file, '{"tenants": {"acme": {"keys": [{"id": "x"}]}}, "streams": 1}');
            const seen = gateway.log.length;
            gateway.child.signal('SIGHUP');
            await gateway.child.until(`the log names ${name}'s fault`, () =>
                /tenants\.acme\.keys|streams/.test(gateway.log.slice(seen)),
            );
            assert.equal((await gateway.put('one', 'x')).status, 200);
            writeFileSync(file, good);
        }
        await gateway.stop();
    });

    it('says no word of a reload after one that was refused, tells each, and still sees new tenants', async () => {
        const [old, fresh] = [await makeKey(), await makeKey()];
        const derived = { row: { id: 's7Lm4cVxQ9dHe1Zu', derived: 'm1' } };
        const settings = { aws: double.aws, master_keys: { m1: 'env:MASTER' } };
        const gateway = await startGateway(settings, [old, derived], { env: { MASTER: 'm'.repeat(32) } });
        const file = join(gateway.folder, 'config.json');
        writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file)), master_keys: {} }));
        const refused = () => gateway.log.match(/reload failed[^\n]*m1, which is not in master_keys/g)?.length ?? 0;
        for (const times of [1, 2]) {
            gateway.child.signal('SIGHUP');
            await gateway.child.until(`the log has said so, times ${times}`, () => refused() === times);
        }
        gateway.writeTenants(old, derived, fresh);
        await until(
            'the new key is good',
            async () => (await gateway.put('one', 'x', { key: fresh.key })).status === 200,
            1000,
        );
        assert.equal(refused(), 2);
        assert.equal(gateway.log.match(/"reloaded"/g).length, 1, gateway.log);
        await gateway.stop();
    });

    it('takes a new stream at SIGHUP', async () => {
        const key = await makeKey();
        const settings = { aws: double.aws, streams: { one: { name: 'one' } } };
        const gateway = await startGateway(settings, [key]);
        assert.equal((await gateway.put('fresh', 'x')).status, 403);
        const file = join(gateway.folder, 'config.json');
        const config = JSON.parse(readFileSync(file));
        config.streams.fresh = { name: 'four' };
        writeFileSync(file, JSON.stringify(config));
        gateway.child.signal('SIGHUP');
        await until('the new stream is there', async () => (await gateway.put('fresh', 'x')).status === 200, 1000);
        await gateway.stop();
    });

    const badConfigs = [
        ['a number that is a word', 'request_timeout_ms', { request_timeout_ms: 'soon' }],
        ['a number out of bounds', 'request_timeout_ms', { request_timeout_ms: -1 }],
        ['a member that nobody knows', 'request_timeout', { request_timeout: 3000 }],
        ['a member that nobody knows, further down', 'aws.regoin', { aws: { regoin: 'us-east-1' } }],
        ['a stream without a name', 'streams.one', { streams: { one: {} } }],
        ['plain HTTP on every address', 'listen', { listen: [{ address: '0.0.0.0:0' }] }],
        ['a CA file that is not there', 'aws.ca_file', { aws: { region: 'us-east-1', ca_file: 'nowhere.crt' } }],
        ['a tenants file that is not there', 'tenants_file', { tenants_file: 'nowhere.json' }],
    ];
    for (const [what, path, settings] of badConfigs) {
        it(`never begins with ${what}: ${path}`, async () => {
            const folder = writeConfig(settings, [await makeKey()]);
            const env = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
            for (const command of ['check-config', 'serve']) {
                const { code, out, err } = await run(
                    gatewayProgram,
                    [command, '--config', join(folder, 'config.json')],
                    { env, ms: 15000 },
                );
                assert.notEqual(code, 0, `${command} begins`);
                assert.ok(code !== null && code < 64, `${code} ${err}`);
                assert.ok(`${out}${err}`.includes(path), `${command} names ${path}: ${out}${err}`);
                assert.ok(!out.includes('"listening"'));
            }
        });
    }

    it('never begins with a file that is no JSON, or is not there', async () => {
        const folder = writeConfig({}, []);
        writeFileSync(join(folder, 'config.json'), '{"listen": [');
        for (const name of ['config.json', 'nowhere.json']) {
            const { code, out, err } = await run(gatewayProgram, ['serve', '--config', join(folder, name)], {
                ms: 15000,
            });
            assert.notEqual(code, 0);
            assert.ok(`${out}${err}`.includes(name), `${out}${err}`);
        }
    });
});
