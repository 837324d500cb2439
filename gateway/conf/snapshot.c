/* A snapshot from what a configuration names: the tenants file, the master keys' secrets, the streams, the hooks. */
#include "gateway/base/secret_source.h"
#include "gateway/conf/conf.h"
#include "gateway/tenants/file.h"

#include <stdio.h>
#include <stdlib.h>

#define MASTER_BYTES_MIN 32 /* an HMAC-SHA256 key no shorter than its output: RFC 2104 section 3 */

static void *refuse_memory(char *error)
{
    snprintf(error, CONF_ERROR_BYTES, "out of memory");
    return NULL;
}

static bool read_master(const struct conf_master_key *from, struct master_key *to, char *error)
{
    char why[SECRET_SOURCE_ERROR_BYTES];
    char *name = strdup(from->name);

    if (name == NULL)
        return refuse_memory(error) != NULL;
    to->name = span_str(name);
    if (!secret_source_read(from->source, &to->secret, why))
        snprintf(error, CONF_ERROR_BYTES, "master_keys.%s: %s", from->name, why);
    else if (to->secret.len < MASTER_BYTES_MIN)
        snprintf(error, CONF_ERROR_BYTES, "master_keys.%s: must be at least %d bytes", from->name, MASTER_BYTES_MIN);
    else
        return true;
    return false;
}

bool conf_load_masters(const struct conf *c, struct master_keys *out, char error[CONF_ERROR_BYTES])
{
    *out = (struct master_keys){calloc(c->masters_len + 1, sizeof(*out->keys)), 0};
    if (out->keys == NULL)
        return refuse_memory(error) != NULL;
    for (size_t i = 0; i != c->masters_len; i++) {
        out->len++;
        if (!read_master(&c->masters[i], &out->keys[i], error)) {
            master_keys_clear(out);
            return false;
        }
    }
    return true;
}

static bool has_master(const struct conf *c, struct span name)
{
    for (size_t i = 0; i != c->masters_len; i++)
        if (span_equal(span_str(c->masters[i].name), name))
            return true;
    return false;
}

/* A key whose master is not there could never be used, and nobody would know why. The rows of keys that are over stay
 * for their ids' sake, and do not keep their master. */
static bool check_derived(const struct conf *c, const struct keyring *k, int64_t now_s, char *error)
{
    for (size_t i = 0; i != keyring_keys(k); i++) {
        const struct key_row *key = keyring_key_at(k, i);
        if (key->has_digest || key->expires_s <= now_s || has_master(c, key->derived))
            continue;
        snprintf(error, CONF_ERROR_BYTES,
                 "%.200s: tenants.%.*s: key %.*s is derived from %.*s, which is not in master_keys",
                 c->tenants == CONF_TENANTS_FILE ? c->tenants_file : "redis", (int)key->tenant->name.len,
                 key->tenant->name.ptr, (int)key->id.len, key->id.ptr, (int)key->derived.len, key->derived.ptr);
        return false;
    }
    return true;
}

struct snapshot *conf_make_snapshot(const struct conf *c, struct keyring *keyring, int64_t now_s,
                                    char error[CONF_ERROR_BYTES])
{
    struct master_keys masters;

    error[0] = '\0';
    if ((keyring != NULL && !check_derived(c, keyring, now_s, error)) || !conf_load_masters(c, &masters, error))
        return NULL;
    struct hook_table *hooks = conf_load_hooks(c, error);
    if (hooks == NULL) {
        master_keys_clear(&masters);
        return NULL;
    }
    struct stream_table *streams = stream_table_new(c->streams, c->streams_len);
    if (streams == NULL) {
        master_keys_clear(&masters);
        hook_table_free(&hooks);
        return refuse_memory(error);
    }
    if (keyring != NULL)
        keyring_acquire(keyring);
    struct snapshot *s = snapshot_new(&keyring, &streams, &masters);
    if (s == NULL) {
        hook_table_free(&hooks);
        return refuse_memory(error);
    }
    s->hooks = hooks;
    return s;
}

struct snapshot *conf_load_snapshot(const struct conf *c, int64_t now_s, char error[CONF_ERROR_BYTES])
{
    struct keyring *keyring;

    _Static_assert(TENANTS_FILE_ERROR_BYTES <= CONF_ERROR_BYTES, "an error of the file fits");
    if (c->tenants == CONF_TENANTS_REDIS)
        return conf_make_snapshot(c, NULL, now_s, error);
    if ((keyring = tenants_file_load(c->tenants_file, error)) == NULL)
        return NULL;
    struct snapshot *s = conf_make_snapshot(c, keyring, now_s, error);
    keyring_release(&keyring);
    return s;
}
