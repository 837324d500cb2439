/* What passes for a random key, and what does not. */
#include "auth/key_strength.h"

#include "auth/key.h"

#include <stdio.h>

#include "tests/auth/check.h"

#define ID "k3Jd0aQzT5wYb2Rn"

/* A key with this secret and the checksum that belongs to it: RFC 1952's CRC-32 in base 62. */
static struct span key_of(const char *secret, char out[KEY_TEXT_BYTES_MAX + 1])
{
    static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    int len = snprintf(out, KEY_TEXT_BYTES_MAX + 1, "kgw_" ID "_%s", secret);
    uint32_t crc = digest_crc32(span_of(out, (size_t)len));

    for (int i = KEY_CRC_BYTES; i > 0; i--, crc /= 62)
        out[len + i - 1] = alphabet[crc % 62];
    out[len + KEY_CRC_BYTES] = '\0';
    return span_str(out);
}

static void a_weak_secret_is_told_why(void **state)
{
    static const struct {
        const char *secret, *why; /* NULL: none */
    } rows[] = {
        {"7dKq0ZtVb3XwRm9EyPf5GhSj2LcNu8Ao", NULL},
        {"mB4vYx8KdT1nQz6RwHj3FsLp0GcEu7Ia", NULL},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "different characters"},
        {"abababababababababababababababab", "different characters"},
        {"00000000000000000000000000000001", "different characters"},
        {"5f4dcc3b5aa765d61d8327deb882cf99", "different characters"},
        {"7dkq0ztvb3xwrm9eypf5ghsj2lcnu8ao", "one case only"},
        {"7DKQ0ZTVB3XWRM9EYPF5GHSJ2LCNU8AO", "one case only"},
        {"7dKq0ZtVb3Xw111111yPf5GhSj2LcNu8", "a run"},
        {"7dKq0ZtVb3XwabcdefyPh5GhSj2LcNu8", "a run"},
        {"7dKq0ZtVb3XwFeDcBayPh5GhSj2LcNu8", "a run"},
        {"7dKq0ZtVb3Xw987654yPh5GhSj2LcNu8", "a run"},
        {"7dKq0ZtVb3XwRm9E7dKq0ZtVb3XwRm9E", "repeats itself"},
        {"7dKq0Z1tVb3XwRm9EyP7dKq0ZfGhSj2L", "repeats itself"},
        {"7dKq0ZtVb3PassWord5GhSj2LcNu8AoX", "words"},
        {"7dKq0ZtVb3p4ssW0rd5GhSj2LcNu8AoX", "words"},
        {"7dKq0ZtVb3QwErTy9E5GhSj2LcNu8AoX", "words"},
        {"7dKq0ZtVb3ChangeMe5GhSj2LcNu8AoX", "words"},
        {"CorrectHorseBatteryStapleMonkeys", "words"},
        {"theseAreTheTimesThatTryMensSouls", "words"},
    };
    char text[KEY_TEXT_BYTES_MAX + 1];

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        const char *why = key_weakness(key_of(rows[i].secret, text));
        check((why == NULL) == (rows[i].why == NULL), "%s: %s", rows[i].secret, why == NULL ? "strong" : why);
        check(why == NULL || strstr(why, rows[i].why) != NULL, "%s: %s", rows[i].secret, why);
        check(why == NULL || strstr(why, rows[i].secret) == NULL, "%s is not quoted", rows[i].secret);
    }
}

static void what_is_no_key_is_told_why(void **state)
{
    char text[KEY_TEXT_BYTES_MAX + 1], spoiled[KEY_TEXT_BYTES_MAX + 1];

    (void)state;
    struct span key = key_of("7dKq0ZtVb3XwRm9EyPf5GhSj2LcNu8Ao", text);
    snprintf(spoiled, sizeof(spoiled), "%s", text);
    spoiled[30] = spoiled[30] == 'x' ? 'y' : 'x';
    assert_non_null(strstr(key_weakness(span_str(spoiled)), "checksum"));
    assert_non_null(strstr(key_weakness(span_of(key.ptr, key.len - 1)), "shape"));
    assert_non_null(strstr(key_weakness(span_of(key.ptr + 1, key.len - 1)), "shape"));
    assert_non_null(strstr(key_weakness(SPAN("")), "shape"));
    assert_non_null(strstr(key_weakness(SPAN("hunter2")), "shape"));
    spoiled[30] = '-';
    assert_non_null(strstr(key_weakness(span_str(spoiled)), "shape"));
}

/* xorshift64*: the same keys in each run. */
static uint8_t next_byte(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (uint8_t)(*state * 0x2545F4914F6CDD1Du >> 56);
}

static void random_keys_are_strong(void **state)
{
    uint64_t seed = 88172645463325252u;
    uint8_t random[KEY_RANDOM_BYTES];
    char id[KEY_ID_BYTES_MIN + 1];
    struct secret key = {0};

    (void)state;
    for (int i = 0; i < 20000; i++) {
        do
            for (size_t j = 0; j < sizeof(random); j++)
                random[j] = next_byte(&seed);
        while (!key_make(random, &key, id));
        const char *why = key_weakness(secret_reveal(&key));
        check(why == NULL, "%.*s: %s", (int)key.len, secret_reveal(&key).ptr, why);
    }
    secret_clear(&key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_weak_secret_is_told_why),
        cmocka_unit_test(what_is_no_key_is_told_why),
        cmocka_unit_test(random_keys_are_strong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
