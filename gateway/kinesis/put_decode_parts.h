/*
 * Private to the decoders: what the answers of PutRecord and PutRecords have in common.
 */
#ifndef KGW_KINESIS_PUT_DECODE_PARTS_H
#define KGW_KINESIS_PUT_DECODE_PARTS_H

#include "gateway/base/json_scan.h"
#include "gateway/kinesis/put_decode.h"

/* put_decode.c: false if the value is no id of its form; *out is a span of the answer. */
bool put_decode_shard_id(const struct json_value *value, struct span *out);
bool put_decode_sequence_number(const struct json_value *value, struct span *out);
enum encryption put_decode_encryption(const struct json_value *value);

/* put_decode_error.c: the class of a call that was answered with an error. */
void put_decode_call_error(const struct upstream_answer *a, struct put_answer *out);
/* Sets aws_code and class if the code, in any of its forms, is one that is known. */
void put_decode_code(struct span code, struct put_answer *out);
/* The shard that an error's message names; empty if there is none. */
struct span put_decode_named_shard(const struct json_value *message);

#endif
