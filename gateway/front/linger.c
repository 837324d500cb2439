/*
 * Lingering close (RFC 9112 section 9.6): after an answer that ends a connection whose client may still be sending,
 * what arrives is read and thrown away for a moment, so that the answer is not lost to a reset.
 */
#include "gateway/front/server_h2o.h"
#include "gateway/net/loop_fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define LINGERING_MAX    256 /* a worker's; the connections beyond are closed at once */
#define LINGER_US        2000000u
#define LINGER_BYTES_MAX (64u << 20)

struct lingering {
    struct list link;
    struct server *server;
    int fd;
    uint64_t bytes;
    struct timer timer;
};

void linger_prepare(struct connection *c)
{
    if (c->linger_fd < 0 && c->server->lingering_len < LINGERING_MAX)
        c->linger_fd = fcntl(h2o_socket_get_fd(c->socket), F_DUPFD_CLOEXEC, 3);
}

static void linger_end(void *ctx)
{
    struct lingering *l = ctx;

    loop_fd_unwatch(l->server->loop, l->fd);
    loop_timer_stop(l->server->loop, &l->timer);
    list_remove(&l->link);
    l->server->lingering_len--;
    close(l->fd);
    free(l);
}

static void on_readable(int fd, int events, void *ctx)
{
    struct lingering *l = ctx;
    char discarded[16384];
    ssize_t got = recv(fd, discarded, sizeof(discarded), MSG_DONTWAIT);

    (void)events;
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    l->bytes += got > 0 ? (uint64_t)got : 0;
    if (got <= 0 || l->bytes > LINGER_BYTES_MAX)
        linger_end(l);
}

void linger_begin(struct server *s, int fd)
{
    struct lingering *l = calloc(1, sizeof(*l));

    shutdown(fd, SHUT_WR);
    if (l == NULL || !loop_fd_watch(s->loop, fd, FD_READABLE, on_readable, l)) {
        free(l);
        close(fd);
        return;
    }
    l->server = s;
    l->fd = fd;
    list_append(&s->lingering, &l->link);
    s->lingering_len++;
    timer_init(&l->timer, linger_end, l);
    loop_timer_start(s->loop, &l->timer, LINGER_US);
}

void linger_end_all(struct server *s)
{
    while (!list_is_empty(&s->lingering))
        linger_end(LIST_ENTRY(s->lingering.next, struct lingering, link));
}
