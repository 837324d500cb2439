// The gateway under test: its configuration, its keys, its life.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Child, run, stopEverything } from './child.mjs';
import { call } from './http.mjs';
import { gatewayProgram, scratchFolder } from './paths.mjs';

// key create: { key, id, digest }; with `row` for the tenants file, to which restrictions may be added.
export async function makeKey(restrictions = {}, tenant = 'acme') {
    const made = await run(gatewayProgram, ['key', 'create', '--tenant', tenant, '--json']);
    assert.equal(made.code, 0, made.err);
    const key = JSON.parse(made.out);
    return { ...key, tenant, row: { id: key.id, digest: key.digest, ...restrictions } };
}

export function tenantsOf(...keys) {
    const tenants = {};
    for (const { tenant = 'acme', row } of keys) (tenants[tenant] ??= { keys: [] }).keys.push(row);
    return { tenants };
}

const defaults = {
    listen: [{ address: '127.0.0.1:0' }],
    admin: { address: '127.0.0.1:0' },
    workers: 2,
    drain_delay_ms: 0,
    tenants_file: 'tenants.json',
    streams: { one: { name: 'one' }, four: { name: 'four' } },
};

// Writes the files and gives their folder; `settings` are the configuration's members, over the defaults above, and
// `rows` what tenants have besides keys, by their names.
export function writeConfig(settings, keys, rows = {}) {
    const folder = scratchFolder('gateway');
    const document = tenantsOf(...keys);
    for (const [name, row] of Object.entries(rows)) Object.assign(document.tenants[name], row);
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...defaults, ...settings }, null, 2));
    writeFileSync(join(folder, 'tenants.json'), JSON.stringify(document, null, 2));
    return folder;
}

export async function startGateway(settings, keys, options = {}) {
    const gateway = new Gateway(options.folder ?? writeConfig(settings, keys, options.rows), keys[0], options);
    await gateway.child.until('the gateway is ready', () => gateway.isReady(), 30000);
    return gateway;
}

export class Gateway {
    constructor(
        folder,
        key,
        { aws = { id: 'AKIDEXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }, env = {} } = {},
    ) {
        this.folder = folder;
        this.key = key;
        this.child = new Child(gatewayProgram, ['serve', '--config', join(folder, 'config.json')], {
            env: { AWS_ACCESS_KEY_ID: aws.id, AWS_SECRET_ACCESS_KEY: aws.secret, ...env },
        });
    }

    addressOf(listener) {
        return this.child.jsonLines.find((line) => line.event === 'listening' && line.listener === listener)?.address;
    }
    get address() {
        return this.addressOf('public');
    }
    get url() {
        return `http://${this.address}`;
    }
    get admin() {
        return `http://${this.addressOf('admin')}`;
    }
    get log() {
        return `${this.child.out}\n${this.child.err}`;
    }

    async isReady() {
        if (!this.addressOf('public') || !this.addressOf('admin')) return false;
        return (await call(`${this.admin}/readyz`, { method: 'GET' }).catch(() => ({}))).status === 200;
    }

    // POST …/record; `query` and `headers` carry its parameters.
    put(stream, body, { query = {}, headers = {}, key = this.key.key, agent } = {}) {
        const parameters = new URLSearchParams(query).toString();
        return call(`${this.url}/v1/streams/${stream}/record${parameters && `?${parameters}`}`, {
            body,
            agent,
            headers: { ...(key && { 'X-Api-Key': key }), ...headers },
        });
    }

    putJson(stream, members, options = {}) {
        const headers = { 'Content-Type': 'application/vnd.kinesis.v1+json', ...options.headers };
        return this.put(stream, JSON.stringify(members), { ...options, headers });
    }

    // POST …/records; `type` is the body's form.
    putBatch(stream, type, body, { query = {}, headers = {}, key = this.key.key, agent } = {}) {
        const parameters = new URLSearchParams(query).toString();
        return call(`${this.url}/v1/streams/${stream}/records${parameters && `?${parameters}`}`, {
            body,
            agent,
            headers: { 'X-Api-Key': key, 'Content-Type': type, ...headers },
        });
    }

    // Changes members of the configuration's file, and waits until the gateway has read it again.
    async reload(settings) {
        const file = join(this.folder, 'config.json');
        writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file)), ...settings }));
        const seen = this.log.length;
        this.child.signal('SIGHUP');
        await this.child.until('the gateway has read its configuration again', () =>
            this.log.slice(seen).includes('"reloaded"'),
        );
    }

    writeTenants(...keys) {
        writeFileSync(join(this.folder, 'tenants.json'), JSON.stringify(tenantsOf(...keys)));
    }

    // Ends it in peace; a leak or a sanitizer's report shows in the exit code.
    async stop() {
        const exit = await this.child.stop('SIGTERM');
        assert.deepEqual(exit, { code: 0, signal: null }, this.child.describe());
    }

    commandLine() {
        return readFileSync(`/proc/${this.child.pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    }
}

// For `after` hooks: ends the gateway in peace, and by force whatever else this file's tests have left running.
export async function stopAll(gateway) {
    try {
        await gateway?.stop();
    } finally {
        await stopEverything();
    }
}
