/*
 * Descriptors of libraries, which may close them behind our back, get the number back for another file, or keep one
 * that they said to be gone: a generation tells one file from the next.
 */
#include "gateway/net/fd_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define EVENTS_MAX 128

struct watched_fd {
    loop_fd_cb *cb; /* NULL: not watched */
    void *ctx;
    uint32_t events;     /* of epoll */
    uint32_t generation; /* tells a reused descriptor from the one an event was for */
    bool is_registered;  /* in the epoll set, watched or not */
    bool is_kept;        /* closed by fd_table_close() alone */
};

bool fd_table_init(struct fd_table *t)
{
    *t = (struct fd_table){.epoll_fd = epoll_create1(EPOLL_CLOEXEC)};
    return t->epoll_fd >= 0;
}

void fd_table_clear(struct fd_table *t)
{
    free(t->fds);
    t->fds = NULL;
    t->fds_len = 0;
}

static void deregister(struct fd_table *t, int fd)
{
    struct watched_fd *w = &t->fds[fd];

    if (w->is_registered)
        (void)epoll_ctl(t->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
    w->is_registered = false;
}

static void tell(struct fd_table *t, const struct epoll_event *e)
{
    int fd = (int)(uint32_t)e->data.u64, ready = 0;
    struct watched_fd *w = &t->fds[fd];

    if (w->generation != (uint32_t)(e->data.u64 >> 32))
        return;
    if (w->cb == NULL) {
        deregister(t, fd); /* a kept one that nobody watches: the peer has closed it, most likely */
        return;
    }
    if (e->events & (EPOLLIN | EPOLLHUP | EPOLLERR | EPOLLRDHUP))
        ready |= FD_READABLE;
    if (e->events & (EPOLLOUT | EPOLLERR))
        ready |= FD_WRITABLE;
    w->cb(fd, ready, w->ctx);
}

static bool fds_reserve(struct fd_table *t, size_t len)
{
    if (len <= t->fds_len)
        return true;
    size_t grown = t->fds_len * 2 > len ? t->fds_len * 2 : len + 64;
    struct watched_fd *fds = realloc(t->fds, grown * sizeof(*fds));
    if (fds == NULL)
        return false;
    memset(fds + t->fds_len, 0, (grown - t->fds_len) * sizeof(*fds));
    t->fds = fds;
    t->fds_len = grown;
    return true;
}

static bool register_fd(struct fd_table *t, int fd, uint32_t events)
{
    struct watched_fd *w = &t->fds[fd];
    bool is_new = !w->is_registered;

    if (is_new)
        w->generation++;
    struct epoll_event e = {.events = events, .data.u64 = (uint64_t)w->generation << 32 | (uint32_t)fd};
    w->events = events;
    w->is_registered = epoll_ctl(t->epoll_fd, is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &e) == 0 ||
                       (errno == ENOENT && epoll_ctl(t->epoll_fd, EPOLL_CTL_ADD, fd, &e) == 0) ||
                       (errno == EEXIST && epoll_ctl(t->epoll_fd, EPOLL_CTL_MOD, fd, &e) == 0);
    return w->is_registered;
}

bool fd_table_watch(struct fd_table *t, int fd, int events, loop_fd_cb *cb, void *ctx)
{
    if (!fds_reserve(t, (size_t)fd + 1))
        return false;
    struct watched_fd *w = &t->fds[fd];
    uint32_t wanted = ((events & FD_READABLE) ? EPOLLIN : 0) | ((events & FD_WRITABLE) ? EPOLLOUT : 0);
    bool is_as_wanted =
        w->is_kept && w->is_registered && w->events == wanted; /* of others the number may be another file */
    if (!is_as_wanted && !register_fd(t, fd, wanted)) {
        w->cb = NULL;
        return false;
    }
    w->cb = cb;
    w->ctx = ctx;
    return true;
}

void fd_table_unwatch(struct fd_table *t, int fd)
{
    if ((size_t)fd >= t->fds_len)
        return;
    t->fds[fd].cb = NULL;
    if (!t->fds[fd].is_kept)
        deregister(t, fd);
}

void fd_table_keep(struct fd_table *t, int fd)
{
    if (!fds_reserve(t, (size_t)fd + 1))
        return;
    t->fds[fd].is_kept = true;
}

void fd_table_close(struct fd_table *t, int fd)
{
    if ((size_t)fd < t->fds_len) {
        deregister(t, fd);
        t->fds[fd].cb = NULL;
        t->fds[fd].is_kept = false;
    }
    close(fd);
}

void fd_table_tell(struct fd_table *t)
{
    struct epoll_event events[EVENTS_MAX];
    int count = epoll_wait(t->epoll_fd, events, EVENTS_MAX, 0);

    for (int i = 0; i < count; i++)
        tell(t, &events[i]);
}
