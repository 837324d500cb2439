#include "tests/gateway/net/certificate.h"

#include "tests/auth/check.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <unistd.h>

static void add_extension(X509 *x, int kind, const char *value)
{
    X509V3_CTX context;

    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, x, x, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, kind, value);
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(x, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

static X509 *make(EVP_PKEY *key, const char *subject_alternative_name)
{
    X509 *x = X509_new();
    X509_NAME *name = X509_get_subject_name(x);

    X509_set_version(x, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    X509_gmtime_adj(X509_getm_notBefore(x), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x), 24 * 3600);
    X509_set_pubkey(x, key);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"test", -1, -1, 0);
    X509_set_issuer_name(x, name);
    add_extension(x, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(x, NID_subject_alt_name, subject_alternative_name);
    assert_true(X509_sign(x, key, EVP_sha256()) > 0);
    return x;
}

void certificate_make(struct certificate *c, const char *subject_alternative_name)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x = make(key, subject_alternative_name);

    snprintf(c->file, sizeof(c->file), "certificate-XXXXXX");
    int fd = mkstemp(c->file);
    FILE *f = fdopen(fd, "w");
    assert_int_equal(PEM_write_X509(f, x), 1);
    fclose(f);
    c->server = SSL_CTX_new(TLS_server_method());
    assert_int_equal(SSL_CTX_use_certificate(c->server, x), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(c->server, key), 1);
    X509_free(x);
    EVP_PKEY_free(key);
}

void certificate_save_key(struct certificate *c)
{
    FILE *f = fopen(c->file, "a");

    assert_non_null(f);
    assert_int_equal(PEM_write_PrivateKey(f, SSL_CTX_get0_privatekey(c->server), NULL, NULL, 0, NULL, NULL), 1);
    fclose(f);
}

void certificate_clear(struct certificate *c)
{
    SSL_CTX_free(c->server);
    unlink(c->file);
}
