// Tenants side by side on one stream: told by the ledger's order, not by a clock.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { freshRecords, LINES, linesOf, resultsOf } from './lib/batch.mjs';
import { startDouble } from './lib/double.mjs';
import { makeKey, startGateway, stopAll } from './lib/gateway.mjs';
import { audit, scrape } from './lib/metrics.mjs';
import { until } from './lib/wait.mjs';

const BATCHES = 5, BATCH = 1500, CALL = 20;

describe('a tenant beside one that floods the stream', () => {
    let double, gateway, flooding, small, floods;

    before(async () => {
        double = await startDouble();
        [flooding, small] = [await makeKey({}, 'flooding'), await makeKey({}, 'small')];
        gateway = await startGateway(
            {
                aws: { ...double.aws, calls_in_flight: 1 },
                lane: { window: 1, call_records: CALL },
                request_timeout_ms: 30000,
                workers: 1,
                streams: { four: { name: 'four' } },
            },
            [flooding, small],
        );
    });
    after(() => stopAll(gateway));

    // The flood's records, each of them put in a batch; how many wait is known when this returns. Kinesis all but stands
    // until they do, however slowly they come.
    async function flood() {
        await double.setFaults({ kind: 'delay', delay_ms: 1000 });
        floods = Array.from({ length: BATCHES }, () => freshRecords(BATCH, 'flood'));
        const answers = floods.map((records) =>
            gateway.putBatch('four', LINES, linesOf(records), { key: flooding.key }),
        );
        const waiting = BATCHES * BATCH * 0.8;
        await until(
            'the flood waits',
            async () => (await scrape(gateway)).get('kgw_lane_records_queued') > waiting,
        );
        await double.setFaults({ kind: 'delay', delay_ms: 5 });
        return answers;
    }

    const placesOf = (records) => {
        const stored = double.records().map((record) => record.data.toString());
        return records.map((record) => stored.indexOf(record));
    };

    async function passes(put, records) {
        const answers = await flood();
        const before = double.records().length;
        await put();
        const places = placesOf(records);
        assert.ok(places.every((place) => place >= 0));
        const all = await Promise.all(answers);
        all.forEach((answer, index) => {
            resultsOf(answer, floods[index], double);
            assert.equal(answer.json.FailedRecordCount, 0);
        });
        const behind = double.records().length - Math.max(...places);
        assert.ok(behind > (BATCHES * BATCH) / 2, `only ${behind} of the flood came after; it began at ${before}`);
    }

    it('has its single records written long before what waited already', async () => {
        const records = freshRecords(20);
        await passes(async () => {
            const answers = await Promise.all(records.map((body) => gateway.put('four', body, { key: small.key })));
            for (const { status, text } of answers) assert.equal(status, 200, text);
        }, records);
    });

    it('has one record after the other written so, too', async () => {
        const records = freshRecords(8);
        await passes(async () => {
            for (const body of records) {
                const { status, text } = await gateway.put('four', body, { key: small.key });
                assert.equal(status, 200, text);
            }
        }, records);
    });

    it('has its batch written so, too', async () => {
        const records = freshRecords(60);
        await passes(async () => {
            const answer = await gateway.putBatch('four', LINES, linesOf(records), { key: small.key });
            resultsOf(answer, records, double);
            assert.equal(answer.json.FailedRecordCount, 0);
        }, records);
    });

    it('leaves metrics that add up', async () => {
        assert.equal((await audit(gateway)).get('kgw_records_in_flight'), 0);
    });
});
