// Slow clients: a phone on a bad line succeeds, a slowloris is cut, and neither stops the others.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startDouble } from './lib/double.mjs';
import { makeKey, startGateway, stopAll } from './lib/gateway.mjs';
import { Wire } from './lib/http.mjs';
import { audit } from './lib/metrics.mjs';
import { within } from './lib/wait.mjs';

describe('a slow client', () => {
    let double, gateway;

    before(async () => {
        double = await startDouble();
        gateway = await startGateway(
            {
                aws: double.aws,
                limits: { body_min_rate: 16384, head_timeout_ms: 1000, idle_timeout_ms: 2000 },
                workers: 1,
            },
            [await makeKey()],
        );
    });
    after(() => stopAll(gateway));

    const head = (length) =>
        `POST /v1/streams/four/record HTTP/1.1\r\nHost: x\r\nX-Api-Key: ${gateway.key.key}\r\n` +
        `Content-Type: text/plain\r\nContent-Length: ${length}\r\n\r\n`;

    // Sends `step` bytes every `ms` until all is sent or the server has closed.
    async function drip(wire, text, step, ms) {
        for (let at = 0; at < text.length && !wire.isClosed && !wire.status; at += step) {
            wire.send(text.slice(at, at + step));
            await delay(ms);
        }
    }

    it('succeeds at 64 KB/s, however long that takes', async () => {
        const wire = new Wire(gateway.address);
        const body = 'x'.repeat(192 * 1024);
        wire.send(head(body.length));
        const started = performance.now();
        await drip(wire, body, 6400, 100);
        await within(
            'an answer',
            (async () => {
                while (!wire.status) await delay(10);
            })(),
            5000,
        );
        assert.equal(wire.status, 200, wire.text);
        assert.ok(performance.now() - started > 2000, 'it took longer than the grace');
        wire.destroy();
    });

    it('is cut when its head never ends', async () => {
        const wire = new Wire(gateway.address);
        const dripping = drip(wire, `GET / HTTP/1.1\r\n${'X-A: b\r\n'.repeat(1000)}`, 8, 50);
        await within('the server cuts it', wire.closed, 5000);
        await dripping;
        assert.ok([0, 408].includes(wire.status), wire.text);
    });

    it('is cut when it sends nothing at all', async () => {
        const wire = new Wire(gateway.address);
        await within('the server cuts it', wire.closed, 15000);
        assert.ok([0, 408].includes(wire.status), wire.text);
    });

    it('is cut when its body drips', async () => {
        const wire = new Wire(gateway.address);
        wire.send(head(1 << 20));
        const dripping = drip(wire, 'x'.repeat(1 << 20), 16, 50);
        await within('the server cuts it', wire.closed, 10000);
        await dripping;
        assert.ok([0, 408].includes(wire.status), wire.text);
    });

    it('does not stop the others', async () => {
        const wires = Array.from({ length: 50 }, () => new Wire(gateway.address));
        for (const wire of wires) wire.send(head(1000) + 'x');
        const started = performance.now();
        assert.equal((await gateway.put('four', 'quick')).status, 200);
        assert.ok(performance.now() - started < 1000);
        for (const wire of wires) wire.destroy();
    });

    it('leaves metrics that add up', async () => {
        assert.equal((await audit(gateway)).get('kgw_records_in_flight'), 0);
    });
});
