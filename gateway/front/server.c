/*
 * Listeners, TLS and the server's life. HTTP/2 is off: H2O 2.2.5 can be brought down by one HTTP/2 connection, so
 * neither ALPN, upgrade nor prior knowledge leads there.
 */
#include "gateway/front/server.h"

#include "gateway/front/server_h2o.h"
#include "gateway/net/loop_fd.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <unistd.h>

#define ACCEPTS_A_TURN 16
#define BACKLOG        1024
#define SPARED_US      250000u
#define NEVER_MS       (7u * 24 * 3600 * 1000) /* our sweep is the one that cuts */

static void set_error(char *error, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void set_error(char *error, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(error, SERVER_ERROR_BYTES, format, arguments);
    va_end(arguments);
}

/* Accepting */

static void pause_accept(struct server *s)
{
    s->is_accept_paused = true;
    for (size_t i = 0; i != s->listeners_len; i++)
        h2o_socket_read_stop(s->listeners[i]->socket);
}

static void on_acceptable(h2o_socket_t *socket, const char *error)
{
    struct listener *l = socket->data;
    struct server *s = l->server;

    (void)error;
    for (int i = 0; i != ACCEPTS_A_TURN; i++) {
        if (s->connections_len >= s->conf.connections_max) {
            pause_accept(s);
            return;
        }
        errno = 0;
        h2o_socket_t *accepted = h2o_evloop_socket_accept(socket);
        if (accepted == NULL) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
                pause_accept(s); /* or it would be told of the same connection for ever; the next sweep goes on */
            return;
        }
        connection_accept(l, accepted);
    }
}

void server_resume_accept(struct server *s)
{
    if (!s->is_accept_paused || s->connections_len >= s->conf.connections_max)
        return;
    s->is_accept_paused = false;
    for (size_t i = 0; i != s->listeners_len; i++)
        h2o_socket_read_start(s->listeners[i]->socket, on_acceptable);
}

/* TLS */

#define RETIRED_US                                                                                                     \
    15000000u /* longer than H2O's handshake timeout: until then a silent client's connection points there */

static void free_retired(struct listener *l, uint64_t now_us)
{
    while (!list_is_empty(&l->retired)) {
        struct retired_tls *r = LIST_ENTRY(l->retired.next, struct retired_tls, link);
        if (now_us != 0 && now_us - r->since_us < RETIRED_US)
            return;
        list_remove(&r->link);
        tls_setup_release(&r->tls);
        free(r);
    }
}

void server_set_tls(struct server *s, size_t listener, struct tls_setup *tls)
{
    struct listener *l = s->listeners[listener];
    struct retired_tls *r = calloc(1, sizeof(*r));

    if (r == NULL)
        return; /* without memory the old certificate stays, until the next reload */
    free_retired(l, loop_now_us(s->loop));
    r->tls = l->tls;
    r->since_us = loop_now_us(s->loop);
    list_append(&l->retired, &r->link);
    tls_setup_acquire(tls);
    l->tls = tls;
    l->accept.ssl_ctx = tls_setup_native(tls);
}

/* Listening */

static bool parse_listen_address(const char *text, struct sockaddr_storage *out, socklen_t *len)
{
    const char *colon = strrchr(text, ':');
    char host[64], *end;
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_PASSIVE, .ai_socktype = SOCK_STREAM}, *found;

    if (colon == NULL || colon == text || (size_t)(colon - text) >= sizeof(host))
        return false;
    unsigned long port = strtoul(colon + 1, &end, 10);
    if (*end != '\0' || end == colon + 1 || port > 65535)
        return false;
    bool is_bracketed = text[0] == '[' && colon[-1] == ']';
    size_t host_len = (size_t)(colon - text) - (is_bracketed ? 2 : 0);
    memcpy(host, text + is_bracketed, host_len);
    host[host_len] = '\0';
    if (getaddrinfo(host, NULL, &hints, &found) != 0)
        return false;
    memcpy(out, found->ai_addr, found->ai_addrlen);
    *len = found->ai_addrlen;
    freeaddrinfo(found);
    if (out->ss_family == AF_INET6)
        ((struct sockaddr_in6 *)out)->sin6_port = htons((uint16_t)port);
    else
        ((struct sockaddr_in *)out)->sin_port = htons((uint16_t)port);
    return true;
}

static uint16_t *port_of(struct sockaddr_storage *a)
{
    return a->ss_family == AF_INET6 ? &((struct sockaddr_in6 *)a)->sin6_port : &((struct sockaddr_in *)a)->sin_port;
}

static int open_listener(struct sockaddr_storage *a, socklen_t len, bool shares_port)
{
    int one = 1, fd = socket(a->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (shares_port)
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
    if (a->ss_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
    if (bind(fd, (struct sockaddr *)a, len) == 0 && listen(fd, BACKLOG) == 0 &&
        getsockname(fd, (struct sockaddr *)a, &len) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

bool server_listen(struct server *s, const struct listener_conf *conf, uint16_t *port, char error[SERVER_ERROR_BYTES])
{
    struct sockaddr_storage a;
    socklen_t len;
    struct tls_setup *tls = NULL;
    struct listener *l = NULL;

    if (s->listeners_len == LISTENERS_MAX || !parse_listen_address(conf->address, &a, &len)) {
        set_error(error, "%s is not a numeric address with a port, or one listener too many", conf->address);
        return false;
    }
    if (*port_of(&a) == 0)
        *port_of(&a) = htons(*port);
    if (conf->tls_certificate != NULL && (tls = tls_setup_load(conf, error)) == NULL)
        return false;
    int fd = open_listener(&a, len, s->conf.shares_ports);
    if (fd < 0 || (l = calloc(1, sizeof(*l))) == NULL) {
        set_error(error, "cannot listen on %s: %s", conf->address, strerror(errno));
        tls_setup_release(&tls);
        if (fd >= 0)
            close(fd);
        return false;
    }
    *port = ntohs(*port_of(&a));
    l->server = s;
    l->body_bytes_max = conf->body_bytes_max;
    l->trusted_proxies = conf->trusted_proxies;
    l->expects_proxy_header = conf->expects_proxy_header;
    l->tls = tls;
    list_init(&l->retired);
    l->accept = (h2o_accept_ctx_t){
        .ctx = &s->context, .hosts = s->config.hosts, .ssl_ctx = tls == NULL ? NULL : tls_setup_native(tls)};
    l->socket = h2o_evloop_socket_create(loop_native(s->loop), fd, H2O_SOCKET_FLAG_DONT_READ);
    l->socket->data = l;
    s->listeners[s->listeners_len++] = l;
    /* One more than any listener takes: H2O counts chunked bodies short by one. The exact limit is the exchange's. */
    if (conf->body_bytes_max + 1 > s->config.max_request_entity_size)
        s->config.max_request_entity_size = conf->body_bytes_max + 1;
    h2o_socket_read_start(l->socket, on_acceptable);
    return true;
}

/* Life */

struct server *server_new(struct loop *l, const struct server_conf *conf, struct metrics *metrics,
                          server_request_cb *on_request, server_refused_cb *on_refused, void *ctx)
{
    struct server *s = calloc(1, sizeof(*s));

    if (s == NULL)
        return NULL;
    s->loop = l;
    s->conf = *conf;
    s->metrics = metrics;
    s->on_request = on_request;
    s->on_refused = on_refused;
    s->ctx = ctx;
    list_init(&s->connections);
    list_init(&s->reading);
    list_init(&s->lingering);
    list_init(&s->idle_exchanges);
    h2o_config_init(&s->config);
    s->config.server_name = h2o_iovec_init(NULL, 0);
    s->config.http1.upgrade_to_http2 = 0;
    s->config.http1.req_timeout = NEVER_MS;
    s->config.max_request_entity_size = 0;
    exchange_setup(s);
    h2o_context_init(&s->context, loop_native(l), &s->config);
    timer_init(&s->sweep, connections_sweep, s);
    connections_sweep(s);
    return s;
}

void server_close_after_answers(struct server *s)
{
    s->is_closing_after_answers = true;
}

void server_stop_listening(struct server *s)
{
    for (size_t i = 0; i != s->listeners_len; i++) {
        struct listener *l = s->listeners[i];
        h2o_socket_t *accepted;
        while ((accepted = h2o_evloop_socket_accept(l->socket)) != NULL)
            connection_accept(l, accepted);
        h2o_socket_read_stop(l->socket);
        h2o_socket_close(l->socket);
        l->socket = NULL;
    }
    s->is_accept_paused = false;
}

void server_close_idle(struct server *s)
{
    for (struct list *node = s->connections.next; node != &s->connections; node = node->next) {
        struct connection *c = LIST_ENTRY(node, struct connection, link);
        bool is_new = loop_now_us(s->loop) - c->idle_since_us < SPARED_US; /* its request may be on its way */
        if (!c->is_in_flight && !is_new && c->socket->input->size == 0 && !h2o_socket_is_writing(c->socket))
            shutdown(h2o_socket_get_fd(c->socket), SHUT_RD);
    }
}

void server_cut_all(struct server *s)
{
    for (struct list *node = s->connections.next; node != &s->connections; node = node->next)
        shutdown(h2o_socket_get_fd(LIST_ENTRY(node, struct connection, link)->socket), SHUT_RDWR);
}

size_t server_connections(const struct server *s)
{
    return s->connections_len;
}

static void listener_free(struct listener *l)
{
    if (l->socket != NULL)
        h2o_socket_close(l->socket);
    free_retired(l, 0);
    tls_setup_release(&l->tls);
    free(l);
}

void server_free(struct server **s)
{
    struct server *gone = *s;

    if (gone == NULL)
        return;
    *s = NULL;
    assert(gone->connections_len == 0);
    linger_end_all(gone);
    loop_timer_stop(gone->loop, &gone->sweep);
    for (size_t i = 0; i != gone->listeners_len; i++)
        listener_free(gone->listeners[i]);
    exchange_free_idle(gone);
    h2o_timeout_unlink(&gone->context.http2._graceful_shutdown_timeout);
    h2o_context_dispose(&gone->context);
    h2o_evloop_run(loop_native(gone->loop), 0);
    h2o_config_dispose(&gone->config);
    free(gone);
}
