/*
 * Who calls? Looks at the credentials of a request's head and, for SigV4, at its body, and gives a principal: the key's
 * row. One verdict for everything that is wrong with a presented key; the time taken does not tell an unknown id from a
 * wrong secret. Pure: `now_s` is an argument.
 */
#ifndef KGW_AUTH_AUTHN_H
#define KGW_AUTH_AUTHN_H

#include "auth/key_memo.h"
#include "auth/keyring.h"
#include "auth/secret.h"
#include "auth/sigv4.h"

enum authn_verdict {
    AUTHN_OK,
    AUTHN_NONE,              /* nothing was presented */
    AUTHN_BAD,               /* malformed, unknown, wrong, not yet valid, expired, or two different keys at once */
    AUTHN_SIGNATURE_BAD,     /* SigV4: known access key id, wrong signature (or unsupported kind of signing) */
    AUTHN_SIGNATURE_SKEWED,  /* SigV4: right or wrong, its time is more than 5 minutes from ours */
    AUTHN_SIGNATURE_UNKNOWN, /* SigV4: malformed, or the access key id or session token is not one of ours */
};

struct principal {
    const struct key_row *key; /* lives as long as the keyring it was found in */
    struct span tenant;
};

struct master_key {
    struct span name;
    struct secret secret;
};

struct master_keys {
    struct master_key *keys;
    size_t len;
};

struct authn_request {
    struct span method, path, query;    /* raw */
    const struct sigv4_header *headers; /* all, in order, Host included */
    size_t headers_len;
    struct span body;
    bool allow_sigv4;           /* the AWS-shaped endpoint only */
    const uint8_t *body_sha256; /* NULL: computed from body when it is needed */
    bool is_beacon;             /* the key comes in the query, as `key`, and from nowhere else */
    struct key_memo *memo;      /* of this keyring and this thread; NULL: every key is checked by its digest */
};

/*
 * X-Api-Key, `Authorization: Bearer <key>`, `Authorization: Basic` with the key as user name (RFC 7617), or, where
 * allowed, SigV4 with a derived key (secret access key = base64url of HMAC-SHA256(master key, "kgw/sigv4/1" || id)).
 * The same key presented twice is fine; a key and a signature, or an Authorization of any other scheme, are AUTHN_BAD.
 *
 * Of a beacon only ?key= is looked at, and only a key whose calls are exactly ["beacon"] is accepted: any other that
 * was put into a URL is AUTHN_BAD, as if it were unknown.
 */
enum authn_verdict authn_check(const struct keyring *k, const struct master_keys *masters,
                               const struct authn_request *r, int64_t now_s, struct principal *out);
/* The secret access key of a derived key, as text for its owner: 43 characters of unpadded base64url. */
#define AUTHN_DERIVED_SECRET_BYTES 43
void authn_derive_secret(struct span master_secret, struct span key_id, char out[AUTHN_DERIVED_SECRET_BYTES]);

#endif
