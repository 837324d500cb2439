/* The hooks: whose webhooks come in, how they prove themselves, and where they go. */
#include "gateway/conf/reader.h"

#include "gateway/base/json_scan.h"

#include <stdio.h>

#define HOOKS_MAX        10000
#define TENANT_BYTES_MAX 64
#define SECOND_US        1000000u

static bool resolve_scheme(const struct conf_reader *r, const char *prefix, const struct conf_hook *h,
                           struct webhook_conf *webhook)
{
    char names[CONF_PREFIX_BYTES] = "";
    size_t len = 0;

    webhook->scheme = webhook_scheme_find(span_str(h->scheme));
    if (webhook->scheme != NULL)
        return true;
    for (size_t i = 0; webhook_scheme_at(i) != NULL; i++)
        len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s",
                                i == 0                             ? ""
                                : webhook_scheme_at(i + 1) == NULL ? " or "
                                                                   : ", ",
                                webhook_scheme_name(webhook_scheme_at(i)));
    return conf_refuse(r, prefix, "scheme", "must be %s", names);
}

static bool resolve_webhook(const struct conf_reader *r, const char *prefix, const struct conf_hook *h,
                            struct webhook_conf *webhook)
{
    static const enum webhook_text headers[] = {WEBHOOK_HEADER, WEBHOOK_TIMESTAMP_HEADER, WEBHOOK_ID_HEADER};
    enum webhook_text at;

    if (!resolve_scheme(r, prefix, h, webhook))
        return false;
    for (size_t i = 0; i != WEBHOOK_TEXTS; i++)
        webhook->texts[i] = span_str(h->texts[i]);
    webhook->encoding = h->encoding;
    webhook->algorithm = h->algorithm;
    webhook->tolerance_s = h->tolerance_s;
    for (size_t i = 0; i != sizeof(headers) / sizeof(headers[0]); i++)
        if (h->texts[headers[i]] != NULL && !conf_is_header_name(webhook->texts[headers[i]]))
            return conf_refuse(r, prefix, webhook_text_name(headers[i]), "must be the name of a header");
    const char *wrong = webhook_conf_check(webhook, &at);
    return wrong == NULL || conf_refuse(r, prefix, webhook_text_name(at), "%s", wrong);
}

static const struct stream_row *find_stream(const struct conf *c, struct span name)
{
    for (size_t i = 0; i != c->streams_len; i++)
        if (span_equal(c->streams[i].put.name, name))
            return &c->streams[i];
    return NULL;
}

static bool is_listed(struct span list, struct span name)
{
    bool is_found = false;

    while (list.len != 0)
        is_found |= span_equal_nocase(span_cut(list, ',', &list), name);
    return is_found;
}

/* Where the signature or the token stands, by whatever name, is no part of a record. */
static bool check_shown(const struct conf_reader *r, const char *prefix, const struct conf_hook *h,
                        const struct stream_row *stream, const struct hook_row *row)
{
    struct span header = span_str(h->texts[WEBHOOK_HEADER]);
    struct span key = row->partition.source == PARTITION_HEADER ? row->partition.argument : SPAN("");

    if (header.len == 0 || !(is_listed(stream->envelope_headers, header) || span_equal_nocase(key, header) ||
                             span_equal_nocase(span_str(h->dedup_id), header)))
        return true;
    return conf_refuse(
        r, prefix, "header",
        "must not be shown: it is among its stream's envelope_headers, or a partition key or an id is made of it");
}

/* The rule of its own, or its stream's. */
static bool resolve_stream(const struct conf_reader *r, const char *prefix, const struct conf_hook *h,
                           struct hook_row *row)
{
    const struct stream_row *stream = find_stream(r->conf, span_str(h->stream));

    if (stream == NULL)
        return conf_refuse(r, prefix, "stream", "must be the name of a stream in streams");
    row->stream = stream->put.name;
    row->partition = stream->partition;
    if (h->partition.source != PARTITION_OF_STREAM) {
        row->partition = h->partition;
        row->partition.reject_if_missing = h->partition_missing == CONF_MISSING_REJECT;
    }
    return check_shown(r, prefix, h, stream, row);
}

static bool resolve_dedup(const struct conf_reader *r, const char *prefix, const struct conf_hook *h,
                          struct hook_row *row)
{
    struct span id = span_str(h->dedup_id);

    row->dedups = h->dedup == CONF_DEDUP_ON;
    row->dedup_window_us = (uint64_t)h->dedup_window_s * SECOND_US;
    row->dedup_id = id;
    bool is_place = id.len != 0 && id.ptr[0] == '/' ? json_pointer_is_valid(id) : conf_is_header_name(id);
    return id.len == 0 || (is_place && id.len <= HOOK_DEDUP_BYTES_MAX) ||
           conf_refuse(r, prefix, "dedup_id", "must be a JSON pointer (RFC 6901), as \"/id\", or the name of a header");
}

static bool resolve_origins(const struct conf_reader *r, const char *prefix, const struct conf_hook *h,
                            struct hook_row *row)
{
    for (const char *const *o = h->request_origins; o != NULL && *o != NULL; o++) {
        if (row->origins_len == HOOK_ORIGINS_MAX)
            return conf_refuse(r, prefix, "request_origins", "must be at most %d", HOOK_ORIGINS_MAX);
        row->origins[row->origins_len++] = span_str(*o);
    }
    return true;
}

static bool resolve(const struct conf_reader *r, const char *prefix, const struct conf_hook *h,
                    struct conf_hook_row *hook)
{
    struct hook_row *row = &hook->row;

    row->tenant = span_str(h->tenant);
    hook->secrets = h->secrets;
    hook->verify_token = h->verify_token;
    if (!resolve_stream(r, prefix, h, row))
        return false;
    if (!conf_is_name(row->tenant, TENANT_BYTES_MAX))
        return conf_refuse(r, prefix, "tenant", "must be the name of a tenant");
    if (!resolve_webhook(r, prefix, h, &row->webhook))
        return false;
    if (h->secrets == NULL)
        return conf_refuse(r, prefix, "secrets", "is missing: a list of \"env:NAME\" or \"file:PATH\"");
    if (h->verify_token != NULL && webhook_handshake(&row->webhook) != WEBHOOK_HANDSHAKE_META)
        return conf_refuse(r, prefix, "verify_token", "is no setting of this scheme");
    return resolve_dedup(r, prefix, h, row) && resolve_origins(r, prefix, h, row);
}

static bool read_hook(const struct conf_reader *r, const char *name, json_t *value, struct conf_hook_row *hook)
{
    char prefix[CONF_PREFIX_BYTES], printable[CONF_PRINTABLE_BYTES];
    struct conf_hook h;

    if (!conf_is_name(span_str(name), HOOK_NAME_BYTES_MAX))
        return conf_refuse(r, "hooks.", conf_printable(name, printable),
                           "a hook's name must be 1 to %d of [A-Za-z0-9_.-]", HOOK_NAME_BYTES_MAX);
    if (!json_is_object(value))
        return conf_refuse(r, "hooks.", name, "must be an object, as {\"stream\": …, \"tenant\": …, \"scheme\": …}");
    snprintf(prefix, sizeof(prefix), "hooks.%s.", name);
    conf_set_defaults(&conf_hook_rows, &h);
    struct conf_place place = {&conf_hook_rows, &h, prefix, NULL};
    const char *kept = conf_keep_text(r->conf, span_str(name));
    if (kept == NULL)
        return conf_refuse_memory(r);
    hook->row.name = span_str(kept);
    return conf_read_object(r, &place, value) && resolve(r, prefix, &h, hook);
}

bool conf_read_hooks(const struct conf_reader *r, json_t *root)
{
    json_t *hooks = json_object_get(root, "hooks"), *value;
    const char *name;

    if (hooks == NULL)
        return true;
    if (!json_is_object(hooks) || json_object_size(hooks) > HOOKS_MAX)
        return conf_refuse(r, "", "hooks", "must be an object of at most %d hooks", HOOKS_MAX);
    r->conf->hooks = conf_keep(r->conf, (json_object_size(hooks) + 1) * sizeof(*r->conf->hooks));
    if (r->conf->hooks == NULL)
        return conf_refuse_memory(r);
    json_object_foreach(hooks, name, value)
    {
        if (!read_hook(r, name, value, &r->conf->hooks[r->conf->hooks_len]))
            return false;
        r->conf->hooks_len++;
    }
    return true;
}
