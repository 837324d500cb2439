/*
 * Internals of the server: shared by server.c, connection.c, linger.c and exchange_h2o.c, and by nobody else.
 */
#ifndef KGW_FRONT_SERVER_H2O_H
#define KGW_FRONT_SERVER_H2O_H

#include "gateway/front/server.h"
#include "gateway/front/server_tls.h"

#include <h2o.h>

struct connection {
    struct list link;    /* all of a server's */
    struct list reading; /* those with a part of a request, oldest first */
    struct server *server;
    struct listener *listener;
    h2o_socket_t *socket; /* NULL once closed */
    struct address peer;
    uint64_t body_bytes_max;
    uint64_t idle_since_us, reading_since_us, writing_since_us;
    h2o_socket_cb paused_cb; /* reading is paused, and goes on with this; NULL: it is not */
    int linger_fd;           /* a duplicate to read the rest from after the close; -1: none */
    size_t scanned_bytes;    /* of its input, for the head's end */
    bool is_in_flight, is_reading, has_head;
    bool is_watched; /* while in flight: still in the epoll set, so that taking it out and in again is spared */
};

struct listener {
    struct server *server;
    h2o_socket_t *socket;
    h2o_accept_ctx_t accept;
    uint64_t body_bytes_max;
    struct networks trusted_proxies;
    bool expects_proxy_header;
    struct tls_setup *tls; /* NULL: plain HTTP */
    struct list retired;   /* replaced ones, oldest first: H2O keeps raw pointers until a handshake begins */
};

struct retired_tls {
    struct list link;
    struct tls_setup *tls;
    uint64_t since_us;
};

struct server {
    struct loop *loop;
    struct server_conf conf;
    struct metrics *metrics;
    server_request_cb *on_request;
    server_refused_cb *on_refused;
    void *ctx;
    h2o_globalconf_t config;
    h2o_context_t context;
    struct listener *listeners[LISTENERS_MAX];
    size_t listeners_len;
    struct list connections, reading, lingering, idle_exchanges;
    size_t connections_len, idle_exchanges_len, lingering_len;
    struct timer sweep;
    uint64_t swept_us, shared_us;
    bool is_accept_paused, is_closing_after_answers;
    uint64_t body_bytes_in_flight;
};

/* connection.c */
void connection_accept(struct listener *l, h2o_socket_t *socket); /* out of memory, it is closed */
void connection_on_request(struct connection *c);                 /* a request is whole */
void connection_await(struct connection *c);                      /* it is not answered at once */
void connection_on_reply(struct connection *c);                   /* its answer is being written */
void connections_sweep(void *server);
/* linger.c: closing at once would reset the connection and lose the answer while the client still sends. */
void linger_prepare(struct connection *c);
void linger_begin(struct server *s, int fd);
void linger_end_all(struct server *s);
/* server_tls.c */
SSL_CTX *tls_setup_native(struct tls_setup *t);
/* server.c */
void server_resume_accept(struct server *s);
/* exchange_h2o.c */
void exchange_setup(struct server *s);
void exchange_free_idle(struct server *s);

static inline struct connection *connection_of(h2o_req_t *req)
{
    return (struct connection *)req->conn->callbacks->get_socket(req->conn)->on_close.data;
}

#endif
