// Who signs for the AWS-shaped endpoint: signatures of every legal shape, those that are refused and how the SDK says so,
// and master keys that change while clients go on.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { failsAs, sdkOf, startGatewayForSdks } from './lib/aws.mjs';
import { run } from './lib/child.mjs';
import { startDouble } from './lib/double.mjs';
import { stopAll, tenantsOf } from './lib/gateway.mjs';
import { call } from './lib/http.mjs';
import { audit, scrape } from './lib/metrics.mjs';
import { fromNpm, gatewayProgram } from './lib/paths.mjs';

const { PutRecordCommand } = fromNpm('@aws-sdk/client-kinesis');
const { Sha256 } = fromNpm('@aws-crypto/sha256-js');
const { HttpRequest } = fromNpm('@smithy/protocol-http');
const { SignatureV4 } = fromNpm('@smithy/signature-v4');

const TARGET = 'Kinesis_20131202.PutRecord';
const BODY = JSON.stringify({ StreamName: 'one', PartitionKey: 'k', Data: 'eA==' });
const MINUTE_MS = 60000;
const sha256Of = (text) => createHash('sha256').update(text).digest('hex');

describe('signatures on the AWS-shaped endpoint', () => {
    let double, gateway;

    before(async () => {
        double = await startDouble();
        gateway = await startGatewayForSdks({ aws: double.aws });
    });
    after(() => stopAll(gateway));

    const signer = ({ service = 'kinesis', region = 'us-east-1', credentials = {} } = {}) =>
        new SignatureV4({
            service,
            region,
            sha256: Sha256,
            applyChecksum: false,
            credentials: { accessKeyId: gateway.derived.id, secretAccessKey: gateway.derived.secret, ...credentials },
        });
    const requestOf = (headers = {}) =>
        new HttpRequest({
            method: 'POST',
            protocol: 'http:',
            hostname: '127.0.0.1',
            path: '/',
            body: BODY,
            headers: {
                'host': gateway.address,
                'content-type': 'application/x-amz-json-1.1',
                'content-length': `${BODY.length}`,
                'x-amz-target': TARGET,
                ...headers,
            },
        });
    const send = ({ headers, body = BODY, path = '/', query = {} }) => {
        const search = new URLSearchParams(query).toString();
        return call(`${gateway.url}${path}${search && `?${search}`}`, { body, headers });
    };
    async function sign({ headers, of, ...options } = {}) {
        return await signer(of).sign(requestOf(headers), { signingDate: new Date(), ...options });
    }
    const calls = async () => (await scrape(gateway)).get('kgw_upstream_calls_total');

    async function assertRefused(answer, type) {
        assert.equal(answer.status, 400, answer.text);
        assert.equal(answer.headers['content-type'], 'application/x-amz-json-1.1');
        assert.ok(answer.headers['x-amzn-requestid']);
        assert.ok(Math.abs(Date.parse(answer.headers.date) - Date.now()) < MINUTE_MS);
        assert.equal(answer.json.__type, type, answer.text);
        assert.ok(answer.json.message.length > 0);
        assert.ok(!answer.text.includes(gateway.derived.secret));
    }

    const taken = {
        'what must be signed': { unsignableHeaders: new Set(['content-length', 'content-type']) },
        'the length too': { unsignableHeaders: new Set(['content-type']) },
        'all there is': {
            headers: { 'user-agent': 'some  SDK/1.0', 'x-other': ' b ' }, signableHeaders: new Set(['user-agent']),
        },
        'another region': { of: { region: 'ap-southeast-7' } },
        'the hash of the payload': { headers: { 'x-amz-content-sha256': sha256Of(BODY) } },
        'four minutes early': { signingDate: new Date(Date.now() + 4 * MINUTE_MS) },
        'four minutes late': { signingDate: new Date(Date.now() - 4 * MINUTE_MS) },
    };
    for (const [what, options] of Object.entries(taken))
        it(`are believed: ${what}`, async () => {
            const request = await sign(options);
            const signed = /SignedHeaders=([^,]+),/.exec(request.headers.authorization)[1].split(';');
            const all = Object.keys(request.headers).filter((name) => name !== 'authorization');
            assert.deepEqual(signed, all.filter((name) => !options.unsignableHeaders?.has(name)).sort());
            const answer = await send(request);
            assert.equal(answer.status, 200, answer.text);
            assert.ok(double.read().bySequence.has(answer.json.SequenceNumber));
        });

    const wrong = 'InvalidSignatureException', unknown = 'UnrecognizedClientException';
    const refused = {
        'another body': [wrong, {}, (request) => ({ ...request, body: BODY.replace('eA==', 'eQ==') })],
        'another target': [wrong, {}, ({ headers }) => ({ headers: { ...headers, 'x-amz-target': `${TARGET}s` } })],
        'another host': [wrong, {}, ({ headers }) => ({ headers: { ...headers, host: 'other.example' } })],
        'a query that was not signed': [wrong, {}, (request) => ({ ...request, query: { a: 'b' } })],
        'a signed header that was changed': [
            wrong, { headers: { 'x-other': 'a' } }, ({ headers }) => ({ headers: { ...headers, 'x-other': 'b' } }),
        ],
        'six minutes early': [wrong, { signingDate: new Date(Date.now() + 6 * MINUTE_MS) }],
        'six minutes late': [wrong, { signingDate: new Date(Date.now() - 6 * MINUTE_MS) }],
        'the hash of another payload': [wrong, { headers: { 'x-amz-content-sha256': sha256Of('') } }],
        'no hash of the payload': [wrong, { headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } }],
        'a payload that streams': [
            wrong, { headers: { 'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' } },
        ],
        'a session token': [unknown, { of: { credentials: { sessionToken: 't' } } }],
        'another service': [wrong, { of: { service: 'sts' } }],
        'a target that is not signed': [wrong, { unsignableHeaders: new Set(['x-amz-target']) }],
        'a host that is not signed': [wrong, { unsignableHeaders: new Set(['host']) }],
    };
    for (const [what, [type, options, change = (request) => request]] of Object.entries(refused))
        it(`are refused, and nothing is sent: ${what}`, async () => {
            const before = await calls();
            await assertRefused(await send(change(await sign(options))), type);
            assert.equal(await calls(), before);
        });

    it('are refused in the query, and nothing is sent', async () => {
        const before = await calls();
        const { headers, query } = await signer().presign(requestOf(), { signingDate: new Date() });
        const shown = query ?? {};
        assert.ok(shown['X-Amz-Signature'], 'it was signed there');
        await assertRefused(await send({ headers, query: shown }), 'MissingAuthenticationTokenException');
        await assertRefused(await send({ headers: (await sign()).headers, query: shown }), wrong);
        assert.equal(await calls(), before);
    });

    it('are refused for any wrong bit of the signature and of the id', async () => {
        const before = await calls();
        const request = await sign();
        const { authorization } = request.headers;
        const [id, signature] = [gateway.derived.id, authorization.slice(-64)];
        const others = [];
        for (const part of [id, signature])
            for (let bit = 0; bit < 8 * part.length; bit++) {
                const bytes = Buffer.from(part);
                bytes[bit >> 3] ^= 1 << (bit & 7);
                if (bytes[bit >> 3] > 0x20 && bytes[bit >> 3] < 0x7f) others.push(authorization.replace(part, bytes.toString()));
            }
        assert.ok(others.length > 400, `${others.length}`);
        for (let at = 0; at < others.length; at += 64)
            await Promise.all(
                others.slice(at, at + 64).map(async (other) => {
                    const answer = await send({ headers: { ...request.headers, authorization: other } });
                    assert.equal(answer.status, 400, `${other}: ${answer.text}`);
                    assert.match(answer.json.__type, /^(UnrecognizedClient|InvalidSignature)Exception$/);
                }),
            );
        assert.equal(await calls(), before);
        assert.equal((await send(request)).status, 200);
    });

    it('that were refused are reported by the SDK as those of AWS are', async () => {
        const record = new PutRecordCommand({ StreamName: 'one', PartitionKey: 'k', Data: Buffer.from('x') });
        const tampered = (step, change, options) => {
            const client = sdkOf(gateway, options);
            client.middlewareStack.add(
                (next) => (args) => {
                    change(args.request);
                    return next(args);
                },
                { step, priority: 'low', name: 'tampered' },
            );
            return client;
        };
        const change = (request) => (request.body = request.body.replace('"k"', '"l"'));
        const changed = tampered('finalizeRequest', change);
        await assert.rejects(changed.send(record), failsAs(wrong));
        const unsigned = tampered('build', ({ headers }) => (headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD'));
        await assert.rejects(unsigned.send(record), failsAs(wrong));
        const { id, secret } = gateway.derived;
        const temporary = { accessKeyId: id, secretAccessKey: secret, sessionToken: 't' };
        await assert.rejects(sdkOf(gateway, { credentials: temporary }).send(record), failsAs(unknown));
        // What cannot become right is not tried again.
        const patient = tampered('finalizeRequest', change, { maxAttempts: 3 });
        await assert.rejects(patient.send(record), (error) => failsAs(wrong)(error) && error.$metadata.attempts === 1);
    });

    it('of master keys that change hands go on: the old ones, the new ones, and then these alone', async () => {
        const config = join(gateway.folder, 'config.json');
        const record = new PutRecordCommand({ StreamName: 'one', PartitionKey: 'k', Data: Buffer.from('x') });
        const put = (key) => sdkOf(gateway, key).send(record);
        const old = gateway.derived;
        const fileOf = (name) => join(gateway.folder, name);
        writeFileSync(fileOf('master.2'), randomBytes(32).toString('base64url'), { mode: 0o600 });
        await gateway.reload({ master_keys: { m1: 'file:master', m2: 'file:master.2' } });
        assert.ok((await put(old)).SequenceNumber);
        const made = await run(gatewayProgram, [
            ...['key', 'create', '--derived', 'm2', '--tenant', 'acme', '--json'],
            ...['--config', config],
        ]);
        assert.equal(made.code, 0, made.err);
        const renewed = JSON.parse(made.out);
        gateway.writeTenants(gateway.key, old, renewed);
        await gateway.reload({});
        const stop = new AbortController();
        const failures = [];
        let puts = 0;
        const goOn = async (key) => {
            for (; !stop.signal.aborted; puts++) await put(key).catch((error) => failures.push(error));
        };
        const clients = [old, renewed].map(goOn);
        for (let i = 0; i !== 3; i++) await gateway.reload({});
        stop.abort();
        await Promise.all(clients);
        assert.deepEqual(failures, []);
        assert.ok(puts >= 2, `${puts}`);
        gateway.writeTenants(gateway.key, renewed);
        await gateway.reload({ master_keys: { m2: 'file:master.2' } });
        assert.ok((await put(renewed)).SequenceNumber);
        await assert.rejects(put(old), failsAs(unknown));
        for (const secret of [old.secret, renewed.secret]) assert.ok(!gateway.log.includes(secret));
        assert.deepEqual(tenantsOf(renewed).tenants.acme.keys, [renewed.row]);
    });

    it('leave the audit in balance', () => audit(gateway));
});
