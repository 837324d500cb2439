/*
 * The Idempotency-Key header (draft-ietf-httpapi-idempotency-key-header-06), the name under which its key is kept, and
 * the fingerprint of the request that came with it. Pure.
 */
#ifndef KGW_FRONT_IDEMPOTENCY_KEY_H
#define KGW_FRONT_IDEMPOTENCY_KEY_H

#include "auth/digest.h"
#include "gateway/base/failure.h"
#include "gateway/front/exchange.h"

#define IDEMPOTENCY_KEY_CHARS_MAX  255
#define IDEMPOTENCY_NAME_BYTES_MAX 320

struct idempotency_key {
    size_t len; /* 0: none was given */
    char text[IDEMPOTENCY_KEY_CHARS_MAX];
};

/*
 * The request's key: a String of RFC 8941, whose parameters are passed over, or a bare token. FAILURE_MALFORMED if it
 * is neither, or if it is given twice with different values.
 */
struct failure idempotency_key_find(const struct head *h, struct idempotency_key *out) MUST_LOOK;

/*
 * The key of an event that a hook's provider may tell again. No header can say it: it is not made of visible
 * characters.
 */
void idempotency_key_of_event(struct span hook, struct span event_id, struct idempotency_key *out);

/*
 * Where it is kept: tenant, stream and the key's digest, so that one tenant never meets another's keys, and no text of
 * a caller is part of a name. Tenant and stream are names of the configuration: of [A-Za-z0-9_.-], 64 and 128 at most.
 */
size_t idempotency_name(struct span tenant, struct span stream, const struct idempotency_key *key,
                        char out[IDEMPOTENCY_NAME_BYTES_MAX]);

/* What makes two requests the same besides their bodies; an empty text is one that was not given. */
struct idempotency_inputs {
    struct span method, route, stream, content_type;
    struct span partition_key, explicit_hash_key, sequence_number_for_ordering;
    struct span event; /* what of a CloudEvent came beside the body */
    struct span rule;  /* what the stream's rule for partition keys looks at in the head */
};

/* Begins a fingerprint; the body follows, in as many updates as it takes, and nothing else. */
void idempotency_fingerprint_begin(struct sha256_stream *s, const struct idempotency_inputs *inputs);

#endif
