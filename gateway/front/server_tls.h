/*
 * A listener's certificate and key, read and checked: an SSL_CTX that any thread may read and share. Reads files: for
 * control and commands.
 */
#ifndef KGW_FRONT_SERVER_TLS_H
#define KGW_FRONT_SERVER_TLS_H

#include "gateway/front/server.h"

struct tls_setup;

/* NULL with a sentence in error[] that names the files. The caller owns one reference. */
struct tls_setup *tls_setup_load(const struct listener_conf *conf, char error[SERVER_ERROR_BYTES]);
void tls_setup_acquire(struct tls_setup *t);  /* thread-safe */
void tls_setup_release(struct tls_setup **t); /* thread-safe, NULL-safe */

#endif
