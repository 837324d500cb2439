/* RFC 8032 section 7.1, and every bit of it wrong. */
#include "auth/ed25519.h"

#include "tests/auth/check.h"

static const struct {
    const char *key, *message, *signature;
} vectors[] = {
    {"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe246"
     "55141438e7a100b"},
    {"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "r",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aee"
     "b00d291612bb0c00"},
};

static void the_vectors_fit_and_nothing_else(void **state)
{
    uint8_t key[ED25519_KEY_BYTES], signature[ED25519_SIGNATURE_BYTES];

    (void)state;
    for (size_t i = 0; i != LEN(vectors); i++) {
        struct span message = span_str(vectors[i].message);
        assert_true(hex_decode(span_str(vectors[i].key), key, sizeof(key)));
        assert_true(hex_decode(span_str(vectors[i].signature), signature, sizeof(signature)));
        check(ed25519_verify(key, message, signature) == ED25519_OK, "vector %zu", i);
        for (size_t bit = 0; bit != 8 * sizeof(signature); bit++) {
            signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
            check(ed25519_verify(key, message, signature) == ED25519_BAD, "bit %zu of the signature", bit);
            signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        for (size_t bit = 0; bit != 8 * sizeof(key); bit++) {
            key[bit / 8] ^= (uint8_t)(1 << bit % 8);
            check(ed25519_verify(key, message, signature) == ED25519_BAD, "bit %zu of the key", bit);
            key[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        check(ed25519_verify(key, SPAN("another"), signature) == ED25519_BAD, "another message");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_vectors_fit_and_nothing_else)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
