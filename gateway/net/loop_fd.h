/*
 * Descriptors of libraries on a loop: an epoll set of its own, nested in the loop, so that a library may close
 * descriptors behind our back. For net/ only.
 */
#ifndef KGW_NET_LOOP_FD_H
#define KGW_NET_LOOP_FD_H

#include "gateway/net/loop.h"

enum { FD_READABLE = 1, FD_WRITABLE = 2 };
typedef void loop_fd_cb(int fd, int events, void *ctx);

/* Watches `fd` (level-triggered) for `events`; calling again changes them. False: out of memory or refused by the
 * kernel. */
bool loop_fd_watch(struct loop *l, int fd, int events, loop_fd_cb *cb, void *ctx);
void loop_fd_unwatch(struct loop *l, int fd); /* safe on one that is not watched or already closed */

/*
 * A descriptor that is closed by loop_fd_close() and by nothing else. Unwatching it costs nothing, nor does watching it
 * again for the same events: it stays in the epoll set until an event comes that nobody wants.
 */
void loop_fd_keep(struct loop *l, int fd);
void loop_fd_close(struct loop *l, int fd);

/* The H2O loop underneath (an h2o_loop_t), for the server, which alone knows its type. */
void *loop_native(struct loop *l);

#endif
