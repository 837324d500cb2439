/*
 * The keyring: an immutable snapshot of tenants and their keys, made from a tenants file's text, shared by all threads
 * and freed with its last reference. Lookups are by key id, take no lock and allocate nothing.
 */
#ifndef KGW_AUTH_KEYRING_H
#define KGW_AUTH_KEYRING_H

#include "auth/address.h"
#include "auth/digest.h"
#include "auth/origin.h"
#include "auth/quota_limits.h"

enum key_call {
    KEY_CALL_RECORD = 1 << 0,
    KEY_CALL_RECORDS = 1 << 1,
    KEY_CALL_BEACON = 1 << 2,
    KEY_CALL_AWS = 1 << 3,
};

struct tenant_row {
    struct span name; /* [A-Za-z0-9_.-]{1,64} */
    size_t index;     /* of keyring_tenant_at() */
    struct quota_limits quota;
    enum quota_outage on_redis_failure;
};

struct stream_pattern {
    struct span text; /* without the '*' */
    bool is_prefix;
};

struct key_row {
    struct span id;
    const struct tenant_row *tenant;
    bool has_digest; /* presented as a key; otherwise derived: presented as a SigV4 signature */
    uint8_t digest[SHA256_BYTES];
    struct span derived; /* name of the master key, when !has_digest */
    const struct stream_pattern *streams;
    size_t streams_len; /* 0: every stream of the config */
    unsigned calls;     /* enum key_call, or-ed; all but KEY_CALL_BEACON unless the row says */
    const struct network *networks;
    size_t networks_len; /* 0: any address */
    const struct origin_pattern *origins;
    size_t origins_len;                       /* of a beacon's key: the pages that it is for */
    bool allow_no_origin;                     /* … and calls that name no page at all */
    uint32_t per_address_requests_per_second; /* 0: one address may spend what the tenant may */
    int64_t not_before_s;                     /* Unix time; INT64_MIN: always */
    int64_t expires_s;                        /* Unix time, refused from then on; INT64_MAX: never */
};

struct keyring;

/*
 * Parses `{"tenants": {NAME: {"quota": {…}, "on_redis_failure": …, "keys": [ROW, …]}}}`. Unknown members are errors, so
 * that nothing that was written to restrict a key is silently ignored. NULL on error, with a sentence in error[] that
 * names the place
 * ("tenants.acme.keys[1].digest: …") and what is allowed, never the value of a digest. The caller owns one reference.
 */
#define KEYRING_ERROR_BYTES 256
struct keyring *keyring_parse(struct span json, char error[KEYRING_ERROR_BYTES]);
void keyring_acquire(struct keyring *k);  /* thread-safe */
void keyring_release(struct keyring **k); /* thread-safe; NULL-safe; *k becomes NULL */
const struct key_row *keyring_find(const struct keyring *k, struct span id); /* NULL: none; lives as long as k */
size_t keyring_keys(const struct keyring *k);
size_t keyring_tenants(const struct keyring *k);
const struct key_row *keyring_key_at(const struct keyring *k, size_t index);             /* in the file's order */
const struct tenant_row *keyring_tenant_at(const struct keyring *k, size_t index);       /* the same */
const struct tenant_row *keyring_find_tenant(const struct keyring *k, struct span name); /* NULL: none */

const char *quota_outage_name(enum quota_outage outage); /* as on_redis_failure says it */

#endif
