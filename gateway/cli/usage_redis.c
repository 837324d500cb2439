/* Usage as Redis has it: tenants from where the configuration has them, their buckets by the hundred. */
#include "gateway/cli/common.h"
#include "gateway/cli/usage.h"
#include "gateway/net/redis_once.h"
#include "gateway/net/redis_place.h"
#include "gateway/quota/stored.h"
#include "gateway/quota/usage.h"

#include <stdio.h>

#define TIMEOUT_MS  5000
#define AT_ONCE_MAX 500
#define SECOND_US   1000000u

struct look {
    struct redis_once *redis;
    size_t at_once; /* keys of one command; in a cluster they must be of one tenant */
    char error[REDIS_ONCE_ERROR_BYTES];
};

/* Of Redis's clock, by which its buckets go. */
static bool read_time(struct look *l, uint64_t *unix_us)
{
    const struct span words[] = {SPAN("TIME")};
    const struct redis_reply *reply = redis_once_call(l->redis, words, 1, l->error);
    uint64_t seconds, micros;

    if (reply == NULL)
        return false;
    if (reply->type == REDIS_TYPE_ARRAY && reply->elements_len == 2 &&
        span_parse_u64(reply->elements[0].text, &seconds) && span_parse_u64(reply->elements[1].text, &micros) &&
        seconds < UINT32_MAX * 2ull && micros < SECOND_US) {
        *unix_us = seconds * SECOND_US + micros;
        return true;
    }
    snprintf(l->error, sizeof(l->error), "redis does not tell the time");
    return false;
}

static void append_usage(const struct tenant_row *tenant, struct span stored, uint64_t unix_us, struct buf *page)
{
    struct quota_room room[QUOTA_DIMENSIONS];
    struct quota_bucket bucket;

    (void)stored_read(stored, &bucket); /* gone, or not understood: full, as for bucket.lua */
    stored_room(&bucket, &tenant->quota, unix_us, room);
    usage_write(tenant->name, &tenant->quota, room, unix_us, page);
}

/* Of `len` tenants from the one at `first` on; their buckets are read after the time was, or in the same millisecond.
 */
static bool look_at(struct look *l, const struct keyring *k, size_t first, size_t len, struct buf *page)
{
    char keys[AT_ONCE_MAX][STORED_KEY_BYTES];
    struct span words[AT_ONCE_MAX + 1] = {SPAN("MGET")};
    uint64_t unix_us;

    for (size_t i = 0; i != len; i++)
        words[i + 1] = stored_key(keyring_tenant_at(k, first + i)->name, keys[i]);
    if (!read_time(l, &unix_us))
        return false;
    const struct redis_reply *reply = redis_once_call(l->redis, words, len + 1, l->error);
    if (reply == NULL)
        return false;
    if (reply->type != REDIS_TYPE_ARRAY || reply->elements_len != len) {
        snprintf(l->error, sizeof(l->error), "redis answers something else");
        return false;
    }
    for (size_t i = 0; i != len; i++) {
        buf_append(page, page->len <= 1 ? SPAN("") : SPAN(",")); /* nothing, or an array's beginning */
        append_usage(keyring_tenant_at(k, first + i), reply->elements[i].text, unix_us, page);
    }
    return true;
}

static bool look_at_all(struct look *l, const struct keyring *k, struct buf *page)
{
    size_t len = keyring_tenants(k);

    buf_append_char(page, '[');
    for (size_t at = 0, now; at < len; at += now) {
        now = len - at < l->at_once ? len - at : l->at_once;
        if (!look_at(l, k, at, now, page))
            return false;
    }
    buf_append_char(page, ']');
    return true;
}

static int look(const char *command, const struct redis_place *place, const struct keyring *k,
                const struct tenant_row *tenant, struct buf *page)
{
    struct look l = {.at_once = place->url.layout == REDIS_CLUSTER ? 1 : AT_ONCE_MAX};
    char where[REDIS_HOST_BYTES_MAX + 8];

    l.redis = redis_once_open(&place->url, place->tls, TIMEOUT_MS, l.error);
    bool ok = l.redis != NULL && (tenant != NULL ? look_at(&l, k, tenant->index, 1, page) : look_at_all(&l, k, page));
    redis_once_close(&l.redis);
    if (ok)
        return CLI_DONE;
    redis_host_format(&place->url.hosts[0], where, sizeof(where));
    return cli_fail(CLI_FAILED, command, "%s: %s", where, l.error);
}

static int look_with(const char *command, const struct conf *c, const struct keyring *k, const char *name,
                     struct buf *page)
{
    char error[REDIS_PLACE_ERROR_BYTES];
    struct redis_place place;
    const struct tenant_row *tenant = name == NULL ? NULL : keyring_find_tenant(k, span_str(name));

    if (name != NULL && tenant == NULL)
        return cli_fail(CLI_FAILED, command, "there is no such tenant");
    if (!redis_place_open(&place, c->redis.url, c->redis.ca_file, error))
        return cli_fail(CLI_FAILED, command, "redis.url: %s", error);
    int status = look(command, &place, k, tenant, page);
    redis_place_clear(&place);
    return status;
}

int usage_from_redis(const char *command, const struct conf *c, const char *name, struct buf *page)
{
    char error[TENANTS_STORE_ERROR_BYTES];
    struct tenants_store *store = cli_store_open_configured(command, c);
    struct keyring *k = store == NULL ? NULL : tenants_store_load(store, error);
    int status = CLI_FAILED;

    if (k != NULL)
        status = look_with(command, c, k, name, page);
    else if (store != NULL)
        cli_fail(CLI_FAILED, command, "%s", error);
    keyring_release(&k);
    tenants_store_close(&store);
    return status;
}
