/*
 * PutRecord's request body (https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecord.html). Pure.
 */
#ifndef KGW_KINESIS_PUT_ENCODE_H
#define KGW_KINESIS_PUT_ENCODE_H

#include "gateway/kinesis/record.h"
#include "gateway/kinesis/stream_conf.h"

/* Appends the body; out->failed tells of memory. The record has passed record_check(). */
void put_encode_record(const struct stream_conf *stream, const struct record *r, struct buf *out);

#endif
