/*
 * What TLS to Redis needs once: a context that trusts one file of authorities, or the system's. Reads files: made
 * before workers run, and shared by them unchanged.
 */
#ifndef KGW_NET_REDIS_TLS_H
#define KGW_NET_REDIS_TLS_H

#include <openssl/ssl.h>

/* `ca_file`: PEM; NULL: the system's. NULL with a static sentence in *error. SSL_CTX_free() gives it back. */
SSL_CTX *redis_tls_new(const char *ca_file, const char **error);

/* A connection's own, which will be content with a certificate for `host` alone (a name or a numeric address). NULL: no
 * memory. */
SSL *redis_tls_connection(SSL_CTX *tls, const char *host, int fd);

#endif
