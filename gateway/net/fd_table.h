/*
 * Watched descriptors in an epoll set of their own; the set's descriptor is readable while one of them is ready. One
 * thread. For loop_h2o.c only: what each function promises stands in loop_fd.h.
 */
#ifndef KGW_NET_FD_TABLE_H
#define KGW_NET_FD_TABLE_H

#include "gateway/net/loop_fd.h"

#include <stdint.h>

struct fd_table {
    int epoll_fd;
    struct watched_fd *fds;
    size_t fds_len;
};

bool fd_table_init(struct fd_table *t);  /* false: no descriptor is to be had; there is nothing to clear then */
void fd_table_clear(struct fd_table *t); /* but for the set's descriptor, which whoever nests it closes */
void fd_table_tell(struct fd_table *t);  /* calls back for what is ready now */

bool fd_table_watch(struct fd_table *t, int fd, int events, loop_fd_cb *cb, void *ctx);
void fd_table_unwatch(struct fd_table *t, int fd);
void fd_table_keep(struct fd_table *t, int fd);
void fd_table_close(struct fd_table *t, int fd);

#endif
