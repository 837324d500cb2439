/*
 * A connection to Redis that blocks, in TLS or plain: for commands, through redis_once. With TLS, OpenSSL writes to the
 * descriptor: the process ignores SIGPIPE.
 */
#ifndef KGW_NET_REDIS_WIRE_H
#define KGW_NET_REDIS_WIRE_H

#include "gateway/net/redis_url.h"

#define REDIS_WIRE_ERROR_BYTES 200

struct ssl_ctx_st;
struct ssl_st;

struct redis_wire {
    int fd;             /* -1: closed */
    struct ssl_st *tls; /* NULL: plain */
    uint32_t timeout_ms;
};

/*
 * Connects and, if `tls` is not NULL, shakes hands with a server that the context vouches for and whose certificate is
 * for `host`; all of it within timeout_ms, but for looking up the name. False with words in error[], and it is closed.
 */
bool redis_wire_open(struct redis_wire *w, const struct redis_host *host, struct ssl_ctx_st *tls, uint32_t timeout_ms,
                     char error[REDIS_WIRE_ERROR_BYTES]);
/* Sends all of it. The peer may be silent for timeout_ms. False with words in error[]. */
bool redis_wire_send(struct redis_wire *w, struct span bytes, char error[REDIS_WIRE_ERROR_BYTES]);
/* Waits at most timeout_ms for bytes: how many came, at most `len`. 0 with words in error[]. */
size_t redis_wire_receive(struct redis_wire *w, char *bytes, size_t len, char error[REDIS_WIRE_ERROR_BYTES]);
void redis_wire_close(struct redis_wire *w); /* more than once is fine */

#endif
