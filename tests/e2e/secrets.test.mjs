// Nothing secret, and no byte of a payload, shows anywhere it should not.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { stopEverything } from './lib/child.mjs';
import { awsKey, startDouble } from './lib/double.mjs';
import { makeKey, startGateway } from './lib/gateway.mjs';
import { call } from './lib/http.mjs';

describe('what is secret', () => {
    let double, gateway, stranger;
    const token = 'FwoGZXIvYXdzEXAMPLETOKEN';
    const payload = `payload-${randomBytes(12).toString('hex')}`;
    const seen = [];

    before(async () => {
        double = await startDouble(['--no-verify']);
        stranger = await makeKey();
        gateway = await startGateway({ aws: double.aws, request_timeout_ms: 500 }, [await makeKey()], {
            env: { AWS_SESSION_TOKEN: token },
        });
    });
    after(stopEverything);

    // The last 38 characters of a key are its secret and its checksum.
    const secrets = () => ({
        'the key': gateway.key.key.slice(-38),
        'a key that is not ours': stranger.key.slice(-38),
        "the key's digest": gateway.key.digest.replace('sha256:', ''),
        'the key as Basic': Buffer.from(`${gateway.key.key}:`).toString('base64').slice(0, 40),
        'the AWS secret': awsKey.secret,
        'the session token': token,
        'a signature': 'AWS4-HMAC-SHA256',
        'the payload': payload,
        'the payload in base64': Buffer.from(payload).toString('base64').slice(0, 20),
    });

    it('is in no answer, whatever was asked', async () => {
        const { key } = gateway.key;
        const basic = Buffer.from(`${key}:`).toString('base64');
        seen.push(await gateway.put('one', payload));
        seen.push(await gateway.put('one', payload, { query: { partitionKey: 'x'.repeat(300), key } }));
        seen.push(await gateway.put('nowhere', payload, { key: null, headers: { Authorization: `Basic ${basic}` } }));
        seen.push(
            await gateway.put('one', payload, { key: null, headers: { Authorization: `Bearer ${stranger.key}` } }),
        );
        seen.push(await gateway.putJson('one', { Data: payload, PartitionKey: 'k' }));
        seen.push(
            await call(`${gateway.url}/v1/${key}`, {
                body: payload,
                headers: { Cookie: key, Referer: `http://x/?key=${key}` },
            }),
        );
        seen.push(await call(`${gateway.url}/v1/streams/one/record?key=${key}`, { body: payload }));
        for (const fault of [
            { kind: 'error', code: 'AccessDeniedException', status: 400, message: `no ${token}` },
            { kind: 'garbage' },
            { kind: 'internal_500' },
            { kind: 'throttle' },
        ]) {
            await double.setFaults(fault);
            seen.push(await gateway.put('one', payload));
        }
        await double.clearFaults();
        for (const { text, headers } of seen) isClean(`an answer: ${text}`, text + JSON.stringify(headers));
    });

    it('is in no metric and on no admin page', async () => {
        for (const path of ['/metrics', '/livez', '/readyz', '/']) {
            isClean(path, (await call(gateway.admin + path, { method: 'GET' })).text);
        }
    });

    it('is in no process argument', () => isClean('the command line', gateway.commandLine()));

    it('is in no line of the log, of which there is one a request', async () => {
        await gateway.stop();
        isClean('the log', gateway.log);
        for (const { headers } of seen) {
            const lines = gateway.log.split('\n').filter((line) => line.includes(headers['x-request-id']));
            assert.equal(lines.length, 1, `${headers['x-request-id']} is in ${lines.length} lines`);
            JSON.parse(lines[0]);
        }
    });

    function isClean(where, text) {
        for (const [what, secret] of Object.entries(secrets()))
            assert.ok(!text.includes(secret), `${what} is in ${where}`);
    }
});
