/* Rows are cut and joined as texts; a tree of all would take ten times their size. */
#include "gateway/tenants/redis_rows.h"

#include "gateway/base/json_scan.h"
#include "gateway/base/json_write.h"
#include "gateway/tenants/file.h"
#include "gateway/tenants/redis_layout.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void redis_rows_load(struct span known, struct span words[REDIS_ROWS_LOAD_WORDS])
{
    const struct span all[REDIS_ROWS_LOAD_WORDS] = {SPAN("EVAL"),
                                                    SPAN(TENANTS_REDIS_LOAD),
                                                    SPAN("3"),
                                                    SPAN(TENANTS_REDIS_VERSION),
                                                    SPAN(TENANTS_REDIS_TENANTS),
                                                    SPAN(TENANTS_REDIS_KEYS),
                                                    known};
    memcpy(words, all, sizeof(all));
}

static bool is_hash(const struct redis_reply *r)
{
    for (size_t i = 0; i != r->elements_len; i++)
        if (r->elements[i].type != REDIS_TYPE_STRING)
            return false;
    return r->type == REDIS_TYPE_ARRAY && r->elements_len % 2 == 0;
}

bool redis_rows_open(const struct redis_reply *reply, struct redis_rows *out)
{
    const struct redis_reply *all = reply->elements;

    *out = (struct redis_rows){0};
    if (reply->type != REDIS_TYPE_ARRAY || (reply->elements_len != 1 && reply->elements_len != 3))
        return false;
    if (all[0].type != REDIS_TYPE_STRING || (reply->elements_len == 3 && (!is_hash(&all[1]) || !is_hash(&all[2]))))
        return false;
    out->version = all[0].text;
    if (reply->elements_len == 3) {
        out->tenants = &all[1];
        out->keys = &all[2];
    }
    return true;
}

struct tenant {
    struct span name;
    size_t at, len; /* in `text`: its members, without braces */
};

struct key {
    const struct tenant *tenant;
    struct span id;
    size_t at, len; /* in `text`: its row */
};

struct rows {
    struct tenant *tenants;
    struct key *keys;
    size_t tenants_len, keys_len;
    struct buf text;
    char *error;
};

static bool refuse(const struct rows *rows, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool refuse(const struct rows *rows, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(rows->error, REDIS_ROWS_ERROR_BYTES, format, args);
    va_end(args);
    return false;
}

static int printed(struct span name)
{
    return name.len > 64 ? 64 : (int)name.len;
}

static void append_member(struct buf *out, size_t start, const struct json_value *name, const struct json_value *value)
{
    struct span quote = value->type == JSON_TYPE_STRING ? SPAN("\"") : SPAN("");

    buf_append(out, out->len == start ? SPAN("\"") : SPAN(",\""));
    buf_append(out, name->raw);
    buf_append(out, SPAN("\":"));
    buf_append(out, quote);
    buf_append(out, value->raw);
    buf_append(out, quote);
}

/*
 * Appends the members of the object `json`, but for the one called `without`, whose value is stored in *taken, once.
 * False: it is no object.
 */
static bool append_members(struct buf *out, struct span json, struct span without, struct json_value *taken)
{
    struct json_value name, value;
    struct json_scan scan;
    size_t start = out->len, times = 0;

    *taken = (struct json_value){.type = JSON_TYPE_NULL};
    json_scan_init(&scan, json);
    json_scan_enter_object(&scan);
    while (json_scan_next_member(&scan, &name, &value)) {
        if (json_string_equals(&name, without)) {
            *taken = value;
            times++;
        } else {
            append_member(out, start, &name, &value);
        }
    }
    return json_scan_end(&scan) && times <= 1;
}

static bool add_tenant(struct rows *rows, struct span name, struct span json)
{
    struct tenant tenant = {.name = name, .at = rows->text.len};
    struct json_value keys; /* which stand on their own */

    if (!append_members(&rows->text, json, SPAN("keys"), &keys))
        return refuse(rows, TENANTS_REDIS_TENANTS " %.*s: is not a JSON object", printed(name), name.ptr);
    tenant.len = rows->text.len - tenant.at;
    rows->tenants[rows->tenants_len++] = tenant;
    return true;
}

static int compare_spans(struct span a, struct span b)
{
    size_t least = a.len < b.len ? a.len : b.len;
    int difference = least == 0 ? 0 : memcmp(a.ptr, b.ptr, least);
    return difference != 0 ? difference : (a.len > b.len) - (a.len < b.len);
}

static int compare_tenants(const void *a, const void *b)
{
    return compare_spans(((const struct tenant *)a)->name, ((const struct tenant *)b)->name);
}

/* The tenants are sorted, so their places in memory are their order. */
static int compare_keys(const void *a, const void *b)
{
    const struct key *left = a, *right = b;
    int difference = (left->tenant > right->tenant) - (left->tenant < right->tenant);
    return difference != 0 ? difference : compare_spans(left->id, right->id);
}

/* What the row says its id is, and no other: or two keys could have one. */
static bool has_id(struct span row, struct span id)
{
    struct json_value value;

    return json_pointer_find(row, SPAN("/id"), &value) && value.type == JSON_TYPE_STRING &&
           json_string_equals(&value, id);
}

static bool add_key(struct rows *rows, struct span id, struct span json)
{
    struct key key = {.id = id, .at = rows->text.len};
    struct json_value tenant;

    buf_append_char(&rows->text, '{');
    bool ok = append_members(&rows->text, json, SPAN("tenant"), &tenant) && tenant.type == JSON_TYPE_STRING;
    buf_append_char(&rows->text, '}');
    key.len = rows->text.len - key.at;
    if (ok && !rows->text.failed) {
        struct tenant wanted = {.name = tenant.raw};
        key.tenant = bsearch(&wanted, rows->tenants, rows->tenants_len, sizeof(wanted), compare_tenants);
        ok = key.tenant != NULL && has_id(span_of(rows->text.ptr + key.at, key.len), id);
    }
    rows->keys[rows->keys_len++] = key;
    return ok || refuse(rows, TENANTS_REDIS_KEYS " %.*s: is not a JSON object with that id and a tenant that there is",
                        printed(id), id.ptr);
}

static bool read_rows(const struct redis_rows *from, struct rows *rows)
{
    const struct redis_reply *tenants = from->tenants->elements, *keys = from->keys->elements;

    for (size_t i = 0; i != from->tenants->elements_len; i += 2)
        if (!add_tenant(rows, tenants[i].text, tenants[i + 1].text))
            return false;
    qsort(rows->tenants, rows->tenants_len, sizeof(*rows->tenants), compare_tenants);
    for (size_t i = 0; i != from->keys->elements_len; i += 2)
        if (!add_key(rows, keys[i].text, keys[i + 1].text))
            return false;
    qsort(rows->keys, rows->keys_len, sizeof(*rows->keys), compare_keys);
    return !rows->text.failed || refuse(rows, "out of memory");
}

/* {"comment":"x"} and its keys: {"comment":"x","keys":[…]}. */
static void write_text(const struct rows *rows, struct buf *out)
{
    const struct key *key = rows->keys, *end = key + rows->keys_len;

    buf_append(out, SPAN("{\"tenants\":{"));
    for (size_t i = 0; i != rows->tenants_len; i++) {
        const struct tenant *tenant = &rows->tenants[i];
        buf_append(out, i == 0 ? SPAN("") : SPAN(","));
        json_write_string(out, tenant->name);
        buf_append_char(out, ':');
        buf_append_char(out, '{');
        buf_append(out, span_of(rows->text.ptr + tenant->at, tenant->len));
        buf_append(out, tenant->len == 0 ? SPAN("\"keys\":[") : SPAN(",\"keys\":["));
        for (const struct key *first = key; key != end && key->tenant == tenant; key++) {
            buf_append(out, key == first ? SPAN("") : SPAN(","));
            buf_append(out, span_of(rows->text.ptr + key->at, key->len));
        }
        buf_append(out, SPAN("]}"));
    }
    buf_append(out, SPAN("}}"));
}

bool redis_rows_text(const struct redis_rows *from, struct buf *out, char error[REDIS_ROWS_ERROR_BYTES])
{
    struct rows rows = {.tenants = calloc(from->tenants->elements_len / 2 + 1, sizeof(*rows.tenants)),
                        .keys = calloc(from->keys->elements_len / 2 + 1, sizeof(*rows.keys)),
                        .error = error};

    buf_init(&rows.text, out->bytes_max);
    bool ok = rows.tenants == NULL || rows.keys == NULL ? refuse(&rows, "out of memory") : read_rows(from, &rows);
    if (ok) {
        write_text(&rows, out);
        ok = !out->failed || refuse(&rows, "there is more than %zu bytes of it, or no memory", out->bytes_max);
    }
    buf_wipe_clear(&rows.text);
    free(rows.tenants);
    free(rows.keys);
    return ok;
}

struct keyring *redis_rows_keyring(const struct redis_rows *rows, char error[REDIS_ROWS_ERROR_BYTES])
{
    struct keyring *k = NULL;
    struct buf text;

    _Static_assert(KEYRING_ERROR_BYTES <= REDIS_ROWS_ERROR_BYTES, "an error of the keyring fits");
    if (rows->tenants == NULL || span_equal(rows->version, SPAN(TENANTS_REDIS_VERSION_NONE))) {
        snprintf(error, REDIS_ROWS_ERROR_BYTES, "has no tenants: it never had, or it lost them");
        return NULL;
    }
    buf_init(&text, TENANTS_FILE_BYTES_MAX);
    if (redis_rows_text(rows, &text, error))
        k = keyring_parse(buf_span(&text), error);
    buf_wipe_clear(&text);
    return k;
}
