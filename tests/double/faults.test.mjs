// Every kind of fault there is, seen from the other end of the wire.
// KINESIS_DOUBLE=build/tests/double/kinesis_double node --test tests/double/faults.test.mjs
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, beforeEach, describe, it } from 'node:test';
import { Double, record, records, shardOf, until } from './harness.mjs';

let double;
before(async () => {
    double = await Double.start('--stream', 'orders:4', '--stream', 'large:1:2097152', '--stream', 'three:3');
});
after(async () => assert.equal(await double.stop(), 0, 'SIGTERM ends it with 0'));
beforeEach(async () => {
    await double.control('DELETE', '/faults');
    await double.control('POST', '/reset');
});
const stored = async () => (await double.counts()).records_stored;
const bodyOf = (text) => text.slice(text.indexOf('\r\n\r\n') + 4);

describe('a fault', () => {
    it('throttle refuses the call', async () => {
        await double.faults({ kind: 'throttle', count: 1 });
        const answer = await double.call('PutRecord', record());
        assert.equal(answer.status, 400);
        assert.equal(answer.json.__type, 'ProvisionedThroughputExceededException');
        assert.match(
            answer.json.message,
            /^Rate exceeded for shard shardId-\d{12} in stream orders under account 111122223333\.$/,
        );
        assert.equal(await stored(), 0);
        assert.equal((await double.call('PutRecord', record())).status, 200, 'and only as often as asked');
    });

    it('throttle_record and fail_record hit single records', async () => {
        await double.faults({ kind: 'throttle_record', match_key: 't' }, { kind: 'fail_record', match_key: 'f' });
        const { status, json } = await double.call('PutRecords', records(['a', 't1', 'f1', 'b']));
        assert.equal(status, 200);
        assert.equal(json.FailedRecordCount, 2);
        assert.deepEqual(
            json.Records.map((r) => r.ErrorCode),
            [undefined, 'ProvisionedThroughputExceededException', 'InternalFailure', undefined],
        );
        assert.match(
            json.Records[1].ErrorMessage,
            /^Rate exceeded for shard shardId-\d+ in stream orders under account \d{12}\.$/,
        );
        assert.deepEqual(
            double
                .ledger()
                .slice(-2)
                .map((line) => line.partition_key),
            ['a', 'b'],
        );
        const single = await double.call('PutRecord', record('t2'));
        assert.deepEqual([single.status, single.json.__type], [400, 'ProvisionedThroughputExceededException']);
        assert.equal((await double.call('PutRecord', record('f2'))).status, 500);
        assert.equal(await stored(), 2);
    });

    it('throttle_record may know its shard', async () => {
        await double.faults({ kind: 'throttle_record', shard: 'shardId-000000000002' });
        const keys = Array.from({ length: 50 }, (_, i) => `k${i}`);
        const { json } = await double.call('PutRecords', records(keys));
        json.Records.forEach((r, i) =>
            assert.equal(r.ErrorCode !== undefined, shardOf(keys[i], 4) === 'shardId-000000000002'),
        );
    });

    for (const keep of [false, true])
        it(`internal_500 ${keep ? 'may lie' : 'stores nothing'}`, async () => {
            await double.faults({ kind: 'internal_500', stored: keep });
            const answer = await double.call('PutRecord', record());
            assert.deepEqual([answer.status, answer.json], [500, { __type: 'InternalFailure' }]);
            assert.equal(await stored(), keep ? 1 : 0);
        });

    const doors = { xml: '<ServiceUnavailableException/>\n', html: /^<html>/, empty: '' };
    for (const [form, text] of Object.entries(doors))
        it(`unavailable_503_${form} comes before any signature`, async () => {
            await double.faults({ kind: `unavailable_503_${form}` });
            const answer = await double.call('PutRecord', record(), { secret: 'wrong' });
            assert.equal(answer.status, 503);
            if (text instanceof RegExp) assert.match(answer.text, text);
            else assert.equal(answer.text, text);
            assert.equal(await stored(), 0);
        });

    const code = 'KMSDisabledException';
    const suffix = 'http://internal.amazon.com/coral/com.amazon.coral.service/';
    const styles = {
        message: { __type: code, message: 'off' },
        Message: { __type: code, Message: 'off' },
        none: { __type: code },
        namespaced: {
            __type: `com.amazonaws.kinesis.v20131202#${code}:${suffix}`,
            message: 'off',
        },
        header: { message: 'off' },
    };
    for (const [style, body] of Object.entries(styles))
        it(`error speaks in the style ${style}`, async () => {
            await double.faults({ kind: 'error', code, message: 'off', status: 403, style });
            const answer = await double.call('PutRecord', record());
            assert.deepEqual([answer.status, answer.json], [403, body]);
            const header = answer.headers['x-amzn-errortype'];
            assert.equal(header?.split(':')[0], style === 'header' ? code : undefined);
        });

    it('delay is precise with hundreds in flight, and stores at once', async () => {
        const agent = new http.Agent({ keepAlive: true, maxSockets: 300 });
        await Promise.all(Array.from({ length: 300 }, () => double.call('PutRecord', record(), { agent })));
        await double.faults(
            { kind: 'delay', delay_ms: 400, match_key: 'slow' },
            { kind: 'delay', delay_ms: 50, match_key: 'k' },
        );
        const slow = double.call('PutRecord', record('slow'));
        await until(async () => (await stored()) === 301, 'the record is stored');
        let answered = 0;
        const took = await Promise.all(
            Array.from({ length: 300 }, async () => {
                const start = performance.now();
                const answer = await double.call('PutRecord', record(), { agent });
                answered += answer.status === 200;
                return performance.now() - start;
            }),
        );
        agent.destroy();
        assert.equal(answered, 300);
        assert.ok(Math.min(...took) >= 49.9, `${Math.min(...took)}`);
        assert.equal((await slow).status, 200);
        assert.ok((await double.counts()).in_flight_max > 50);
    });

    it('delay of 10 ms is 10 ms', async () => {
        await double.faults({ kind: 'delay', delay_ms: 10 });
        const took = [];
        for (let i = 0; i < 20; i++) {
            const start = performance.now();
            await double.call('PutRecord', record());
            took.push(performance.now() - start);
        }
        const least = Math.min(...took);
        assert.ok(least >= 9.9 && least < 14, `${least} ms`);
    });

    for (const keep of [false, true])
        it(`silence answers never, ${keep ? 'having' : 'not having'} stored`, async () => {
            await double.faults({ kind: 'silence', stored: keep });
            const seen = await double.raw('PutRecord', record(), { giveUpMs: 200 });
            assert.deepEqual([seen.text, seen.ended, await stored()], ['', undefined, keep ? 1 : 0]);
            await until(async () => (await double.counts()).in_flight === 0, 'the double lets go of a caller who left');
        });

    it('reset_accept resets a connection before its first byte', async () => {
        await double.faults({ kind: 'reset_accept', count: 1 });
        assert.equal((await double.raw('PutRecord', record())).error, 'ECONNRESET');
        const counts = await double.counts();
        assert.deepEqual([counts.requests.PutRecord, counts.faults], [0, { reset_accept: 1 }]);
    });

    for (const [kind, count] of [
        ['reset_before', 0],
        ['reset_after', 1],
    ])
        it(`${kind} resets, ${count ? 'having' : 'not having'} stored`, async () => {
            await double.faults({ kind });
            const seen = await double.raw('PutRecord', record());
            assert.deepEqual([seen.error, seen.text, await stored()], ['ECONNRESET', '', count]);
        });

    it('cut sends the head and a part of the body', async () => {
        await double.faults({ kind: 'cut', bytes: 20 });
        const seen = await double.raw('PutRecord', record());
        assert.match(seen.text, /^HTTP\/1.1 200 OK\r\n[^]*Content-Length: 134\r\n/);
        assert.equal(bodyOf(seen.text), '{"EncryptionType":"N');
        assert.deepEqual([seen.ended, seen.error, await stored()], [true, null, 1]);
    });

    it('truncate sends whole HTTP around half a JSON', async () => {
        await double.faults({ kind: 'truncate', bytes: 30 });
        const answer = await double.call('PutRecord', record());
        assert.deepEqual([answer.status, answer.headers['content-length'], answer.json], [200, '30', undefined]);
        assert.equal(await stored(), 1);
    });

    const odd = {
        empty: (t) => t === '',
        '{}': (t) => t === '{}',
        html: (t) => t.startsWith('<html>'),
        null: (t) => t === 'null',
        array: (t) => t === '[]',
        no_sequence: (t) => JSON.parse(t).Records.every((r) => r.ShardId && !r.SequenceNumber),
        wrong_types: (t) => JSON.parse(t).Records.every((r) => r.ShardId === 7 && typeof r.SequenceNumber === 'number'),
        wrong_length: (t) => JSON.parse(t).Records.length === 1,
        longer: (t) => JSON.parse(t).Records.length === 3,
    };
    for (const [body, is] of Object.entries(odd))
        it(`odd_200 can be ${body}`, async () => {
            await double.faults({ kind: 'odd_200', body });
            const answer = await double.call('PutRecords', records(['a', 'b']));
            assert.equal(answer.status, 200);
            assert.ok(is(answer.text), answer.text);
            assert.equal(await stored(), 2);
        });

    it('odd_200 suits PutRecord', async () => {
        await double.faults({ kind: 'odd_200', body: 'no_sequence' });
        assert.deepEqual((await double.call('PutRecord', record())).json, { ShardId: shardOf('k1', 4) });
    });

    it('drip comes byte by byte, and whole', async () => {
        await double.faults({ kind: 'drip', interval_ms: 1 });
        const seen = await double.raw('PutRecord', record());
        assert.ok(seen.pieces > 20, `${seen.pieces} pieces`);
        assert.match(JSON.parse(bodyOf(seen.text)).SequenceNumber, /^\d{56}$/);
        await double.faults({ kind: 'drip' }, { kind: 'error', code: 'AccessDeniedException' });
        assert.equal(
            JSON.parse(bodyOf((await double.raw('PutRecord', record())).text)).__type,
            'AccessDeniedException',
        );
    });

    for (const idle of [0, 50])
        it(`close_idle hangs up ${idle ? `${idle} ms ` : ''}after an answer that did not say so`, async () => {
            await double.faults({ kind: 'close_idle', idle_ms: idle });
            const start = performance.now();
            const seen = await double.raw('PutRecord', record());
            assert.match(seen.text, /Connection: keep-alive/);
            assert.equal(seen.ended, true);
            assert.ok(performance.now() - start >= idle);
        });

    for (const seconds of [-400, 400])
        it(`clock_skew of ${seconds} s shows in Date and in what is too old`, async () => {
            await double.faults({ kind: 'clock_skew', seconds });
            const answer = await double.call('PutRecord', record());
            const skew = (Date.parse(answer.headers.date) - Date.now()) / 1000;
            assert.ok(Math.abs(skew - seconds) < 3, `${skew}`);
            assert.match(answer.json.message, seconds > 0 ? /^Signature expired/ : /^Signature not yet current/);
            assert.equal((await double.call('PutRecord', record(), { skewSeconds: seconds })).status, 200);
            await double.control('DELETE', '/faults');
            const { headers } = await double.call('PutRecord', record());
            assert.ok(Math.abs(Date.parse(headers.date) - Date.now()) < 3000, 'the clock is right again at once');
        });

    it('expire_token expires the token that it names, or all', async () => {
        await double.faults({ kind: 'expire_token', token: 'another' });
        assert.equal((await double.call('PutRecord', record())).status, 200);
        await double.faults({ kind: 'expire_token' });
        const answer = await double.call('PutRecord', record());
        assert.equal(answer.json.__type, 'ExpiredTokenException');
    });

    it('garbage is not HTTP', async () => {
        await double.faults({ kind: 'garbage' });
        const seen = await double.raw('PutRecord', record());
        assert.ok(seen.bytes.length > 10 && !seen.text.includes('HTTP/'));
        assert.equal(await stored(), 0);
    });

    it('keeps to its stream, operation, skip, count and percent', async () => {
        const count = async (rule, call, times) => {
            await double.faults({ kind: 'error', code: 'X', ...rule });
            let hits = 0;
            for (let i = 0; i < times; i++) hits += (await call()).status === 400;
            return hits;
        };
        const put = () => double.call('PutRecord', record());
        assert.equal(await count({ stream: 'large' }, put, 3), 0);
        assert.equal(await count({ stream: 'orders' }, put, 3), 3);
        assert.equal(await count({ operation: 'PutRecords' }, put, 3), 0);
        assert.equal(await count({ skip: 2, count: 3 }, put, 8), 3);
        const some = await count({ percent: 50 }, put, 100);
        assert.ok(some > 20 && some < 80, `${some}`);
        const { json } = await double.control('GET', '/faults');
        assert.deepEqual(json, [{ kind: 'error', code: 'X', percent: 50, fired: some }]);
    });

    it('is refused if it is misspelt, and the rules stay', async () => {
        await double.faults({ kind: 'throttle' });
        for (const rules of [
            [{ kind: 'nope' }],
            [{}],
            [{ kind: 'error', colour: 1 }],
            [{ kind: 'error', style: 'x' }],
            [{ kind: 'delay', delay_ms: -1 }],
            {},
        ])
            assert.equal((await double.control('POST', '/faults', rules)).status, 400, JSON.stringify(rules));
        assert.equal((await double.control('GET', '/faults')).json[0].kind, 'throttle');
    });
});
