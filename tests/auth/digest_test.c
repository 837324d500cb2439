#include "auth/digest.h"

#include <pthread.h>

#include "tests/auth/check.h"

static void check_hex(const char *what, const uint8_t *got, size_t len, const char *want)
{
    char hex[2 * SHA256_BYTES];

    hex_encode(got, len, hex);
    check(span_is(span_of(hex, 2 * len), want), "%s", what);
}

static const struct {
    const char *what, *text, *sha256, *md5;
    uint32_t crc32;
} digests[] = {
    {"nothing", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
     "d41d8cd98f00b204e9800998ecf8427e", 0},
    {"abc", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
     "900150983cd24fb0d6963f7d28e17f72", 0x352441c2},
    {"the check value of CRC-32", "123456789", "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225",
     "25f9e794323b453885f5181f1b624d0b", 0xcbf43926},
};

static void digests_are_the_published_ones(void **state)
{
    uint8_t out[SHA256_BYTES];

    (void)state;
    for (size_t i = 0; i < LEN(digests); i++) {
        struct span text = span_str(digests[i].text);
        digest_sha256(text, out);
        check_hex(digests[i].what, out, SHA256_BYTES, digests[i].sha256);
        digest_md5(text, out);
        check_hex(digests[i].what, out, MD5_BYTES, digests[i].md5);
        check(digest_crc32(text) == digests[i].crc32, "%s", digests[i].what);
    }
}

static void hmac_is_that_of_rfc_4231(void **state)
{
    uint8_t out[SHA256_BYTES];
    char long_key[131];

    (void)state;
    digest_hmac_sha256(SPAN("Jefe"), SPAN("what do ya want for nothing?"), out);
    check_hex("case 2", out, sizeof(out), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(long_key, 0xAA, sizeof(long_key));
    digest_hmac_sha256(span_of(long_key, sizeof(long_key)),
                       SPAN("Test Using Larger Than Block-Size Key - Hash Key First"), out);
    check_hex("case 6", out, sizeof(out), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    for (int i = 0; i < 2; i++) {
        digest_hmac_sha256((struct span){0}, (struct span){0}, out);
        check_hex("empty key and text", out, sizeof(out),
                  "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
    }
}

static void slices_give_the_digest_of_the_whole(void **state)
{
    char text[300];
    uint8_t whole[SHA256_BYTES], sliced[SHA256_BYTES];

    (void)state;
    memset(text, 'x', sizeof(text));
    digest_sha256(span_of(text, sizeof(text)), whole);
    for (size_t cut = 0; cut <= sizeof(text); cut += 7) {
        struct sha256_stream *s = sha256_stream_new();
        assert_non_null(s);
        sha256_stream_update(s, span_of(text, cut));
        digest_sha256(SPAN("another one in between"), sliced);
        sha256_stream_update(s, span_of(text + cut, sizeof(text) - cut));
        sha256_stream_final(s, sliced);
        assert_memory_equal(whole, sliced, sizeof(whole));
        sha256_stream_free(&s);
        assert_null(s);
        sha256_stream_free(&s);
    }
}

static void pieces_give_the_md5_of_the_whole(void **state)
{
    char text[300];
    uint8_t whole[MD5_BYTES], pieced[MD5_BYTES];

    (void)state;
    memset(text, 'x', sizeof(text));
    digest_md5(span_of(text, sizeof(text)), whole);
    for (size_t cut = 0; cut <= sizeof(text); cut += 7) {
        digest_md5_begin();
        digest_md5_add(span_of(text, cut));
        digest_sha256(SPAN("another digest in between"), (uint8_t[SHA256_BYTES]){0});
        digest_md5_add((struct span){0});
        digest_md5_add(span_of(text + cut, sizeof(text) - cut));
        digest_md5_end(pieced);
        assert_memory_equal(whole, pieced, sizeof(whole));
    }
}

static void *hash_all(void *must_clear)
{
    for (int i = 0; i < 1000; i++)
        digests_are_the_published_ones(NULL);
    hmac_is_that_of_rfc_4231(NULL);
    if (must_clear != NULL)
        digest_thread_clear();
    return NULL;
}

static void threads_hash_and_end_without_a_leak(void **state)
{
    pthread_t threads[4];

    (void)state;
    for (size_t i = 0; i < LEN(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, hash_all, i % 2 == 0 ? NULL : &threads[i]), 0);
    for (size_t i = 0; i < LEN(threads); i++)
        pthread_join(threads[i], NULL);
}

static void a_cleared_thread_begins_again(void **state)
{
    (void)state;
    digest_thread_clear();
    digest_thread_clear();
    digests_are_the_published_ones(NULL);
    digest_thread_clear();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_are_the_published_ones),      cmocka_unit_test(hmac_is_that_of_rfc_4231),
        cmocka_unit_test(slices_give_the_digest_of_the_whole), cmocka_unit_test(pieces_give_the_md5_of_the_whole),
        cmocka_unit_test(threads_hash_and_end_without_a_leak), cmocka_unit_test(a_cleared_thread_begins_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
