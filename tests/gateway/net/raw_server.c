#include "tests/gateway/net/raw_server.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define POLL_MS 10 /* how soon a server that is asked to stop notices */

static void must(bool ok)
{
    if (!ok)
        abort();
}

static ssize_t read_some(struct raw_connection *c, char *to, size_t len)
{
    return c->tls != NULL ? SSL_read(c->tls, to, (int)len) : read(c->fd, to, len);
}

void raw_write(struct raw_connection *c, struct span text)
{
    while (text.len != 0) {
        ssize_t wrote =
            c->tls != NULL ? SSL_write(c->tls, text.ptr, (int)text.len) : send(c->fd, text.ptr, text.len, MSG_NOSIGNAL);
        if (wrote <= 0)
            return; /* the client is gone */
        text = span_of(text.ptr + wrote, text.len - (size_t)wrote);
    }
}

static size_t body_bytes_of(const struct buf *head)
{
    char *text = calloc(1, head->len + 1);
    must(text != NULL);
    memcpy(text, head->ptr, head->len);
    const char *field = strcasestr(text, "\r\ncontent-length:");
    size_t bytes = field == NULL ? 0 : strtoul(field + 17, NULL, 10);

    free(text);
    return bytes;
}

static bool read_head(struct raw_connection *c, struct buf *head)
{
    char byte;

    while (head->len < 4 || memcmp(head->ptr + head->len - 4, "\r\n\r\n", 4) != 0) {
        if (read_some(c, &byte, 1) != 1)
            return false;
        buf_append_char(head, byte);
    }
    return true;
}

static bool read_body(struct raw_connection *c, size_t bytes, struct buf *body)
{
    char chunk[65536];

    while (body->len != bytes) {
        size_t left = bytes - body->len;
        ssize_t got = read_some(c, chunk, left < sizeof(chunk) ? left : sizeof(chunk));
        if (got <= 0)
            return false;
        buf_append(body, span_of(chunk, (size_t)got));
    }
    return true;
}

static void swap(struct buf *a, struct buf *b)
{
    struct buf was = *a;

    *a = *b;
    *b = was;
}

bool raw_read_request(struct raw_connection *c)
{
    struct buf head, body;

    buf_init(&head, 1 << 20);
    buf_init(&body, 1 << 26);
    bool is_whole = read_head(c, &head) && read_body(c, body_bytes_of(&head), &body);
    if (is_whole) {
        swap(&head, &c->server->head);
        swap(&body, &c->server->body);
        atomic_fetch_add(&c->server->requests, 1);
    }
    buf_clear(&head);
    buf_clear(&body);
    return is_whole;
}

void raw_wait_closed(struct raw_connection *c)
{
    char ignored[4096];

    while (read_some(c, ignored, sizeof(ignored)) > 0)
        ;
}

void raw_reset(struct raw_connection *c)
{
    struct linger none = {.l_onoff = 1, .l_linger = 0};

    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
    close(c->fd);
    c->fd = -1;
}

static void serve(struct raw_server *s, int fd)
{
    struct raw_connection c = {.server = s, .fd = fd, .nth = atomic_fetch_add(&s->connections, 1)};
    int on = 1;

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (s->tls != NULL) {
        c.tls = SSL_new(s->tls);
        SSL_set_fd(c.tls, fd);
    }
    if (c.tls == NULL || SSL_accept(c.tls) == 1)
        s->script(&c, s->ctx);
    SSL_free(c.tls);
    if (c.fd >= 0)
        close(c.fd);
}

static void *run_server(void *ctx)
{
    struct raw_server *s = ctx;

    for (;;) {
        struct pollfd p = {.fd = s->listener, .events = POLLIN};
        bool must_stop = atomic_load(&s->is_stopping); /* looked at first: what connected before is served */
        int fd = poll(&p, 1, must_stop ? 0 : POLL_MS) > 0 ? accept4(s->listener, NULL, NULL, SOCK_CLOEXEC) : -1;
        if (fd >= 0)
            serve(s, fd);
        else if (must_stop)
            return NULL;
    }
}

void raw_server_start(struct raw_server *s, SSL_CTX *tls, raw_script *script, void *ctx)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);

    *s = (struct raw_server){.tls = tls, .script = script, .ctx = ctx};
    buf_init(&s->head, 1 << 20);
    buf_init(&s->body, 1 << 26);
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(bind(s->listener, (struct sockaddr *)&address, len) == 0 && listen(s->listener, 64) == 0);
    must(getsockname(s->listener, (struct sockaddr *)&address, &len) == 0);
    snprintf(s->url, sizeof(s->url), "%s://127.0.0.1:%u/", tls != NULL ? "https" : "http", ntohs(address.sin_port));
    must(pthread_create(&s->thread, NULL, run_server, s) == 0);
}

void raw_server_stop(struct raw_server *s)
{
    if (atomic_exchange(&s->is_stopping, true))
        return;
    pthread_join(s->thread, NULL);
    close(s->listener);
}

void raw_server_clear(struct raw_server *s)
{
    raw_server_stop(s);
    buf_clear(&s->head);
    buf_clear(&s->body);
}
