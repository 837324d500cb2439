/* One thread a name: its end of the pair is its own, and closing ours is all that a cancel takes. */
#include "gateway/net/resolve.h"

#include "auth/address.h"
#include "gateway/net/loop_fd.h"

#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/un.h>
#include <unistd.h>

#define STACK_BYTES (512u << 10)

struct question { /* the thread's */
    int fd;
    char port[6];
    char host[];
};

struct resolve {
    struct loop *loop;
    int fd;
    resolve_cb *cb;
    void *ctx;
};

static bool unix_address(const char *path, struct net_address *out)
{
    struct sockaddr_un *a = (struct sockaddr_un *)&out->address;

    if (strlen(path) >= sizeof(a->sun_path))
        return false;
    a->sun_family = AF_UNIX;
    memcpy(a->sun_path, path, strlen(path) + 1);
    out->len = sizeof(*a);
    return true;
}

bool net_address_numeric(const char *host, uint16_t port, struct net_address *out)
{
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)&out->address;
    struct sockaddr_in *four = (struct sockaddr_in *)&out->address;
    struct address ip;

    *out = (struct net_address){.len = 0};
    if (host[0] == '/')
        return unix_address(host, out);
    if (!address_parse(span_str(host), &ip))
        return false;
    if (strchr(host, ':') != NULL) {
        six->sin6_family = AF_INET6;
        six->sin6_port = htons(port);
        memcpy(&six->sin6_addr, ip.bytes, sizeof(ip.bytes));
        out->len = sizeof(*six);
    } else {
        four->sin_family = AF_INET;
        four->sin_port = htons(port);
        memcpy(&four->sin_addr, ip.bytes + 12, 4);
        out->len = sizeof(*four);
    }
    return true;
}

/* The thread */

static void *run_question(void *ctx)
{
    struct question *q = ctx;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    struct net_address answer[RESOLVE_ADDRESSES_MAX];
    size_t len = 0;

    memset(answer, 0, sizeof(answer));
    if (getaddrinfo(q->host, q->port, &hints, &found) == 0) {
        for (struct addrinfo *a = found; a != NULL && len != RESOLVE_ADDRESSES_MAX; a = a->ai_next) {
            memcpy(&answer[len].address, a->ai_addr, a->ai_addrlen);
            answer[len++].len = a->ai_addrlen;
        }
        freeaddrinfo(found);
    }
    (void)send(q->fd, answer, len * sizeof(answer[0]), MSG_NOSIGNAL);
    close(q->fd);
    free(q);
    return NULL;
}

static bool start_thread(struct question *q)
{
    pthread_attr_t attributes;
    pthread_t thread;

    if (pthread_attr_init(&attributes) != 0)
        return false;
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    bool ok = pthread_create(&thread, &attributes, run_question, q) == 0;
    pthread_attr_destroy(&attributes);
    return ok;
}

/* The loop's side */

static void on_answer(int fd, int events, void *ctx)
{
    struct resolve *r = ctx;
    struct net_address answer[RESOLVE_ADDRESSES_MAX];
    ssize_t bytes = read(fd, answer, sizeof(answer)); /* a packet: whole or, when the thread found nothing, empty */

    (void)events;
    resolve_cb *cb = r->cb;
    void *cb_ctx = r->ctx;
    resolve_cancel(&r);
    cb(cb_ctx, answer, bytes <= 0 ? 0 : (size_t)bytes / sizeof(answer[0]));
}

static bool open_pair(struct resolve *r, struct question *q)
{
    int fds[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0)
        return false;
    r->fd = fds[0];
    q->fd = fds[1];
    if (loop_fd_watch(r->loop, r->fd, FD_READABLE, on_answer, r) && start_thread(q))
        return true;
    loop_fd_close(r->loop, r->fd);
    close(q->fd);
    return false;
}

struct resolve *resolve_start(struct loop *l, const char *host, uint16_t port, resolve_cb *cb, void *ctx)
{
    struct resolve *r = malloc(sizeof(*r));
    struct question *q = malloc(sizeof(*q) + strlen(host) + 1);

    if (r != NULL && q != NULL) {
        *r = (struct resolve){.loop = l, .cb = cb, .ctx = ctx};
        memcpy(q->host, host, strlen(host) + 1);
        snprintf(q->port, sizeof(q->port), "%u", port);
        if (open_pair(r, q))
            return r;
    }
    free(r);
    free(q);
    return NULL;
}

void resolve_cancel(struct resolve **r)
{
    struct resolve *gone = *r;

    if (gone == NULL)
        return;
    *r = NULL;
    loop_fd_close(gone->loop, gone->fd);
    free(gone);
}
