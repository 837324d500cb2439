/* Items of CBOR in every form, and what is none of them. */
#include "gateway/base/cbor_read.h"

#include "tests/auth/check.h"

static void heads_have_their_argument_in_any_length(void **state)
{
    static const struct {
        struct span bytes;
        enum cbor_type type;
        uint64_t value;
    } rows[] = {
        {SPAN("\x00"), CBOR_UNSIGNED, 0},
        {SPAN("\x17"), CBOR_UNSIGNED, 23},
        {SPAN("\x18\x18"), CBOR_UNSIGNED, 24},
        {SPAN("\x19\x01\x00"), CBOR_UNSIGNED, 256},
        {SPAN("\x1a\x00\x01\x00\x00"), CBOR_UNSIGNED, 65536},
        {SPAN("\x1b\xff\xff\xff\xff\xff\xff\xff\xff"), CBOR_UNSIGNED, UINT64_MAX},
        {SPAN("\x20"), CBOR_NEGATIVE, 0},
        {SPAN("\xc1\x05"), CBOR_UNSIGNED, 5}, /* a tag, and one of two bytes */
        {SPAN("\xd9\xd9\xf7\x05"), CBOR_UNSIGNED, 5},
        {SPAN("\xf4"), CBOR_FALSE, 20},
        {SPAN("\xf5"), CBOR_TRUE, 21},
        {SPAN("\xf6"), CBOR_NULL, 22},
        {SPAN("\xf7"), CBOR_OTHER, 23},
        {SPAN("\xfb\x3f\xf0\x00\x00\x00\x00\x00\x00"), CBOR_OTHER, 0x3ff0000000000000},
        {SPAN("\x80"), CBOR_ARRAY, 0},
        {SPAN("\xa0"), CBOR_MAP, 0},
    };

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        struct cbor_reader r;
        struct cbor_item item;
        cbor_init(&r, rows[i].bytes);
        check(cbor_next(&r, &item) && cbor_end(&r), "row %zu is one item", i);
        check(item.type == rows[i].type && item.value == rows[i].value, "row %zu is type %d", i, item.type);
    }
}

static void strings_are_in_place_or_put_together(void **state)
{
    static const struct {
        struct span bytes;
        const char *want; /* NULL: it is refused */
    } rows[] = {
        {SPAN("\x40"), ""},
        {SPAN("\x43"
              "abc"),
         "abc"},
        {SPAN("\x58\x03"
              "abc"),
         "abc"},
        {SPAN("\x62\xc3\xa9"), "\xc3\xa9"},
        {SPAN("\x5f\x41"
              "a\x40\x42"
              "bc\xff"),
         "abc"},
        {SPAN("\x7f\x61"
              "a\xff"),
         "a"},
        {SPAN("\x5f\xff"), ""},
        {SPAN("\x43"
              "ab"),
         NULL}, /* past the end */
        {SPAN("\x5b\xff\xff\xff\xff\xff\xff\xff\xff"), NULL},
        {SPAN("\x61\xff"), NULL},                 /* text that is not UTF-8 */
        {SPAN("\x7f\x61\xc3\x61\xa9\xff"), NULL}, /* a character in two chunks */
        {SPAN("\x5f\x61"
              "a\xff"),
         NULL}, /* text among bytes */
        {SPAN("\x5f\x5f\x41"
              "a\xff\xff"),
         NULL}, /* chunks of chunks */
        {SPAN("\x5f\x41"
              "a"),
         NULL}, /* without an end */
    };

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        struct cbor_reader r;
        struct cbor_item item;
        struct span got;
        struct buf scratch;
        buf_init(&scratch, 16);
        cbor_init(&r, rows[i].bytes);
        bool ok = cbor_next(&r, &item) && cbor_string(&r, &item, &scratch, &got) && cbor_end(&r);
        check(ok == (rows[i].want != NULL), "row %zu", i);
        check(!ok || span_is(got, rows[i].want), "row %zu is %.*s", i, (int)got.len, got.ptr);
        buf_clear(&scratch);
        cbor_init(&r, rows[i].bytes);
        check((cbor_next(&r, &item) && cbor_skip(&r, &item) && cbor_end(&r)) == ok, "row %zu is passed over alike", i);
    }
}

static void containers_end_where_they_say(void **state)
{
    static const struct span bytes[] = {SPAN("\x83\x01\x02\x03"), SPAN("\x9f\x01\x02\x03\xff")};

    (void)state;
    for (size_t i = 0; i != LEN(bytes); i++) {
        struct cbor_reader r;
        struct cbor_item array, element;
        uint64_t sum = 0;
        cbor_init(&r, bytes[i]);
        assert_true(cbor_next(&r, &array));
        while (cbor_has_more(&r, &array)) {
            assert_true(cbor_next(&r, &element));
            sum += element.value;
        }
        assert_true(cbor_end(&r) && sum == 6);
    }
}

static bool is_passed(struct span bytes)
{
    struct cbor_reader r;
    struct cbor_item item;

    cbor_init(&r, bytes);
    return cbor_next(&r, &item) && cbor_skip(&r, &item) && cbor_end(&r);
}

static void what_is_no_cbor_is_refused(void **state)
{
    static const struct span rows[] = {
        SPAN(""),         SPAN("\xff"),     SPAN("\x1c\x00"), SPAN("\x1f"),     SPAN("\x3f"),
        SPAN("\xdf\x00"), SPAN("\x19\x01"), SPAN("\x81"),     SPAN("\xa1\x01"), SPAN("\xbf\x01\xff"),
        SPAN("\x9f\x01"), SPAN("\x81\xff"), SPAN("\xc1"),     SPAN("\x00\x00"), SPAN("\xbf\x01\xff\x01"),
    };

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++)
        check(!is_passed(rows[i]), "row %zu", i);
}

static void depth_and_number_are_bounded(void **state)
{
    char bytes[CBOR_ITEMS_MAX + 8];

    (void)state;
    memset(bytes, '\x81', CBOR_DEPTH_MAX);
    bytes[CBOR_DEPTH_MAX] = 0;
    assert_true(is_passed(span_of(bytes, CBOR_DEPTH_MAX + 1)));
    bytes[CBOR_DEPTH_MAX] = '\x81';
    bytes[CBOR_DEPTH_MAX + 1] = 0;
    assert_false(is_passed(span_of(bytes, CBOR_DEPTH_MAX + 2)));
    for (size_t elements = CBOR_ITEMS_MAX - 1; elements <= CBOR_ITEMS_MAX; elements++) {
        memset(bytes, 0, sizeof(bytes));
        bytes[0] = '\x99';
        bytes[1] = (char)(elements >> 8);
        bytes[2] = (char)elements;
        assert_int_equal(is_passed(span_of(bytes, 3 + elements)), elements < CBOR_ITEMS_MAX);
    }
    memset(bytes, '\xc1', sizeof(bytes)); /* tags without an end */
    assert_false(is_passed(span_of(bytes, sizeof(bytes))));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_have_their_argument_in_any_length),
        cmocka_unit_test(strings_are_in_place_or_put_together),
        cmocka_unit_test(containers_end_where_they_say),
        cmocka_unit_test(what_is_no_cbor_is_refused),
        cmocka_unit_test(depth_and_number_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
