/*
 * The request bodies of PutRecord and PutRecords (https://docs.aws.amazon.com/kinesis/latest/APIReference/:
 * API_PutRecord, API_PutRecords). Pure. All append; out->failed tells of memory. Records have passed record_check().
 */
#ifndef KGW_KINESIS_PUT_ENCODE_H
#define KGW_KINESIS_PUT_ENCODE_H

#include "gateway/kinesis/record.h"
#include "gateway/kinesis/stream_conf.h"

void put_encode_record(const struct stream_conf *stream, const struct record *r, struct buf *out);

/* PutRecords: begin, one or more records, end. SequenceNumberForOrdering has no place in it and is not written. */
void put_encode_begin(const struct stream_conf *stream, struct buf *out);
void put_encode_next(const struct record *r, struct buf *out);
void put_encode_end(struct buf *out);

/* At most so many bytes does put_encode_next() append; for reserving. */
size_t put_encode_next_bytes_max(const struct record *r);

/*
 * A PutRecord too large to encode in one turn: members first, then Data in slices. put_encode_large_step() appends the
 * next slice of about PUT_ENCODE_SLICE bytes and says whether it was the last; r must not change in between.
 */
#define PUT_ENCODE_SLICE 262144
struct put_encode_large {
    const struct record *record;
    size_t at; /* bytes of Data written */
};
void put_encode_large_begin(struct put_encode_large *e, const struct stream_conf *stream, const struct record *r,
                            struct buf *out);
/* A buf that failed is the last slice too. */
bool put_encode_large_step(struct put_encode_large *e, struct buf *out);

#endif
