/*
 * The derived signing key of SigV4, which changes with the UTC day, region, service and secret; cached for one of each.
 */
#ifndef KGW_AUTH_SIGV4_KEY_H
#define KGW_AUTH_SIGV4_KEY_H

#include "auth/digest.h"

#define SIGV4_DAY_BYTES        8   /* 20150830 */
#define SIGV4_SECRET_BYTES_MAX 256 /* of a secret access key; aws_creds_new() refuses longer ones */

void sigv4_key_derive(struct span secret_access_key, struct span day, struct span region, struct span service,
                      uint8_t out[SHA256_BYTES]);

/* A cache of one derived key, owned by one thread: zero-initialise it; wipe it before its memory goes. */
struct sigv4_key_cache {
    char day[SIGV4_DAY_BYTES];
    uint64_t credentials_serial; /* the caller's number for a set of credentials; 0 is never used */
    uint8_t key[SHA256_BYTES];
};
/* Region and service must not vary between calls on one cache. */
const uint8_t *sigv4_key_cached(struct sigv4_key_cache *c, uint64_t credentials_serial, struct span secret_access_key,
                                struct span day, struct span region, struct span service);
void sigv4_key_cache_wipe(struct sigv4_key_cache *c);

#endif
