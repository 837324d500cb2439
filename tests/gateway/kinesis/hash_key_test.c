#include "gateway/kinesis/hash_key.h"

#include "gateway/kinesis/record.h"
#include "tests/auth/check.h"

#define TWO_TO_THE_128_LESS_1 "340282366920938463463374607431768211455"

static bool formats_as(const struct hash_key *k, const char *want)
{
    char text[HASH_KEY_DIGITS_MAX];
    return span_is(span_of(text, hash_key_format(k, text)), want);
}

static void partition_keys_hash_as_in_kinesis(void **state)
{
    static const struct {
        const char *partition_key, *want;
    } rows[] = {
        {"a", "16955237001963240173058271559858726497"},
        {"k1", "242208671286853988395785178707875403226"},
        {"k2", "129444150167719404002017707097629467898"},
        {"", "281949768489412648962353822266799178366"}, /* RFC 1321's MD5 of nothing, d41d8cd98f00b204… */
        {"abc", "191415658344158766168031473277922803570"},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct hash_key k = hash_key_of_partition_key(span_str(rows[i].partition_key));
        check(formats_as(&k, rows[i].want), "the key \"%s\"", rows[i].partition_key);
    }
}

static void text_becomes_a_hash_key_and_text_again(void **state)
{
    static const char *const rows[] = {
        "0",
        "1",
        "9",
        "10",
        "255",
        "256",
        "18446744073709551615",
        "18446744073709551616",
        "99999999999999999999999999999999999999",
        "100000000000000000000000000000000000000",
        "170141183460469231731687303715884105728",
        TWO_TO_THE_128_LESS_1,
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct hash_key k;
        check(hash_key_parse(span_str(rows[i]), &k) && formats_as(&k, rows[i]), "%s", rows[i]);
    }
}

static void only_what_passed_the_check_of_records_is_parsed(void **state)
{
    static const struct {
        const char *what, *text;
        bool want;
    } rows[] = {
        {"nothing", "", false},
        {"zero", "0", true},
        {"zero twice", "00", false},
        {"a leading zero", "01", false},
        {"a sign", "-1", false},
        {"white space", " 1", false},
        {"a letter", "12a", false},
        {"the byte before the digits", "1/", false},
        {"the byte after the digits", "1:", false},
        {"the largest", TWO_TO_THE_128_LESS_1, true},
        {"2^128: the last digit does not fit", "340282366920938463463374607431768211456", false},
        {"39 nines: the last factor does not fit", "999999999999999999999999999999999999999", false},
        {"40 digits", "1000000000000000000000000000000000000000", false},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct hash_key k;
        struct span text = span_str(rows[i].text);
        bool passes = record_check_explicit_hash_key(text).row == FAILURE_NONE;
        check(hash_key_parse(text, &k) == rows[i].want && passes == rows[i].want, "%s", rows[i].what);
    }
}

static void order_is_that_of_the_numbers(void **state)
{
    struct hash_key small = hash_key_of_number(255), large = hash_key_of_number((unsigned __int128)1 << 64);

    (void)state;
    assert_true(hash_key_compare(&small, &large) < 0);
    assert_true(hash_key_compare(&large, &small) > 0);
    assert_true(hash_key_compare(&large, &large) == 0);
    assert_true(hash_key_number(&large) == (unsigned __int128)1 << 64);
    assert_int_equal(small.bytes[15], 255);
    assert_int_equal(large.bytes[7], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(partition_keys_hash_as_in_kinesis),
        cmocka_unit_test(text_becomes_a_hash_key_and_text_again),
        cmocka_unit_test(only_what_passed_the_check_of_records_is_parsed),
        cmocka_unit_test(order_is_that_of_the_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
