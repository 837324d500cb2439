/*
 * Redis for commands: one connection, one command after another. Blocks: not for a worker. What the gateway itself asks
 * goes through redis_call.
 */
#ifndef KGW_NET_REDIS_ONCE_H
#define KGW_NET_REDIS_ONCE_H

#include "gateway/net/redis_reply.h"
#include "gateway/net/redis_url.h"

#define REDIS_ONCE_ERROR_BYTES 256

struct redis_once;

struct ssl_ctx_st;

/*
 * Connects, gives user and password, picks the database; sentinels are asked for their master. Connecting may take
 * timeout_ms, and Redis may be silent for so long then. `tls` is what redis_tls_new() made, for a URL that wants TLS,
 * else NULL; it and `url` must outlive it. NULL with words in error[] that hold neither user nor password.
 */
struct redis_once *redis_once_open(const struct redis_url *url, struct ssl_ctx_st *tls, uint32_t timeout_ms,
                                   char error[REDIS_ONCE_ERROR_BYTES]);
/*
 * Sends one command and waits for its reply, which lives until the next call. In a cluster it goes to the node that has
 * its keys. NULL with words in error[]: Redis refused it, or did not answer and may have carried it out; then nothing
 * more can be asked.
 */
const struct redis_reply *redis_once_call(struct redis_once *r, const struct span *words, size_t words_len,
                                          char error[REDIS_ONCE_ERROR_BYTES]);
void redis_once_close(struct redis_once **r); /* NULL-safe */

#endif
