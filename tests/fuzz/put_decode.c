/*
 * Kinesis's answers: status (three digits), error type and body, a line each but the last. Nothing counts as written
 * unless jansson reads the ids in it too.
 */
#include "gateway/kinesis/put_decode.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/json_oracle.h"

#define NOW_S 1785000000

static bool is_made_of(struct span text, size_t bytes_max, const char *others)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool is_digit = c >= '0' && c <= '9', is_letter = (c | 32) >= 'a' && (c | 32) <= 'z';
        if (!is_digit && (others == NULL || (!is_letter && (c == '\0' || strchr(others, c) == NULL))))
            return false;
    }
    return text.len > 0 && text.len <= bytes_max;
}

static void check_written(const struct upstream_answer *a, const struct put_result *r)
{
    struct span shard = span_of(r->shard_id, r->shard_id_len);
    struct span number = span_of(r->sequence_number, r->sequence_number_len);
    json_t *json;

    BELIEVE(a->status == 200);
    BELIEVE(is_made_of(shard, SHARD_ID_BYTES_MAX, "_.-") && is_made_of(number, SEQUENCE_NUMBER_BYTES_MAX, NULL));
    BELIEVE(r->failure.row == FAILURE_NONE && !r->is_possible_duplicate);
    enum oracle_verdict oracle = oracle_load(a->body, &json);
    BELIEVE(oracle != ORACLE_REJECTS);
    if (oracle == ORACLE_ACCEPTS) {
        BELIEVE(json_is_object(json));
        BELIEVE(oracle_is_text(json_object_get(json, "ShardId"), shard));
        BELIEVE(oracle_is_text(json_object_get(json, "SequenceNumber"), number));
        BELIEVE(oracle_is_text(json_object_get(json, "EncryptionType"), SPAN("KMS")) ==
                (r->encryption == ENCRYPTION_KMS));
    }
    json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span rest = fuzz_span(data, size), status = fuzz_take_line(&rest);
    struct upstream_answer a = {.error_type = fuzz_take_line(&rest), .signed_s = NOW_S};
    struct put_answer out;
    uint64_t number;

    a.status = status.len == 3 && span_parse_u64(status, &number) ? (int)number : 200;
    a.date_s = size % 3 == 0 ? 0 : size % 3 == 1 ? NOW_S : NOW_S + 3600;
    a.body = fuzz_copy(rest);
    put_decode_record(&a, &out);
    if (out.class == PUT_WRITTEN)
        check_written(&a, &out.result);
    else
        BELIEVE((a.status >= 200 && a.status <= 299) == (out.class == PUT_ODD_ANSWER));
    if (out.class == PUT_CLOCK)
        BELIEVE(a.date_s == NOW_S + 3600);
    BELIEVE(out.aws_code == NULL || out.aws_code[0] != '\0');
    fuzz_free(a.body);
    fuzz_free(a.error_type);
    fuzz_free(status);
    return 0;
}
