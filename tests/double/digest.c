/* SHA-256, MD5 and HMAC from OpenSSL; the algorithms are fetched once, since a fetch costs more than a short hash. */
#include "tests/double/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

static void digest(const char *name, EVP_MD **algorithm, EVP_MD_CTX **context, uint8_t *out, const void *bytes,
                   size_t length)
{
    if (*algorithm == NULL) {
        *algorithm = EVP_MD_fetch(NULL, name, NULL);
        *context = EVP_MD_CTX_new();
    }
    if (!EVP_DigestInit_ex2(*context, *algorithm, NULL) || !EVP_DigestUpdate(*context, bytes, length) ||
        !EVP_DigestFinal_ex(*context, out, NULL))
        abort();
}

void digest_sha256(uint8_t out[32], const void *bytes, size_t length)
{
    static EVP_MD *algorithm;
    static EVP_MD_CTX *context;
    digest("SHA256", &algorithm, &context, out, bytes, length);
}

void digest_md5(uint8_t out[16], const void *bytes, size_t length)
{
    static EVP_MD *algorithm;
    static EVP_MD_CTX *context;
    digest("MD5", &algorithm, &context, out, bytes, length);
}

void digest_hmac_sha256(uint8_t out[32], const void *key, size_t key_length, const void *bytes, size_t length)
{
    if (HMAC(EVP_sha256(), key, (int)key_length, bytes, length, out, NULL) == NULL)
        abort();
}
