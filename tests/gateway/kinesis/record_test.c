#include "gateway/kinesis/record.h"

#include "tests/auth/check.h"

#define RECORD_BYTES 1048576u

static bool is_argument(struct failure f, const char *parameter)
{
    return f.row == FAILURE_ARGUMENT && f.parameter != NULL && strcmp(f.parameter, parameter) == 0 &&
           f.detail != NULL && f.outcome == OUTCOME_NOT_WRITTEN;
}

static struct buf repeat(struct span text, size_t times)
{
    struct buf b;

    buf_init(&b, 1 << 20);
    for (size_t i = 0; i < times; i++)
        buf_append(&b, text);
    return b;
}

static void a_partition_key_has_1_to_256_characters(void **state)
{
    static const struct span characters[] = {SPAN("a"), SPAN("\303\251"), SPAN("\342\202\254"),
                                             SPAN("\360\235\204\236"), SPAN("\0")};

    (void)state;
    for (size_t i = 0; i < LEN(characters); i++)
        for (size_t len = 0; len < 300; len++) {
            struct buf key = repeat(characters[i], len);
            struct failure f = record_check_partition_key(buf_span(&key));
            bool ok = len >= 1 && len <= PARTITION_KEY_CHARS_MAX;
            check(ok ? f.row == FAILURE_NONE : is_argument(f, "PartitionKey"), "%zu characters of kind %zu", len, i);
            buf_clear(&key);
        }
}

static void a_partition_key_is_utf_8(void **state)
{
    static const struct span keys[] = {SPAN("\377"),     SPAN("a\200"),        SPAN("\303"),
                                       SPAN("\300\200"), SPAN("\355\240\200"), SPAN("\364\220\200\200")};

    (void)state;
    for (size_t i = 0; i < LEN(keys); i++)
        check(is_argument(record_check_partition_key(keys[i]), "PartitionKey"), "key %zu", i);
}

static void an_explicit_hash_key_is_a_decimal_number_below_2_to_the_128(void **state)
{
    static const struct {
        const char *text;
        bool ok;
    } rows[] = {
        {"0", true},
        {"1", true},
        {"9", true},
        {"10", true},
        {"340282366920938463463374607431768211455", true},
        {"340282366920938463463374607431768211456", false},
        {"340282366920938463463374607431768211457", false},
        {"340282366920938463463374607431768211460", false},
        {"400000000000000000000000000000000000000", false},
        {"999999999999999999999999999999999999999", false},
        {"100000000000000000000000000000000000000", true},
        {"99999999999999999999999999999999999999", true},
        {"1000000000000000000000000000000000000000", false},
        {"", false},
        {"00", false},
        {"01", false},
        {"-1", false},
        {"+1", false},
        {" 1", false},
        {"1 ", false},
        {"1.0", false},
        {"1e3", false},
        {"0x10", false},
        {"a", false},
        {"\331\241", false},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct failure f = record_check_explicit_hash_key(span_str(rows[i].text));
        check(rows[i].ok ? f.row == FAILURE_NONE : is_argument(f, "ExplicitHashKey"), "'%s'", rows[i].text);
    }
    assert_true(is_argument(record_check_explicit_hash_key(SPAN("1\0")), "ExplicitHashKey"));
}

static void a_sequence_number_has_at_most_129_digits(void **state)
{
    static const struct {
        const char *text;
        bool ok;
    } rows[] = {{"0", true},   {"49590338271490256608559692538361571095921575989136588898", true},
                {"", false},   {"00", false},
                {"01", false}, {"1a", false},
                {"-1", false}, {" 1", false}};

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct failure f = record_check_sequence_number(span_str(rows[i].text));
        check(rows[i].ok ? f.row == FAILURE_NONE : is_argument(f, "SequenceNumberForOrdering"), "'%s'", rows[i].text);
    }
    for (size_t len = 1; len < 140; len++) {
        struct buf number = repeat(SPAN("9"), len);
        check((record_check_sequence_number(buf_span(&number)).row == FAILURE_NONE) == (len <= 129), "%zu digits", len);
        buf_clear(&number);
    }
}

static void data_and_partition_key_together_keep_the_streams_limit(void **state)
{
    struct record r = {.partition_key = SPAN("\303\251\303\251"), .data_bytes = RECORD_BYTES - 4};

    (void)state;
    assert_int_equal(record_bytes(&r), RECORD_BYTES);
    assert_int_equal(record_check(&r, RECORD_BYTES).row, FAILURE_NONE);
    r.data_bytes++;
    struct failure f = record_check(&r, RECORD_BYTES);
    assert_int_equal(f.row, FAILURE_RECORD_TOO_LARGE);
    assert_true(f.bytes == RECORD_BYTES + 1 && f.bytes_max == RECORD_BYTES && f.outcome == OUTCOME_NOT_WRITTEN);
    r.data_bytes = UINT32_MAX;
    assert_int_equal(record_check(&r, RECORD_BYTES).row, FAILURE_RECORD_TOO_LARGE);
    r.data_bytes = 0;
    assert_int_equal(record_check(&r, RECORD_BYTES).row, FAILURE_NONE);
}

static void what_is_given_is_checked(void **state)
{
    struct record r = {.partition_key = SPAN("k")};

    (void)state;
    r.explicit_hash_key = SPAN("x");
    assert_true(is_argument(record_check(&r, RECORD_BYTES), "ExplicitHashKey"));
    r.explicit_hash_key = SPAN("7");
    r.sequence_number_for_ordering = SPAN("x");
    assert_true(is_argument(record_check(&r, RECORD_BYTES), "SequenceNumberForOrdering"));
    r.sequence_number_for_ordering = SPAN("8");
    assert_int_equal(record_check(&r, RECORD_BYTES).row, FAILURE_NONE);
    r.partition_key = SPAN("");
    assert_true(is_argument(record_check(&r, RECORD_BYTES), "PartitionKey"));
}

static void nothing_but_digits_is_a_sequence_number(void **state)
{
    char digits[27];

    (void)state;
    for (size_t at = 0; at != sizeof(digits); at++)
        for (unsigned c = 0; c != 256; c++) {
            memset(digits, '9', sizeof(digits));
            digits[at] = (char)c;
            bool ok = c >= (at == 0 ? '1' : '0') && c <= '9';
            check((record_check_sequence_number(span_of(digits, sizeof(digits))).row == FAILURE_NONE) == ok,
                  "%02x at %zu", c, at);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_partition_key_has_1_to_256_characters),
        cmocka_unit_test(a_partition_key_is_utf_8),
        cmocka_unit_test(an_explicit_hash_key_is_a_decimal_number_below_2_to_the_128),
        cmocka_unit_test(a_sequence_number_has_at_most_129_digits),
        cmocka_unit_test(nothing_but_digits_is_a_sequence_number),
        cmocka_unit_test(data_and_partition_key_together_keep_the_streams_limit),
        cmocka_unit_test(what_is_given_is_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
