// TLS on the public listener: HTTP/1.1 only, and certificates that change under way.
import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import https from 'node:https';
import { join } from 'node:path';
import tls from 'node:tls';
import { execFileSync } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { certificate } from './lib/certificate.mjs';
import { startDouble } from './lib/double.mjs';
import { makeKey, Gateway, stopAll, writeConfig } from './lib/gateway.mjs';
import { Wire } from './lib/http.mjs';
import { until } from './lib/wait.mjs';

function makeSelfSigned(folder, name) {
    const files = { key: join(folder, `${name}.key`), certificate: join(folder, `${name}.crt`) };
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
        '-subj', `/CN=${name}`, '-keyout', files.key, '-out', files.certificate], { stdio: 'ignore' });
    return files;
}

describe('a TLS listener', () => {
    let gateway, folder;
    const made = certificate();

    before(async () => {
        const double = await startDouble();
        const keys = [await makeKey()];
        folder = writeConfig(
            { aws: double.aws, listen: [{ address: '127.0.0.1:0', tls: { certificate: 'live.crt', key: 'live.key' } }] },
            keys,
        );
        copyFileSync(made.certificateFile, join(folder, 'live.crt'));
        copyFileSync(made.keyFile, join(folder, 'live.key'));
        gateway = new Gateway(folder, keys[0]);
        await gateway.child.until('the gateway is ready', () => gateway.isReady(), 30000);
    });
    after(() => stopAll(gateway));

    const port = () => Number(gateway.address.split(':')[1]);

    function put(options = {}) {
        const headers = { 'X-Api-Key': gateway.key.key };
        const path = '/v1/streams/one/record';
        return new Promise((resolve, reject) => {
            const request = https.request(
                { port: port(), host: 'localhost', method: 'POST', path, headers, ca: made.ca, agent: false, ...options },
                (answer) => {
                    answer.resume();
                    const subject = answer.socket.getPeerCertificate().subject;
                    answer.on('end', () => resolve({ status: answer.statusCode, subject }));
                },
            );
            request.on('error', reject);
            request.end('event');
        });
    }

    function connect(options) {
        return new Promise((resolve, reject) => {
            const socket = tls.connect({ port: port(), host: 'localhost', ca: made.ca, ...options }, () => resolve(socket));
            socket.on('error', reject);
        });
    }

    it('takes a record', async () => {
        assert.equal((await put()).status, 200);
    });

    it('speaks HTTP/1.1 to who offers HTTP/2 as well', async () => {
        const socket = await connect({ ALPNProtocols: ['h2', 'http/1.1'] });
        assert.equal(socket.alpnProtocol, 'http/1.1');
        socket.destroy();
    });

    it('does not take an HTTP/2 preface', async () => {
        const socket = await connect({});
        let text = '';
        socket.on('data', (bytes) => (text += bytes));
        const closed = new Promise((resolve) => socket.on('close', resolve));
        socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
        await closed;
        assert.match(text, /^HTTP\/1\.1 400 /);
    });

    it('refuses TLS 1.1', async () => {
        await assert.rejects(connect({ minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' }));
    });

    it('closes on who speaks plain HTTP', async () => {
        const wire = new Wire(gateway.address);
        wire.send('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n');
        await wire.closed;
        assert.equal(wire.status, 0);
    });

    it('takes a new certificate at SIGHUP, and keeps the old one if the new is none', async () => {
        const fresh = makeSelfSigned(folder, 'fresh');
        copyFileSync(fresh.certificate, join(folder, 'live.crt'));
        copyFileSync(fresh.key, join(folder, 'live.key'));
        gateway.child.signal('SIGHUP');
        await until('the new certificate', async () => (await put({ rejectUnauthorized: false })).subject.CN === 'fresh', 5000);

        copyFileSync(join(folder, 'config.json'), join(folder, 'live.crt'));
        gateway.child.signal('SIGHUP');
        await until('the log says so', () => /reload failed[^\n]*live\.crt/.test(gateway.log), 5000);
        const answer = await put({ rejectUnauthorized: false });
        assert.deepEqual([answer.status, answer.subject.CN], [200, 'fresh']);
    });
});
