/*
 * Calls are made in credentials mode, since sendBeacon() knows no other: so the origin is named, never "*", and so are
 * fields and methods (Fetch, "CORS protocol and credentials").
 */
#include "gateway/front/cors.h"

#define METHODS "GET, POST"
#define TAKEN   "Content-Type, Idempotency-Key, X-Request-Id, X-Request-Timeout-Ms, Traceparent"
#define READABLE                                                                                                       \
    "X-Request-Id, Retry-After, RateLimit, RateLimit-Policy, Idempotent-Replayed, Kgw-Possible-Duplicate, Kgw-Dropped"
#define MAX_AGE "7200" /* what Chromium keeps at most */

static bool is_listed(const struct key_row *key, struct span origin)
{
    return origin_matches(key->origins, key->origins_len, origin);
}

static bool check_referer(const struct head *h, const struct key_row *key)
{
    size_t count;
    struct span origin, referer = head_find(h, SPAN("referer"), &count);

    if (count == 0 || referer.len == 0)
        return key->allow_no_origin;
    return count == 1 && origin_of_url(referer, &origin) && is_listed(key, origin);
}

bool cors_check(const struct head *h, const struct key_row *key, struct span *reader)
{
    size_t count;
    struct span origin = head_find(h, SPAN("origin"), &count);

    *reader = SPAN("");
    if (count == 0)
        return check_referer(h, key);
    if (count != 1)
        return false;
    if (span_equal(origin, SPAN("null"))) /* of sandboxed frames, and of pages that send no referrer */
        return key->allow_no_origin;
    if (!is_listed(key, origin))
        return false;
    *reader = origin;
    return true;
}

void cors_add_fields(struct reply *r, struct span reader, bool is_preflight)
{
    reply_add(r, "vary", SPAN("Origin")); /* who is not told anything is told so because of his origin, too */
    if (reader.len == 0)
        return;
    reply_add(r, "access-control-allow-origin", reader);
    reply_add(r, "access-control-allow-credentials", SPAN("true"));
    if (!is_preflight) {
        reply_add(r, "access-control-expose-headers", SPAN(READABLE));
        return;
    }
    reply_add(r, "access-control-allow-methods", SPAN(METHODS));
    reply_add(r, "access-control-allow-headers", SPAN(TAKEN));
    reply_add(r, "access-control-max-age", SPAN(MAX_AGE));
}
