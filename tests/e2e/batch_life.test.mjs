// Reload, drain and death while batches are under way.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { freshRecords, LINES, linesOf, resultsOf, startBatchLoad, timesStored } from './lib/batch.mjs';
import { stopEverything } from './lib/child.mjs';
import { startDouble } from './lib/double.mjs';
import { makeKey, startGateway } from './lib/gateway.mjs';
import { Wire } from './lib/http.mjs';
import { audit, scrape, watchAudit } from './lib/metrics.mjs';
import { until } from './lib/wait.mjs';

describe('while batches are under way', () => {
    let double, key;

    before(async () => {
        double = await startDouble();
        await double.setFaults({ kind: 'delay', delay_ms: 5 });
        key = await makeKey();
    });
    after(stopEverything);

    const start = (settings = {}) =>
        startGateway({ aws: double.aws, request_timeout_ms: 20000, ...settings }, [key]);

    function areAllWritten(batches) {
        for (const { answer, records, error } of batches) {
            assert.ifError(error);
            resultsOf(answer, records, double);
            assert.equal(answer.json.FailedRecordCount, 0, answer.text.slice(0, 400));
            assert.ok(timesStored(records, double).every((times) => times === 1));
        }
    }

    it('a reload changes streams, and drops and doubles nothing', async () => {
        const gateway = await start();
        const watch = watchAudit(gateway);
        const load = startBatchLoad(gateway);
        for (const name of ['one', 'four', 'one', 'four']) {
            const more = load.answered.length + 8;
            await until('the load goes on', () => load.answered.length > more, 30000);
            await gateway.reload({ streams: { four: { name }, fresh: { name: 'one' } } });
        }
        areAllWritten(await load.stop());
        const records = freshRecords(10);
        resultsOf(await gateway.putBatch('fresh', LINES, linesOf(records)), records, double);
        assert.equal((await watch.stop()).get('kgw_records_in_flight'), 0);
        await gateway.stop();
    });

    it('a stream that a reload takes away still gets the batches that began with it', async () => {
        const gateway = await start({ streams: { gone: { name: 'four' } }, aws: { ...double.aws, calls_in_flight: 2 } });
        await double.setFaults({ kind: 'delay', delay_ms: 300 });
        const records = freshRecords(3000);
        const answer = gateway.putBatch('gone', LINES, linesOf(records));
        await until(
            'the batch is under way',
            async () => (await scrape(gateway)).get('kgw_upstream_calls_in_flight') > 0,
        );
        await gateway.reload({ streams: { one: { name: 'one' } } });
        assert.equal((await gateway.putBatch('gone', LINES, 'late\n')).status, 403);
        areAllWritten([{ answer: await answer, records }]);
        await gateway.stop();
        await double.setFaults({ kind: 'delay', delay_ms: 5 });
    });

    it('SIGTERM lets every batch that was accepted finish, and the process ends with 0', async () => {
        const gateway = await start({ drain_delay_ms: 200 });
        const load = startBatchLoad(gateway, { clients: 12 });
        await until('the load is on', () => load.answered.length > 12, 30000);
        gateway.child.signal('SIGTERM');
        assert.deepEqual(await gateway.child.exited, { code: 0, signal: null }, gateway.child.describe());
        const batches = await load.stop();
        areAllWritten(batches.filter(({ answer }) => answer));
        for (const { records, error } of batches.filter(({ answer }) => !answer)) {
            // A connection that nobody had accepted when the listener closed: no accepted request, nothing came of it.
            assert.ok(timesStored(records, double).every((times) => times === 0), `${error}`);
            assert.ok(error.code === 'ECONNREFUSED' || !error.reusedSocket, `${error}`);
        }
    });

    it('a client that leaves takes nothing with it: what was sent is settled, and the rest is not sent', async () => {
        const gateway = await start({ workers: 1, aws: { ...double.aws, calls_in_flight: 1 } });
        await double.setFaults({ kind: 'delay', delay_ms: 300 });
        const body = linesOf(freshRecords(4000));
        const wire = new Wire(gateway.address);
        wire.send(
            `POST /v1/streams/four/records HTTP/1.1\r\nHost: x\r\nX-Api-Key: ${key.key}\r\n` +
                `Content-Type: ${LINES}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
        );
        await until(
            'the batch is under way',
            async () => (await scrape(gateway)).get('kgw_upstream_calls_in_flight') > 0,
        );
        wire.destroy();
        await until(
            'all its records are settled',
            async () => (await audit(gateway)).get('kgw_records_in_flight') === 0,
            20000,
        );
        const metrics = await audit(gateway);
        assert.equal(metrics.get('kgw_records_received_total'), 4000);
        const records = freshRecords(10);
        resultsOf(await gateway.putBatch('four', LINES, linesOf(records)), records, double);
        await gateway.stop();
        await double.setFaults({ kind: 'delay', delay_ms: 5 });
    });

    it('kill -9 loses no record that was acknowledged', async () => {
        const gateway = await start();
        const load = startBatchLoad(gateway);
        await until('the load is on', () => load.answered.length > 16, 30000);
        gateway.child.signal('SIGKILL');
        await gateway.child.exited;
        const batches = await load.stop();
        areAllWritten(batches.filter(({ answer }) => answer));
    });
});
