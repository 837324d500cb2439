/*
 * KPL aggregates: several user records in one Kinesis record, in the format that every KCL consumer unpacks
 * (https://github.com/awslabs/amazon-kinesis-producer/blob/master/aggregation-format.md): magic, a protobuf
 * AggregatedRecord, the MD5 of that. Pure.
 *
 * KCL silently drops an aggregate if a user record's hash key lies outside its shard. So a keyed record belongs to a
 * bucket of the hash-key space, and the bucket's one explicit hash key stands on the outer record and on every inner
 * one: whatever splits or merges, they lie in one shard.
 */
#ifndef KGW_KINESIS_AGGREGATE_H
#define KGW_KINESIS_AGGREGATE_H

#include "gateway/kinesis/hash_key.h"
#include "gateway/kinesis/record.h"

#define AGGREGATE_MAGIC       SPAN("\xF3\x89\x9A\xC2")
#define AGGREGATE_MAGIC_BYTES 4
#define AGGREGATE_OUTER_KEY   SPAN("a") /* the outer record's partition key: the explicit hash key decides */

/* The bucket of a hash key when the space is cut into `buckets` equal parts, and the middle of a bucket. */
uint32_t aggregate_bucket_of(const struct hash_key *k, uint32_t buckets);
struct hash_key aggregate_bucket_middle(uint32_t bucket, uint32_t buckets);

/*
 * Packs records one by one. `explicit_hash_key` (decimal) is the aggregate's; `shared_key`, if not empty, stands for
 * the partition key of every record in it (streams whose keys are random). Partition keys are written once each.
 * All that is given is copied. One thread at a time.
 */
#define AGGREGATE_RECORDS_MAX 4096
struct aggregate;
struct aggregate *aggregate_new(void); /* reusable; NULL: out of memory */
void aggregate_free(struct aggregate **a);
void aggregate_begin(struct aggregate *a, struct span explicit_hash_key, struct span shared_key);
/* What the aggregate would measure, magic and MD5 included, with `r` in it. */
size_t aggregate_bytes_with(const struct aggregate *a, const struct record *r);
/*
 * False: out of memory, AGGREGATE_RECORDS_MAX are in, or it would pass RECORD_BYTES_MAX; the aggregate is as before.
 * Data in base64 is decoded.
 */
bool aggregate_add(struct aggregate *a, const struct record *r);
size_t aggregate_records(const struct aggregate *a);
/* The finished aggregate of at least one record; alive until the next begin or end. Empty: out of memory. */
struct span aggregate_end(struct aggregate *a);

/*
 * Does Data imitate an aggregate? KCL would unpack it into records with forged keys. Up to AGGREGATE_LOOK_BYTES_MAX the
 * magic and a right MD5 together say yes; in larger Data, which no producer makes, the magic alone. Data in base64 is
 * decoded in pieces; nothing is allocated.
 */
#define AGGREGATE_LOOK_BYTES_MAX 1048576
bool aggregate_imitates(const struct record *r);

#endif
