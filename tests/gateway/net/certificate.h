/*
 * A certificate of one's own for 127.0.0.1, made on the spot: its own authority, its file for whoever shall trust it.
 */
#ifndef KGW_TESTS_GATEWAY_NET_CERTIFICATE_H
#define KGW_TESTS_GATEWAY_NET_CERTIFICATE_H

#include <openssl/ssl.h>

struct certificate {
    SSL_CTX *server;
    char file[32];
};

/* `subject_alternative_name`: "IP:127.0.0.1", say. */
void certificate_make(struct certificate *c, const char *subject_alternative_name);
void certificate_save_key(struct certificate *c); /* into its file too, for a server that is another process */
void certificate_clear(struct certificate *c);

#endif
