// Batches while Kinesis misbehaves: only what failed is sent again, and what an item is told is true.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { ENTRIES, entriesOf, failed, freshRecords, LINES, linesOf } from './lib/batch.mjs';
import { resultsOf, timesStored, written } from './lib/batch.mjs';
import { startDouble } from './lib/double.mjs';
import { makeKey, startGateway, stopAll } from './lib/gateway.mjs';
import { audit, watchAudit } from './lib/metrics.mjs';

const unknown = (result) => result.Outcome === 'unknown';

describe('a batch, when Kinesis', () => {
    let double, gateway, watch;

    before(async () => {
        double = await startDouble();
        gateway = await startGateway(
            {
                aws: { ...double.aws, call_timeout_ms: 600 },
                request_timeout_ms: 15000,
                retry: { budget_burst: 100000, backoff_ms: 5 },
                streams: { four: { name: 'four' }, reporting: { name: 'four', on_unknown: 'report' } },
            },
            [await makeKey()],
        );
        watch = watchAudit(gateway);
    });
    afterEach(() => double.clearFaults());
    after(async () => {
        await watch?.stop();
        await stopAll(gateway);
    });

    async function putLines(count, options = {}) {
        const records = freshRecords(count);
        const answer = await gateway.putBatch(options.stream ?? 'four', LINES, linesOf(records), options);
        return { records, answer, results: resultsOf(answer, records, double) };
    }

    for (const fault of [
        { kind: 'throttle_record', percent: 30 },
        { kind: 'fail_record', percent: 30 },
        { kind: 'fail_record', percent: 30, code: 'KMSThrottlingException' },
    ]) {
        it(`fails some records: only these are sent again (${fault.code ?? fault.kind})`, async () => {
            await double.setFaults({ ...fault, count: 200 });
            const { records, answer, results } = await putLines(600);
            assert.equal(answer.json.FailedRecordCount, 0, answer.text.slice(0, 400));
            assert.ok(timesStored(records, double).every((times) => times === 1));
            const isCertain = fault.kind === 'throttle_record' || fault.code !== undefined;
            assert.equal(
                results.some((result) => result.PossibleDuplicate),
                !isCertain,
            );
        });
    }

    it('fails some records for good: each failed item says so, and the others are written', async () => {
        await double.setFaults({ kind: 'throttle_record', match_key: 'hot' });
        const records = freshRecords(90);
        const entries = entriesOf(records, (i) => ({ PartitionKey: i % 3 ? `key-${i}` : `hot-${i}` }));
        const options = { headers: { 'X-Request-Timeout-Ms': '1500' } };
        const results = resultsOf(await gateway.putBatch('four', ENTRIES, entries, options), records, double);
        results.forEach((result, i) => assert.equal(Boolean(result.ErrorCode), i % 3 === 0, `${i}`));
        for (const result of failed(results)) {
            assert.equal(result.ErrorCode, 'ProvisionedThroughputExceededException');
            assert.equal(result.Outcome, 'not_written');
            assert.equal(result.Retryable, true);
            assert.ok(result.ErrorMessage);
        }
    });

    it('refuses a call for a record in it: it is split until only the guilty fail', async () => {
        await double.setFaults({ kind: 'error', code: 'InvalidArgumentException', match_key: 'guilty' });
        const guilty = new Set([0, 1, 77, 499, 777]);
        const records = freshRecords(778);
        const entries = entriesOf(records, (i) => ({ PartitionKey: guilty.has(i) ? `guilty-${i}` : `key-${i}` }));
        const results = resultsOf(await gateway.putBatch('four', ENTRIES, entries), records, double);
        results.forEach((result, i) => assert.equal(Boolean(result.ErrorCode), guilty.has(i), `${i}`));
        for (const result of failed(results)) {
            assert.equal(result.ErrorCode, 'InvalidArgumentException');
            assert.equal(result.Outcome, 'not_written');
            assert.equal(result.Retryable, false);
        }
        const times = timesStored(records, double);
        records.forEach((_, i) => assert.equal(times[i], guilty.has(i) ? 0 : 1, `${i}`));
        assert.ok((await audit(gateway)).get('kgw_upstream_splits_total') > 0);
    });

    it('denies access: the whole call fails, and is not split', async () => {
        const before = (await audit(gateway)).get('kgw_upstream_splits_total');
        await double.setFaults({ kind: 'error', code: 'AccessDeniedException' });
        const { results } = await putLines(20);
        for (const result of results) {
            assert.equal(result.ErrorCode, 'AccessDeniedException');
            assert.equal(result.Outcome, 'not_written');
        }
        assert.equal((await audit(gateway)).get('kgw_upstream_splits_total'), before);
    });

    for (const body of ['wrong_length', 'longer', 'empty', '{}', 'html', 'null', 'array', 'no_sequence', 'wrong_types']) {
        it(`answers an odd 200 (${body}): unknown, all of them`, async () => {
            await double.setFaults({ kind: 'odd_200', body });
            const { results } = await putLines(30, { stream: 'reporting' });
            assert.equal(results.filter(unknown).length, 30, JSON.stringify(results));
            for (const result of results) assert.equal(result.ErrorCode, 'OutcomeUnknown');
        });
        it(`answers an odd 200 (${body}) once: all are sent again, and may be there twice`, async () => {
            await double.setFaults({ kind: 'odd_200', body, count: 1 });
            const { records, answer, results } = await putLines(30);
            assert.equal(answer.json.FailedRecordCount, 0);
            assert.equal(written(results).filter((result) => result.PossibleDuplicate).length, 30);
            assert.ok(timesStored(records, double).every((times) => times === 2));
        });
    }

    for (const [what, fault] of [
        ['stores and resets', { kind: 'reset_after' }],
        ['stores and closes inside the answer', { kind: 'cut' }],
        ['answers a truncated 200', { kind: 'truncate' }],
        ['answers garbage', { kind: 'garbage' }],
        ['fails', { kind: 'internal_500' }],
        ['never answers', { kind: 'silence', stored: true }],
    ]) {
        it(`${what}, always: unknown, in each item`, async () => {
            await double.setFaults(fault);
            const { results } = await putLines(30, { headers: { 'X-Request-Timeout-Ms': '1000' } });
            assert.equal(results.filter(unknown).length, 30, JSON.stringify(results));
        });
        it(`${what}, once: all are written`, async () => {
            await double.setFaults({ ...fault, count: 1 });
            const { answer } = await putLines(30);
            assert.equal(answer.json.FailedRecordCount, 0, answer.text);
        });
    }

    it('is slow: at the deadline what was sent is unknown, and what was not is not_written', async () => {
        const slow = await startGateway(
            {
                aws: { ...double.aws, calls_in_flight: 1, call_timeout_ms: 10000 },
                lane: { call_records: 50 },
                workers: 1,
            },
            [gateway.key],
        );
        await double.setFaults({ kind: 'silence' });
        const records = freshRecords(300);
        const options = { headers: { 'X-Request-Timeout-Ms': '500' } };
        const results = resultsOf(await slow.putBatch('four', LINES, linesOf(records), options), records, double);
        assert.equal(results.filter(unknown).length, 50);
        assert.equal(failed(results).length, 300);
        await slow.stop();
    });

    it('does a bit of everything, to many batches at once', async () => {
        const kinds = ['throttle', 'internal_500', 'unavailable_503_xml', 'reset_before', 'reset_after', 'cut', 'garbage', 'drip'];
        await double.setFaults(
            ...kinds.map((kind) => ({ kind, percent: 3 })),
            { kind: 'odd_200', body: 'wrong_length', percent: 3 },
            { kind: 'throttle_record', percent: 5 },
            { kind: 'fail_record', percent: 5 },
            { kind: 'error', code: 'InvalidArgumentException', match_key: 'guilty' },
        );
        const batches = await Promise.all(
            Array.from({ length: 40 }, async () => {
                const records = freshRecords(150);
                const entries = entriesOf(records, (i) => ({ PartitionKey: i === 70 ? 'guilty' : `key-${i}` }));
                return [await gateway.putBatch('four', ENTRIES, entries), records];
            }),
        );
        for (const [answer, records] of batches) {
            const results = resultsOf(answer, records, double);
            assert.ok(results[70].ErrorCode);
            assert.ok(written(results).length > 100, `${written(results).length}`);
        }
    });
});
