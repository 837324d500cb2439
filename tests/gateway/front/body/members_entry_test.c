#include "gateway/front/body/body.h"

#include "tests/auth/check.h"

/* With the room that a ticket takes: what is decoded never moves. */
static struct failure parse(const char *object, bool strict, struct buf *scratch, struct put_record_members *m)
{
    buf_init(scratch, SIZE_MAX / 2);
    assert_true(buf_reserve(scratch, strlen(object) + 1));
    return body_parse_entry(span_str(object), strict, scratch, m);
}

static void an_entry_has_three_members(void **state)
{
    (void)state;
    for (int strict = 0; strict < 2; strict++) {
        struct put_record_members m;
        struct buf scratch;
        const char *object = "{\"ExplicitHashKey\":\"7\",\"Data\":\"aGVs\\/G8=\",\"PartitionKey\":\"k\"}";
        assert_int_equal(parse(object, strict != 0, &scratch, &m).row, FAILURE_NONE);
        assert_true(m.has_data && span_is(m.data, "aGVs/G8=") && m.data_bytes == 5);
        assert_true(m.has_partition_key && span_is(m.partition_key, "k"));
        assert_true(m.has_explicit_hash_key && span_is(m.explicit_hash_key, "7"));
        assert_true(!m.has_stream_name && !m.has_stream_arn && !m.has_sequence_number && !m.dry_run);
        buf_clear(&scratch);
    }
}

static void data_alone_is_enough(void **state)
{
    struct put_record_members m;
    struct buf scratch;

    (void)state;
    assert_int_equal(parse("{\"Data\":\"\",\"PartitionKey\":null}", true, &scratch, &m).row, FAILURE_NONE);
    assert_true(m.has_data && m.data_bytes == 0 && !m.has_partition_key);
    buf_clear(&scratch);
}

static void entries_share_one_scratch(void **state)
{
    struct put_record_members first, second;
    struct buf scratch;

    (void)state;
    assert_int_equal(parse("{\"Data\":\"\\u0041A==\",\"PartitionKey\":\"\\n\"}", true, &scratch, &first).row, 0);
    assert_int_equal(body_parse_entry(SPAN("{\"Data\":\"\",\"PartitionKey\":\"\\t\\t\"}"), true, &scratch, &second).row,
                     0);
    assert_true(span_is(first.data, "AA==") && span_is(first.partition_key, "\n"));
    assert_true(span_is(second.partition_key, "\t\t"));
    buf_clear(&scratch);
}

static void members_of_put_record_alone_are_unknown_here(void **state)
{
    static const char *const objects[] = {
        "{\"Data\":\"\",\"StreamName\":\"a\"}",
        "{\"Data\":\"\",\"StreamARN\":[]}",
        "{\"Data\":\"\",\"SequenceNumberForOrdering\":\"1\"}",
        "{\"Data\":\"\",\"DryRun\":true}",
        "{\"Data\":\"\",\"Extra\":1,\"Extra\":2}",
    };

    (void)state;
    for (size_t i = 0; i < LEN(objects); i++) {
        struct put_record_members m;
        struct buf scratch;
        check(parse(objects[i], true, &scratch, &m).row == FAILURE_SERIALIZATION, "%s, strictly", objects[i]);
        buf_clear(&scratch);
        check(parse(objects[i], false, &scratch, &m).row == FAILURE_NONE, "%s, leniently", objects[i]);
        check(!m.has_stream_name && !m.has_stream_arn && !m.has_sequence_number && !m.dry_run, "%s", objects[i]);
        buf_clear(&scratch);
    }
}

static void what_is_refused_says_what_put_record_says(void **state)
{
    static const struct {
        const char *object;
        enum failure_row row;
        const char *parameter;
    } rows[] = {
        {"{}", FAILURE_VALIDATION, "Data"},
        {"{\"Data\":null,\"PartitionKey\":\"k\"}", FAILURE_VALIDATION, "Data"},
        {"{\"Data\":1}", FAILURE_SERIALIZATION, "Data"},
        {"{\"Data\":\"AA\"}", FAILURE_SERIALIZATION, "Data"},
        {"{\"Data\":\"AB==\"}", FAILURE_SERIALIZATION, "Data"},
        {"{\"Data\":\"AA==\\n\"}", FAILURE_SERIALIZATION, "Data"},
        {"{\"Data\":\"\",\"Data\":\"\"}", FAILURE_SERIALIZATION, "Data"},
        {"{\"Data\":\"\",\"PartitionKey\":7}", FAILURE_SERIALIZATION, "PartitionKey"},
        {"{\"Data\":\"\",\"PartitionKey\":\"a\",\"Partition\\u004bey\":\"a\"}", FAILURE_SERIALIZATION, "PartitionKey"},
        {"{\"Data\":\"\",\"ExplicitHashKey\":{}}", FAILURE_SERIALIZATION, "ExplicitHashKey"},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++)
        for (int strict = 0; strict < 2; strict++) {
            struct put_record_members m;
            struct buf scratch;
            struct failure f = parse(rows[i].object, strict != 0, &scratch, &m);
            check(f.row == rows[i].row && f.detail != NULL, "%s", rows[i].object);
            check(strcmp(f.parameter, rows[i].parameter) == 0, "%s names %s", rows[i].object, rows[i].parameter);
            struct failure of_record = body_parse_members(span_str(rows[i].object), strict != 0, &scratch, &m);
            check(f.row == of_record.row && strcmp(f.detail, of_record.detail) == 0, "%s", rows[i].object);
            buf_clear(&scratch);
        }
}

static void what_is_no_object_is_refused(void **state)
{
    static const char *const objects[] = {"", "[]", "null", "\"AA==\"", "{\"Data\":\"\"", "{\"Data\":\"\"},"};

    (void)state;
    for (size_t i = 0; i < LEN(objects); i++) {
        struct put_record_members m;
        struct buf scratch;
        struct failure f = parse(objects[i], false, &scratch, &m);
        check(f.row == FAILURE_SERIALIZATION && f.detail != NULL, "%s", objects[i]);
        buf_clear(&scratch);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_has_three_members),
        cmocka_unit_test(data_alone_is_enough),
        cmocka_unit_test(entries_share_one_scratch),
        cmocka_unit_test(members_of_put_record_alone_are_unknown_here),
        cmocka_unit_test(what_is_refused_says_what_put_record_says),
        cmocka_unit_test(what_is_no_object_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
