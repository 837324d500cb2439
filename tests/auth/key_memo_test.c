#include "auth/key_memo.h"

#include "auth/key.h"
#include "tests/auth/check.h"

#include <openssl/evp.h>
#include <stdio.h>

#define KEY "kgw_abcdefgh_0123456789012345678901234567890123456789abcdef"

static const uint8_t secret[KEY_MEMO_SECRET_BYTES] = {7, 1, 8, 2, 8, 1, 8, 2, 8};
static struct key_memo *memo;

static int make_memo(void **state)
{
    (void)state;
    memo = key_memo_new(secret);
    return memo == NULL;
}

static int free_memo(void **state)
{
    (void)state;
    key_memo_free(&memo);
    return memo != NULL;
}

static void what_was_learned_is_known_and_nothing_else(void **state)
{
    static const struct key_row row, other;
    char text[] = KEY;
    struct span key = span_of(text, strlen(text));

    (void)state;
    assert_null(key_memo_find(memo, key));
    key_memo_learn(memo, key, &row);
    assert_ptr_equal(key_memo_find(memo, SPAN(KEY)), &row); /* by its text, wherever that stands */
    for (size_t bit = 0; bit != 8 * key.len; bit++) {
        text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
        check(key_memo_find(memo, key) == NULL, "bit %zu matters", bit);
        text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
    }
    for (size_t len = 0; len != key.len; len++)
        check(key_memo_find(memo, span_of(text, len)) == NULL, "its first %zu bytes are another text", len);
    key_memo_learn(memo, key, &other);
    assert_ptr_equal(key_memo_find(memo, key), &other);
}

static void a_memo_is_of_its_secret_alone(void **state)
{
    static const struct key_row row;
    uint8_t near[KEY_MEMO_SECRET_BYTES];

    (void)state;
    memcpy(near, secret, sizeof(near));
    near[15] ^= 1;
    struct key_memo *other = key_memo_new(near);
    assert_non_null(other);
    key_memo_learn(memo, SPAN(KEY), &row);
    assert_null(key_memo_find(other, SPAN(KEY)));
    key_memo_free(&other);
}

static void of_many_the_later_stay_and_none_is_taken_for_another(void **state)
{
    enum { MANY = 20 * KEY_MEMO_KEYS };
    static const struct key_row rows[MANY];
    size_t known = 0;
    char text[32];

    (void)state;
    for (size_t i = 0; i != MANY; i++) {
        struct span key = span_of(text, (size_t)sprintf(text, "kgw_%zu", i));
        key_memo_learn(memo, key, &rows[i]);
        check(key_memo_find(memo, key) == &rows[i], "%zu, just learned, is known", i);
    }
    for (size_t i = 0; i != MANY; i++) {
        const struct key_row *row = key_memo_find(memo, span_of(text, (size_t)sprintf(text, "kgw_%zu", i)));
        check(row == NULL || row == &rows[i], "%zu is itself or forgotten", i);
        known += row != NULL ? 1 : 0;
    }
    assert_in_range(known, KEY_MEMO_KEYS / 2, KEY_MEMO_KEYS);
}

static void a_text_longer_than_any_key_is_not_looked_at(void **state)
{
    static const struct key_row row;
    char text[KEY_TEXT_BYTES_MAX + 1];

    (void)state;
    memset(text, 'k', sizeof(text));
    key_memo_learn(memo, span_of(text, sizeof(text)), &row);
    assert_null(key_memo_find(memo, span_of(text, sizeof(text))));
    key_memo_learn(memo, span_of(text, KEY_TEXT_BYTES_MAX), &row);
    assert_ptr_equal(key_memo_find(memo, span_of(text, KEY_TEXT_BYTES_MAX)), &row);
}

static void tags_are_those_of_another_implementation(void **state)
{
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "SIPHASH", NULL);
    EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(mac);
    uint8_t text[200], ours[KEY_MEMO_TAG_BYTES], theirs[KEY_MEMO_TAG_BYTES];
    size_t len;

    (void)state;
    for (size_t i = 0; i != sizeof(text); i++)
        text[i] = (uint8_t)(37 * i + 101);
    for (size_t bytes = 0; bytes <= sizeof(text) - 16; bytes++) {
        const uint8_t *key = text + sizeof(text) - 16;
        key_memo_tag(key, span_of((const char *)text, bytes), ours);
        assert_int_equal(EVP_MAC_init(ctx, key, 16, NULL), 1);
        assert_int_equal(EVP_MAC_update(ctx, text, bytes), 1);
        assert_int_equal(EVP_MAC_final(ctx, theirs, &len, sizeof(theirs)), 1);
        assert_int_equal(len, sizeof(theirs));
        check(memcmp(ours, theirs, sizeof(ours)) == 0, "of %zu bytes", bytes);
    }
    EVP_MAC_CTX_free(ctx);
    EVP_MAC_free(mac);
}

static void without_a_memo_nothing_is_known(void **state)
{
    static const struct key_row row;

    (void)state;
    key_memo_learn(NULL, SPAN(KEY), &row);
    assert_null(key_memo_find(NULL, SPAN(KEY)));
}

#define test(f) cmocka_unit_test_setup_teardown(f, make_memo, free_memo)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(what_was_learned_is_known_and_nothing_else),
        test(a_memo_is_of_its_secret_alone),
        test(of_many_the_later_stay_and_none_is_taken_for_another),
        test(a_text_longer_than_any_key_is_not_looked_at),
        test(tags_are_those_of_another_implementation),
        test(without_a_memo_nothing_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
