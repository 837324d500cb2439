/* An SSL_CTX by another name: OpenSSL counts its references, and it is never changed once it is shared. */
#include "gateway/front/server_tls.h"

#include "gateway/front/server_h2o.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>

struct tls_setup *tls_setup_load(const struct listener_conf *conf, char error[SERVER_ERROR_BYTES])
{
    static char http_1_1[] = "http/1.1";
    static const h2o_iovec_t protocols[] = {{http_1_1, sizeof(http_1_1) - 1}, {NULL, 0}};
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());

    if (tls == NULL) {
        snprintf(error, SERVER_ERROR_BYTES, "TLS: out of memory");
        return NULL;
    }
    SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION);
    if (SSL_CTX_use_certificate_chain_file(tls, conf->tls_certificate) == 1 &&
        SSL_CTX_use_PrivateKey_file(tls, conf->tls_key, SSL_FILETYPE_PEM) == 1 && SSL_CTX_check_private_key(tls) == 1) {
        h2o_ssl_register_alpn_protocols(tls, protocols);
        return (struct tls_setup *)tls;
    }
    char reason[128];
    ERR_error_string_n(ERR_get_error(), reason, sizeof(reason));
    ERR_clear_error();
    snprintf(error, SERVER_ERROR_BYTES, "TLS: %s and %s are not a certificate chain and its key in PEM (%s)",
             conf->tls_certificate, conf->tls_key, reason);
    SSL_CTX_free(tls);
    return NULL;
}

SSL_CTX *tls_setup_native(struct tls_setup *t)
{
    return (SSL_CTX *)t;
}

void tls_setup_acquire(struct tls_setup *t)
{
    SSL_CTX_up_ref(tls_setup_native(t));
}

void tls_setup_release(struct tls_setup **t)
{
    SSL_CTX_free(tls_setup_native(*t));
    *t = NULL;
}
