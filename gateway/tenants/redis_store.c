/*
 * Redis as a store. What a change began with is remembered, so that only rows that became different are sent, and only
 * if nobody else changed any meanwhile.
 */
#include "gateway/tenants/redis_store.h"

#include "gateway/net/redis_place.h"
#include "gateway/tenants/file.h"
#include "gateway/tenants/redis_layout.h"
#include "gateway/tenants/redis_rows.h"
#include "gateway/tenants/store.h"

#include <stdio.h>
#include <stdlib.h>

#define TIMEOUT_MS      5000
#define SAVE_WORDS_HEAD 9

struct redis_store {
    struct tenants_store store;
    struct redis_place place;
    struct redis_once *redis;
    json_t *before; /* {"tenants": {NAME: TEXT}, "keys": {ID: TEXT}}, as they were read */
    char version[32];
};

static struct redis_store *redis_of(struct tenants_store *s)
{
    return (struct redis_store *)s;
}

static void *refuse(struct redis_store *r, const char *why, char *error)
{
    snprintf(error, TENANTS_STORE_ERROR_BYTES, "%.200s: %.300s", r->store.place, why);
    return NULL;
}

static bool read_rows(struct redis_once *redis, struct redis_rows *rows, char *error)
{
    struct span words[REDIS_ROWS_LOAD_WORDS];

    _Static_assert(REDIS_ONCE_ERROR_BYTES <= TENANTS_REDIS_ERROR_BYTES, "an error of redis fits");
    redis_rows_load(SPAN(""), words);
    const struct redis_reply *reply = redis_once_call(redis, words, REDIS_ROWS_LOAD_WORDS, error);
    if (reply == NULL)
        return false;
    if (redis_rows_open(reply, rows) && rows->tenants != NULL)
        return true;
    snprintf(error, TENANTS_REDIS_ERROR_BYTES, "redis gives no tenants");
    return false;
}

struct keyring *tenants_from_redis(struct redis_once *r, char error[TENANTS_REDIS_ERROR_BYTES])
{
    struct redis_rows rows;

    _Static_assert(REDIS_ROWS_ERROR_BYTES <= TENANTS_REDIS_ERROR_BYTES, "an error of a row fits");
    return read_rows(r, &rows, error) ? redis_rows_keyring(&rows, error) : NULL;
}

static struct keyring *load(struct tenants_store *s, char error[TENANTS_STORE_ERROR_BYTES])
{
    char why[TENANTS_REDIS_ERROR_BYTES];
    struct keyring *k = tenants_from_redis(redis_of(s)->redis, why);

    return k != NULL ? k : refuse(redis_of(s), why, error);
}

static void end_change(struct tenants_store *s)
{
    json_decref(redis_of(s)->before);
    redis_of(s)->before = NULL;
}

static bool remember_hash(json_t *to, const struct redis_reply *hash)
{
    bool ok = to != NULL;

    for (size_t i = 0; ok && i != hash->elements_len; i += 2) {
        struct span name = hash->elements[i].text, value = hash->elements[i + 1].text;
        ok = json_object_setn_new(to, name.ptr, name.len, json_stringn(value.ptr, value.len)) == 0;
    }
    return ok;
}

static bool remember(struct redis_store *r, const struct redis_rows *rows)
{
    r->before = json_pack("{s:{}, s:{}}", "tenants", "keys");
    snprintf(r->version, sizeof(r->version), "%.*s", (int)rows->version.len, rows->version.ptr);
    return remember_hash(json_object_get(r->before, "tenants"), rows->tenants) &&
           remember_hash(json_object_get(r->before, "keys"), rows->keys);
}

static json_t *begin_change(struct tenants_store *s, char error[TENANTS_STORE_ERROR_BYTES])
{
    struct redis_store *r = redis_of(s);
    char why[TENANTS_REDIS_ERROR_BYTES] = "out of memory";
    struct redis_rows rows;
    json_t *document = NULL;
    struct buf text;

    buf_init(&text, TENANTS_FILE_BYTES_MAX);
    if (read_rows(r->redis, &rows, why) && redis_rows_text(&rows, &text, why)) {
        document = document_parse(buf_span(&text), why);
        if (document != NULL && !remember(r, &rows)) {
            snprintf(why, sizeof(why), "out of memory");
            json_decref(document);
            document = NULL;
        }
    }
    buf_wipe_clear(&text);
    if (document != NULL)
        return document;
    end_change(s);
    return refuse(r, why, error);
}

/* Appends the name and its row's text, unless it was read like that. Takes `row`. */
static bool add_if_changed(json_t *changed, const json_t *before, const char *name, json_t *row)
{
    char *text = row == NULL ? NULL : json_dumps(row, JSON_COMPACT);
    const char *old = json_string_value(json_object_get(before, name));
    bool is_same = text != NULL && old != NULL && strcmp(text, old) == 0;
    bool ok = text != NULL && (is_same || (json_array_append_new(changed, json_string(name)) == 0 &&
                                           json_array_append_new(changed, json_string(text)) == 0));

    free(text);
    json_decref(row);
    return ok;
}

static json_t *tenant_row(json_t *tenant)
{
    json_t *row = json_copy(tenant);

    json_object_del(row, "keys");
    return row;
}

static json_t *key_row(const char *tenant, json_t *key)
{
    json_t *row = json_pack("{s:s}", "tenant", tenant);

    if (row == NULL || json_object_update(row, key) == 0)
        return row;
    json_decref(row);
    return NULL;
}

static bool find_changes(const struct redis_store *r, const json_t *document, json_t *tenants, json_t *keys)
{
    const char *name;
    json_t *tenant, *key;
    size_t i;

    json_object_foreach(json_object_get(document, "tenants"), name, tenant)
    {
        if (!add_if_changed(tenants, json_object_get(r->before, "tenants"), name, tenant_row(tenant)))
            return false;
        json_array_foreach(document_keys(tenant), i, key)
        {
            const char *id = json_string_value(json_object_get(key, "id"));
            if (!add_if_changed(keys, json_object_get(r->before, "keys"), id, key_row(name, key)))
                return false;
        }
    }
    return true;
}

static struct span *add_texts(struct span *to, const json_t *texts)
{
    for (size_t i = 0; i != json_array_size(texts); i++)
        *to++ = span_str(json_string_value(json_array_get(texts, i)));
    return to;
}

static enum tenants_saved send_changes(struct redis_store *r, const json_t *tenants, const json_t *keys, char *error)
{
    char why[REDIS_ONCE_ERROR_BYTES], count[24];
    size_t len = SAVE_WORDS_HEAD + json_array_size(tenants) + json_array_size(keys);
    struct span *words = calloc(len, sizeof(*words));

    if (words == NULL)
        return refuse(r, "out of memory", error) == NULL ? TENANTS_NOT_SAVED : TENANTS_SAVED;
    snprintf(count, sizeof(count), "%zu", json_array_size(tenants) / 2);
    const struct span head[SAVE_WORDS_HEAD] = {
        SPAN("EVAL"),
        SPAN(TENANTS_REDIS_SAVE),
        SPAN("3"),
        SPAN(TENANTS_REDIS_VERSION),
        SPAN(TENANTS_REDIS_TENANTS),
        SPAN(TENANTS_REDIS_KEYS),
        span_str(r->version),
        SPAN(TENANTS_REDIS_CHANNEL),
        span_str(count),
    };
    memcpy(words, head, sizeof(head));
    add_texts(add_texts(words + SAVE_WORDS_HEAD, tenants), keys);
    const struct redis_reply *reply = redis_once_call(r->redis, words, len, why);
    free(words);
    if (reply == NULL) {
        refuse(r, why, error);
        return TENANTS_NOT_SAVED;
    }
    return reply->text.len == 0 ? TENANTS_OVERTAKEN : TENANTS_SAVED;
}

static enum tenants_saved save(struct tenants_store *s, const json_t *document, char error[TENANTS_STORE_ERROR_BYTES])
{
    struct redis_store *r = redis_of(s);
    json_t *tenants = json_array(), *keys = json_array();
    enum tenants_saved saved = TENANTS_NOT_SAVED;

    if (!find_changes(r, document, tenants, keys))
        refuse(r, "out of memory", error);
    else if (json_array_size(tenants) + json_array_size(keys) == 0)
        saved = TENANTS_SAVED;
    else
        saved = send_changes(r, tenants, keys, error);
    json_decref(tenants);
    json_decref(keys);
    return saved;
}

static void close_store(struct tenants_store *s)
{
    end_change(s);
    redis_once_close(&redis_of(s)->redis);
    redis_place_clear(&redis_of(s)->place);
    free(s);
}

static const struct tenants_store_kind kind = {"redis", load, begin_change, save, end_change, close_store};

struct tenants_store *tenants_redis_store_open(const char *url, const char *ca_file,
                                               char error[TENANTS_STORE_ERROR_BYTES])
{
    struct redis_store *r = calloc(1, sizeof(*r));
    char why[REDIS_ONCE_ERROR_BYTES], sentence[REDIS_PLACE_ERROR_BYTES];

    if (r == NULL) {
        snprintf(error, TENANTS_STORE_ERROR_BYTES, "out of memory");
        return NULL;
    }
    r->store.kind = &kind;
    if (!redis_place_open(&r->place, url, ca_file, sentence)) {
        snprintf(error, TENANTS_STORE_ERROR_BYTES, "the address of Redis: %s", sentence);
        free(r);
        return NULL;
    }
    redis_host_format(&r->place.url.hosts[0], r->store.place, sizeof(r->store.place));
    if ((r->redis = redis_once_open(&r->place.url, r->place.tls, TIMEOUT_MS, why)) != NULL)
        return &r->store;
    refuse(r, why, error);
    close_store(&r->store);
    return NULL;
}
