/*
 * What Kinesis answered: a result, or a class of error that decides what to do next. Pure. Errors are told apart by
 * their code, whatever the body looks like; the status is the fallback.
 */
#ifndef KGW_KINESIS_PUT_DECODE_H
#define KGW_KINESIS_PUT_DECODE_H

#include "gateway/kinesis/record.h"

enum put_class {
    PUT_WRITTEN,
    PUT_THROTTLED,      /* certainly not written; worth another try later */
    PUT_KMS_THROTTLED,  /* the same, by KMS */
    PUT_FAILED_UNKNOWN, /* a 5xx: written or not */
    PUT_ODD_ANSWER,     /* a 2xx that is no acknowledgement: written or not */
    PUT_CREDENTIALS,    /* credentials expired or not known (any more): refresh, once */
    PUT_CLOCK,          /* the signature's time was off: learn the offset, once */
    PUT_REFUSED,        /* the gateway's own AWS trouble */
    PUT_ARGUMENT,       /* the caller's record was refused */
    PUT_BUG,            /* the request was malformed: our mistake */
};

struct put_answer {
    enum put_class class;
    const char *aws_code;     /* static name of the exception; NULL if it is none we know */
    struct put_result result; /* PUT_WRITTEN; of PUT_THROTTLED the shard_id, if it was named; spans of the body */
};

struct upstream_answer {
    int status;
    struct span body;
    struct span error_type; /* the x-amzn-ErrorType header; may be empty */
    int64_t date_s;         /* the Date header; 0: none */
    int64_t signed_s;       /* the time that was signed */
};

void put_decode_record(const struct upstream_answer *a, struct put_answer *out);

/*
 * PutRecords' answer to `records_len` records. *call gets what concerns them all: PUT_WRITTEN if the answer holds
 * exactly one well-formed item a record (then items[i] says what became of each: PUT_WRITTEN, PUT_THROTTLED,
 * PUT_KMS_THROTTLED or PUT_FAILED_UNKNOWN, the last for codes nobody knows too), else the class of the whole call and
 * items are not set. An array of another length, an item that is neither a result nor an error, or anything after the
 * end is PUT_ODD_ANSWER. FailedRecordCount is not believed: items are looked at. An item's `shard_id` is set for
 * PUT_THROTTLED too, if its message names a shard ("Rate exceeded for shard shardId-… in stream …"). Spans point into
 * a->body.
 */
void put_decode_records(const struct upstream_answer *a, size_t records_len, struct put_answer *call,
                        struct put_answer *items);

#endif
