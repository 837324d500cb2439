// What pages send, over plain HTTP as browsers write it: who is let in, who may read, and what lands in Kinesis.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, describe, it } from 'node:test';
import { freshRecords } from './lib/batch.mjs';
import { startDouble } from './lib/double.mjs';
import { makeKey, startGateway, stopAll } from './lib/gateway.mjs';
import { call, exchange, Wire } from './lib/http.mjs';
import { audit } from './lib/metrics.mjs';
import { until } from './lib/wait.mjs';

const SHOP = 'https://shop.example';
const streams = {
    four: { name: 'four' },
    one: { name: 'one' },
    lines: { name: 'four', beacon_batch: 'ndjson' },
    array: { name: 'four', beacon_batch: 'json', partition_key: { json: '/n' }, partition_key_missing: 'reject' },
    byUser: { name: 'four', partition_key: { query: 'user' }, partition_key_missing: 'reject' },
    quiet: { name: 'four', privacy_signals: 'drop', address: 'truncated', partition_key: 'client_ip' },
};

describe('browsers', () => {
    let double, gateway, service, page, anybody, slow;

    before(async () => {
        double = await startDouble();
        [service, page, anybody, slow] = [
            await makeKey(),
            await makeKey({ calls: ['beacon'], origins: [SHOP, 'https://*.shop.example', 'http://localhost:3000'] }),
            await makeKey({ calls: ['beacon'], allow_no_origin: true, streams: ['four'] }),
            await makeKey({ calls: ['beacon'], allow_no_origin: true, per_address_requests_per_second: 1 }),
        ];
        gateway = await startGateway({ aws: double.aws, streams, request_timeout_ms: 5000 }, [service, page, anybody, slow]);
    });
    after(() => stopAll(gateway));

    const target = (path, key, query = '') => `${gateway.url}/v1/e/${path}?key=${key.key}${query && `&${query}`}`;
    const beacon = (stream, body, { key = page, headers = { Origin: SHOP }, query, agent } = {}) =>
        call(target(stream, key, query), { body, headers, agent });
    const pixel = (stream, query, { key = page, headers = { Referer: `${SHOP}/page` } } = {}) =>
        call(target(`${stream}.gif`, key, query), { method: 'GET', headers });
    const preflight = (path, headers, key = page) => call(target(path, key), { method: 'OPTIONS', headers });
    const times = (text) => double.read().times.get(text) ?? 0;

    function assertReadable(answer, origin = SHOP) {
        assert.equal(answer.headers['access-control-allow-origin'], origin);
        assert.equal(answer.headers['access-control-allow-credentials'], 'true');
        assert.match(answer.headers.vary, /\bOrigin\b/);
    }
    function assertUnreadable(answer) {
        for (const name of Object.keys(answer.headers)) assert.ok(!name.startsWith('access-control'), name);
        assert.match(answer.headers.vary, /\bOrigin\b/);
    }

    it('send an event of any type, and get a 204 once Kinesis has it', async () => {
        const types = ['text/plain;charset=UTF-8', 'application/x-www-form-urlencoded', 'application/json', 'x/y', undefined];
        for (const type of [...types, 'multipart/form-data; boundary=x']) {
            const [event] = freshRecords(1, 'beacon');
            const answer = await beacon('four', event, { headers: { Origin: SHOP, ...(type && { 'Content-Type': type }) } });
            assert.equal(answer.status, 204, answer.text);
            assert.equal(answer.body.length, 0);
            assertReadable(answer);
            assert.match(answer.headers['access-control-expose-headers'], /X-Request-Id/);
            assert.equal(answer.headers['cache-control'], 'no-store');
            assert.equal(times(event), 1);
        }
    });

    it('keep their connection over a 204, which has neither a length nor a body', async () => {
        const [first, second] = freshRecords(2, 'kept');
        const request = (body, more) =>
            `POST /v1/e/four?key=${page.key} HTTP/1.1\r\nHost: g\r\nOrigin: ${SHOP}\r\n` +
            `Content-Length: ${body.length}\r\n${more}\r\n${body}`;
        const wire = await exchange(gateway.address, request(first, '') + request(second, 'Connection: close\r\n'));
        assert.equal(wire.text.match(/HTTP\/1\.1 204 No Content/g)?.length, 2, wire.text);
        assert.doesNotMatch(wire.text, /content-length|transfer-encoding/i);
        assert.ok(wire.text.endsWith('\r\n\r\n'));
        assert.deepEqual([times(first), times(second)], [1, 1]);
        const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
        for (const event of freshRecords(5, 'agent')) assert.equal((await beacon('four', event, { agent })).status, 204);
        agent.destroy();
    });

    it('are let in by the page they are on, and by nothing that looks like it', async () => {
        const rows = [
            [SHOP, 204],
            ['https://a.b.shop.example', 204],
            ['http://localhost:3000', 204],
            ['http://shop.example', 403],
            ['https://shop.example:8443', 403],
            ['https://shop.example:443', 403],
            ['https://SHOP.example', 403],
            ['https://shop.example.', 403],
            ['https://shop.example/', 403],
            ['https://evilshop.example', 403],
            ['https://shop.example.evil.test', 403],
            ['https://shop.example@evil.test', 403],
            ['http://localhost:30000', 403],
            ['http://localhost', 403],
            ['null', 403],
            ['', 403],
            ['*', 403],
        ];
        for (const [origin, status] of rows) {
            const [event] = freshRecords(1, 'origin');
            const answer = await beacon('four', event, { headers: { Origin: origin } });
            assert.equal(answer.status, status, origin);
            if (status === 204) assertReadable(answer, origin);
            else assertUnreadable(answer);
            assert.equal(times(event), status === 204 ? 1 : 0, origin);
            const asked = await preflight('four', { 'Origin': origin, 'Access-Control-Request-Method': 'POST' });
            assert.equal(asked.status, status, origin);
            if (status === 204) assertReadable(asked, origin);
            else assertUnreadable(asked);
        }
    });

    it('without an Origin are let in by their Referer, or if the key asks for none', async () => {
        const rows = [
            [page, { Referer: `${SHOP}/a?b` }, 204],
            [page, { Referer: 'https://evil.test/https://shop.example/' }, 403],
            [page, {}, 403],
            [anybody, {}, 204],
            [anybody, { Origin: 'null' }, 204],
            [anybody, { Origin: SHOP }, 403],
            [anybody, { Referer: `${SHOP}/` }, 403],
        ];
        for (const [key, headers, status] of rows) {
            const answer = await beacon('four', 'x', { key, headers });
            assert.equal(answer.status, status, JSON.stringify(headers));
            assertUnreadable(answer);
        }
    });

    it('can read their errors, once their key and origin are known', async () => {
        const cases = [
            [() => beacon('nothing', 'x'), 403, 'Forbidden'],
            [() => beacon('four', 'x', { query: 'partitionKey=k' }), 400, 'MalformedRequest'],
            [() => beacon('array', '{}'), 400, 'SerializationException'],
            [() => beacon('array', '[{"n":1},{}]'), 400, 'InvalidArgumentException'],
            [() => beacon('byUser', 'x'), 400, 'InvalidArgumentException'],
        ];
        for (const [ask, status, code] of cases) {
            const answer = await ask();
            assert.equal(answer.status, status, answer.text);
            assert.equal(answer.json.code, code);
            assertReadable(answer);
        }
        const foreign = await beacon('nothing', 'x', { headers: { Origin: 'https://evil.test' } });
        assertUnreadable(foreign);
    });

    it('need a key of their own, in the URL', async () => {
        const headers = { Origin: SHOP };
        const url = (query) => `${gateway.url}/v1/e/four${query}`;
        for (const query of ['', '?key=', '?key=kgw_x', `?key=${service.key}`, `?key=${page.key}&key=${anybody.key}`]) {
            const answer = await call(url(query), { body: 'x', headers });
            assert.equal(answer.status, 401, query);
            assertUnreadable(answer);
            assert.equal((await call(url(query), { method: 'OPTIONS', headers })).status, 401);
        }
        assert.equal((await call(url(''), { body: 'x', headers: { ...headers, 'X-Api-Key': page.key } })).status, 401);
        assert.equal((await gateway.put('four', 'x', { key: page.key })).status, 403);
        assert.equal((await call(`${gateway.url}/v1/streams/four/record?key=${page.key}`, { body: 'x' })).status, 401);
    });

    it('ask before they call, which costs nothing', async () => {
        const before = await audit(gateway);
        const answer = await preflight('four', {
            'Origin': SHOP,
            'Access-Control-Request-Method': 'POST',
            'Access-Control-Request-Headers': 'content-type',
        });
        assert.equal(answer.status, 204);
        assertReadable(answer);
        assert.match(answer.headers['access-control-allow-methods'], /\bPOST\b/);
        assert.match(answer.headers['access-control-allow-headers'], /\bContent-Type\b/i);
        assert.ok(Number(answer.headers['access-control-max-age']) > 0);
        for (let i = 0; i < 50; i++)
            assert.equal((await preflight('four.gif', { Origin: 'null' }, slow)).status, 204);
        const after = await audit(gateway);
        assert.equal(after.get('kgw_records_received_total'), before.get('kgw_records_received_total'));
    });

    it('are told what other methods there are', async () => {
        const ask = async (method, path) => (await call(target(path, page), { method })).headers.allow;
        assert.equal(await ask('GET', 'four'), 'OPTIONS, POST');
        assert.equal(await ask('PUT', 'four'), 'OPTIONS, POST');
        assert.equal(await ask('DELETE', 'four.gif'), 'GET, OPTIONS, POST');
    });

    it('show a pixel, whose query is the event', async () => {
        const mark = `${process.pid}-pixel`;
        const answer = await pixel('four', `mark=${mark}&a=x+y%2B&a=%C3%BC&flag`);
        assert.equal(answer.status, 200, answer.text);
        assert.equal(answer.headers['content-type'], 'image/gif');
        assert.equal(answer.headers['cache-control'], 'no-store');
        assert.equal(answer.body.length, 43);
        assert.equal(answer.body.subarray(0, 6).toString(), 'GIF89a');
        assert.equal(times(`{"mark":"${mark}","a":["x y+","ü"],"flag":""}`), 1);
        assert.equal((await pixel('four', 'a=%FF')).status, 400);
        assert.equal((await pixel('four', 'a=1', { headers: {} })).status, 403);
        assert.equal((await pixel('four', 'a=1', { headers: {}, key: anybody })).status, 200);
    });

    it('send several events at once, where their stream says so', async () => {
        const records = freshRecords(1200, 'several');
        const answer = await beacon('lines', records.map((record) => `${record}\n`).join(''));
        assert.equal(answer.status, 204, answer.text);
        assert.ok(records.every((record) => times(record) === 1));
        const numbered = [1, 2, 3].map((n) => `{"n":"${process.pid}-${n}"}`);
        assert.equal((await beacon('array', `[${numbered}]`)).status, 204);
        const stored = double.records().filter((record) => numbered.includes(record.data.toString()));
        assert.deepEqual(
            new Set(stored.map((record) => record.partition_key)),
            new Set(numbered.map((record) => JSON.parse(record).n)),
        );
    });

    it('are told of all of them if some are not written', async () => {
        await double.setFaults({ kind: 'fail_record', match_key: `${process.pid}-bad`, stored: false });
        const records = ['good', 'bad', 'fine'].map((n) => `{"n":"${process.pid}-${n}"}`);
        const answer = await beacon('array', `[${records}]`, {
            headers: { 'Origin': SHOP, 'X-Request-Timeout-Ms': '500' },
        });
        await double.clearFaults();
        assert.ok([503, 504].includes(answer.status), answer.text);
        assertReadable(answer);
        assert.equal(answer.json.status, answer.status);
        assert.equal(answer.json.FailedRecordCount, 1);
        assert.deepEqual(
            answer.json.Records.map((result) => 'SequenceNumber' in result),
            [true, false, true],
        );
        assert.deepEqual([times(records[0]), times(records[2])], [1, 1]);
        await double.setFaults({ kind: 'error', code: 'AccessDeniedException', status: 400 });
        assert.equal((await beacon('four', 'x')).status, 502);
        assert.equal((await pixel('four', 'a=1')).status, 502);
        await double.clearFaults();
    });

    it('have partition keys by the rule of the stream alone', async () => {
        const [event] = freshRecords(1, 'user');
        assert.equal((await beacon('byUser', event, { query: 'user=%C3%BC' })).status, 204);
        assert.equal(double.records().find((record) => record.data.toString() === event).partition_key, 'ü');
    });

    it('may ask not to be followed, and are known in part only', async () => {
        const [dropped, kept] = freshRecords(2, 'quiet');
        const answer = await beacon('quiet', dropped, { headers: { 'Origin': SHOP, 'Sec-GPC': '1' } });
        assert.equal(answer.status, 204);
        assert.equal(answer.headers['kgw-dropped'], 'privacy');
        assert.equal((await beacon('quiet', kept)).status, 204);
        assert.deepEqual([times(dropped), times(kept)], [0, 1]);
        assert.equal(double.records().find((record) => record.data.toString() === kept).partition_key, '127.0.0.0');
    });

    it('cannot spend more than their address may, whichever worker they meet', async () => {
        const answers = await Promise.all(
            Array.from({ length: 60 }, () => beacon('four', 'x', { key: slow, headers: {} })),
        );
        const refused = answers.filter(({ status }) => status === 429);
        assert.ok(answers.every(({ status }) => status === 204 || status === 429));
        assert.ok(refused.length >= 60 - 10 - 6, `${refused.length} are refused`); // 10 at once, and one a second
        assert.equal(refused[0].json.code, 'AddressRateExceeded');
        assert.ok(Number(refused[0].headers['retry-after']) >= 1);
    });

    it('come without a length only as a pixel', async () => {
        const get = `GET /v1/e/four.gif?key=${page.key}&a=1 HTTP/1.1\r\nHost: g\r\nReferer: ${SHOP}/\r\nConnection: close\r\n\r\n`;
        assert.match((await exchange(gateway.address, get)).text, /^HTTP\/1\.1 200 OK/);
        const post = get.replace('GET', 'POST').replace('.gif', '');
        assert.match((await exchange(gateway.address, post)).text, /^HTTP\/1\.1 411 /);
    });

    it('leave nothing of their key behind', async () => {
        const wire = new Wire(gateway.address);
        wire.send(`POST /v1/e/four?key=${page.key} HTTP/1.1\r\nHost: g\r\nContent-Length: 99999999\r\n\r\n`);
        await until('it is refused', () => wire.status === 413);
        wire.destroy();
        await audit(gateway);
        for (const { key } of [page, anybody, slow, service]) assert.ok(!gateway.log.includes(key));
        assert.ok(gateway.log.includes('"route":"/v1/e/{stream}"'));
    });
});

describe('the path of browsers', () => {
    let double, gateway, page;

    before(async () => {
        double = await startDouble();
        page = await makeKey({ calls: ['beacon'], origins: [SHOP] });
        gateway = await startGateway({ aws: double.aws, browser_path: '/assets/t' }, [page]);
    });
    after(() => stopAll(gateway));

    it('is the choice of the operator', async () => {
        const headers = { Origin: SHOP };
        const ask = (path) => call(`${gateway.url}${path}?key=${page.key}`, { body: 'x', headers });
        assert.equal((await ask('/assets/t/four')).status, 204);
        assert.equal((await ask('/v1/e/four')).status, 404);
        const url = `${gateway.url}/assets/t/four.gif?key=${page.key}`;
        assert.equal((await call(url, { method: 'GET', headers })).status, 200);
    });
});
