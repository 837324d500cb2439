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

/*
 * Connects, gives user and password, picks the database; sentinels are asked for their master. Connecting, and each
 * command then, may take timeout_ms. `url` must outlive it. NULL with words in error[] that hold neither user nor
 * password.
 */
struct redis_once *redis_once_open(const struct redis_url *url, uint32_t timeout_ms,
                                   char error[REDIS_ONCE_ERROR_BYTES]);
/*
 * Sends one command and waits for its reply, which lives until the next call. In a cluster it goes to the node that has
 * its keys. NULL with words in error[]: Redis refused it, or did not answer and may have carried it out.
 */
const struct redis_reply *redis_once_call(struct redis_once *r, const struct span *words, size_t words_len,
                                          char error[REDIS_ONCE_ERROR_BYTES]);
void redis_once_close(struct redis_once **r); /* NULL-safe */

#endif
