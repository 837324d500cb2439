/* Which kind of store, and what a change is on any. */
#include "gateway/tenants/store.h"

#include <stdio.h>

#define ATTEMPTS_MAX 20

struct tenants_store *tenants_store_open(const char *where, const char *ca_file, char error[TENANTS_STORE_ERROR_BYTES])
{
    static const char *const schemes[] = {"redis://",          "rediss://",          "unix://",
                                          "redis+sentinel://", "rediss+sentinel://", "redis+cluster://",
                                          "rediss+cluster://"};

    for (size_t i = 0; i != sizeof(schemes) / sizeof(schemes[0]); i++)
        if (span_starts_with(span_str(where), span_str(schemes[i])))
            return tenants_redis_store_open(where, ca_file, error);
    return tenants_file_store_open(where, error);
}

void tenants_store_close(struct tenants_store **s)
{
    struct tenants_store *closed = *s;

    *s = NULL;
    if (closed != NULL)
        closed->kind->close(closed);
}

struct keyring *tenants_store_load(struct tenants_store *s, char error[TENANTS_STORE_ERROR_BYTES])
{
    return s->kind->load(s, error);
}

static enum tenants_saved change_once(struct tenants_store *s, tenants_edit *edit, void *ctx, char *error)
{
    json_t *document = s->kind->begin_change(s, error);
    enum tenants_saved saved = TENANTS_NOT_SAVED;
    char why[DOCUMENT_ERROR_BYTES];

    if (document == NULL)
        return TENANTS_NOT_SAVED;
    if (edit(document, ctx, why) && document_check(document, why))
        saved = s->kind->save(s, document, error);
    else
        snprintf(error, TENANTS_STORE_ERROR_BYTES, "%.200s: %.300s", s->place, why);
    s->kind->end_change(s);
    json_decref(document);
    return saved;
}

bool tenants_store_change(struct tenants_store *s, tenants_edit *edit, void *ctx, char error[TENANTS_STORE_ERROR_BYTES])
{
    for (int attempt = 0; attempt != ATTEMPTS_MAX; attempt++) {
        enum tenants_saved saved = change_once(s, edit, ctx, error);
        if (saved != TENANTS_OVERTAKEN)
            return saved == TENANTS_SAVED;
    }
    snprintf(error, TENANTS_STORE_ERROR_BYTES, "%.200s: others change it all the time; nothing was changed", s->place);
    return false;
}
