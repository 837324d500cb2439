/* PutRecord's and PutRecords' members in CBOR. */
#include "gateway/front/body/body.h"

#include "tests/auth/check.h"

#define DATA                                                                                                           \
    "\x64"                                                                                                             \
    "Data"
#define KEY                                                                                                            \
    "\x6c"                                                                                                             \
    "PartitionKey"
#define NAME                                                                                                           \
    "\x6a"                                                                                                             \
    "StreamName"

static void members_are_read_in_place(void **state)
{
    struct span body = SPAN("\xbf" DATA "\x42\x00\xff" KEY "\x62\xc3\xa9\x6f"
                            "ExplicitHashKey\x61"
                            "7" NAME "\x61s"
                            "\x69"
                            "StreamARN\xf6"
                            "\x66"
                            "DryRun\xf5\x61x\x82\x01\xa0\xff");
    struct put_record_members m;
    struct buf scratch;

    (void)state;
    buf_init(&scratch, body.len);
    assert_int_equal(body_parse_cbor(body, &scratch, &m).row, FAILURE_NONE);
    assert_true(m.has_data && span_equal(m.data, SPAN("\x00\xff")) && m.data_bytes == 2);
    assert_true(m.has_partition_key && span_is(m.partition_key, "\xc3\xa9"));
    assert_true(m.has_explicit_hash_key && span_is(m.explicit_hash_key, "7"));
    assert_true(m.has_stream_name && span_is(m.stream_name, "s") && !m.has_stream_arn && m.dry_run);
    assert_int_equal(scratch.len, 0);
    buf_clear(&scratch);
}

static void strings_in_chunks_are_put_together(void **state)
{
    struct span body = SPAN("\xa2\x7f\x62"
                            "Da\x62"
                            "ta\xff\x5f\x41"
                            "a\x41"
                            "b\xff" KEY "\x7f\x61k\x61l\xff");
    struct put_record_members m;
    struct buf scratch;

    (void)state;
    buf_init(&scratch, body.len);
    assert_true(buf_reserve(&scratch, body.len));
    const char *before = scratch.ptr;
    assert_int_equal(body_parse_cbor(body, &scratch, &m).row, FAILURE_NONE);
    assert_true(span_is(m.data, "ab") && span_is(m.partition_key, "kl") && scratch.ptr == before);
    buf_clear(&scratch);
}

static void what_is_wrong_is_named(void **state)
{
    static const struct {
        struct span body;
        enum failure_row want;
        const char *parameter;
    } rows[] = {
        {SPAN(""), FAILURE_SERIALIZATION, NULL},
        {SPAN("\x80"), FAILURE_SERIALIZATION, NULL},
        {SPAN("\xa0"), FAILURE_VALIDATION, "Data"},
        {SPAN("\xa0\x00"), FAILURE_SERIALIZATION, NULL},
        {SPAN("\xa1" DATA "\xf6"), FAILURE_VALIDATION, "Data"},
        {SPAN("\xa1" DATA "\x61x"), FAILURE_SERIALIZATION, "Data"},
        {SPAN("\xa1" DATA "\x41"), FAILURE_SERIALIZATION, NULL},
        {SPAN("\xa2" DATA "\x40" DATA "\x40"), FAILURE_SERIALIZATION, "Data"},
        {SPAN("\xa2" DATA "\x40" KEY "\x41k"), FAILURE_SERIALIZATION, "PartitionKey"},
        {SPAN("\xa2" DATA "\x40" KEY "\x61\xff"), FAILURE_SERIALIZATION, NULL},
        {SPAN("\xa2" DATA "\x40\x66"
              "DryRun\x01"),
         FAILURE_SERIALIZATION, "DryRun"},
        {SPAN("\xa2" DATA "\x40\x01\x01"), FAILURE_SERIALIZATION, NULL},
        {SPAN("\xbf" DATA "\x40\xff"), FAILURE_NONE, NULL},
        {SPAN("\xbf" DATA "\xff"), FAILURE_SERIALIZATION, NULL},
    };

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        struct put_record_members m;
        struct buf scratch;
        buf_init(&scratch, 64);
        struct failure f = body_parse_cbor(rows[i].body, &scratch, &m);
        check(f.row == rows[i].want, "row %zu: %d", i, f.row);
        check(f.row == FAILURE_NONE || span_equal(span_str(f.parameter), span_str(rows[i].parameter)), "row %zu", i);
        buf_clear(&scratch);
    }
}

static void an_entry_has_no_stream(void **state)
{
    struct put_record_members m;
    struct buf scratch;

    (void)state;
    buf_init(&scratch, 64);
    assert_int_equal(body_parse_cbor_entry(SPAN("\xa2" DATA "\x41x" NAME "\x01"), &scratch, &m).row, FAILURE_NONE);
    assert_true(!m.has_stream_name && span_is(m.data, "x"));
    buf_clear(&scratch);
}

static void records_are_an_arrays_exact_bytes(void **state)
{
    static const struct span arrays[] = {SPAN("\x81\xa0"), SPAN("\x9f\xa0\xff"), SPAN("\xc1\x80")};

    (void)state;
    for (size_t i = 0; i != LEN(arrays); i++) {
        struct put_records_members m;
        struct buf body, scratch;
        buf_init(&body, 64);
        buf_init(&scratch, 64);
        buf_append(&body, SPAN("\xa2\x67"
                               "Records"));
        buf_append(&body, arrays[i]);
        buf_append(&body, SPAN(NAME "\x61s"));
        check(body_parse_cbor_records(buf_span(&body), &scratch, &m).row == FAILURE_NONE, "row %zu", i);
        check(span_equal(m.records, arrays[i]) && span_is(m.stream_name, "s"), "row %zu", i);
        buf_clear(&body);
        buf_clear(&scratch);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_read_in_place),
        cmocka_unit_test(strings_in_chunks_are_put_together),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(an_entry_has_no_stream),
        cmocka_unit_test(records_are_an_arrays_exact_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
