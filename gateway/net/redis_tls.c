/* The peer is verified always: there is no setting to leave it out. */
#include "gateway/net/redis_tls.h"

#include "auth/address.h"

#include <openssl/x509v3.h>

SSL_CTX *redis_tls_new(const char *ca_file, const char **error)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_client_method());

    *error = "out of memory";
    if (tls == NULL)
        return NULL;
    SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION);
    SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    int trusted =
        ca_file != NULL ? SSL_CTX_load_verify_locations(tls, ca_file, NULL) : SSL_CTX_set_default_verify_paths(tls);
    if (trusted == 1) {
        *error = NULL;
        return tls;
    }
    *error = "the file of authorities cannot be read, or holds no certificate";
    SSL_CTX_free(tls);
    return NULL;
}

static bool expect_host(SSL *ssl, const char *host)
{
    struct address ip;

    if (address_parse(span_str(host), &ip))
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1;
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(ssl, host) == 1 && SSL_set_tlsext_host_name(ssl, host) == 1;
}

SSL *redis_tls_connection(SSL_CTX *tls, const char *host, int fd)
{
    SSL *ssl = SSL_new(tls);

    if (ssl == NULL)
        return NULL;
    if (expect_host(ssl, host) && SSL_set_fd(ssl, fd) == 1) {
        SSL_set_connect_state(ssl);
        return ssl;
    }
    SSL_free(ssl);
    return NULL;
}
