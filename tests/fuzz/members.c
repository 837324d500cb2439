/*
 * The members of PutRecord, of an entry of PutRecords and of PutRecords: what a parser takes, jansson takes too, with
 * the same values; and what is plainly right is taken. An input that begins with '!' is read strictly.
 */
#include "gateway/front/body/body.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/json_oracle.h"

static const char *const texts[] = {"Data",       "PartitionKey", "ExplicitHashKey",
                                    "StreamName", "StreamARN",    "SequenceNumberForOrdering"};

/* What the shapes have: so many of the texts, from the first; Records; DryRun. */
struct shape {
    size_t from, to;
    bool records, dry_run;
};

static const struct shape put_record = {0, 6, false, true}, entry = {0, 3, false, false},
                          put_records = {3, 5, true, true};

static bool is_member(const struct shape *shape, const char *name)
{
    for (size_t i = shape->from; i < shape->to; i++)
        if (strcmp(name, texts[i]) == 0)
            return true;
    return (shape->records && strcmp(name, "Records") == 0) || (shape->dry_run && strcmp(name, "DryRun") == 0);
}

static bool has_only_members(const struct shape *shape, json_t *json)
{
    const char *name;
    json_t *value;

    json_object_foreach(json, name, value) if (!is_member(shape, name)) return false;
    return true;
}

static bool is_absent(const json_t *value)
{
    return value == NULL || json_is_null(value);
}

static void check_text(json_t *json, const char *name, bool has, struct span text)
{
    json_t *value = json_object_get(json, name);

    BELIEVE(has == json_is_string(value));
    BELIEVE(has || is_absent(value));
    BELIEVE(!has || oracle_is_text(value, text));
}

static void check_members(const struct shape *shape, json_t *json, bool strict, const struct put_record_members *m)
{
    size_t bytes;

    BELIEVE(json_is_object(json));
    check_text(json, "Data", m->has_data, m->data);
    check_text(json, "PartitionKey", m->has_partition_key, m->partition_key);
    check_text(json, "ExplicitHashKey", m->has_explicit_hash_key, m->explicit_hash_key);
    if (shape == &put_record) {
        check_text(json, "StreamName", m->has_stream_name, m->stream_name);
        check_text(json, "StreamARN", m->has_stream_arn, m->stream_arn);
        check_text(json, "SequenceNumberForOrdering", m->has_sequence_number, m->sequence_number_for_ordering);
        BELIEVE(m->dry_run == json_is_true(json_object_get(json, "DryRun")));
    } else {
        BELIEVE(!m->has_stream_name && !m->has_stream_arn && !m->has_sequence_number && !m->dry_run);
    }
    BELIEVE(m->has_data && base64_check(m->data, &bytes) && bytes == m->data_bytes);
    BELIEVE(!strict || has_only_members(shape, json));
}

static void check_records(json_t *json, bool strict, const struct put_records_members *m)
{
    struct json_value records = {.type = JSON_TYPE_ARRAY, .raw = m->records};

    BELIEVE(json_is_object(json));
    check_text(json, "StreamName", m->has_stream_name, m->stream_name);
    check_text(json, "StreamARN", m->has_stream_arn, m->stream_arn);
    BELIEVE(m->dry_run == json_is_true(json_object_get(json, "DryRun")));
    BELIEVE(m->has_records && oracle_is_same(json_object_get(json, "Records"), &records));
    BELIEVE(!strict || has_only_members(&put_records, json));
}

static bool is_plainly_right(const struct shape *shape, json_t *json, bool strict)
{
    json_t *data = json_object_get(json, "Data"), *dry_run = json_object_get(json, "DryRun");
    size_t bytes;

    if (!json_is_object(json) || (strict && !has_only_members(shape, json)))
        return false;
    for (size_t i = shape->from; i < shape->to; i++) {
        json_t *value = json_object_get(json, texts[i]);
        if (!is_absent(value) && !json_is_string(value))
            return false;
    }
    if (shape->dry_run && !is_absent(dry_run) && !json_is_boolean(dry_run))
        return false;
    if (shape->records)
        return json_is_array(json_object_get(json, "Records"));
    return json_is_string(data) && base64_check(span_of(json_string_value(data), json_string_length(data)), &bytes);
}

static void check_refusal(const struct shape *shape, struct span body, json_t *json, bool strict,
                          const struct failure *f)
{
    BELIEVE(f->row == FAILURE_SERIALIZATION || f->row == FAILURE_VALIDATION);
    BELIEVE(f->detail != NULL && f->outcome == OUTCOME_NOT_WRITTEN);
    BELIEVE(json == NULL || !is_plainly_right(shape, json, strict) || oracle_has_duplicates(body) ||
            oracle_depth(json) > JSON_SCAN_DEPTH_MAX);
}

static struct failure scan_records(struct span body, bool strict, struct buf *scratch, struct put_records_members *m)
{
    uint64_t draw = fuzz_seed(body);
    struct members_scan s;
    struct failure f;
    enum members_step step;

    body_scan_members_init(&s, body, strict, scratch);
    do
        step = body_scan_members(&s, fuzz_budget(&draw), m, &f);
    while (step == MEMBERS_MORE);
    BELIEVE((step == MEMBERS_DONE) == (f.row == FAILURE_NONE));
    return f;
}

static void check_shape(const struct shape *shape, struct span body, bool strict, enum oracle_verdict oracle,
                        json_t *json)
{
    struct put_record_members m;
    struct put_records_members r;
    struct buf scratch;
    struct failure f;

    buf_init(&scratch, body.len + 1);
    BELIEVE(buf_reserve(&scratch, body.len + 1)); /* as a ticket does, since texts may not move later */
    if (shape == &put_records)
        f = scan_records(body, strict, &scratch, &r);
    else
        f = (shape == &entry ? body_parse_entry : body_parse_members)(body, strict, &scratch, &m);
    BELIEVE(f.row != FAILURE_NONE || oracle != ORACLE_REJECTS);
    if (f.row != FAILURE_NONE)
        check_refusal(shape, body, json, strict, &f);
    else if (json != NULL && shape == &put_records)
        check_records(json, strict, &r);
    else if (json != NULL)
        check_members(shape, json, strict, &m);
    buf_clear(&scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct shape *const shapes[] = {&put_record, &entry, &put_records};
    bool strict = size > 0 && data[0] == '!';
    struct span body = fuzz_copy(fuzz_span(data + strict, size - strict));
    json_t *json; /* NULL unless jansson accepts it */

    enum oracle_verdict oracle = oracle_load(body, &json);
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
        check_shape(shapes[i], body, strict, oracle, json);
    json_decref(json);
    fuzz_free(body);
    return 0;
}
