/*
 * Connections and their limits in time and memory. H2O buffers a whole request before anyone sees it and sets no
 * deadline on writes, so a sweep looks at every connection: idle too long, a head that drips, a body slower than it may
 * be, an answer that is not taken, and more buffered bytes than the process may hold.
 */
#include "gateway/front/guard.h"
#include "gateway/front/proxy_header.h"
#include "gateway/front/server_h2o.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

#define SWEEP_US          100000u
#define SWEEP_PRESSURE_US 5000u /* while more than half of the memory is used */

static void on_closed(void *ctx)
{
    struct connection *c = ctx;
    struct server *s = c->server;

    list_remove(&c->link);
    list_remove(&c->reading);
    s->connections_len--;
    if (s->metrics != NULL)
        s->metrics->gauges[GAUGE_CONNECTIONS]--;
    if (c->linger_fd >= 0)
        linger_begin(s, c->linger_fd);
    free(c);
    server_resume_accept(s);
}

static struct address peer_of(h2o_socket_t *socket)
{
    struct sockaddr_storage a = {.ss_family = AF_UNSPEC};

    if (h2o_socket_getpeername(socket, (struct sockaddr *)&a) == 0)
        return (struct address){{0}};
    if (a.ss_family == AF_INET6)
        return address_from_ipv6(((struct sockaddr_in6 *)&a)->sin6_addr.s6_addr);
    return address_from_ipv4((const uint8_t *)&((struct sockaddr_in *)&a)->sin_addr.s_addr);
}

static struct connection *connection_new(struct listener *l, h2o_socket_t *socket)
{
    struct server *s = l->server;
    struct connection *c = calloc(1, sizeof(*c));

    if (c == NULL)
        return NULL;
    c->server = s;
    c->listener = l;
    c->socket = socket;
    c->peer = peer_of(socket);
    c->body_bytes_max = l->body_bytes_max;
    c->idle_since_us = loop_now_us(s->loop);
    c->linger_fd = -1;
    list_init(&c->reading);
    list_append(&s->connections, &c->link);
    s->connections_len++;
    if (s->metrics != NULL) {
        s->metrics->gauges[GAUGE_CONNECTIONS]++;
        metrics_count(s->metrics, COUNT_CONNECTIONS_ACCEPTED, 1);
    }
    socket->on_close.cb = on_closed;
    socket->on_close.data = c;
    return c;
}

static void stop_reading(struct connection *c)
{
    list_remove(&c->reading);
    c->is_reading = c->has_head = false;
    c->scanned_bytes = 0;
}

/* Ahead of everything, TLS too: who is behind the proxy. Without it the connection is nobody's. */
static void on_proxy_header(h2o_socket_t *socket, const char *error)
{
    struct connection *c = socket->on_close.data;
    struct proxy_header header;
    enum proxy_verdict v = PROXY_MALFORMED;

    if (error == NULL)
        v = proxy_header_read(span_of(socket->input->bytes, socket->input->size), &header);
    if (v == PROXY_MORE)
        return;
    if (v == PROXY_MALFORMED) {
        if (error == NULL && c->server->metrics != NULL)
            metrics_count(c->server->metrics, COUNT_CONNECTIONS_CUT, 1);
        h2o_socket_close(socket);
        return;
    }
    h2o_buffer_consume(&socket->input, header.bytes);
    if (header.has_client)
        c->peer = header.client;
    stop_reading(c);
    c->idle_since_us = loop_now_us(c->server->loop);
    h2o_socket_read_stop(socket);
    h2o_accept(&c->listener->accept, socket);
}

void connection_accept(struct listener *l, h2o_socket_t *socket)
{
    struct connection *c = connection_new(l, socket);

    if (c == NULL)
        h2o_socket_close(socket);
    else if (l->expects_proxy_header && networks_contain(&l->trusted_proxies, c->peer))
        h2o_socket_read_start(socket, on_proxy_header);
    else
        h2o_accept(&l->accept, socket);
}

void connection_on_request(struct connection *c)
{
    stop_reading(c);
    c->paused_cb = NULL; /* reading went on by itself, or the request would not be whole */
    c->is_in_flight = true;
}

/* More bytes, or the end, while a request is in flight: for later. The request's own bytes may not move. */
static void on_early_bytes(h2o_socket_t *socket, const char *error)
{
    (void)error;
    h2o_socket_read_stop(socket);
}

void connection_await(struct connection *c)
{
    c->is_watched = true;
    h2o_socket_dont_read(c->socket, 1);
    h2o_socket_read_start(c->socket, on_early_bytes);
}

void connection_on_reply(struct connection *c)
{
    if (c->is_watched) {
        c->is_watched = false;
        h2o_socket_dont_read(c->socket, 0);
        h2o_socket_read_stop(c->socket);
    }
    c->is_in_flight = false;
    c->writing_since_us = 0;
    c->idle_since_us = loop_now_us(c->server->loop);
}

/* H2O sees the end of the stream, or an error, and closes. */
static void cut(struct connection *c)
{
    if (c->server->metrics != NULL)
        metrics_count(c->server->metrics, COUNT_CONNECTIONS_CUT, 1);
    if (c->paused_cb != NULL) {
        h2o_socket_read_start(c->socket, c->paused_cb);
        c->paused_cb = NULL;
    }
    shutdown(h2o_socket_get_fd(c->socket), SHUT_RDWR);
}

static bool is_older(uint64_t now_us, uint64_t since_us, uint32_t timeout_ms)
{
    return now_us - since_us > (uint64_t)timeout_ms * MS_IN_US;
}

/* Bytes that a body must have brought by now: nothing during the head's time, then at the least rate. */
static bool is_body_too_slow(const struct connection *c, uint64_t now_us)
{
    const struct server_conf *conf = &c->server->conf;
    uint64_t took_us = now_us - c->reading_since_us, grace_us = (uint64_t)conf->head_timeout_ms * MS_IN_US;

    return took_us > grace_us &&
           c->socket->input->size < (took_us - grace_us) / 1000 * conf->body_bytes_per_s_min / 1000;
}

/* Looks for the head's end in what came since the last look, and in the three bytes before, which may be a part of it.
 */
static void find_head(struct connection *c)
{
    size_t size = c->socket->input->size, from = c->scanned_bytes < 3 ? 0 : c->scanned_bytes - 3;

    if (size > c->server->conf.head_bytes_max)
        size = c->server->conf.head_bytes_max;
    if (c->has_head || size <= c->scanned_bytes)
        return;
    c->has_head = guard_head_bytes(span_of(c->socket->input->bytes + from, size - from)) != 0;
    c->scanned_bytes = size;
}

static bool is_reader_too_slow(struct connection *c, uint64_t now_us)
{
    const struct server_conf *conf = &c->server->conf;

    find_head(c);
    if (c->has_head)
        return is_body_too_slow(c, now_us);
    return c->socket->input->size > conf->head_bytes_max ||
           is_older(now_us, c->reading_since_us, conf->head_timeout_ms);
}

static void sweep_one(struct connection *c, uint64_t now_us)
{
    const struct server_conf *conf = &c->server->conf;

    if (c->is_in_flight)
        return;
    if (h2o_socket_is_writing(c->socket)) {
        if (c->writing_since_us == 0)
            c->writing_since_us = now_us;
        else if (is_older(now_us, c->writing_since_us, conf->write_timeout_ms))
            cut(c);
        return;
    }
    c->writing_since_us = 0;
    if (c->socket->input->size != 0 && !c->is_reading) {
        c->is_reading = true;
        c->reading_since_us = now_us;
        list_append(&c->server->reading, &c->reading);
    }
    if (c->is_reading ? is_reader_too_slow(c, now_us) : is_older(now_us, c->idle_since_us, conf->idle_timeout_ms))
        cut(c);
}

static void pause_reading(struct connection *c)
{
    if (c->paused_cb != NULL || !h2o_socket_is_reading(c->socket))
        return;
    c->paused_cb = c->socket->_cb.read;
    h2o_socket_read_stop(c->socket);
    if (c->server->metrics != NULL)
        metrics_count(c->server->metrics, COUNT_BODIES_PAUSED, 1);
}

static void resume_reading(struct connection *c)
{
    h2o_socket_cb cb = c->paused_cb;

    if (cb == NULL)
        return;
    c->paused_cb = NULL;
    h2o_socket_read_start(c->socket, cb);
}

/*
 * The oldest readers go on while their bytes fit; the others wait, and their clocks with them. With no request under
 * way whose end would free memory, the very oldest goes on in any case. Returns what is held in all.
 */
static uint64_t share_memory(struct server *s, uint64_t since_last_us)
{
    uint64_t bytes = s->body_bytes_in_flight;
    bool must_go_on = bytes == 0;

    for (struct list *node = s->reading.next; node != &s->reading; node = node->next) {
        struct connection *c = LIST_ENTRY(node, struct connection, reading);
        bytes += c->socket->input->size;
        if (bytes <= s->conf.buffered_bytes_max || must_go_on) {
            resume_reading(c);
        } else {
            if (c->paused_cb != NULL)
                c->reading_since_us += since_last_us;
            pause_reading(c);
        }
        must_go_on = false;
    }
    return bytes;
}

static void sweep_all(struct server *s, uint64_t now_us)
{
    for (struct list *node = s->connections.next, *next; node != &s->connections; node = next) {
        next = node->next; /* a cut connection is closed later, by H2O */
        sweep_one(LIST_ENTRY(node, struct connection, link), now_us);
    }
    s->swept_us = now_us;
    server_resume_accept(s); /* where descriptors had run out */
}

void connections_sweep(void *server)
{
    struct server *s = server;
    uint64_t now_us = loop_now_us(s->loop);

    if (now_us - s->swept_us >= SWEEP_US)
        sweep_all(s, now_us);
    uint64_t bytes = share_memory(s, now_us - s->shared_us);
    s->shared_us = now_us;
    if (s->metrics != NULL)
        s->metrics->gauges[GAUGE_BUFFERED_BYTES] = (int64_t)bytes;
    bool is_pressing = bytes > s->conf.buffered_bytes_max / 2;
    loop_timer_start(s->loop, &s->sweep, is_pressing ? SWEEP_PRESSURE_US : SWEEP_US);
}
