/*
 * A server that says exactly what a test wants: one thread, one connection after another, on a free port of the
 * loopback. What a script does with a connection is its own business: answer, drip, break off, reset or stay silent.
 */
#ifndef KGW_TESTS_GATEWAY_NET_RAW_SERVER_H
#define KGW_TESTS_GATEWAY_NET_RAW_SERVER_H

#include "auth/bytes.h"

#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>

struct raw_connection {
    struct raw_server *server;
    int fd;
    SSL *tls;     /* NULL: plain */
    unsigned nth; /* of the server's connections, from 0 */
};

/* Runs on the server's thread; the connection is closed when it returns. */
typedef void raw_script(struct raw_connection *c, void *ctx);

struct raw_server {
    int listener;
    char url[64];
    SSL_CTX *tls;
    raw_script *script;
    void *ctx;
    pthread_t thread;
    _Atomic bool is_stopping;
    _Atomic unsigned connections, requests; /* requests: read whole, head and body */
    struct buf head;                        /* of the last request; looked at after the server stopped */
    struct buf body;
};

/* `tls`: NULL for plain HTTP. */
void raw_server_start(struct raw_server *s, SSL_CTX *tls, raw_script *script, void *ctx);
void raw_server_stop(struct raw_server *s); /* serves whoever still waits, then ends */
void raw_server_clear(struct raw_server *s);

bool raw_read_request(struct raw_connection *c); /* whole; false: the client went away before */
void raw_write(struct raw_connection *c, struct span text);
void raw_wait_closed(struct raw_connection *c); /* until the client closes */
void raw_reset(struct raw_connection *c);       /* closes with RST */

#endif
