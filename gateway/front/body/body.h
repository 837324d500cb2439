/*
 * Bodies: one shape a file. A parser fills the ticket's record with spans of the body; what had to be decoded lies in
 * the ticket's scratch.
 */
#ifndef KGW_FRONT_BODY_BODY_H
#define KGW_FRONT_BODY_BODY_H

#include "gateway/front/ticket.h"

struct failure body_parse_record(struct ticket *t) MUST_LOOK; /* POST …/record: by content type, one of the two below */
struct failure body_parse_raw(struct ticket *t) MUST_LOOK;    /* the body is the Data */
struct failure body_parse_aws(struct ticket *t) MUST_LOOK;    /* POST /: names the operation and the stream */

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

#endif
