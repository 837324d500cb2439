/* Ed25519 by OpenSSL, which refuses signatures that are not in their one form (S below the group's order). */
#include "auth/ed25519.h"

#include <openssl/err.h>
#include <openssl/evp.h>

enum ed25519_verdict ed25519_verify(const uint8_t public_key[ED25519_KEY_BYTES], struct span message,
                                    const uint8_t signature[ED25519_SIGNATURE_BYTES])
{
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, ED25519_KEY_BYTES);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    enum ed25519_verdict verdict = ED25519_NO_MEMORY;

    if (key != NULL && ctx != NULL && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1)
        verdict = EVP_DigestVerify(ctx, signature, ED25519_SIGNATURE_BYTES,
                                   (const unsigned char *)(message.len == 0 ? "" : message.ptr), message.len) == 1
                      ? ED25519_OK
                      : ED25519_BAD;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    if (verdict != ED25519_OK)
        ERR_clear_error(); /* the next who looks at this thread's queue must not find ours */
    return verdict;
}
