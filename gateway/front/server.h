/*
 * The HTTP server of one thread: its listeners, connections and their limits. With exchange_h2o.c the only user of H2O.
 * Every request that is whole goes to `on_request`. The same server carries the public listeners and the admin
 * listener.
 */
#ifndef KGW_FRONT_SERVER_H
#define KGW_FRONT_SERVER_H

#include "gateway/base/metrics.h"
#include "gateway/front/exchange.h"
#include "gateway/net/loop.h"

#define LISTENERS_MAX 16

struct listener_conf {
    const char *address;         /* "127.0.0.1:8080", "[::1]:0" */
    const char *tls_certificate; /* PEM files; NULL: plain HTTP */
    const char *tls_key;
    uint64_t body_bytes_max;
    struct networks trusted_proxies; /* whose word on a client's address is believed */
    bool expects_proxy_header;       /* their connections begin with one of the PROXY protocol */
};

/* Limits; those on connections and bytes are a worker's share of the process's. */
struct server_conf {
    uint32_t head_bytes_max;
    uint32_t head_timeout_ms; /* from a request's first byte to the end of its head; and before any rate is asked of a
                                 body */
    uint32_t body_bytes_per_s_min;
    uint32_t idle_timeout_ms;  /* between requests */
    uint32_t write_timeout_ms; /* an answer that the client does not take */
    uint32_t connections_max;
    uint64_t buffered_bytes_max;
    bool shares_ports; /* SO_REUSEPORT: other servers, of other workers, listen on the same ones */
};

struct server;
typedef void server_request_cb(void *ctx, struct exchange *e);
/*
 * A request that never becomes an exchange: its head is ambiguous or its body too large. The owner counts and logs the
 * refusal, and writes the answer's body, of type application/problem+json, and the request's id: the caller's own, if
 * `head` (NULL: it could not be read) has one.
 */
#define REFUSAL_BODY_BYTES 1024
#define REFUSAL_ID_BYTES   128
struct refusal {
    struct buf body; /* of REFUSAL_BODY_BYTES at most */
    char id[REFUSAL_ID_BYTES];
    size_t id_len;
};
typedef void server_refused_cb(void *ctx, const struct failure *f, const struct head *head, struct address peer,
                               struct refusal *out);

/* All is copied. NULL: out of memory. */
struct server *server_new(struct loop *l, const struct server_conf *conf, struct metrics *metrics,
                          server_request_cb *on_request, server_refused_cb *on_refused, void *ctx);
#define SERVER_ERROR_BYTES 256
/*
 * Starts to listen. *port: the port bound, for address port 0;
 * pass it to the next worker. False with a sentence in error[]. With TLS, reads the two files.
 */
bool server_listen(struct server *s, const struct listener_conf *conf, uint16_t *port, char error[SERVER_ERROR_BYTES]);
/* New connections of that listener use it; those under way keep what they have. A reference is taken. */
struct tls_setup;
void server_set_tls(struct server *s, size_t listener, struct tls_setup *tls);

void server_close_after_answers(struct server *s); /* from now on every answer closes its connection */
void server_stop_listening(struct server *s);      /* takes what is in the backlogs first */
void server_close_idle(struct server *s);          /* connections without a request under way */
void server_cut_all(struct server *s);             /* all of them, when time is up */
size_t server_connections(const struct server *s);
void server_free(struct server **s); /* no connection is left */

#endif
