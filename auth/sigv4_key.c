/*
 * kSigning = HMAC(HMAC(HMAC(HMAC("AWS4" + secret, day), region), service), "aws4_request").
 */
#include "auth/sigv4_key.h"

#include <assert.h>

static void first_link(struct span secret, struct span day, uint8_t out[SHA256_BYTES])
{
    char prefixed[4 + SIGV4_SECRET_BYTES_MAX] = "AWS4";

    assert(secret.len <= SIGV4_SECRET_BYTES_MAX);
    if (secret.len > 0)
        memcpy(prefixed + 4, secret.ptr, secret.len);
    digest_hmac_sha256(span_of(prefixed, 4 + secret.len), day, out);
    bytes_wipe(prefixed, 4 + secret.len);
}

void sigv4_key_derive(struct span secret_access_key, struct span day, struct span region, struct span service,
                      uint8_t out[SHA256_BYTES])
{
    const struct span links[] = {region, service, SPAN("aws4_request")};

    first_link(secret_access_key, day, out);
    for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
        digest_hmac_sha256(span_of((const char *)out, SHA256_BYTES), links[i], out);
}

const uint8_t *sigv4_key_cached(struct sigv4_key_cache *c, uint64_t credentials_serial, struct span secret_access_key,
                                struct span day, struct span region, struct span service)
{
    assert(credentials_serial != 0 && day.len == SIGV4_DAY_BYTES);
    if (c->credentials_serial == credentials_serial && memcmp(c->day, day.ptr, SIGV4_DAY_BYTES) == 0)
        return c->key;
    sigv4_key_derive(secret_access_key, day, region, service, c->key);
    memcpy(c->day, day.ptr, SIGV4_DAY_BYTES);
    c->credentials_serial = credentials_serial;
    return c->key;
}

void sigv4_key_cache_wipe(struct sigv4_key_cache *c)
{
    bytes_wipe(c, sizeof(*c));
}
