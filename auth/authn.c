/*
 * Gathers the credentials of a head into one, then asks the keyring. An unknown id takes the same road as a wrong
 * secret, against a row that nothing matches.
 */
#include "auth/authn.h"

#include "auth/key.h"

#include <assert.h>

#define BASIC_BYTES_MAX 1024 /* of base64: a key and any password a client puts beside it */
#define DERIVE_CONTEXT  "kgw/sigv4/1"

/* What was presented. Two presentations must be one and the same. */
struct credentials {
    bool is_presented, is_conflicting;
    struct span api_key_header, authorization_header;
    struct span key;             /* presented as such, by whichever way */
    struct span signature;       /* or the value of an AWS4-HMAC-SHA256 Authorization */
    char basic[BASIC_BYTES_MAX]; /* where `key` may point */
    size_t basic_len;            /* what of it was written */
};

static void present_key(struct credentials *c, struct span key)
{
    if (key.len == 0 || (c->key.len > 0 && !span_equal(c->key, key)))
        c->is_conflicting = true;
    c->key = key;
}

/* RFC 7617: base64 of "user:password"; our key is the user. */
static void present_basic(struct credentials *c, struct span encoded)
{
    struct span password;
    size_t len;

    c->basic_len = sizeof(c->basic);
    if (encoded.len > BASIC_BYTES_MAX || !base64_decode(encoded, c->basic, &len)) {
        c->is_conflicting = true;
        return;
    }
    struct span user = span_cut(span_of(c->basic, len), ':', &password);
    if (user.len == len)
        c->is_conflicting = true; /* no colon */
    present_key(c, user);
}

static void present_authorization(struct credentials *c, struct span value, bool allow_sigv4)
{
    struct span rest, scheme = span_cut(value, ' ', &rest);

    if (span_equal_nocase(scheme, SPAN("Bearer")))
        present_key(c, span_trim(rest));
    else if (span_equal_nocase(scheme, SPAN("Basic")))
        present_basic(c, span_trim(rest));
    else if (allow_sigv4 && span_equal(scheme, SPAN("AWS4-HMAC-SHA256")))
        c->signature = value;
    else
        c->is_conflicting = true;
}

/* True the first time a header of this name comes; again with another value is a conflict. */
static bool is_first(struct credentials *c, struct span *seen, struct span value)
{
    bool first = seen->ptr == NULL;

    c->is_presented = true;
    if (!first && !span_equal(*seen, value))
        c->is_conflicting = true;
    *seen = value.ptr == NULL ? SPAN("") : value;
    return first;
}

static void gather(const struct authn_request *r, struct credentials *c)
{
    c->is_presented = c->is_conflicting = false;
    c->basic_len = 0;
    c->api_key_header = c->authorization_header = c->key = c->signature = (struct span){0};
    for (size_t i = 0; i < r->headers_len; i++) {
        struct span name = r->headers[i].name, value = span_trim(r->headers[i].value);
        if (span_equal_nocase(name, SPAN("x-api-key")) && is_first(c, &c->api_key_header, value))
            present_key(c, value);
        else if (span_equal_nocase(name, SPAN("authorization")) && is_first(c, &c->authorization_header, value))
            present_authorization(c, value, r->allow_sigv4);
    }
    if (c->key.len > 0 && c->signature.len > 0)
        c->is_conflicting = true;
}

static bool is_in_time(const struct key_row *row, int64_t now_s)
{
    return now_s >= row->not_before_s && now_s < row->expires_s;
}

static enum authn_verdict accept(const struct key_row *row, struct principal *out)
{
    *out = (struct principal){row, row->tenant->name};
    return AUTHN_OK;
}

/* The row of a key that is right, whatever the time; NULL for every other. */
static const struct key_row *row_of(const struct keyring *k, struct span text)
{
    static const struct key_row nobody = {.has_digest = true};
    struct span id;
    uint8_t digest[SHA256_BYTES];

    if (!key_parse(text, &id))
        return NULL;
    const struct key_row *found = keyring_find(k, id);
    const struct key_row *row = found == NULL ? &nobody : found;
    key_digest(text, digest);
    bool is_equal = bytes_equal_constant_time(digest, row->digest, sizeof(digest));
    return is_equal && row->has_digest ? found : NULL;
}

static enum authn_verdict check_key(const struct keyring *k, struct key_memo *memo, struct span text, int64_t now_s,
                                    struct principal *out)
{
    const struct key_row *row = key_memo_find(memo, text);

    if (row == NULL && (row = row_of(k, text)) != NULL)
        key_memo_learn(memo, text, row);
    return row != NULL && is_in_time(row, now_s) ? accept(row, out) : AUTHN_BAD;
}

/* A key needs no escapes, so none are looked for: with them it is no key. */
static enum authn_verdict check_beacon(const struct keyring *k, struct key_memo *memo, struct span query, int64_t now_s,
                                       struct principal *out)
{
    struct span text = {0};

    while (query.len > 0) {
        struct span value, pair = span_cut(query, '&', &query);
        if (!span_equal(span_cut(pair, '=', &value), SPAN("key")))
            continue;
        if (text.ptr != NULL && !span_equal(text, value))
            return AUTHN_BAD;
        text = value.ptr == NULL ? SPAN("") : value;
    }
    if (text.ptr == NULL)
        return AUTHN_NONE;
    enum authn_verdict verdict = check_key(k, memo, text, now_s, out);
    if (verdict == AUTHN_OK && out->key->calls != KEY_CALL_BEACON) {
        *out = (struct principal){0};
        return AUTHN_BAD;
    }
    return verdict;
}

static const struct master_key *master_named(const struct master_keys *masters, struct span name)
{
    for (size_t i = 0; masters != NULL && i < masters->len; i++) {
        if (span_equal(masters->keys[i].name, name))
            return &masters->keys[i];
    }
    return NULL;
}

void authn_derive_secret(struct span master_secret, struct span key_id, char out[AUTHN_DERIVED_SECRET_BYTES])
{
    char text[sizeof(DERIVE_CONTEXT) - 1 + KEY_ID_BYTES_MAX] = DERIVE_CONTEXT;
    uint8_t mac[SHA256_BYTES];
    char encoded[44];

    assert(key_id.len > 0 && key_id.len <= KEY_ID_BYTES_MAX);
    memcpy(text + sizeof(DERIVE_CONTEXT) - 1, key_id.ptr, key_id.len);
    digest_hmac_sha256(master_secret, span_of(text, sizeof(DERIVE_CONTEXT) - 1 + key_id.len), mac);
    base64_encode(span_of((const char *)mac, sizeof(mac)), encoded);
    for (size_t i = 0; i < AUTHN_DERIVED_SECRET_BYTES; i++)
        out[i] = (char)(encoded[i] == '+' ? '-' : encoded[i] == '/' ? '_' : encoded[i]);
    bytes_wipe(mac, sizeof(mac));
    bytes_wipe(encoded, sizeof(encoded));
}

static enum sigv4_verdict verify(const struct authn_request *r, const struct sigv4_authorization *a,
                                 struct span master_secret, int64_t now_s)
{
    char secret[AUTHN_DERIVED_SECRET_BYTES];
    uint8_t hash[SHA256_BYTES];

    if (r->body_sha256 != NULL)
        memcpy(hash, r->body_sha256, sizeof(hash));
    else
        digest_sha256(r->body, hash);
    authn_derive_secret(master_secret, a->access_key_id, secret);
    enum sigv4_verdict verdict = sigv4_verify(a, r->method, r->path, r->query, r->headers, r->headers_len, hash,
                                              SPAN("kinesis"), span_of(secret, sizeof(secret)), now_s);
    bytes_wipe(secret, sizeof(secret));
    return verdict;
}

static enum authn_verdict check_signature(const struct keyring *k, const struct master_keys *masters,
                                          const struct authn_request *r, struct span value, int64_t now_s,
                                          struct principal *out)
{
    struct sigv4_authorization a;

    if (!sigv4_authorization_parse(value, &a) || !key_id_is_valid(a.access_key_id))
        return AUTHN_SIGNATURE_UNKNOWN;
    const struct key_row *row = keyring_find(k, a.access_key_id);
    bool is_derived = row != NULL && !row->has_digest;
    const struct master_key *master = master_named(masters, is_derived ? row->derived : SPAN(""));
    struct span secret =
        master == NULL ? SPAN("nobody's master key, of a usual length") : secret_reveal(&master->secret);
    enum sigv4_verdict verdict = verify(r, &a, secret, now_s);
    if (!is_derived || master == NULL || !is_in_time(row, now_s) || verdict == SIGV4_SESSION_TOKEN)
        return AUTHN_SIGNATURE_UNKNOWN;
    if (verdict == SIGV4_SKEWED_EARLY || verdict == SIGV4_SKEWED_LATE)
        return AUTHN_SIGNATURE_SKEWED;
    return verdict == SIGV4_OK ? accept(row, out) : AUTHN_SIGNATURE_BAD;
}

enum authn_verdict authn_check(const struct keyring *k, const struct master_keys *masters,
                               const struct authn_request *r, int64_t now_s, struct principal *out)
{
    struct credentials c;

    *out = (struct principal){0};
    if (r->is_beacon)
        return check_beacon(k, r->memo, r->query, now_s, out);
    gather(r, &c);
    if (!c.is_presented)
        return AUTHN_NONE;
    enum authn_verdict verdict = c.is_conflicting      ? AUTHN_BAD
                                 : c.signature.len > 0 ? check_signature(k, masters, r, c.signature, now_s, out)
                                                       : check_key(k, r->memo, c.key, now_s, out);
    bytes_wipe(c.basic, c.basic_len);
    return verdict;
}
