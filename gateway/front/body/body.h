/*
 * Bodies: one shape a file. A parser fills the ticket's record with spans of the body, or makes the ticket's batch;
 * what had to be decoded lies in the ticket's scratch.
 */
#ifndef KGW_FRONT_BODY_BODY_H
#define KGW_FRONT_BODY_BODY_H

#include "gateway/base/json_scan.h"
#include "gateway/front/ticket.h"

struct failure
body_parse_record(struct ticket *t) MUST_LOOK; /* POST …/record: by content type, the next one or another shape */
struct failure body_parse_raw(struct ticket *t) MUST_LOOK;         /* the body is the Data */
struct failure body_parse_records(struct ticket *t) MUST_LOOK;     /* POST …/records: a batch, by content type */
struct failure body_parse_beacon(struct ticket *t) MUST_LOOK;      /* POST /v1/e/…: what a page sends */
struct failure body_parse_pixel(struct ticket *t) MUST_LOOK;       /* GET /v1/e/….gif: the query is the event */
struct failure body_parse_aws(struct ticket *t) MUST_LOOK;         /* POST /: names the operation and the stream */
struct failure body_parse_aws_records(struct ticket *t) MUST_LOOK; /* the same for PutRecords */

/* PartitionKey and the like, by query or header: they belong to the call for a single record. */
struct failure body_refuse_parameters(const struct ticket *t) MUST_LOOK;
struct failure body_parse_hook(struct ticket *t) MUST_LOOK; /* POST /v1/hooks/{hook} */

/* The members of PutRecord. */
struct put_record_members {
    struct span stream_name, stream_arn, data, partition_key, explicit_hash_key, sequence_number_for_ordering;
    bool has_stream_name, has_stream_arn, has_data, has_partition_key, has_explicit_hash_key, has_sequence_number;
    bool dry_run;
    size_t data_bytes;
};

/* Parses `{"Data":…}`; `strict`: members that PutRecord does not have are refused instead of passed over. */
struct failure body_parse_members(struct span body, bool strict, struct buf *scratch,
                                  struct put_record_members *out) MUST_LOOK;
/* The same of an element of PutRecords' Records, which has Data, PartitionKey and ExplicitHashKey. */
struct failure body_parse_entry(struct span object, bool strict, struct buf *scratch,
                                struct put_record_members *out) MUST_LOOK;

/* One source of a parameter more: given twice, its values must be equal. */
struct failure body_merge(struct span value, bool is_given, const char *parameter, struct span *to,
                          bool *has) MUST_LOOK;
/*
 * Query, headers, and what was merged before become the parameters of t->put.record, whose Data is set; without a
 * partition key the stream's rule finds one. What it decodes goes to *scratch, which has room for it.
 */
struct failure body_take_parameters(struct ticket *t, struct buf *scratch) MUST_LOOK;

/* A CloudEvent: checked, and its partitionkey, empty if it has none. `scratch` has room for what is decoded. */
struct failure body_parse_event(struct span object, struct buf *scratch, struct span *partition_key) MUST_LOOK;

/* The members of PutRecords. */
struct put_records_members {
    struct span stream_name, stream_arn;
    struct span records; /* the array's exact bytes, well-formed JSON: for a batch_scan of BATCH_ENTRIES */
    bool has_stream_name, has_stream_arn, has_records;
    bool dry_run;
};

enum members_step { MEMBERS_MORE, MEMBERS_DONE, MEMBERS_FAILED };

struct members_scan {
    struct json_scan json;
    struct buf *scratch;
    unsigned seen;
    bool strict;
    bool has_begun, has_ended;
};

/* `body` and `scratch`, which has room for body.len already, stay until the scan is done; there is nothing to free. */
void body_scan_members_init(struct members_scan *s, struct span body, bool strict, struct buf *scratch);
/*
 * Reads about `budget` bytes more. MEMBERS_MORE: call again, with the same `out`, which is not to be looked into before
 * MEMBERS_DONE; then has_records is true. *failure is what MEMBERS_FAILED says.
 */
enum members_step body_scan_members(struct members_scan *s, size_t budget, struct put_records_members *out,
                                    struct failure *failure);

/* The same as CBOR: Data are bytes, `records` an array of maps. *scratch has room for the text's length. */
struct failure body_parse_cbor(struct span body, struct buf *scratch, struct put_record_members *out) MUST_LOOK;
struct failure body_parse_cbor_entry(struct span map, struct buf *scratch, struct put_record_members *out) MUST_LOOK;
struct failure body_parse_cbor_records(struct span body, struct buf *scratch,
                                       struct put_records_members *out) MUST_LOOK;

/* The stream that members name: looked up, or, where the path names one, the same. */
struct failure body_find_stream(struct ticket *t, const struct put_record_members *m) MUST_LOOK;
struct failure body_check_stream(const struct ticket *t, const struct put_record_members *m) MUST_LOOK;

#endif
