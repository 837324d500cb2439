// Batches in every form, into the double and the local Kinesis: whose result is whose, and nothing of one that is refused.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { ARRAY, ENTRIES, entriesOf, freshRecords, LINES, linesOf, resultsOf, timesStored } from './lib/batch.mjs';
import { startDouble } from './lib/double.mjs';
import { makeKey, startGateway, stopAll } from './lib/gateway.mjs';
import { theKinesis } from './lib/kinesis.mjs';
import { audit } from './lib/metrics.mjs';

describe('a batch, answered by the ledger', () => {
    let double, gateway;

    before(async () => {
        double = await startDouble();
        gateway = await startGateway(
            {
                aws: double.aws,
                listen: [{ address: '127.0.0.1:0', max_body_bytes: 4 << 20 }],
                limits: { batch_records: 2000 },
                request_timeout_ms: 20000,
                streams: {
                    four: { name: 'four' },
                    byId: { name: 'four', partition_key: { json: '/id' }, partition_key_missing: 'reject' },
                },
            },
            [await makeKey()],
        );
    });
    after(() => stopAll(gateway));

    const bodies = {
        'lines': (records) => [LINES, linesOf(records)],
        'lines without a last line feed': (records) => [LINES, records.join('\n')],
        'lines with CRLF, and empty ones between them': (records) => [LINES, `\r\n\n${records.join('\r\n\r\n\n')}\r\n\n`],
        'a JSON array': (records) => [ARRAY, `[${records.join(',')}]`],
        'a JSON array with much space': (records) => [ARRAY, `\r\n [ \t${records.join(' ,\n\t')} \n]\n `],
        "PutRecords' entries": (records) => [ENTRIES, entriesOf(records)],
        "PutRecords' entries, their keys by the rule": (records) => [ENTRIES, entriesOf(records, () => ({}))],
    };
    for (const [what, bodyOf] of Object.entries(bodies)) {
        for (const count of [1, 7, 1234]) {
            it(`gets a result for each record, in order: ${count} as ${what}`, async () => {
                const records = freshRecords(count);
                const answer = await gateway.putBatch('four', ...bodyOf(records));
                const results = resultsOf(answer, records, double);
                assert.equal(answer.json.FailedRecordCount, 0);
                assert.equal(answer.json.EncryptionType, 'NONE');
                assert.match(answer.headers['content-type'], /^application\/json/);
                assert.equal(new Set(results.map((result) => result.SequenceNumber)).size, count);
                assert.ok(timesStored(records, double).every((times) => times === 1));
            });
        }
    }

    it('is split into calls of at most 500 records', async () => {
        await double.control('POST', '/reset');
        const records = freshRecords(1234);
        resultsOf(await gateway.putBatch('four', LINES, linesOf(records)), records, double);
        const { requests } = await double.counts();
        assert.ok(requests.PutRecords + requests.PutRecord >= 3, JSON.stringify(requests));
        const perCall = new Map();
        for (const { request_id: id } of double.records()) perCall.set(id, (perCall.get(id) ?? 0) + 1);
        assert.ok(Math.max(...perCall.values()) <= 500);
        assert.ok(Math.max(...perCall.values()) > 1, 'and records travel together');
    });

    it('has a partition key a record: its own, by the rule, or drawn', async () => {
        const keysOf = (results) => {
            const { bySequence } = double.read();
            return results.map((result) => bySequence.get(result.SequenceNumber).partition_key);
        };
        const records = [1, 2, 3].map((id) => `{"id":"é${id}-${process.pid}"}`);
        const ruled = await gateway.putBatch('byId', LINES, linesOf(records));
        assert.deepEqual(
            keysOf(resultsOf(ruled, records, double)),
            records.map((record) => JSON.parse(record).id),
        );
        const own = entriesOf(records, (index) => (index === 1 ? { PartitionKey: 'own' } : {}));
        const answer = await gateway.putBatch('byId', ENTRIES, own);
        assert.deepEqual(keysOf(answer.json.Records), [JSON.parse(records[0]).id, 'own', JSON.parse(records[2]).id]);
        const drawn = await gateway.putBatch('four', LINES, linesOf(freshRecords(50)));
        assert.equal(new Set(keysOf(drawn.json.Records)).size, 50);
    });

    it('goes where its explicit hash keys say', async () => {
        const records = freshRecords(8);
        const entries = entriesOf(records, (index) => ({
            PartitionKey: 'k',
            ExplicitHashKey: String((1n << 126n) * BigInt(index % 4) + 5n),
        }));
        const results = resultsOf(await gateway.putBatch('four', ENTRIES, entries), records, double);
        results.forEach(({ ShardId }, index) => assert.equal(ShardId, `shardId-00000000000${index % 4}`));
    });

    async function isRefused(type, body, status, { stream = 'four', query, invalid } = {}) {
        const before = double.records().length;
        const answer = await gateway.putBatch(stream, type, body, { query });
        assert.equal(answer.status, status, answer.text);
        if (invalid) assert.deepEqual(answer.json.invalid, invalid, answer.text);
        assert.equal(double.records().length, before, 'nothing is written');
        return answer;
    }
    const entries = (count, bad) => entriesOf(freshRecords(count), (i) => ({ PartitionKey: 'k', ...bad(i) }));

    for (const [what, bad] of [
        ['a partition key that is empty', { PartitionKey: '' }],
        ['a partition key of 257 characters', { PartitionKey: 'é'.repeat(257) }],
        ['a hash key below zero', { ExplicitHashKey: '-1' }],
        ['a hash key of 2^128', { ExplicitHashKey: String(1n << 128n) }],
        ['base64 with stray bits', { Data: 'eB==' }],
        ['no Data', { Data: undefined }],
    ]) {
        it(`is refused whole, and says which: ${what}`, () =>
            isRefused(ENTRIES, entries(40, (i) => (i === 3 || i === 39 ? bad : {})), 400, { invalid: [3, 39] }));
    }

    it('names at most 20 of its invalid records', () =>
        isRefused(ENTRIES, entries(100, () => ({ PartitionKey: '' })), 400, {
            invalid: Array.from({ length: 20 }, (_, index) => index),
        }));

    it('is refused for a record in which the rule finds nothing', () =>
        isRefused(LINES, '{"id":1}\n{"id":{}}\n{}\n', 400, { stream: 'byId', invalid: [1, 2] }));

    it('is refused for a record that is too large: 413, or 400 if another is invalid', async () => {
        const large = { Data: randomBytes(1 << 20).toString('base64') };
        await isRefused(ENTRIES, entries(3, (i) => (i === 1 ? large : {})), 413, { invalid: [1] });
        const both = entries(3, (i) => (i === 1 ? large : i === 2 ? { PartitionKey: '' } : {}));
        await isRefused(ENTRIES, both, 400, { invalid: [1, 2] });
    });

    it('is refused if it is too large itself, or has too many records', async () => {
        await isRefused(LINES, 'x'.repeat((4 << 20) + 1), 413);
        await isRefused(LINES, linesOf(freshRecords(2001)), 413);
    });

    for (const [what, type, body] of [
        ['nothing', LINES, ''],
        ['empty lines only', LINES, '\r\n\n'],
        ['an empty array', ARRAY, '[]'],
        ['no entries', ENTRIES, '{"Records":[]}'],
        ['no array', ARRAY, '{"a":1}'],
        ['an array that does not end', ARRAY, '[1,2'],
        ['an array and more', ARRAY, '[1] 2'],
        ['an element that is none', ARRAY, '[1,,2]'],
        ['a member that is not known', ENTRIES, '{"Records":[{"Data":"eA==","PartitionKey":"k","Partition":1}]}'],
        ['an entry that is no object', ENTRIES, '{"Records":[{"Data":"eA==","PartitionKey":"k"},7]}'],
    ]) {
        it(`is refused if it is ${what}`, () => isRefused(type, body, 400));
    }

    it('is refused with 415 as any other type, and with 400 with the parameters of a single record', async () => {
        await isRefused('text/csv', 'a,b\n', 415);
        await isRefused(LINES, 'a\n', 400, { query: { partitionKey: 'k' } });
    });

    it('is checked and not written on a dry run', async () => {
        const dry = { query: { dryRun: 'true' } };
        const answer = await isRefused(LINES, linesOf(freshRecords(3)), 200, dry);
        assert.deepEqual(answer.json, { DryRun: true });
        await isRefused(ENTRIES, entries(3, (i) => (i === 2 ? { ExplicitHashKey: 'x' } : {})), 400, {
            ...dry,
            invalid: [2],
        });
    });

    it('leaves metrics that add up', async () => {
        assert.equal((await audit(gateway)).get('kgw_records_in_flight'), 0);
    });
});

describe('a batch, read back from the local Kinesis', () => {
    let kinesis, gateway;

    before(async () => {
        kinesis = await theKinesis();
        const aws = { ...kinesis.aws, call_timeout_ms: 10000 };
        gateway = await startGateway({ aws, request_timeout_ms: 20000 }, [await makeKey()]);
    });
    after(() => stopAll(gateway));

    const elements = ['{ "a" : 1e400, "a": "\\u0000"\r\n}', '"é\\n"', '[ [ ],  1 ]', '-0.0', 'null', '{}'];
    const lines = ['no JSON at all', ' blanks stay ', '\ttab', 'NUL \0 in it', 'CR \r in it', '\xff\xfe'];
    const data = [Buffer.alloc(0), Buffer.from('\0\r\n\xff', 'latin1'), randomBytes(3001), randomBytes((1 << 20) - 1)];

    async function isReadBack(stream, type, body, wanted) {
        const answer = await gateway.putBatch(stream, type, body);
        assert.equal(answer.status, 200, answer.text);
        assert.equal(answer.json.Records.length, wanted.length);
        for (const [index, result] of answer.json.Records.entries()) {
            const record = await kinesis.read(stream, result);
            assert.ok(Buffer.from(record.Data).equals(wanted[index]), `${index}`);
        }
    }

    it('has the exact bytes of a JSON array', () =>
        isReadBack('four', ARRAY, `[${elements.join(' , ')}]`, elements.map((text) => Buffer.from(text))));

    it('has the exact bytes of lines', () =>
        isReadBack(
            'four',
            LINES,
            Buffer.from(lines.join('\r\n'), 'latin1'),
            lines.map((text) => Buffer.from(text, 'latin1')),
        ));

    it('has the exact bytes of entries, from none to 1 MiB less the key', () =>
        isReadBack('one', ENTRIES, entriesOf(data, () => ({ PartitionKey: 'k' })), data));
});
