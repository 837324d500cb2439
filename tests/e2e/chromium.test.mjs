// Headless Chromium in front of the gateway: what its pages send by beacons, fetches and pixels.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { BrowserWorld, closeTab, openPage } from './lib/chromium.mjs';
import { audit } from './lib/metrics.mjs';

describe('Chromium', () => {
    let world, page;

    before(async () => {
        world = await BrowserWorld.start({ streams: { clicks: { name: 'one' } } });
    });
    after(() => world?.stop());
    beforeEach(() => world.begin());

    const pixel = (query, key = world.key) => `${world.tap.url}/v1/e/clicks.gif?key=${key.key}&${query}`;

    // What a page does: each gets a URL.
    const sends = {
        string: (url) => navigator.sendBeacon(url, 'text, é'),
        blob: (url) => navigator.sendBeacon(url, new Blob(['blob'], { type: 'text/plain' })),
        form: (url) => {
            const form = new FormData();
            form.set('field', 'its value');
            return navigator.sendBeacon(url, form);
        },
        parameters: (url) => navigator.sendBeacon(url, new URLSearchParams({ a: '1 2', b: 'é' })),
        keepalive: (url) => fetch(url, { method: 'POST', body: 'kept', keepalive: true }).then((answer) => answer.ok),
        credentials: (url) =>
            fetch(url, { method: 'POST', body: 'with', credentials: 'include' }).then((answer) => answer.ok),
        json: (url) =>
            fetch(url, { method: 'POST', body: '{"n":1}', headers: { 'Content-Type': 'application/json' } }).then(
                (answer) => answer.ok,
            ),
        jsonBeacon: (url) => navigator.sendBeacon(url, new Blob(['{"n":2}'], { type: 'application/json' })),
        read: async (url) => {
            try {
                const answer = await fetch(url, { method: 'POST', body: 'read' });
                const text = await answer.text();
                return { status: answer.status, id: answer.headers.get('X-Request-Id'), text };
            } catch (error) {
                return { failed: error.name };
            }
        },
        image: async (url) => {
            const image = new Image();
            image.src = url;
            await image.decode().catch(() => {});
            return [image.naturalWidth, image.naturalHeight];
        },
    };

    // What it does when it ends.
    const lasts = {
        'sendBeacon on pagehide': (url) =>
            addEventListener('pagehide', () => navigator.sendBeacon(url, 'last words')),
        'sendBeacon on visibilitychange': (url) =>
            document.addEventListener('visibilitychange', () => navigator.sendBeacon(url, 'last words')),
        'fetch with keepalive on pagehide': (url) =>
            addEventListener('pagehide', () => fetch(url, { method: 'POST', body: 'last words', keepalive: true })),
    };

    describe('on a listed page', () => {
        before(async () => {
            page = await openPage(world.browser, world.listed.origin);
        });
        after(() => page.close());

        const simple = [
            ['a string by sendBeacon', sends.string, /^text, é$/],
            ['a Blob of text by sendBeacon', sends.blob, /^blob$/],
            ['FormData by sendBeacon', sends.form, /^------\w+\r\n.*name="field"\r\n\r\nits value\r\n------\w+--\r\n$/s],
            ['URLSearchParams by sendBeacon', sends.parameters, /^a=1\+2&b=%C3%A9$/],
            ['a string by fetch with keepalive', sends.keepalive, /^kept$/],
            ['a string by fetch with credentials', sends.credentials, /^with$/],
        ];
        for (const [what, send, wanted] of simple) {
            it(`sends ${what}, and asks nothing before`, async () => {
                assert.equal(await page.evaluate(send, world.to('clicks')), true);
                assert.deepEqual(await world.answered(1), ['POST 204']);
                const [data, ...more] = world.written;
                assert.match(data, wanted);
                assert.deepEqual(more, []);
                assert.deepEqual(page.said, []);
            });
        }

        it('sends a pixel, which is there once Kinesis has the event', async () => {
            assert.deepEqual(await page.evaluate(sends.image, pixel('page=%2Fcart&n=1')), [1, 1]);
            assert.deepEqual(world.written.map(JSON.parse), [{ page: '/cart', n: '1' }]);
            assert.deepEqual(world.statuses, ['GET 200']);
            assert.deepEqual(page.said, []);
        });

        for (const [what, send, wanted] of [
            ['fetch', sends.json, '{"n":1}'],
            ['sendBeacon', sends.jsonBeacon, '{"n":2}'],
        ]) {
            it(`asks once before it sends JSON by ${what}`, async () => {
                assert.equal(await page.evaluate(send, world.to('clicks')), true);
                assert.deepEqual(await world.arrived(1), [wanted]);
                await world.answered(2);
                assert.deepEqual(
                    world.tap.seen.map((request) => request.method),
                    ['OPTIONS', 'POST'],
                );
                assert.deepEqual(page.said, []);
            });
        }

        it('reads an error and its request id', async () => {
            const answer = await page.evaluate(sends.read, world.to('unknown'));
            assert.equal(answer.status, 403);
            const problem = JSON.parse(answer.text);
            assert.equal(problem.outcome, 'not_written');
            assert.equal(problem.request_id, answer.id);
            assert.deepEqual(world.written, []);
        });
    });

    describe('on any other page', () => {
        before(async () => {
            page = await openPage(world.browser, world.forbidden.origin);
        });
        after(() => page.close());

        for (const what of ['string', 'blob', 'form', 'parameters']) {
            it(`has sent a beacon for nothing: ${what}`, async () => {
                await page.evaluate(sends[what], world.to('clicks'));
                assert.deepEqual(await world.answered(1), ['POST 403']);
                assert.deepEqual(world.written, []);
            });
        }

        it('learns nothing from fetch, and writes nothing', async () => {
            for (const stream of ['clicks', 'unknown'])
                assert.deepEqual(await page.evaluate(sends.read, world.to(stream)), { failed: 'TypeError' });
            assert.deepEqual(world.statuses, ['POST 403', 'POST 403']);
            assert.deepEqual(world.written, []);
        });

        it('is refused before it sends JSON', async () => {
            await assert.rejects(page.evaluate(sends.json, world.to('clicks')), /Failed to fetch/);
            await page.evaluate(sends.jsonBeacon, world.to('clicks'));
            await world.answered(2);
            assert.deepEqual(
                world.tap.seen.map((request) => request.method),
                ['OPTIONS', 'OPTIONS'],
            );
            assert.deepEqual(world.written, []);
        });

        it('gets no pixel', async () => {
            assert.deepEqual(await page.evaluate(sends.image, pixel('n=1')), [0, 0]);
            assert.deepEqual(world.statuses, ['GET 403']);
            assert.deepEqual(world.written, []);
        });

        it('is not heard when it closes either', async () => {
            const tab = await openPage(world.browser, world.forbidden.origin);
            await tab.evaluate(lasts['sendBeacon on pagehide'], world.to('clicks'));
            await closeTab(tab);
            assert.deepEqual(await world.answered(1), ['POST 403']);
            assert.deepEqual(world.written, []);
        });
    });

    describe('on a listed page that sends no referrer', () => {
        before(async () => {
            page = await openPage(world.browser, `${world.listed.origin}/?referrer=no-referrer`);
        });
        after(() => page.close());

        it('is known by its calls and beacons', async () => {
            assert.equal((await page.evaluate(sends.read, world.to('clicks'))).status, 204);
            await page.evaluate(sends.string, world.to('clicks'));
            assert.deepEqual(await world.answered(2), ['POST 204', 'POST 204']);
            assert.ok(world.tap.seen.every(({ headers }) => headers.origin === world.listed.origin));
            assert.ok(world.tap.seen.every(({ headers }) => headers.referer === undefined));
        });

        it('is not known by its pixels, which need a key that allows no origin', async () => {
            assert.deepEqual(await page.evaluate(sends.image, pixel('n=1')), [0, 0]);
            assert.deepEqual(world.written, []);
            assert.deepEqual(await page.evaluate(sends.image, pixel('n=1', world.openKey)), [1, 1]);
            assert.deepEqual(world.statuses, ['GET 403', 'GET 200']);
            assert.deepEqual(world.written.map(JSON.parse), [{ n: '1' }]);
        });
    });

    describe('when a page ends', () => {
        const ends = {
            'by going elsewhere': (tab) => tab.goto(`${world.forbidden.origin}/elsewhere`),
            'with its tab': (tab) => closeTab(tab),
        };
        for (const [how, last] of Object.entries(lasts)) {
            for (const [where, end] of Object.entries(ends)) {
                it(`${where}, ${how} still arrives`, async () => {
                    const tab = await openPage(world.browser, world.listed.origin);
                    await tab.evaluate(last, world.to('clicks'));
                    await end(tab);
                    assert.deepEqual(await world.answered(1), ['POST 204']);
                    assert.deepEqual(world.written, ['last words']);
                    assert.deepEqual(tab.said, []);
                    await tab.close();
                });
            }
        }
    });

    it('leaves metrics that add up', () => audit(world.gateway));
});
