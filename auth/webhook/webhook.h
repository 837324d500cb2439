/*
 * Webhooks: did the provider send this? A scheme knows what its provider signs, where it puts the signature and what
 * names a delivery; a check hashes the raw body a slice at a time, before anybody parses it, and says. Pure: bytes and
 * `now_s` in, a verdict out.
 */
#ifndef KGW_AUTH_WEBHOOK_WEBHOOK_H
#define KGW_AUTH_WEBHOOK_WEBHOOK_H

#include "auth/digest.h"
#include "auth/hmac.h"
#include "auth/secret.h"
#include "auth/sigv4.h"

#define WEBHOOK_SECRETS_MAX    8
#define WEBHOOK_SIGNATURES_MAX 10 /* looked at in one request; further ones are not */
#define WEBHOOK_ID_BYTES_MAX   256

#define WEBHOOK_ED25519_BODY_BYTES_MAX 1048576 /* a larger one proves nothing by an Ed25519 signature */

struct webhook_scheme;

/* Settings of a scheme that are one text. */
enum webhook_text {
    WEBHOOK_HEADER,
    WEBHOOK_PREFIX,
    WEBHOOK_TEMPLATE,
    WEBHOOK_TIMESTAMP_HEADER,
    WEBHOOK_ID_HEADER,
    WEBHOOK_USER,
    WEBHOOK_PUBLIC_URL,
    WEBHOOK_TEXTS
};

enum webhook_encoding { WEBHOOK_HEX, WEBHOOK_HEX_UPPER, WEBHOOK_BASE64, WEBHOOK_BASE64URL };

struct webhook_secret {
    struct secret bytes; /* an HMAC's key, a password, or a public key */
    bool is_public_key;  /* Ed25519 */
};

/* What a hook was configured with. Immutable while a check lasts. */
struct webhook_conf {
    const struct webhook_scheme *scheme;
    struct span texts[WEBHOOK_TEXTS];                   /* empty: not given */
    enum webhook_encoding encoding;                     /* of the scheme "hmac" */
    enum hmac_algorithm algorithm;                      /* likewise */
    uint32_t tolerance_s;                               /* how far a signed time may be from ours, either way */
    struct webhook_secret secrets[WEBHOOK_SECRETS_MAX]; /* any of them will do */
    size_t secrets_len;
    struct secret verify_token; /* for Meta's challenge; no bytes: none */
};

/* What came. Borrowed until the check is freed. */
struct webhook_request {
    struct span method, query;         /* the query raw, without '?' */
    const struct sigv4_header *fields; /* all, in order */
    size_t fields_len;
    struct span body;
    int64_t now_s;
};

enum webhook_verdict {
    WEBHOOK_MORE, /* not done: call again */
    WEBHOOK_OK,
    WEBHOOK_BAD, /* missing, malformed, given twice, too old or too new, or wrong */
    WEBHOOK_NO_MEMORY,
};

/* What names a delivery, for its provider's own repetitions. */
enum webhook_identity {
    WEBHOOK_ID_NONE,
    WEBHOOK_ID_SIGNED,  /* the id that was signed: webhook_check_id() */
    WEBHOOK_ID_IN_BODY, /* at webhook_id_pointer() in the body */
    WEBHOOK_ID_DIGEST,  /* SHA-256 of the body: webhook_check_sha256() */
};

/* How the provider tries an address before it uses it. */
enum webhook_handshake {
    WEBHOOK_HANDSHAKE_NONE,
    WEBHOOK_HANDSHAKE_SLACK, /* a signed POST {"type":"url_verification","challenge":…} */
    WEBHOOK_HANDSHAKE_META,  /* GET ?hub.mode=subscribe&hub.verify_token=…&hub.challenge=… */
};

const struct webhook_scheme *webhook_scheme_find(struct span name); /* NULL: none */
const struct webhook_scheme *webhook_scheme_at(size_t index);       /* NULL past the last */
const char *webhook_scheme_name(const struct webhook_scheme *s);
enum webhook_identity webhook_identity(const struct webhook_conf *c);
const char *webhook_id_pointer(const struct webhook_conf *c); /* RFC 6901 */
enum webhook_handshake webhook_handshake(const struct webhook_conf *c);

/*
 * Is this what the scheme needs, and nothing that it would ignore? NULL: yes; else a sentence, and *at the setting
 * that is wrong. Looks at the texts alone.
 */
const char *webhook_conf_check(const struct webhook_conf *c, enum webhook_text *at);
const char *webhook_text_name(enum webhook_text text); /* as a setting */
/*
 * Reads a secret's text as the scheme writes it ("whsec_…"), and adds it to the conf's. NULL: done; else a sentence
 * that does not quote it. secrets_len < WEBHOOK_SECRETS_MAX.
 */
const char *webhook_conf_add_secret(struct webhook_conf *c, struct span text);
void webhook_conf_clear_secrets(struct webhook_conf *c); /* wipes them */
/* Is `token` the verify token? In constant time; false if there is none. */
bool webhook_is_verify_token(const struct webhook_conf *c, struct span token);

struct webhook_check;
struct webhook_check *webhook_check_new(const struct webhook_conf *c,
                                        const struct webhook_request *r); /* NULL: no memory */
void webhook_check_free(struct webhook_check **check);                    /* NULL-safe */
/*
 * Hashes about `bytes_max` bytes more, over all secrets together. WEBHOOK_MORE: call again. A request whose head is
 * wrong already is WEBHOOK_BAD at once; the time that a comparison takes does not depend on what is wrong. An Ed25519
 * signature cannot be checked in slices: one is, by one key, in one call.
 */
enum webhook_verdict webhook_check_run(struct webhook_check *check, size_t bytes_max);
/* After WEBHOOK_OK: a part of the request, or the digest where the identity is one. Both live as long as the check. */
struct span webhook_check_id(const struct webhook_check *check);
const uint8_t *webhook_check_sha256(const struct webhook_check *check); /* NULL: was not wanted */
const char *webhook_check_why(const struct webhook_check *check);       /* after WEBHOOK_BAD: for the operator's log */

#endif
