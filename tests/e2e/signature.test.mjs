// What the gateway sends upstream, against a signer written by others.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { stopEverything } from './lib/child.mjs';
import { awsKey, startDouble } from './lib/double.mjs';
import { makeKey, startGateway } from './lib/gateway.mjs';
import { fromNpm } from './lib/paths.mjs';

const { Sha256 } = fromNpm('@aws-crypto/sha256-js');
const { HttpRequest } = fromNpm('@smithy/protocol-http');
const { SignatureV4 } = fromNpm('@smithy/signature-v4');

describe('the request upstream', () => {
    let double;

    before(async () => {
        double = await startDouble(['--no-verify']);
    });
    after(stopEverything);

    async function captured(env) {
        const gateway = await startGateway({ aws: double.aws }, [await makeKey()], { env });
        const answer = await gateway.put('four', Buffer.from('\0\xff"\\', 'latin1'), {
            query: { partitionKey: 'Grüße "\\\n', explicitHashKey: '17', sequenceNumberForOrdering: '0' },
        });
        assert.equal(answer.status, 200, answer.text);
        await gateway.stop();
        const { head, body } = await double.lastRequest();
        const [line, ...fields] = head.trimEnd().split(/\r?\n/);
        const headers = {};
        for (const field of fields) {
            const name = field.slice(0, field.indexOf(':')).toLowerCase();
            assert.ok(!(name in headers), `${name} is there twice`);
            headers[name] = field.slice(field.indexOf(':') + 1).trim();
        }
        return { line, headers, body: Buffer.from(body, 'base64') };
    }

    async function signedAnew({ headers, body }, sessionToken) {
        const signed = /SignedHeaders=([^,]+)/.exec(headers.authorization)[1].split(';');
        const date = headers['x-amz-date'].replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z');
        const signer = new SignatureV4({
            service: 'kinesis',
            region: 'us-east-1',
            sha256: Sha256,
            applyChecksum: false,
            credentials: { accessKeyId: awsKey.id, secretAccessKey: awsKey.secret, sessionToken },
        });
        const request = new HttpRequest({
            method: 'POST',
            protocol: 'https:',
            hostname: 'localhost',
            path: '/',
            body,
            headers: Object.fromEntries(signed.map((name) => [name, headers[name]])),
        });
        const again = await signer.sign(request, { signingDate: new Date(date), signableHeaders: new Set(signed) });
        return again.headers.authorization;
    }

    it('is signed as @smithy/signature-v4 signs it', async () => {
        const request = await captured();
        assert.equal(request.line, 'POST / HTTP/1.1');
        assert.equal(request.headers.authorization, await signedAnew(request));
        for (const name of ['host', 'x-amz-date', 'x-amz-target', 'content-type']) {
            assert.match(request.headers.authorization, new RegExp(`SignedHeaders=[^,]*\\b${name}\\b`));
        }
    });

    it('carries and signs a session token', async () => {
        const request = await captured({ AWS_SESSION_TOKEN: 'a/session+token==' });
        assert.equal(request.headers['x-amz-security-token'], 'a/session+token==');
        assert.equal(request.headers.authorization, await signedAnew(request, 'a/session+token=='));
    });

    it('has the right members, and none of the headers of the caller', async () => {
        const { headers, body } = await captured();
        assert.deepEqual(JSON.parse(body), {
            StreamName: 'four',
            Data: 'AP8iXA==',
            PartitionKey: 'Grüße "\\\n',
            ExplicitHashKey: '17',
            SequenceNumberForOrdering: '0',
        });
        assert.equal(headers['content-type'], 'application/x-amz-json-1.1');
        assert.equal(headers['x-amz-target'], 'Kinesis_20131202.PutRecord');
        for (const name of ['x-api-key', 'expect', 'transfer-encoding']) assert.ok(!(name in headers), name);
    });
});
