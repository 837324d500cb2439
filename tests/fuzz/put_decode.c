/*
 * Kinesis's answers: status (three digits), error type and body, a line each but the last; each is read as the answer
 * to one record and as that to some. Nothing counts as written unless jansson reads the ids in it too.
 */
#include "gateway/kinesis/put_decode.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/json_oracle.h"

#define NOW_S       1785000000
#define RECORDS_MAX 4

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

static void check_ids(struct span body, const struct put_result *r)
{
    BELIEVE(fuzz_is_within(r->shard_id, body) && fuzz_is_within(r->sequence_number, body));
    BELIEVE(is_made_of(r->shard_id, SHARD_ID_BYTES_MAX, "_.-"));
    BELIEVE(is_made_of(r->sequence_number, SEQUENCE_NUMBER_BYTES_MAX, NULL));
    BELIEVE(r->failure.row == FAILURE_NONE && !r->is_possible_duplicate && !r->has_sub_sequence_number);
}

static void check_shard_of_error(struct span body, const struct put_answer *a)
{
    struct span shard = a->result.shard_id;

    BELIEVE(a->result.sequence_number.len == 0);
    BELIEVE(shard.len == 0 ||
            (a->class == PUT_THROTTLED && fuzz_is_within(shard, body) && is_made_of(shard, SHARD_ID_BYTES_MAX, "-")));
}

static bool says_ids(const json_t *json, const struct put_result *r)
{
    return oracle_is_text(json_object_get(json, "ShardId"), r->shard_id) &&
           oracle_is_text(json_object_get(json, "SequenceNumber"), r->sequence_number);
}

static bool says_kms(const json_t *json)
{
    return oracle_is_text(json_object_get(json, "EncryptionType"), SPAN("KMS"));
}

static void check_record(const struct upstream_answer *a, const struct put_answer *out)
{
    json_t *json;

    if (out->class != PUT_WRITTEN) {
        BELIEVE((a->status >= 200 && a->status <= 299) == (out->class == PUT_ODD_ANSWER));
        return;
    }
    BELIEVE(a->status == 200);
    check_ids(a->body, &out->result);
    enum oracle_verdict oracle = oracle_load(a->body, &json);
    BELIEVE(oracle != ORACLE_REJECTS);
    if (oracle == ORACLE_ACCEPTS)
        BELIEVE(says_ids(json, &out->result) && says_kms(json) == (out->result.encryption == ENCRYPTION_KMS));
    json_decref(json);
}

static bool is_absent(const json_t *item, const char *name)
{
    const json_t *value = json_object_get(item, name);
    return value == NULL || json_is_null(value);
}

static bool says_item(const json_t *item, const struct put_answer *out)
{
    if (out->class == PUT_WRITTEN)
        return says_ids(item, &out->result) && is_absent(item, "ErrorCode") && is_absent(item, "ErrorMessage");
    const char *code = json_string_value(json_object_get(item, "ErrorCode"));
    return code != NULL && is_absent(item, "ShardId") && is_absent(item, "SequenceNumber") &&
           (out->aws_code == NULL || strstr(code, out->aws_code) != NULL);
}

static void check_items(const struct upstream_answer *a, size_t len, const struct put_answer *items)
{
    json_t *json;
    enum oracle_verdict oracle = oracle_load(a->body, &json);
    const json_t *list = json_object_get(json, "Records");

    BELIEVE(a->status == 200 && oracle != ORACLE_REJECTS);
    BELIEVE(oracle != ORACLE_ACCEPTS || json_array_size(list) == len);
    for (size_t i = 0; i < len; i++) {
        enum put_class class = items[i].class;
        if (class == PUT_WRITTEN)
            check_ids(a->body, &items[i].result);
        else
            check_shard_of_error(a->body, &items[i]);
        BELIEVE(class == PUT_WRITTEN || class == PUT_THROTTLED || class == PUT_KMS_THROTTLED ||
                class == PUT_FAILED_UNKNOWN);
        if (oracle == ORACLE_ACCEPTS) {
            BELIEVE(says_item(json_array_get(list, i), &items[i]));
            BELIEVE((class == PUT_WRITTEN && says_kms(json)) == (items[i].result.encryption == ENCRYPTION_KMS));
        }
    }
    json_decref(json);
}

/* `one` is what the answer means to one record: the same, if it is an error. */
static void check_records(const struct upstream_answer *a, const struct put_answer *one)
{
    struct put_answer call, items[RECORDS_MAX];
    size_t believed = 0;

    for (size_t len = 1; len <= RECORDS_MAX; len++) {
        put_decode_records(a, len, &call, items);
        if (call.class == PUT_WRITTEN) {
            BELIEVE(believed++ == 0);
            check_items(a, len, items);
        } else if (a->status == 200) {
            BELIEVE(call.class == PUT_ODD_ANSWER && call.aws_code == NULL && call.result.shard_id.len == 0);
        } else {
            BELIEVE(call.class == one->class && call.aws_code == one->aws_code);
            check_shard_of_error(a->body, &call);
        }
    }
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
    check_record(&a, &out);
    if (out.class == PUT_CLOCK)
        BELIEVE(a.date_s == NOW_S + 3600);
    BELIEVE(out.aws_code == NULL || out.aws_code[0] != '\0');
    check_records(&a, &out);
    fuzz_free(a.body);
    fuzz_free(a.error_type);
    fuzz_free(status);
    return 0;
}
