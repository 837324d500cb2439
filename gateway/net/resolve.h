/*
 * Names to addresses. getaddrinfo() blocks, so it runs on a thread of its own that shares nothing with us: it gets a
 * copy of the name and sends the addresses through a socket. Numeric addresses need no thread.
 */
#ifndef KGW_NET_RESOLVE_H
#define KGW_NET_RESOLVE_H

#include "gateway/net/loop.h"

#include <sys/socket.h>

#define RESOLVE_ADDRESSES_MAX 8

struct net_address {
    struct sockaddr_storage address;
    socklen_t len;
};

/* At once, from a numeric address, or a socket's path (which starts with '/'). False: neither. */
bool net_address_numeric(const char *host, uint16_t port, struct net_address *out);

struct resolve;
/* `addresses` live until the callback returns; none: the name could not be resolved. */
typedef void resolve_cb(void *ctx, const struct net_address *addresses, size_t len);

/*
 * Calls `cb` exactly once, later, on the loop; never before this returns and never after resolve_cancel(). There is no
 * time limit but the resolver's own. NULL: not started, no callback will come.
 */
struct resolve *resolve_start(struct loop *l, const char *host, uint16_t port, resolve_cb *cb, void *ctx);
void resolve_cancel(struct resolve **r); /* NULL-safe; *r becomes NULL. The thread ends by itself. */

#endif
