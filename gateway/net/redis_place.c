/* Knows the settings' texts and what they become; connections are others' matter. */
#include "gateway/net/redis_place.h"

#include "gateway/base/secret_source.h"
#include "gateway/net/redis_tls.h"

#include <stdio.h>

static bool refuse(char *error, const char *why)
{
    snprintf(error, REDIS_PLACE_ERROR_BYTES, "%s", why);
    return false;
}

static bool parse(struct redis_place *p, struct span text, char *error)
{
    const char *why;

    return redis_url_parse(text, &p->url, &why) || refuse(error, why);
}

static bool parse_where(struct redis_place *p, const char *where, char *error)
{
    struct secret text = {0};
    struct span rest;

    _Static_assert(SECRET_SOURCE_ERROR_BYTES <= REDIS_PLACE_ERROR_BYTES, "an error of the source fits");
    if (secret_source_parse(span_str(where), &rest) == SECRET_SOURCE_INVALID)
        return parse(p, span_str(where), error);
    bool ok = secret_source_read(where, &text, error) && parse(p, secret_reveal(&text), error);
    secret_clear(&text);
    return ok;
}

bool redis_place_open(struct redis_place *p, const char *where, const char *ca_file,
                      char error[REDIS_PLACE_ERROR_BYTES])
{
    const char *why;

    *p = (struct redis_place){0};
    if (!parse_where(p, where, error))
        return false;
    if (!p->url.is_tls || (p->tls = redis_tls_new(ca_file, &why)) != NULL)
        return true;
    redis_place_clear(p);
    return refuse(error, why);
}

void redis_place_clear(struct redis_place *p)
{
    redis_url_clear(&p->url);
    SSL_CTX_free(p->tls);
    *p = (struct redis_place){0};
}
