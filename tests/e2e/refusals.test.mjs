// Every refusal that a caller can meet before Kinesis is asked.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { makeKey, startGateway, stopAll } from './lib/gateway.mjs';
import { call, exchange } from './lib/http.mjs';
import { theKinesis } from './lib/kinesis.mjs';
import { audit } from './lib/metrics.mjs';

const hour = 3600 * 1000;
const at = (ms) => new Date(Date.now() + ms).toISOString().replace(/\.\d+Z$/, 'Z');

describe('a refusal', () => {
    let gateway, keys;

    before(async () => {
        const kinesis = await theKinesis();
        keys = {
            whole: await makeKey(),
            oneStream: await makeKey({ streams: ['one'] }),
            prefix: await makeKey({ streams: ['fo*'] }),
            awsOnly: await makeKey({ calls: ['aws'] }),
            elsewhere: await makeKey({ networks: ['10.0.0.0/8'] }),
            here: await makeKey({ networks: ['127.0.0.0/8'] }),
            expired: await makeKey({ expires: at(-hour) }),
            early: await makeKey({ not_before: at(hour) }),
            timely: await makeKey({ not_before: at(-hour), expires: at(hour) }),
        };
        gateway = await startGateway(
            {
                aws: kinesis.aws,
                streams: {
                    one: { name: 'one' },
                    four: { name: 'four' },
                    small: { name: 'one', max_record_bytes: 1024 },
                },
            },
            Object.values(keys),
        );
        keys.unknown = await makeKey();
    });
    after(() => stopAll(gateway));

    function isProblem(answer, status, code) {
        assert.equal(answer.status, status, answer.text);
        assert.match(answer.headers['content-type'], /^application\/problem\+json/);
        const problem = answer.json;
        for (const member of ['type', 'title', 'status', 'detail', 'code', 'retryable', 'outcome', 'request_id']) {
            assert.ok(member in problem, `${member} in ${answer.text}`);
        }
        assert.equal(problem.status, status);
        assert.equal(problem.outcome, 'not_written');
        assert.equal(problem.request_id, answer.headers['x-request-id']);
        if (code) assert.equal(problem.code, code);
        return problem;
    }

    const badParameters = {
        'a partition key of 257 characters': { query: { partitionKey: 'x'.repeat(257) } },
        'an empty partition key': { query: { partitionKey: '' } },
        'an explicit hash key of 2^128': { query: { explicitHashKey: String(1n << 128n) } },
        'an explicit hash key with a leading zero': { query: { explicitHashKey: '01' } },
        'an explicit hash key that is no number': { headers: { 'X-Kinesis-Explicit-Hash-Key': 'x' } },
        'a sequence number that is none': { query: { sequenceNumberForOrdering: '1x' } },
        'one parameter with two values': { query: { partitionKey: 'a' }, headers: { 'X-Kinesis-Partition-Key': 'b' } },
    };
    for (const [what, options] of Object.entries(badParameters)) {
        it(`is 400 for ${what}`, async () => {
            isProblem(await gateway.put('one', 'x', options), 400);
        });
    }

    it('is 400 for a partition key that is not UTF-8, and for one given twice', async () => {
        for (const query of [
            'partitionKey=%ff',
            'partitionKey=%e9x',
            'partitionKey=%4',
            'partitionKey=a&partitionKey=b',
        ]) {
            const headers = { 'X-Api-Key': gateway.key.key };
            isProblem(await call(`${gateway.url}/v1/streams/one/record?${query}`, { body: 'x', headers }), 400);
        }
    });

    const badEnvelopes = {
        'no JSON': 'x',
        'no object': '[]',
        'no Data': '{"PartitionKey":"k"}',
        'base64 without padding': '{"Data":"eA","PartitionKey":"k"}',
        'base64 with stray bits': '{"Data":"eB==","PartitionKey":"k"}',
        'base64 with a line end': '{"Data":"eA==\\n","PartitionKey":"k"}',
        'Data that is no string': '{"Data":1,"PartitionKey":"k"}',
        'something after the end': '{"Data":"eA==","PartitionKey":"k"}}',
        'an explicit hash key that is no string': '{"Data":"eA==","PartitionKey":"k","ExplicitHashKey":1}',
    };
    for (const [what, body] of Object.entries(badEnvelopes)) {
        it(`is 400 for an envelope with ${what}`, async () => {
            isProblem(
                await gateway.put('one', body, { headers: { 'Content-Type': 'application/vnd.kinesis.v1+json' } }),
                400,
            );
        });
    }

    it('is one and the same 401 for no key, any that is not good now, and two at once', async () => {
        const good = keys.whole.key;
        const changed = good.slice(0, -1) + (good.endsWith('0') ? '1' : '0');
        const answers = [
            await gateway.put('one', 'x', { key: null }),
            await gateway.put('one', 'x', { key: 'x' }),
            await gateway.put('one', 'x', { key: changed }),
            await gateway.put('one', 'x', { key: keys.unknown.key }),
            await gateway.put('one', 'x', { key: keys.expired.key }),
            await gateway.put('one', 'x', { key: keys.early.key }),
            await gateway.put('nothing-here', 'x', { key: keys.unknown.key }),
            await gateway.put('one', 'x', { key: good, headers: { Authorization: `Bearer ${keys.oneStream.key}` } }),
            await call(`${gateway.url}/v1/streams/one/record?key=${good}`, { body: 'x' }),
        ];
        const texts = answers.map((answer) => {
            const { request_id, instance, ...rest } = isProblem(answer, 401);
            assert.ok(answer.headers['www-authenticate'], 'RFC 9110 section 11.6.1 asks for WWW-Authenticate');
            return JSON.stringify(rest);
        });
        assert.equal(new Set(texts).size, 1, [...new Set(texts)].join('\n'));
        assert.equal((await gateway.put('one', 'x', { key: keys.timely.key })).status, 200);
    });

    it('is one and the same 403 for a stream that is unknown and one that is not allowed', async () => {
        const texts = [];
        for (const stream of ['four', 'no-such-stream', 'on', 'one2', '..%2fone', 'one%00']) {
            const { request_id, instance, ...rest } = isProblem(
                await gateway.put(stream, 'x', { key: keys.oneStream.key }),
                403,
            );
            texts.push(JSON.stringify(rest).replaceAll(stream, ''));
        }
        assert.equal(new Set(texts).size, 1, [...new Set(texts)].join('\n'));
    });

    it('is 403 for a key that is bound to other streams, calls or networks', async () => {
        isProblem(await gateway.put('one', 'x', { key: keys.prefix.key }), 403);
        isProblem(await gateway.put('one', 'x', { key: keys.awsOnly.key }), 403);
        isProblem(await gateway.put('one', 'x', { key: keys.elsewhere.key }), 403);
        for (const [stream, key] of [
            ['one', 'oneStream'],
            ['four', 'prefix'],
            ['one', 'here'],
        ]) {
            assert.equal((await gateway.put(stream, 'x', { key: keys[key].key })).status, 200, key);
        }
    });

    it('is 404 for an unknown path and 405, with Allow, for another method', async () => {
        const headers = { 'X-Api-Key': gateway.key.key };
        for (const path of [
            '/v1',
            '/v1/streams/one',
            '/v1/streams/one/record/',
            '/v2/streams/one/record',
            '/v1/streams//record',
        ]) {
            isProblem(await call(gateway.url + path, { body: 'x', headers }), 404);
        }
        for (const method of ['GET', 'PUT', 'DELETE', 'PATCH']) {
            const answer = await call(`${gateway.url}/v1/streams/one/record`, { method, headers });
            isProblem(answer, 405);
            assert.equal(answer.headers.allow, 'POST');
        }
    });

    it('is 411 for a request without a length', async () => {
        const head = `POST /v1/streams/one/record HTTP/1.1\r\nHost: x\r\nX-Api-Key: ${gateway.key.key}\r\n`;
        assert.equal((await exchange(gateway.address, `${head}Connection: close\r\n\r\n`)).status, 411);
    });

    it('is 413, with both sizes, for a record that is too large, key included', async () => {
        const most = 1024 - 'key'.length;
        const put = (size) => gateway.put('small', Buffer.alloc(size), { query: { partitionKey: 'key' } });
        assert.equal((await put(most)).status, 200);
        const answer = await put(most + 1);
        assert.equal(isProblem(answer, 413).retryable, false);
        for (const size of ['1025', '1024']) assert.ok(answer.text.includes(size), answer.text);
        isProblem(
            await gateway.putJson('small', { Data: Buffer.alloc(most + 1).toString('base64'), PartitionKey: 'key' }),
            413,
        );
    });

    it('is 413 for a body that announces more than the listener takes, before it is sent', async () => {
        const head =
            `POST /v1/streams/one/record HTTP/1.1\r\nHost: x\r\nX-Api-Key: ${gateway.key.key}\r\n` +
            'Content-Length: 999999999999\r\n\r\n';
        assert.equal((await exchange(gateway.address, head)).status, 413);
    });

    it('is 415 for an encoded body', async () => {
        isProblem(await gateway.put('one', 'x', { headers: { 'Content-Encoding': 'gzip' } }), 415);
    });

    const framings = {
        'two lengths': 'Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx',
        'length and chunking': 'Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
        'an unknown transfer coding': 'Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
        'a length with a sign': 'Content-Length: +1\r\n\r\nx',
        'two hosts': 'Host: y\r\nContent-Length: 1\r\n\r\nx',
        'a folded line': 'X-A: b\r\n c\r\nContent-Length: 1\r\n\r\nx',
        'a bare LF': 'X-A: b\nX-B: c\r\nContent-Length: 1\r\n\r\nx',
        'white space before a colon': 'Content-Length : 1\r\n\r\nx',
        'a NUL in a value': 'X-A: \0\r\nContent-Length: 1\r\n\r\nx',
    };
    for (const [what, rest] of Object.entries(framings)) {
        it(`is a 400 and the end of the connection for a head with ${what}`, async () => {
            const head = `POST /v1/streams/one/record HTTP/1.1\r\nHost: x\r\nX-Api-Key: ${gateway.key.key}\r\n`;
            assert.equal((await exchange(gateway.address, Buffer.from(head + rest, 'latin1'))).status, 400);
        });
    }

    it('is a 400 for a request without Host, and for what is no HTTP at all', async () => {
        assert.equal(
            (await exchange(gateway.address, 'POST /v1/streams/one/record HTTP/1.1\r\nContent-Length: 0\r\n\r\n'))
                .status,
            400,
        );
        assert.equal((await exchange(gateway.address, '\x16\x03\x01\x02\r\n\r\n')).status, 400);
    });

    it('leaves metrics that add up', async () => {
        const metrics = await audit(gateway);
        assert.ok(metrics.get('kgw_records_rejected_total') > 0);
        assert.equal(metrics.get('kgw_records_in_flight'), 0);
    });
});
