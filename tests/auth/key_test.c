#include "auth/key.h"

#include "tests/auth/check.h"

#define KEY "kgw_0123456789ABCDEF_0123456789abcdefghijklmnopqrstuv"

static void fill(uint8_t random[KEY_RANDOM_BYTES], unsigned seed)
{
    for (size_t i = 0; i < KEY_RANDOM_BYTES; i++) {
        seed = seed * 1103515245 + 12345;
        random[i] = (uint8_t)(seed >> 16);
    }
}

static void a_made_key_is_a_key(void **state)
{
    uint8_t random[KEY_RANDOM_BYTES], digest[SHA256_BYTES], whole[SHA256_BYTES];
    char id[KEY_ID_BYTES_MIN + 1];
    struct span parsed;

    (void)state;
    for (unsigned seed = 1; seed < 200; seed++) {
        struct secret text = {0};
        fill(random, seed);
        assert_true(key_make(random, &text, id));
        assert_int_equal(text.len, 4 + 16 + 1 + 32 + 6);
        assert_true(key_parse(secret_reveal(&text), &parsed));
        assert_true(span_is(parsed, id));
        key_digest(secret_reveal(&text), digest);
        digest_sha256(secret_reveal(&text), whole);
        assert_memory_equal(digest, whole, sizeof(whole));
        secret_clear(&text);
    }
}

static void randomness_outside_the_alphabet_is_passed_over(void **state)
{
    uint8_t random[KEY_RANDOM_BYTES];
    char id[KEY_ID_BYTES_MIN + 1];
    struct secret text = {0};

    (void)state;
    memset(random, 248, sizeof(random));
    assert_false(key_make(random, &text, id));
    memset(random, 247, 48);
    assert_true(key_make(random, &text, id));
    assert_string_equal(id, "zzzzzzzzzzzzzzzz");
    memset(random, 255, 49);
    assert_false(key_make(random, &text, id));
    memset(random, 255, sizeof(random));
    memset(random + 48, 0, 48);
    assert_true(key_make(random, &text, id));
    assert_string_equal(id, "0000000000000000");
    secret_clear(&text);
}

/* The checksum of a text, by its definition. */
static void add_checksum(char *key, size_t len)
{
    uint32_t crc = digest_crc32(span_of(key, len));
    static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    for (size_t i = 6; i-- > 0; crc /= 62)
        key[len + i] = alphabet[crc % 62];
    key[len + 6] = '\0';
}

static void the_shape_is_checked_beyond_the_checksum(void **state)
{
    static const struct {
        const char *what, *before_checksum;
        bool ok;
    } rows[] = {
        {"a key", KEY, true},
        {"an id of 32", "kgw_0123456789ABCDEF0123456789ABCDEF_0123456789abcdefghijklmnopqrstuv", true},
        {"an id of 33", "kgw_0123456789ABCDEF0123456789ABCDEF0_0123456789abcdefghijklmnopqrstuv", false},
        {"an id of 15", "kgw_123456789ABCDEF_0123456789abcdefghijklmnopqrstuv", false},
        {"no id", "kgw__0123456789abcdefghijklmnopqrstuv", false},
        {"another prefix", "kgx_0123456789ABCDEF_0123456789abcdefghijklmnopqrstuv", false},
        {"a prefix in capitals", "KGW_0123456789ABCDEF_0123456789abcdefghijklmnopqrstuv", false},
        {"a secret of 31", "kgw_0123456789ABCDEF_123456789abcdefghijklmnopqrstuv", false},
        {"a secret of 33", "kgw_0123456789ABCDEF_00123456789abcdefghijklmnopqrstuv", false},
        {"a third underscore", "kgw_0123456789ABCDEF_0123456789abcdef_hijklmnopqrstuv", false},
        {"a dash in the id", "kgw_0123456789ABCDE-_0123456789abcdefghijklmnopqrstuv", false},
        {"a space in the secret", "kgw_0123456789ABCDEF_0123456789abcdef hijklmnopqrstuv", false},
        {"no underscore", "kgw_0123456789ABCDEF", false},
        {"nothing but the prefix", "kgw_", false},
        {"nothing", "", false},
    };
    char key[128];
    struct span id;

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        strcpy(key, rows[i].before_checksum);
        add_checksum(key, strlen(key));
        check(key_parse(span_str(key), &id) == rows[i].ok, "%s", rows[i].what);
    }
}

static void a_wrong_bit_or_length_is_refused(void **state)
{
    char key[128] = KEY;
    struct span id;

    (void)state;
    add_checksum(key, strlen(key));
    size_t len = strlen(key);
    assert_true(key_parse(span_of(key, len), &id));
    for (size_t bit = 0; bit < 8 * len; bit++) {
        key[bit / 8] = (char)(key[bit / 8] ^ 1 << bit % 8);
        check(!key_parse(span_of(key, len), &id), "bit %zu flipped", bit);
        key[bit / 8] = (char)(key[bit / 8] ^ 1 << bit % 8);
    }
    for (size_t cut = 0; cut < len; cut++)
        check(!key_parse(span_of(key, cut), &id), "cut to %zu", cut);
    key[len] = '0';
    assert_false(key_parse(span_of(key, len + 1), &id));
    assert_false(key_parse((struct span){0}, &id));
}

static void digests_are_read_from_their_text(void **state)
{
    uint8_t out[SHA256_BYTES];

    (void)state;
    assert_true(key_digest_parse(SPAN("sha256:00000000000000000000000000000000000000000000000000000000000000fF"), out));
    assert_int_equal(out[31], 0xFF);
    assert_false(key_digest_parse(SPAN("00000000000000000000000000000000000000000000000000000000000000ff"), out));
    assert_false(key_digest_parse(SPAN("sha256:000000000000000000000000000000000000000000000000000000000000ff"), out));
    assert_false(
        key_digest_parse(SPAN("sha256:0000000000000000000000000000000000000000000000000000000000000000ff"), out));
    assert_false(
        key_digest_parse(SPAN("sha512:00000000000000000000000000000000000000000000000000000000000000ff"), out));
    assert_false(
        key_digest_parse(SPAN("sha256:0000000000000000000000000000000000000000000000000000000000000xff"), out));
    assert_false(key_digest_parse(SPAN("sha256:"), out));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_made_key_is_a_key),
        cmocka_unit_test(randomness_outside_the_alphabet_is_passed_over),
        cmocka_unit_test(the_shape_is_checked_beyond_the_checksum),
        cmocka_unit_test(a_wrong_bit_or_length_is_refused),
        cmocka_unit_test(digests_are_read_from_their_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
