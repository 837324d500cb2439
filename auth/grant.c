/*
 * What a key's row allows, in the order in which a request tells it.
 */
#include "auth/grant.h"

static bool stream_allowed(const struct key_row *key, struct span stream)
{
    for (size_t i = 0; i < key->streams_len; i++) {
        const struct stream_pattern *pattern = &key->streams[i];
        if (pattern->is_prefix ? span_starts_with(stream, pattern->text) : span_equal(stream, pattern->text))
            return true;
    }
    return key->streams_len == 0;
}

static bool network_allowed(const struct key_row *key, struct address client)
{
    for (size_t i = 0; i < key->networks_len; i++) {
        if (network_contains(&key->networks[i], client))
            return true;
    }
    return key->networks_len == 0;
}

enum grant_verdict grant_check(const struct principal *p, struct span stream, enum key_call call, struct address client)
{
    if (!stream_allowed(p->key, stream))
        return GRANT_NO_STREAM;
    if ((p->key->calls & call) == 0)
        return GRANT_NO_CALL;
    return network_allowed(p->key, client) ? GRANT_OK : GRANT_NO_NETWORK;
}
