// deploy/beacon.js in pages of headless Chromium: what arrives, whatever befalls gateway, net and page.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { beaconScript, BrowserWorld, closeTab, openPage } from './lib/chromium.mjs';
import { audit } from './lib/metrics.mjs';
import { until } from './lib/wait.mjs';

const KEEPALIVE_BYTES = 65536; // Fetch standard, "HTTP-network-or-cache fetch": in flight, of one page
const KEEPALIVE_MISSING = 'delete Request.prototype.keepalive';

const bytesOf = (requests) => requests.reduce((sum, { body }) => sum + body.length, 0);
const numbersOf = (lines) => lines.map((line) => Number(/^{"n":(\d+)\b/.exec(line)[1])).sort((a, b) => a - b);
const upTo = (count) => Array.from({ length: count }, (_, n) => n);

describe('beacon.js', () => {
    let world, page;

    before(async () => {
        world = await BrowserWorld.start({
            streams: {
                lines: { name: 'four', beacon_batch: 'ndjson' },
                small: { name: 'four', beacon_batch: 'ndjson', max_record_bytes: 300 },
            },
            request_timeout_ms: 1000,
            retry: { budget_percent: 0, budget_burst: 0 }, // so that only the page tries again
        });
    });
    after(() => world?.stop());
    beforeEach(() => world.begin());
    afterEach(async () => {
        await world.double.clearFaults();
        await page?.close();
    });

    const open = async (options = {}) => {
        page = await openPage(world.browser, (options.site ?? world.listed).origin, options);
        await page.evaluate((url) => (window.send = kgw(url)), world.to(options.stream ?? 'lines'));
    };
    // send({ n, filler }) for n from 0 up
    const send = (count, filler = 0) =>
        page.evaluate(
            ([length, size]) => {
                for (let n = 0; n < length; n++) send({ n, filler: 'é'.repeat(size) });
            },
            [count, filler],
        );

    it('is smaller than 2 KB', () => assert.ok(Buffer.byteLength(beaconScript) < 2048));

    it('sends the events of two seconds together, and asks nothing before', async () => {
        await open();
        await send(3);
        assert.deepEqual(await world.arrived(3), upTo(3).map((n) => `{"n":${n},"filler":""}`));
        assert.deepEqual(await world.answered(1), ['POST 204']);
        assert.match(world.tap.seen[0].headers['content-type'], /^text\/plain/);
        assert.deepEqual(page.said, []);
    });

    it('sends fifty events together', async () => {
        await open();
        await send(50);
        assert.deepEqual(numbersOf(await world.arrived(50)), upTo(50));
        assert.deepEqual(await world.answered(1), ['POST 204']);
        assert.deepEqual(page.said, []);
    });

    it('splits what is more than may outlive the page, and sends it part by part', async () => {
        await open();
        await send(40, 2000); // 160 KB
        assert.deepEqual(numbersOf(await world.arrived(40)), upTo(40));
        assert.ok(world.tap.seen.every(({ body }) => body.length <= KEEPALIVE_BYTES));
        assert.ok(world.tap.seen.some(({ body }) => body.length > KEEPALIVE_BYTES / 2));
        assert.deepEqual(page.said, []);
    });

    it('sends an event that is larger than that by itself, while the page lives', async () => {
        await open();
        await send(1, 40000);
        await send(50);
        assert.deepEqual(numbersOf(await world.arrived(51)), [0, ...upTo(50)]);
        await world.answered(2);
        assert.deepEqual(page.said, []);
    });

    it('sends again, once the gateway can, what a 503 says is not written', async () => {
        await open();
        await world.double.setFaults({ kind: 'throttle' });
        await send(50);
        await until('the gateway has refused', () => world.statuses.includes('POST 503'));
        await world.double.clearFaults();
        assert.deepEqual(numbersOf(await world.arrived(50)), upTo(50));
        await until('nothing is left', () => world.tap.seen.at(-1).status === 204);
        assert.equal(world.written.length, 50);
        assert.ok(page.said.every((line) => line.includes('the server responded with a status of 503')));
    });

    it('sends again of a batch what alone was not written', async () => {
        await open();
        await world.double.setFaults({ kind: 'throttle_record', percent: 50 });
        await send(50);
        await until('the gateway has refused some', () => world.tap.seen.some(({ status }) => status === 503));
        await world.double.clearFaults();
        assert.deepEqual(numbersOf(await world.arrived(50)), upTo(50));
        await until('nothing is left', () => world.tap.seen.at(-1).status === 204);
        assert.equal(world.written.length, 50);
    });

    it('does not send again what may be written', async () => {
        await open();
        await world.double.setFaults({ kind: 'silence', stored: true });
        await send(50);
        await until('the gateway does not know', () => world.statuses.includes('POST 504'));
        await world.double.clearFaults();
        await send(50);
        assert.equal((await world.arrived(100)).length, 100);
        await until('the answers', () => world.tap.seen.length === 2 && world.statuses[1] === 'POST 204');
    });

    it('sends again what was lost on the way', async () => {
        await open();
        world.tap.lose(2); // one of them the browser may repeat by itself
        await send(50);
        assert.deepEqual(numbersOf(await world.arrived(50)), upTo(50));
        await until('nothing is left', () => world.tap.seen.at(-1).status === 204);
        assert.equal(world.written.length, 50);
    });

    it('leaves out of a batch what the gateway says is invalid', async () => {
        await open({ stream: 'small' });
        await send(48);
        await page.evaluate(() => [400, 1].forEach((size, n) => send({ n: 48 + n, filler: 'x'.repeat(size) })));
        assert.deepEqual(numbersOf(await world.arrived(49)), [...upTo(48), 49]);
        assert.deepEqual(await world.answered(3), ['POST 413', 'POST 204', 'POST 204']); // 25 at a time
    });

    const ends = {
        'its tab closes': () => closeTab(page),
        'it goes elsewhere': () => page.goto(`${world.forbidden.origin}/elsewhere`),
    };
    for (const [what, end] of Object.entries(ends)) {
        for (const [how, script] of [['by fetch', undefined], ['by sendBeacon', KEEPALIVE_MISSING]]) {
            it(`sends all there is when ${what}: ${how}`, async () => {
                await open({ script });
                await send(7);
                await end();
                assert.deepEqual(numbersOf(await world.arrived(7)), upTo(7));
                assert.deepEqual(await world.answered(1), ['POST 204']);
                assert.deepEqual(page.said, []);
            });
        }
    }

    it('sends what a page gives it while it ends', async () => {
        await open();
        await page.evaluate(() => {
            addEventListener('pagehide', () => send({ n: 0 }));
            document.addEventListener('visibilitychange', () => send({ n: 1 }));
        });
        await closeTab(page);
        assert.deepEqual(numbersOf(await world.arrived(2)), [0, 1]);
    });

    it('sends as much as may outlive the page when there is more', async () => {
        await open();
        world.tap.hold();
        await send(40, 2000);
        await until('the first part is on its way', () => world.tap.seen.length === 1);
        await closeTab(page);
        await until('so is the second', () => world.tap.seen.length === 2);
        const bytes = bytesOf(world.tap.seen);
        assert.ok(bytes <= KEEPALIVE_BYTES && bytes > 50000, `${bytes} bytes in flight`);
        world.tap.release();
        assert.deepEqual(await world.answered(2), ['POST 204', 'POST 204']);
        assert.deepEqual(numbersOf(world.written), upTo(world.written.length));
    });

    it('writes nothing from a page that is not listed', async () => {
        await open({ site: world.forbidden });
        await send(50);
        const answers = await world.answered(2); // it may not read why, and tries again
        await closeTab(page);
        assert.ok(answers.slice(0, 2).every((answer) => answer === 'POST 403'), answers.join());
        assert.deepEqual(world.written, []);
    });

    it('leaves metrics that add up', () => audit(world.gateway));
});
