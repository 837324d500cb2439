#include "gateway/front/streams.h"

#include "tests/auth/check.h"

#include <stdio.h>

static struct stream_row row_of(const char *name, const char *stream_name, const char *arn)
{
    return (struct stream_row){.put = {.name = span_str(name),
                                       .stream_name = span_str(stream_name),
                                       .stream_arn = span_str(arn),
                                       .region = SPAN("eu-west-1"),
                                       .host = SPAN("kinesis.eu-west-1.amazonaws.com"),
                                       .url = "https://kinesis.eu-west-1.amazonaws.com/",
                                       .record_bytes_max = RECORD_BYTES_DEFAULT,
                                       .retry_unknown = true}};
}

static void a_stream_is_found_by_its_exact_name(void **state)
{
    const struct stream_row rows[] = {row_of("orders", "orders-prod", NULL), row_of("clicks", "clicks-prod", NULL),
                                      row_of("Orders", "other", NULL)};
    struct stream_table *t = stream_table_new(rows, LEN(rows));

    (void)state;
    assert_int_equal(stream_table_len(t), 3);
    for (size_t i = 0; i < LEN(rows); i++) {
        const struct stream_row *row = stream_table_find(t, rows[i].put.name);
        assert_ptr_equal(row, stream_table_at(t, i));
        assert_int_equal(row->index, i);
    }
    static const char *const absent[] = {"", "order", "orderss", "orders-prod", "ORDERS", "orders\n", "*"};
    for (size_t i = 0; i < LEN(absent); i++)
        check(stream_table_find(t, span_str(absent[i])) == NULL, "'%s' is not in the table", absent[i]);
    assert_null(stream_table_find(t, SPAN("orders\0")));
    stream_table_free(&t);
    assert_null(t);
    stream_table_free(&t);
}

static void a_stream_is_found_by_its_exact_arn(void **state)
{
    const struct stream_row rows[] = {row_of("a", "a", NULL), row_of("b", NULL, "arn:aws:kinesis:r:1:stream/b"),
                                      row_of("c", NULL, "arn:aws:kinesis:r:1:stream/c")};
    struct stream_table *t = stream_table_new(rows, LEN(rows));

    (void)state;
    assert_ptr_equal(stream_table_find_arn(t, SPAN("arn:aws:kinesis:r:1:stream/c")), stream_table_at(t, 2));
    assert_null(stream_table_find_arn(t, SPAN("arn:aws:kinesis:r:1:stream/a")));
    assert_null(stream_table_find_arn(t, SPAN("arn:aws:kinesis:r:1:stream/")));
    assert_null(stream_table_find_arn(t, SPAN("ARN:aws:kinesis:r:1:stream/b")));
    assert_null(stream_table_find_arn(t, SPAN(""))); /* a stream without an ARN is not found by none */
    stream_table_free(&t);
}

static void a_table_keeps_copies_of_every_text(void **state)
{
    char name[] = "orders", stream_name[] = "orders-prod", region[] = "us-east-1", host[] = "h:1",
         url[] = "http://h:1/", argument[] = "/user/id", arn[] = "arn:x";
    struct stream_row row = {.put = {.name = span_str(name),
                                     .stream_name = span_str(stream_name),
                                     .stream_arn = span_str(arn),
                                     .region = span_str(region),
                                     .host = span_str(host),
                                     .url = url,
                                     .record_bytes_max = 7,
                                     .retry_unknown = true},
                             .partition = {PARTITION_JSON, span_str(argument), true},
                             .index = 99};
    struct stream_table *t = stream_table_new(&row, 1);
    char *const texts[] = {name, stream_name, region, host, url, argument, arn};

    (void)state;
    for (size_t i = 0; i < LEN(texts); i++)
        memset(texts[i], '!', strlen(texts[i]));
    const struct stream_row *got = stream_table_find(t, SPAN("orders"));
    assert_non_null(got);
    assert_true(span_is(got->put.stream_name, "orders-prod") && span_is(got->put.stream_arn, "arn:x"));
    assert_true(span_is(got->put.region, "us-east-1") && span_is(got->put.host, "h:1"));
    assert_string_equal(got->put.url, "http://h:1/");
    assert_true(got->put.record_bytes_max == 7 && got->put.retry_unknown && got->index == 0);
    assert_true(got->partition.source == PARTITION_JSON && span_is(got->partition.argument, "/user/id") &&
                got->partition.reject_if_missing);
    stream_table_free(&t);
}

static void a_table_may_be_empty_or_large(void **state)
{
    enum { STREAMS = 2000 };
    static char names[STREAMS][16];
    struct stream_row *rows = calloc(STREAMS, sizeof(*rows));
    struct stream_table *t = stream_table_new(NULL, 0);

    (void)state;
    assert_int_equal(stream_table_len(t), 0);
    assert_null(stream_table_find(t, SPAN("a")));
    assert_null(stream_table_find_arn(t, SPAN("a")));
    stream_table_free(&t);
    for (size_t i = 0; i < STREAMS; i++) {
        snprintf(names[i], sizeof(names[i]), "stream-%zu", i);
        rows[i] = row_of(names[i], names[i], NULL);
    }
    for (size_t len = 1; len <= STREAMS; len = len < 20 ? len + 1 : len * 10) {
        t = stream_table_new(rows, len);
        for (size_t i = 0; i < len; i++)
            check(stream_table_find(t, span_str(names[i])) == stream_table_at(t, i), "stream %zu of %zu", i, len);
        assert_null(stream_table_find(t, SPAN("stream-x")));
        stream_table_free(&t);
    }
    free(rows);
}

static void a_stream_has_as_much_of_an_address_as_it_may(void **state)
{
    static const struct {
        enum stream_address may;
        const char *from, *want; /* NULL: nothing */
    } rows[] = {
        {STREAM_ADDRESS_FULL, "192.0.2.7", "192.0.2.7"},
        {STREAM_ADDRESS_TRUNCATED, "192.0.2.7", "192.0.2.0"},
        {STREAM_ADDRESS_TRUNCATED, "2001:db8:1:2::7", "2001:db8:1::"},
        {STREAM_ADDRESS_NONE, "192.0.2.7", NULL},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct stream_row row = {.address = rows[i].may};
        struct address from, got;
        char text[ADDRESS_TEXT_BYTES_MAX];
        assert_true(address_parse(span_str(rows[i].from), &from));
        bool has = stream_client_address(&row, from, &got);
        check(has == (rows[i].want != NULL), "row %zu", i);
        check(!has || span_is(span_of(text, address_format(got, text)), rows[i].want), "row %zu", i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_is_found_by_its_exact_name),
        cmocka_unit_test(a_stream_is_found_by_its_exact_arn),
        cmocka_unit_test(a_table_keeps_copies_of_every_text),
        cmocka_unit_test(a_table_may_be_empty_or_large),
        cmocka_unit_test(a_stream_has_as_much_of_an_address_as_it_may),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
