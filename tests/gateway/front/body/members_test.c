#include "gateway/front/body/body.h"

#include "tests/auth/check.h"

/* With the room that a ticket takes: what is decoded never moves. */
static struct failure parse(struct span body, bool strict, struct buf *scratch, struct put_record_members *m)
{
    buf_init(scratch, SIZE_MAX / 2);
    assert_true(buf_reserve(scratch, 2 * body.len + 1));
    const char *before = scratch->ptr;
    struct failure f = body_parse_members(body, strict, scratch, m);
    assert_ptr_equal(scratch->ptr, before);
    return f;
}

static void all_members_are_read_in_place(void **state)
{
    struct span body =
        SPAN(" {\"SequenceNumberForOrdering\":\"8\",\"Data\":\"aGVsbG8=\",\"PartitionKey\":\"k\303\251\","
             "\"ExplicitHashKey\":\"7\",\"StreamName\":\"clicks\",\"StreamARN\":\"arn:x\",\"DryRun\":true} ");

    (void)state;
    for (int strict = 0; strict < 2; strict++) {
        struct put_record_members m;
        struct buf scratch;
        assert_int_equal(parse(body, strict != 0, &scratch, &m).row, FAILURE_NONE);
        assert_true(m.has_data && span_is(m.data, "aGVsbG8=") && m.data_bytes == 5);
        assert_true(m.has_partition_key && span_is(m.partition_key, "k\303\251"));
        assert_true(m.has_explicit_hash_key && span_is(m.explicit_hash_key, "7"));
        assert_true(m.has_sequence_number && span_is(m.sequence_number_for_ordering, "8"));
        assert_true(m.has_stream_name && span_is(m.stream_name, "clicks"));
        assert_true(m.has_stream_arn && span_is(m.stream_arn, "arn:x"));
        assert_true(m.dry_run && scratch.len == 0);
        assert_in_range((uintptr_t)m.data.ptr, (uintptr_t)body.ptr, (uintptr_t)body.ptr + body.len);
        buf_clear(&scratch);
    }
}

static void data_alone_is_enough(void **state)
{
    struct put_record_members m;
    struct buf scratch;

    (void)state;
    assert_int_equal(parse(SPAN("{\"Data\":\"\"}"), true, &scratch, &m).row, FAILURE_NONE);
    assert_true(m.has_data && m.data.len == 0 && m.data_bytes == 0);
    assert_true(!m.has_partition_key && !m.has_explicit_hash_key && !m.has_sequence_number && !m.has_stream_name &&
                !m.has_stream_arn && !m.dry_run);
    buf_clear(&scratch);
}

static void escapes_stand_for_their_characters_in_names_and_values(void **state)
{
    struct put_record_members m;
    struct buf scratch;

    (void)state;
    assert_int_equal(parse(SPAN("{\"D\\u0061ta\":\"a\\/\\u002bA\",\"\\u0050artitionKey\":\"\\ud834\\udd1e\\n\\u0000\","
                                "\"StreamName\":\"cl\\u0069cks\"}"),
                           true, &scratch, &m)
                         .row,
                     FAILURE_NONE);
    assert_true(span_is(m.data, "a/+A") && m.data_bytes == 3);
    assert_true(span_equal(m.partition_key, SPAN("\360\235\204\236\n\0")));
    assert_true(span_is(m.stream_name, "clicks"));
    buf_clear(&scratch);
}

static void null_means_absent(void **state)
{
    struct put_record_members m;
    struct buf scratch;

    (void)state;
    assert_int_equal(parse(SPAN("{\"Data\":\"AA==\",\"PartitionKey\":null,\"ExplicitHashKey\":null,\"StreamName\":null,"
                                "\"StreamARN\":null,\"SequenceNumberForOrdering\":null,\"DryRun\":null}"),
                           true, &scratch, &m)
                         .row,
                     FAILURE_NONE);
    assert_true(!m.has_partition_key && !m.has_explicit_hash_key && !m.has_sequence_number && !m.has_stream_name &&
                !m.has_stream_arn && !m.dry_run);
    buf_clear(&scratch);
    assert_int_equal(parse(SPAN("{\"Data\":null}"), true, &scratch, &m).row, FAILURE_VALIDATION);
    buf_clear(&scratch);
}

static void unknown_members_are_refused_or_passed_over(void **state)
{
    static const char *const bodies[] = {
        "{\"Data\":\"\",\"Extra\":1}",     "{\"StreamId\":\"x\",\"Data\":\"\"}",
        "{\"data\":\"x\",\"Data\":\"\"}",  "{\"Data\":\"\",\"partitionKey\":\"k\"}",
        "{\"Data\":\"\",\"\":{\"a\":[]}}",
    };

    (void)state;
    for (size_t i = 0; i < LEN(bodies); i++) {
        struct put_record_members m;
        struct buf scratch;
        check(parse(span_str(bodies[i]), true, &scratch, &m).row == FAILURE_SERIALIZATION, "%s, strictly", bodies[i]);
        buf_clear(&scratch);
        check(parse(span_str(bodies[i]), false, &scratch, &m).row == FAILURE_NONE, "%s, leniently", bodies[i]);
        check(!m.has_partition_key && m.data.len == 0, "%s, passed over", bodies[i]);
        buf_clear(&scratch);
    }
}

static void check_refused(const char *const *bodies, size_t len, enum failure_row row)
{
    for (size_t i = 0; i < len; i++)
        for (int strict = 0; strict < 2; strict++) {
            struct put_record_members m;
            struct buf scratch;
            struct failure f = parse(span_str(bodies[i]), strict != 0, &scratch, &m);
            check(f.row == row && f.detail != NULL && f.outcome == OUTCOME_NOT_WRITTEN, "%s", bodies[i]);
            buf_clear(&scratch);
        }
}

static void wrong_types_and_bodies_that_are_no_object_are_refused(void **state)
{
    static const char *const bodies[] = {
        "",
        "null",
        "[]",
        "[{\"Data\":\"\"}]",
        "\"Data\"",
        "1",
        "{\"Data\":\"\"",
        "{\"Data\":\"\"}x",
        "{\"Data\":\"\"}{\"Data\":\"\"}",
        "{\"Data\":\"\",}",
        "{Data:\"\"}",
        "{\"Data\":\"\",\"PartitionKey\":\"\377\"}",
        "{\"Data\":\"\",\"PartitionKey\":\"\\ud800\"}",
        "{\"Data\":1}",
        "{\"Data\":{}}",
        "{\"Data\":[\"AA==\"]}",
        "{\"Data\":true}",
        "{\"Data\":\"\",\"PartitionKey\":1}",
        "{\"Data\":\"\",\"PartitionKey\":false}",
        "{\"Data\":\"\",\"ExplicitHashKey\":7}",
        "{\"Data\":\"\",\"SequenceNumberForOrdering\":8}",
        "{\"Data\":\"\",\"StreamName\":{}}",
        "{\"Data\":\"\",\"StreamARN\":[]}",
        "{\"Data\":\"\",\"DryRun\":\"true\"}",
        "{\"Data\":\"\",\"DryRun\":1}",
        "{\"Data\":\"\",\"DryRun\":{}}",
    };
    static const char *const without_data[] = {"{}", "{\"PartitionKey\":\"k\"}", "{\"DryRun\":true}"};

    (void)state;
    check_refused(bodies, LEN(bodies), FAILURE_SERIALIZATION);
    check_refused(without_data, LEN(without_data), FAILURE_VALIDATION);
}

static void a_member_given_twice_is_refused(void **state)
{
    static const char *const bodies[] = {
        "{\"Data\":\"\",\"Data\":\"\"}",
        "{\"Data\":\"AA==\",\"Dat\\u0061\":\"AQ==\"}",
        "{\"Data\":\"\",\"PartitionKey\":\"a\",\"PartitionKey\":\"a\"}",
        "{\"Data\":\"\",\"PartitionKey\":\"a\",\"PartitionKey\":null}",
        "{\"Data\":\"\",\"ExplicitHashKey\":\"1\",\"ExplicitHashKey\":\"2\"}",
        "{\"Data\":\"\",\"SequenceNumberForOrdering\":\"1\",\"SequenceNumberForOrdering\":\"1\"}",
        "{\"Data\":\"\",\"StreamName\":\"a\",\"StreamName\":\"b\"}",
        "{\"Data\":\"\",\"StreamARN\":\"a\",\"StreamARN\":\"b\"}",
    };

    (void)state;
    check_refused(bodies, LEN(bodies), FAILURE_SERIALIZATION);
}

static void a_member_given_as_null_and_again_is_refused(void **state)
{
    static const char *const bodies[] = {"{\"Data\":\"\",\"PartitionKey\":null,\"PartitionKey\":\"a\"}",
                                         "{\"Data\":null,\"Data\":\"AA==\"}"};

    (void)state;
    check_refused(bodies, LEN(bodies), FAILURE_SERIALIZATION);
}

static void dry_run_given_twice_is_refused(void **state)
{
    static const char *const bodies[] = {"{\"Data\":\"\",\"DryRun\":true,\"DryRun\":false}",
                                         "{\"Data\":\"\",\"DryRun\":false,\"DryRun\":true}"};

    (void)state;
    check_refused(bodies, LEN(bodies), FAILURE_SERIALIZATION);
}

static void data_is_strict_base64(void **state)
{
    static const char *const bodies[] = {
        "{\"Data\":\"A\"}",          "{\"Data\":\"AA\"}",          "{\"Data\":\"AAA\"}",
        "{\"Data\":\"AA=\"}",        "{\"Data\":\"A===\"}",        "{\"Data\":\"====\"}",
        "{\"Data\":\"AAAA=\"}",      "{\"Data\":\"AA==AA==\"}",    "{\"Data\":\"AB==\"}",
        "{\"Data\":\"AAB=\"}",       "{\"Data\":\"AA-_\"}",        "{\"Data\":\"AA A\"}",
        "{\"Data\":\"AAAA \"}",      "{\"Data\":\"AAAA\\n\"}",     "{\"Data\":\"AA\\r\\nAA\"}",
        "{\"Data\":\"AAA\\u0000\"}", "{\"Data\":\"AAA\303\251\"}", "{\"Data\":\"hello\"}",
        "{\"Data\":\"*AAA\"}",
    };

    (void)state;
    check_refused(bodies, LEN(bodies), FAILURE_SERIALIZATION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_members_are_read_in_place),
        cmocka_unit_test(data_alone_is_enough),
        cmocka_unit_test(escapes_stand_for_their_characters_in_names_and_values),
        cmocka_unit_test(null_means_absent),
        cmocka_unit_test(unknown_members_are_refused_or_passed_over),
        cmocka_unit_test(wrong_types_and_bodies_that_are_no_object_are_refused),
        cmocka_unit_test(a_member_given_twice_is_refused),
        cmocka_unit_test(a_member_given_as_null_and_again_is_refused),
        cmocka_unit_test(dry_run_given_twice_is_refused),
        cmocka_unit_test(data_is_strict_base64),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
