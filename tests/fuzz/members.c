/*
 * PutRecord's members: what the parser takes, jansson takes too, with the same values; and what is plainly right is
 * taken. An input that begins with '!' is read strictly.
 */
#include "gateway/front/body/body.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/json_oracle.h"

static const char *const texts[] = {"Data",      "PartitionKey",    "StreamName",
                                    "StreamARN", "ExplicitHashKey", "SequenceNumberForOrdering"};

static bool is_member(const char *name)
{
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (strcmp(name, texts[i]) == 0)
            return true;
    return strcmp(name, "DryRun") == 0;
}

static bool has_only_members(json_t *json)
{
    const char *name;
    json_t *value;

    json_object_foreach(json, name, value) if (!is_member(name)) return false;
    return true;
}

static void check_text(json_t *json, const char *name, bool has, struct span text)
{
    json_t *value = json_object_get(json, name);

    BELIEVE(has == json_is_string(value));
    BELIEVE(has || value == NULL || json_is_null(value));
    BELIEVE(!has || oracle_is_text(value, text));
}

static void check_members(json_t *json, bool strict, const struct put_record_members *m)
{
    size_t bytes;

    BELIEVE(json_is_object(json));
    check_text(json, "Data", m->has_data, m->data);
    check_text(json, "PartitionKey", m->has_partition_key, m->partition_key);
    check_text(json, "StreamName", m->has_stream_name, m->stream_name);
    check_text(json, "StreamARN", m->has_stream_arn, m->stream_arn);
    check_text(json, "ExplicitHashKey", m->has_explicit_hash_key, m->explicit_hash_key);
    check_text(json, "SequenceNumberForOrdering", m->has_sequence_number, m->sequence_number_for_ordering);
    BELIEVE(m->dry_run == json_is_true(json_object_get(json, "DryRun")));
    BELIEVE(m->has_data && base64_check(m->data, &bytes) && bytes == m->data_bytes);
    BELIEVE(!strict || has_only_members(json));
}

static bool is_plainly_right(json_t *json, bool strict)
{
    json_t *data = json_object_get(json, "Data"), *dry_run = json_object_get(json, "DryRun");
    size_t bytes;

    if (!json_is_object(json) || !json_is_string(data) || (strict && !has_only_members(json)))
        return false;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        json_t *value = json_object_get(json, texts[i]);
        if (value != NULL && !json_is_string(value) && !json_is_null(value))
            return false;
    }
    return (dry_run == NULL || json_is_boolean(dry_run) || json_is_null(dry_run)) &&
           base64_check(span_of(json_string_value(data), json_string_length(data)), &bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool strict = size > 0 && data[0] == '!';
    struct span body = fuzz_copy(fuzz_span(data + strict, size - strict));
    struct put_record_members m;
    struct buf scratch;
    json_t *json;

    buf_init(&scratch, body.len + 1);
    BELIEVE(buf_reserve(&scratch, body.len + 1)); /* as a ticket does, since texts may not move later */
    struct failure f = body_parse_members(body, strict, &scratch, &m);
    enum oracle_verdict oracle = oracle_load(body, &json);
    if (f.row == FAILURE_NONE) {
        BELIEVE(oracle != ORACLE_REJECTS);
        if (oracle == ORACLE_ACCEPTS)
            check_members(json, strict, &m);
    } else {
        BELIEVE(f.row == FAILURE_SERIALIZATION || f.row == FAILURE_VALIDATION);
        BELIEVE(f.detail != NULL && f.outcome == OUTCOME_NOT_WRITTEN);
        BELIEVE(oracle != ORACLE_ACCEPTS || !is_plainly_right(json, strict) || oracle_has_duplicates(body) ||
                oracle_depth(json) > JSON_SCAN_DEPTH_MAX);
    }
    json_decref(json);
    buf_clear(&scratch);
    fuzz_free(body);
    return 0;
}
