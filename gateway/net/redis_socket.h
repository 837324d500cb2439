/*
 * A connection's bytes: TCP or a unix socket, in TLS or plain. What is sent in one turn of the loop is gathered and
 * written by one flush. For redis_link only; on its loop's thread.
 *
 * With TLS, OpenSSL writes to the descriptor: the process ignores SIGPIPE.
 */
#ifndef KGW_NET_REDIS_SOCKET_H
#define KGW_NET_REDIS_SOCKET_H

#include "auth/bytes.h"
#include "gateway/net/resolve.h"

#include <openssl/ssl.h>

struct redis_socket_events {
    void (*on_open)(void *ctx); /* connected and, with TLS, the peer verified */
    void (*on_bytes)(void *ctx, struct span bytes);
    void (*on_end)(void *ctx, const char *reason); /* static; it is closed already */
};

/* Embedded; an event's receiver may close it, but leaves its memory alone until the event's call returned. */
struct redis_socket {
    struct loop *loop;
    const struct redis_socket_events *events;
    void *ctx;
    int fd;   /* -1: closed */
    SSL *tls; /* NULL: plain */
    bool is_open;
    bool wipes; /* what is in out, once it was written: it holds a password */
    struct buf out;
    size_t written; /* of what is in out */
};

void redis_socket_init(struct redis_socket *s, struct loop *l, size_t send_bytes_max,
                       const struct redis_socket_events *events, void *ctx);
/* NULL: under way, on_open or on_end will follow. Else a static sentence, and no event will come. `tls` may be NULL. */
const char *redis_socket_connect(struct redis_socket *s, const struct net_address *to, SSL_CTX *tls, const char *host);
bool redis_socket_send(struct redis_socket *s, struct span bytes); /* false: too much is waiting, or no memory */
void redis_socket_flush(struct redis_socket *s);
void redis_socket_close(struct redis_socket *s); /* no event after it; wipes what was to be sent; safe when closed */

#endif
