// Tenants and keys managed by the command line beside a running gateway.
import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { run } from './lib/child.mjs';
import { startDouble } from './lib/double.mjs';
import { makeKey, startGateway, stopAll } from './lib/gateway.mjs';
import { gatewayProgram } from './lib/paths.mjs';
import { until } from './lib/wait.mjs';

const NOTICED_MS = 1000;
const SLACK_MS = 500; // of a busy machine, for the requests themselves

describe('keys under management', () => {
    let gateway;

    before(async () => {
        const double = await startDouble();
        gateway = await startGateway({ aws: double.aws }, [await makeKey()]);
    });
    after(() => stopAll(gateway));

    const file = () => join(gateway.folder, 'tenants.json');

    async function command(...words) {
        const done = await run(gatewayProgram, [...words, '--json', '--tenants', file()]);
        assert.equal(done.code, 0, done.err);
        return JSON.parse(done.out);
    }

    const isAccepted = async (key, status = 200) => (await gateway.put('one', 'data', { key })).status === status;
    const soon = (what, condition) => until(what, condition, NOTICED_MS + SLACK_MS);

    it('uses a created key within a second', async () => {
        const made = await command('key', 'create', '--tenant', 'acme', '--streams', 'one');
        await soon('the new key is accepted', () => isAccepted(made.key));
        assert.equal((await gateway.put('four', 'data', { key: made.key })).status, 403);
    });

    it('refuses a revoked key within a second, and no other', async () => {
        const made = await command('key', 'create', '--tenant', 'acme');
        await soon('the key is accepted', () => isAccepted(made.key));
        await command('key', 'revoke', made.id);
        await soon('the revoked key is refused', () => isAccepted(made.key, 401));
        assert.ok(await isAccepted(gateway.key.key));
    });

    it('accepts both keys while they overlap, and the new one alone without', async () => {
        const old = await command('key', 'create', '--tenant', 'acme');
        const middle = await command('key', 'rotate', old.id);
        assert.equal(middle.replaces.id, old.id);
        await soon('the new key is accepted', () => isAccepted(middle.key));
        assert.ok(await isAccepted(old.key), 'so is the old one');
        const last = await command('key', 'rotate', '--overlap', '0', middle.id);
        await soon('the newest key is accepted', () => isAccepted(last.key));
        await soon('the one before is refused', () => isAccepted(middle.key, 401));
        assert.ok(await isAccepted(old.key), 'its own end comes later');
    });

    it('keeps all changes of commands that run at once', async () => {
        const names = Array.from({ length: 8 }, (_, i) => `tenant-${i}`);
        await Promise.all(names.map((name) => command('tenant', 'set', name, '--records-per-second', '100')));
        const listed = await command('tenant', 'list');
        assert.deepEqual(listed.map(({ tenant }) => tenant).filter((name) => names.includes(name)).sort(), names);
        const made = await Promise.all(names.map((name) => command('key', 'create', '--tenant', name)));
        for (const { key } of made) await soon('each key is accepted', () => isAccepted(key));
    });

    it('keeps the mode of the file, and its text when a command fails', async () => {
        const before = readFileSync(file(), 'utf8');
        const { mode } = statSync(file());
        const failed = await run(gatewayProgram, ['key', 'revoke', '--tenants', file(), 'nobody']);
        assert.equal(failed.code, 1);
        assert.match(failed.err, /has no key with that id/);
        assert.equal(readFileSync(file(), 'utf8'), before);
        await command('tenant', 'set', 'acme', '--comment', 'mode');
        assert.equal(statSync(file()).mode, mode);
    });

    it('finds the file by the configuration, and never shows a digest or an old key', async () => {
        const config = ['--config', join(gateway.folder, 'config.json')];
        const made = await run(gatewayProgram, ['key', 'create', '--tenant', 'acme', ...config]);
        assert.equal(made.code, 0, made.err);
        const [, id, secret] = /kgw_([0-9A-Za-z]+)_([0-9A-Za-z]+)/.exec(made.out);
        const listed = await run(gatewayProgram, ['key', 'list', ...config]);
        assert.ok(listed.out.includes(id) && !listed.out.includes(secret) && !listed.out.includes('sha256'));
        assert.ok(!readFileSync(file(), 'utf8').includes(secret));
    });

    it('goes on with the keys it has while the file is broken, and so does no command', async () => {
        const before = readFileSync(file(), 'utf8');
        writeFileSync(file(), `${before.slice(0, -20)}`);
        const failed = await run(gatewayProgram, ['tenant', 'set', '--tenants', file(), 'acme']);
        assert.equal(failed.code, 1);
        assert.ok(await isAccepted(gateway.key.key));
        writeFileSync(file(), before);
        const made = await command('key', 'create', '--tenant', 'acme');
        await until('a key made after the repair is accepted', () => isAccepted(made.key), 10000);
    });
});
