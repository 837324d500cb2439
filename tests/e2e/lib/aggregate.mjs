// KPL aggregates, made and taken apart by the genuine library.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { fromNpm } from './paths.mjs';

const { deaggregateSync } = fromNpm('aws-kinesis-agg');
const { AggregatedRecord, magic } = fromNpm('aws-kinesis-agg/lib/common.js');

const MD5_BYTES = 16;
const md5Of = (bytes) => createHash('md5').update(bytes).digest();

export const isAggregate = (data) =>
    data.subarray(0, magic.length).equals(magic) &&
    data.subarray(-MD5_BYTES).equals(md5Of(data.subarray(magic.length, -MD5_BYTES)));

// The user records in the Data of one Kinesis record, in their order: [{ partitionKey, explicitHashKey, data }].
export function userRecordsOf(data) {
    if (!isAggregate(data)) return [{ data }];
    const found = [];
    deaggregateSync({ data: data.toString('base64') }, true, (error, records) => {
        assert.ifError(error);
        found.push(...(records ?? []));
    });
    return found.map((record, index) => {
        assert.equal(record.subSequenceNumber ?? 0, index);
        return {
            partitionKey: record.partitionKey,
            explicitHashKey: record.explicitPartitionKey,
            data: Buffer.from(record.data, 'base64'),
        };
    });
}

// An aggregate as a producer makes it.
export function aggregateOf(texts) {
    const message = AggregatedRecord.encode({
        partition_key_table: ['theirs'],
        explicit_hash_key_table: [],
        records: texts.map((text) => ({ partition_key_index: 0, data: Buffer.from(text) })),
    }).finish();
    return Buffer.concat([magic, message, md5Of(message)]);
}

// What the pair that an answer names is in the ledger: the user record, with the Kinesis record around it as `outer`.
export function byPairs(records) {
    const found = new Map();
    for (const outer of records)
        userRecordsOf(outer.data).forEach((record, index) => found.set(`${outer.seq}/${index}`, { ...record, outer }));
    return {
        size: found.size,
        of: ({ SequenceNumber, SubSequenceNumber = 0 }) => found.get(`${SequenceNumber}/${SubSequenceNumber}`),
        values: () => [...found.values()],
    };
}
