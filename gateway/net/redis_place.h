/*
 * Where a Redis is and what TLS to it needs, as settings say it: what a client's redis_conf points to. Reads files and
 * the environment: not for a worker, which shares it unchanged.
 */
#ifndef KGW_NET_REDIS_PLACE_H
#define KGW_NET_REDIS_PLACE_H

#include "gateway/net/redis_url.h"

#define REDIS_PLACE_ERROR_BYTES 384

struct ssl_ctx_st;

struct redis_place {
    struct redis_url url;
    struct ssl_ctx_st *tls; /* NULL: none is needed */
};

/*
 * `where`: a URL, or "env:NAME" or "file:PATH" of what holds one. `ca_file`: as for redis_tls_new(). False with a
 * sentence in error[] that quotes no URL, and *p is empty.
 */
bool redis_place_open(struct redis_place *p, const char *where, const char *ca_file,
                      char error[REDIS_PLACE_ERROR_BYTES]);
void redis_place_clear(struct redis_place *p); /* after all that points to it; more than once is fine */

#endif
