// Behind proxies: whose word on a client's address is believed, by X-Forwarded-For and by the PROXY protocol.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import tls from 'node:tls';
import { certificate } from './lib/certificate.mjs';
import { startDouble } from './lib/double.mjs';
import { makeKey, startGateway, stopAll } from './lib/gateway.mjs';
import { exchange, Wire } from './lib/http.mjs';
import { within } from './lib/wait.mjs';
import { audit } from './lib/metrics.mjs';

const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const v2 = (command, family, payload) =>
    Buffer.concat([signature, Buffer.from([0x20 | command, family, payload.length >> 8, payload.length & 255]), payload]);

describe('behind a proxy', () => {
    let double, gateway, behind, stranger;

    before(async () => {
        double = await startDouble();
        const settings = (listener) => ({
            aws: double.aws,
            listen: [{ address: '127.0.0.1:0', ...listener }],
            streams: { one: { name: 'one', partition_key: 'client_ip' } },
        });
        const key = await makeKey();
        gateway = await startGateway(settings({ trusted_proxies: ['127.0.0.0/8', '10.0.0.0/8', '2001:db8:1::/48'] }), [key]);
        behind = await startGateway(
            settings({ trusted_proxies: ['127.0.0.0/8', '10.0.0.0/8'], proxy_protocol: true }),
            [await makeKey({ networks: ['192.0.2.0/24'] })],
        );
        stranger = await startGateway(settings({ trusted_proxies: ['10.0.0.0/8'], proxy_protocol: true }), [key]);
    });
    after(async () => {
        await behind?.stop();
        await stranger?.stop();
        await stopAll(gateway);
    });

    const keyOf = ({ SequenceNumber }) => double.read().bySequence.get(SequenceNumber).partition_key;
    const request = (of, more = '') =>
        `POST /v1/streams/one/record HTTP/1.1\r\nHost: h\r\nX-Api-Key: ${of.key.key}\r\nContent-Length: 1\r\n` +
        `Connection: close\r\n${more}\r\nx`;
    async function clientOf(of, bytes) {
        const wire = await exchange(of.address, bytes);
        assert.equal(wire.status, 200, wire.text);
        return keyOf(JSON.parse(wire.text.slice(wire.text.indexOf('\r\n\r\n') + 4)));
    }

    const forwarded = {
        '': '127.0.0.1',
        'X-Forwarded-For: 203.0.113.9\r\n': '203.0.113.9',
        'X-Forwarded-For: 1.1.1.1, 203.0.113.9\r\n': '203.0.113.9',
        'X-Forwarded-For: 1.1.1.1, 203.0.113.9, 10.1.2.3\r\n': '203.0.113.9',
        'X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 203.0.113.9\r\nX-Forwarded-For: 10.1.2.3\r\n': '203.0.113.9',
        'X-Forwarded-For: 203.0.113.9:5312\r\n': '203.0.113.9',
        'X-Forwarded-For: 2001:db8::7, 2001:db8:1::5\r\n': '2001:db8::7',
        'X-Forwarded-For: [2001:db8::7]:443\r\n': '2001:db8::7',
        'X-Forwarded-For: 10.0.0.1, 10.0.0.2\r\n': '10.0.0.1',
        'X-Forwarded-For: 1.1.1.1, unknown, 10.0.0.2\r\n': '10.0.0.2',
        'X-Forwarded-For: 1.1.1.1,\r\n': '127.0.0.1',
        'X-Forwarded-For:\r\n': '127.0.0.1',
        'X-Forwarded-For: 1.1.1.256\r\n': '127.0.0.1',
        'Forwarded: for=1.1.1.1\r\nX-Real-IP: 1.1.1.1\r\n': '127.0.0.1',
    };
    for (const [fields, want] of Object.entries(forwarded))
        it(`the client is ${want}: ${JSON.stringify(fields)}`, async () =>
            assert.equal(await clientOf(gateway, request(gateway, fields)), want));

    it('a stranger is not believed', async () => {
        assert.equal(await clientOf(stranger, request(stranger, 'X-Forwarded-For: 203.0.113.9\r\n')), '127.0.0.1');
        const wire = await exchange(stranger.address, `PROXY TCP4 203.0.113.9 10.0.0.1 1 2\r\n${request(stranger)}`);
        assert.equal(wire.status, 400);
    });

    const headers = {
        'version 1': Buffer.from('PROXY TCP4 192.0.2.7 10.0.0.1 5312 443\r\n'),
        'version 2': v2(1, 0x11, Buffer.from([192, 0, 2, 7, 10, 0, 0, 1, 1, 2, 3, 4])),
        'version 2 with more behind the addresses': v2(1, 0x11, Buffer.from([192, 0, 2, 7, 10, 0, 0, 1, 1, 2, 3, 4, 4, 0, 1, 9])),
    };
    for (const [what, header] of Object.entries(headers)) {
        it(`a connection's header says the client: ${what}`, async () =>
            assert.equal(await clientOf(behind, Buffer.concat([header, Buffer.from(request(behind))])), '192.0.2.7'));
        it(`it may come in pieces: ${what}`, async () => {
            const wire = new Wire(behind.address);
            for (const byte of header) {
                wire.send(Buffer.from([byte]));
                await new Promise(setImmediate);
            }
            wire.send(request(behind));
            await within('the answer', wire.closed, 10000);
            assert.equal(wire.status, 200, wire.text);
        });
    }

    it('a proxy behind a proxy is followed', async () => {
        const header = 'PROXY TCP4 10.0.0.9 10.0.0.1 5312 443\r\n';
        const fields = 'X-Forwarded-For: 192.0.2.8\r\n';
        assert.equal(await clientOf(behind, header + request(behind, fields)), '192.0.2.8');
    });

    it("a key's networks hold for the client, not for the proxy", async () => {
        const wire = await exchange(behind.address, `PROXY TCP4 203.0.113.9 10.0.0.1 1 2\r\n${request(behind)}`);
        assert.equal(wire.status, 403, wire.text);
        for (const own of ['PROXY UNKNOWN\r\n', v2(0, 0, Buffer.alloc(0)).toString('latin1')]) {
            const local = await exchange(behind.address, Buffer.from(own + request(behind), 'latin1'));
            assert.equal(local.status, 403, local.text);
        }
    });

    it('the header comes ahead of TLS', async () => {
        const made = certificate();
        const secure = await startGateway(
            {
                aws: double.aws,
                listen: [
                    {
                        address: '127.0.0.1:0',
                        trusted_proxies: ['127.0.0.1'],
                        proxy_protocol: true,
                        tls: { certificate: made.certificateFile, key: made.keyFile },
                    },
                ],
                streams: { one: { name: 'one', partition_key: 'client_ip' } },
            },
            [await makeKey()],
        );
        const wire = new Wire(secure.address);
        wire.send('PROXY TCP4 192.0.2.7 10.0.0.1 5312 443\r\n');
        const socket = tls.connect({ socket: wire.socket, ca: made.ca, host: 'localhost', servername: 'localhost' });
        let text = '';
        socket.on('data', (data) => (text += data));
        socket.write(request(secure));
        await within('the answer', new Promise((resolve) => socket.on('end', resolve)), 10000);
        assert.equal(keyOf(JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4))), '192.0.2.7');
        wire.destroy();
        await secure.stop();
    });

    const broken = ['GET / HTTP/1.1\r\nHost: h\r\n\r\n', 'PROXY TCP4 192.0.2.7 10.0.0.1 1\r\n', 'PROXY TCP9 a b 1 2\r\n',
        'PROXY TCP4 192.0.2.7 10.0.0.1 1 2\n', `PROXY ${'x'.repeat(120)}`, '\r\n\r\n\0\r\nQUIX', '\x16\x03\x01'];
    for (const bytes of broken)
        it(`a connection without a good header is closed: ${JSON.stringify(bytes)}`, async () =>
            assert.equal((await exchange(behind.address, Buffer.from(bytes, 'latin1'))).text, ''));

    it('leaves the audit in balance', async () => {
        await audit(gateway);
        await audit(behind);
    });
});
