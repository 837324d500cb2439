/*
 * Answers of PutRecords, and what the decoder made of the last one.
 */
#ifndef KGW_TESTS_GATEWAY_KINESIS_RECORDS_ANSWER_H
#define KGW_TESTS_GATEWAY_KINESIS_RECORDS_ANSWER_H

#include "gateway/kinesis/put_decode.h"
#include "tests/auth/check.h"

#define RECORDS_MAX 500
#define NOW_S       1700000000
#define SEQUENCE    "49590338271490256608559692538361571095921575989136588898"
#define SHARD       "shardId-000000000001"
#define WRITTEN     "{\"SequenceNumber\":\"" SEQUENCE "\",\"ShardId\":\"" SHARD "\"}"
#define THROTTLED                                                                                                      \
    "{\"ErrorCode\":\"ProvisionedThroughputExceededException\",\"ErrorMessage\":\"Rate exceeded for shard " SHARD      \
    " in stream clicks under account 111122223333.\"}"
#define FAILED       "{\"ErrorCode\":\"InternalFailure\",\"ErrorMessage\":\"Internal service failure.\"}"
#define ANSWER(list) "{\"FailedRecordCount\":2,\"Records\":[" list "],\"EncryptionType\":\"KMS\"}"
#define MIXED        ANSWER(WRITTEN "," THROTTLED "," FAILED "," WRITTEN)
#define S            "\"ShardId\":\"s\","
#define N            "\"SequenceNumber\":\"1\""
#define E            "\"ErrorCode\":\"InternalFailure\""

/* The last answer, and its body of exactly its size, so that reading past its end is seen. */
static char *exact;
static struct put_answer call, items[RECORDS_MAX + 1];

static inline enum put_class decode_with(int status, struct span body, size_t len)
{
    struct upstream_answer a = {.status = status, .error_type = SPAN(""), .signed_s = NOW_S};

    free(exact);
    exact = malloc(body.len == 0 ? 1 : body.len);
    assert_non_null(exact);
    memcpy(exact, body.ptr, body.len);
    a.body = span_of(exact, body.len);
    memset(items, 0xee, (len + 1) * sizeof(items[0]));
    put_decode_records(&a, len, &call, items);
    assert_int_equal(((const unsigned char *)&items[len])[0], 0xee);
    return call.class;
}

static inline enum put_class decode(struct span body, size_t len)
{
    return decode_with(200, body, len);
}

static inline int free_exact(void **state)
{
    (void)state;
    free(exact);
    return 0;
}

static inline bool is_written(const struct put_answer *a, const char *shard, const char *sequence,
                              enum encryption encryption)
{
    const struct put_result *r = &a->result;

    return a->class == PUT_WRITTEN && a->aws_code == NULL && span_is(r->shard_id, shard) &&
           span_is(r->sequence_number, sequence) && r->encryption == encryption && r->failure.row == FAILURE_NONE &&
           !r->is_possible_duplicate && !r->has_sub_sequence_number;
}

static inline bool is_error(const struct put_answer *a, enum put_class class, const char *code, const char *shard)
{
    return a->class == class && span_is(a->result.shard_id, shard) && a->result.sequence_number.len == 0 &&
           a->result.encryption == ENCRYPTION_NOT_SAID &&
           (code == NULL ? a->aws_code == NULL : a->aws_code != NULL && strcmp(a->aws_code, code) == 0);
}

#endif
