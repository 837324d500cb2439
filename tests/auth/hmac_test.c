/* The published vectors, in one piece and in many. */
#include "auth/hmac.h"

#include "auth/digest.h"
#include "tests/auth/check.h"

static void hmac_hex(enum hmac_algorithm algorithm, struct span key, struct span text, size_t piece, char *out)
{
    struct hmac_stream *s = hmac_stream_new(algorithm, key);
    uint8_t bytes[HMAC_BYTES_MAX];

    assert_non_null(s);
    hmac_stream_update(s, SPAN(""));
    for (size_t at = 0; at != text.len;) {
        size_t len = text.len - at < piece ? text.len - at : piece;
        hmac_stream_update(s, span_of(text.ptr + at, len));
        at += len;
    }
    size_t len = hmac_stream_final(s, bytes);
    hex_encode(bytes, len, out);
    out[2 * len] = '\0';
    hmac_stream_free(&s);
    hmac_stream_free(&s);
}

static void macs_are_those_of_the_rfcs(void **state)
{
    static char long_key[131];
    static const struct {
        const char *what;
        enum hmac_algorithm algorithm;
        struct span key;
        const char *text, *want;
    } rows[] = {
        {"RFC 2202, 2",
         HMAC_SHA1,
         {"Jefe", 4},
         "what do ya want for nothing?",
         "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
        {"RFC 4231, 2",
         HMAC_SHA256,
         {"Jefe", 4},
         "what do ya want for nothing?",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {"RFC 4231, 2",
         HMAC_SHA512,
         {"Jefe", 4},
         "what do ya want for nothing?",
         "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6"
         "b"
         "4b636e070a38bce737"},
        {"RFC 4231, 6",
         HMAC_SHA256,
         {long_key, sizeof(long_key)},
         "Test Using Larger Than Block-Size Key - Hash Key First",
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        {"RFC 4231, 6",
         HMAC_SHA512,
         {long_key, sizeof(long_key)},
         "Test Using Larger Than Block-Size Key - Hash Key First",
         "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0"
         "a"
         "ec8b915a985d786598"},
    };
    char got[2 * HMAC_BYTES_MAX + 1];

    (void)state;
    memset(long_key, 0xAA, sizeof(long_key));
    for (size_t i = 0; i != LEN(rows); i++)
        for (size_t piece = 1; piece < 100; piece += 9) {
            hmac_hex(rows[i].algorithm, rows[i].key, span_str(rows[i].text), piece, got);
            check(strcmp(got, rows[i].want) == 0, "%s: %s", rows[i].what, got);
        }
}

static void one_piece_gives_what_digest_gives(void **state)
{
    static const char bytes[300];
    uint8_t want[SHA256_BYTES];
    char got[2 * HMAC_BYTES_MAX + 1], hex[2 * SHA256_BYTES + 1] = "";

    (void)state;
    for (size_t len = 0; len != sizeof(bytes); len++) {
        digest_hmac_sha256(span_of(bytes, len % 70), span_of(bytes, len), want);
        hex_encode(want, sizeof(want), hex);
        hmac_hex(HMAC_SHA256, span_of(bytes, len % 70), span_of(bytes, len), SIZE_MAX, got);
        assert_string_equal(got, hex);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(macs_are_those_of_the_rfcs),
        cmocka_unit_test(one_piece_gives_what_digest_gives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
