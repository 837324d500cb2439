// Batches: their bodies in every form, and what must be true of their answers.
import assert from 'node:assert/strict';
import http from 'node:http';

export const LINES = 'application/x-ndjson';
export const ARRAY = 'application/json';
export const ENTRIES = 'application/vnd.kinesis.v1+json';

let number = 0;

// Records that no other test has: JSON, so that they can travel in every form.
export function freshRecords(count, name = 'record') {
    return Array.from({ length: count }, () => `{"${name}":"${process.pid}-${++number}"}`);
}

// Each record's entry has the members that `more(index)` gives besides its Data; by default a key of its own.
export function entriesOf(records, more = (index) => ({ PartitionKey: `key-${index}` })) {
    const entries = records.map((record, index) => ({ Data: Buffer.from(record).toString('base64'), ...more(index) }));
    return JSON.stringify({ Records: entries });
}

export const linesOf = (records) => records.map((record) => `${record}\n`).join('');

export const written = (results) => results.filter((result) => result.SequenceNumber);
export const failed = (results) => results.filter((result) => result.ErrorCode);

/*
 * The answer has a result a record, in their order: who has a SequenceNumber finds its own data under it, in that shard;
 * nobody who is told "not_written" is in the ledger. Gives the results.
 */
export function resultsOf(answer, records, double) {
    assert.equal(answer.status, 200, answer.text);
    const { Records: results, FailedRecordCount } = answer.json;
    assert.equal(results.length, records.length);
    assert.equal(FailedRecordCount, failed(results).length);
    const { bySequence, times } = double.read();
    results.forEach((result, index) => {
        const said = `${index}: ${JSON.stringify(result)}`;
        if (result.ErrorCode) {
            assert.match(result.Outcome, /^(not_written|unknown)$/, said);
            assert.ok(result.Outcome === 'unknown' || !times.has(records[index]), `is in the ledger: ${said}`);
            return;
        }
        assert.equal(bySequence.get(result.SequenceNumber)?.data.toString(), records[index], said);
        assert.equal(bySequence.get(result.SequenceNumber).shard, result.ShardId, said);
    });
    return results;
}

// How often the ledger has each of them.
export function timesStored(records, double) {
    const { times } = double.read();
    return records.map((record) => times.get(record) ?? 0);
}

/*
 * Keeps `clients` batches in flight, each on a connection of its own, until `stop()`, which gives
 * [{ records, answer, error }].
 */
export function startBatchLoad(gateway, { clients = 8, count = 100, stream = 'four', key } = {}) {
    const agent = new http.Agent({ keepAlive: true, maxSockets: clients });
    const batches = [];
    let stopped = false;

    async function client() {
        while (!stopped) {
            const batch = { records: freshRecords(count, 'load') };
            try {
                batch.answer = await gateway.putBatch(stream, LINES, linesOf(batch.records), { agent, key });
            } catch (error) {
                batch.error = error;
                if (error.code === 'ECONNREFUSED') stopped = true;
            }
            batches.push(batch);
        }
    }

    const running = Array.from({ length: clients }, client);
    return {
        batches,
        get answered() {
            return batches.filter(({ answer }) => answer);
        },
        async stop() {
            stopped = true;
            await Promise.all(running);
            agent.destroy();
            return batches;
        },
    };
}
