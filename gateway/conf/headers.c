/* A list of headers that may be shown: of none that prove who somebody is. */
#include "gateway/conf/reader.h"

#define HEADERS_MAX      32
#define NAME_BYTES_MAX   128
#define JOINED_BYTES_MAX (HEADERS_MAX * (NAME_BYTES_MAX + 1))

bool conf_is_header_name(struct span text)
{
    for (size_t i = 0; i != text.len; i++) {
        char c = text.ptr[i], letter = (char)(c | 0x20);
        if (!(letter >= 'a' && letter <= 'z') && !(c >= '0' && c <= '9') &&
            (c == '\0' || strchr("!#$%&'*+-.^_`|~", c) == NULL))
            return false;
    }
    return text.len > 0;
}

/* By what names of such headers have in common: X-Hub-Signature-256, X-Shopify-Hmac-Sha256, X-Gitlab-Token … */
static bool is_secret(const char *name)
{
    static const char *const parts[] = {"authorization", "cookie", "signature",  "hmac",    "token",
                                        "secret",        "passw",  "credential", "api-key", "apikey"};

    for (size_t i = 0; i != sizeof(parts) / sizeof(parts[0]); i++)
        if (strstr(name, parts[i]) != NULL)
            return true;
    return false;
}

static bool refuse(const struct conf_reader *r, const struct conf_place *place, const struct conf_row *row)
{
    return conf_refuse(r, place->prefix, row->path, "must be a list of at most %d names of headers", HEADERS_MAX);
}

/* Appends one name in lower case. */
static bool add(const struct conf_reader *r, const struct conf_place *place, const struct conf_row *row, json_t *value,
                struct buf *joined)
{
    char name[NAME_BYTES_MAX + 1];
    struct span text = span_of(json_string_value(value), json_string_length(value));

    if (!json_is_string(value) || text.len > NAME_BYTES_MAX || !conf_is_header_name(text))
        return refuse(r, place, row);
    for (size_t i = 0; i != text.len; i++)
        name[i] = (char)(text.ptr[i] >= 'A' && text.ptr[i] <= 'Z' ? text.ptr[i] | 0x20 : text.ptr[i]);
    name[text.len] = '\0';
    if (is_secret(name))
        return conf_refuse(r, place->prefix, row->path,
                           "%s must not be listed: headers with credentials, cookies or signatures are kept out", name);
    if (joined->len != 0)
        buf_append_char(joined, ',');
    buf_append(joined, span_of(name, text.len));
    return true;
}

bool conf_read_headers(const struct conf_reader *r, const struct conf_place *place, const struct conf_row *row,
                       json_t *value)
{
    struct span *headers = (struct span *)(void *)((char *)place->base + row->offset);
    struct buf joined;
    bool is_good = true;

    if (json_is_null(value))
        return true;
    if (!json_is_array(value) || json_array_size(value) > HEADERS_MAX)
        return refuse(r, place, row);
    buf_init(&joined, JOINED_BYTES_MAX);
    for (size_t i = 0; is_good && i != json_array_size(value); i++)
        is_good = add(r, place, row, json_array_get(value, i), &joined);
    const char *kept = joined.failed ? NULL : conf_keep_text(r->conf, buf_span(&joined));
    *headers = span_of(kept, joined.len);
    buf_clear(&joined);
    if (is_good && kept == NULL)
        return conf_refuse_memory(r);
    return is_good;
}
