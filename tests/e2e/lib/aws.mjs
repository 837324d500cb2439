// The genuine AWS SDK and CLI, pointed at the gateway with a key derived from a master key.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './child.mjs';
import { makeKey, startGateway, tenantsOf, writeConfig } from './gateway.mjs';
import { fromNpm, gatewayProgram } from './paths.mjs';

const { KinesisClient } = fromNpm('@aws-sdk/client-kinesis');
const { NodeHttpHandler } = fromNpm('@smithy/node-http-handler');
const cli = ['/usr/bin/aws', '/usr/local/bin/aws'].find(existsSync) ?? 'aws';

// A gateway with a derived key: `gateway.derived` is { id, secret }.
export async function startGatewayForSdks(settings, keys = []) {
    const all = keys.length ? keys : [await makeKey()];
    const whole = { ...settings, master_keys: { m1: 'file:master' } };
    const folder = writeConfig(whole, all);
    writeFileSync(join(folder, 'master'), randomBytes(32).toString('base64url'), { mode: 0o600 });
    const config = join(folder, 'config.json');
    const made = await run(gatewayProgram, [
        ...['key', 'create', '--derived', 'm1', '--tenant', 'acme', '--json'],
        ...['--config', config],
    ]);
    assert.equal(made.code, 0, made.err);
    const derived = JSON.parse(made.out);
    writeFileSync(join(folder, 'tenants.json'), JSON.stringify(tenantsOf(...all, derived)));
    return Object.assign(await startGateway(whole, all, { folder }), { derived });
}

export function sdkOf(gateway, { id = gateway.derived.id, secret = gateway.derived.secret, ...options } = {}) {
    return new KinesisClient({
        endpoint: gateway.url,
        region: 'eu-west-3',
        credentials: { accessKeyId: id, secretAccessKey: secret },
        requestHandler: new NodeHttpHandler(),
        maxAttempts: 1,
        ...options,
    });
}

// aws kinesis …: { code, out, err }
export function runCli(gateway, args, secret = gateway.derived.secret) {
    return run(cli, ['kinesis', ...args, '--endpoint-url', gateway.url, '--output', 'json'], {
        env: {
            AWS_ACCESS_KEY_ID: gateway.derived.id,
            AWS_SECRET_ACCESS_KEY: secret,
            AWS_DEFAULT_REGION: 'us-east-1',
            AWS_MAX_ATTEMPTS: '1',
            AWS_PAGER: '',
            AWS_CONFIG_FILE: '/dev/null',
            AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
            AWS_EC2_METADATA_DISABLED: 'true',
        },
    });
}

// For assert.rejects: an error of AWS with that name.
export const failsAs =
    (name, status = 400) =>
    (error) => {
        assert.equal(error.name, name, `${error}`);
        assert.equal(error.$metadata.httpStatusCode, status);
        assert.ok(error.$metadata.requestId);
        return true;
    };
