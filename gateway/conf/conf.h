/*
 * The configuration: one JSON file and KGW_… environment overrides, read through one table of rows. Immutable once
 * loaded.
 */
#ifndef KGW_CONF_CONF_H
#define KGW_CONF_CONF_H

#include "gateway/creds/creds.h"
#include "gateway/front/front.h"
#include "gateway/front/idempotency_memory.h"
#include "gateway/front/server.h"

#define CONF_ERROR_BYTES 512

struct conf_listener {
    struct listener_conf listen;
    bool plaintext; /* plain HTTP on an address that is not loopback is wanted */
};

/* Where Redis is. */
struct conf_redis {
    const char *url, *ca_file; /* the URL, or the "env:NAME" or "file:PATH" that holds it; NULL: none */
    uint32_t timeout_ms;
};

enum conf_tenants { CONF_TENANTS_FILE, CONF_TENANTS_REDIS };

struct conf {
    struct conf_listener *listeners;
    size_t listeners_len;
    struct conf_listener admin;
    const char *const *admin_hosts; /* further names allowed in Host on the admin listener; NULL-terminated */
    uint32_t metrics_tenants;       /* counted by name */
    uint32_t workers;               /* 0: one a core */
    const char *log_path;
    uint64_t log_ring_bytes;
    uint32_t drain_delay_ms, drain_timeout_ms;
    struct conf_redis redis;
    uint32_t tenants; /* enum conf_tenants */
    uint32_t tenants_refresh_s;
    const char *tenants_file;  /* NULL: they are in Redis */
    struct server_conf server; /* connections_max and buffered_bytes_max: of the process */
    struct front_conf front;
    uint64_t addresses_max; /* whose calls are counted */
    struct idempotency_memory_conf idempotency;
    struct http_client_conf http;
    struct sender_conf sender; /* its bounds: of the process */
    struct creds_conf creds;
    const char *aws_region, *aws_endpoint; /* of streams that name none of their own; NULL: none */
    struct stream_row *streams;            /* with their host, url and region worked out */
    size_t streams_len;
    struct conf_hook_row { /* without secrets: conf_make_snapshot() reads those */
        struct hook_row row;
        const char *const *secrets; /* where they are, NULL-terminated */
        const char *verify_token;   /* likewise; NULL: none */
    } * hooks;
    size_t hooks_len;
    struct conf_master_key {
        const char *name, *source; /* "m1", "file:…" */
    } * masters;
    size_t masters_len;
};

/*
 * Reads and checks the file and the environment (`environ` as in main). NULL with one sentence in error[]: the
 * setting's path, what is wrong and what is allowed; never the value of a secret. Relative paths in it are relative to
 * the file's folder.
 */
struct conf *conf_load(const char *path, char *const *environ_, char error[CONF_ERROR_BYTES]);
void conf_free(struct conf **c);

/* What a reload may change: streams, master keys. A change of any other setting is named, for the log: it needs a
 * restart. */
const char *conf_first_restart_difference(const struct conf *running, const struct conf *loaded); /* NULL: none */

/* The secrets of the master keys; master_keys_clear() frees them. Reads files. False with a sentence in error[]. */
bool conf_load_masters(const struct conf *c, struct master_keys *out, char error[CONF_ERROR_BYTES]);
/*
 * The hooks with their secrets, whose owner the caller is; an empty table without hooks. Reads files. NULL with a
 * sentence in error[].
 */
struct hook_table *conf_load_hooks(const struct conf *c, char error[CONF_ERROR_BYTES]);
/*
 * The snapshot that `c` and the tenants file describe; without keys where Redis has them. Reads files. NULL with a
 * sentence in error[]. `now_s` is Unix time: keys that are over by then need no master key.
 */
struct snapshot *conf_load_snapshot(const struct conf *c, int64_t now_s, char error[CONF_ERROR_BYTES]);
/* The same with these keys, of which a reference is taken; NULL: none are known so far. */
struct snapshot *conf_make_snapshot(const struct conf *c, struct keyring *keyring, int64_t now_s,
                                    char error[CONF_ERROR_BYTES]);

void conf_print_example(struct buf *out);   /* a commented-by-reference example: every row with its default */
void conf_print_reference(struct buf *out); /* Markdown: a table of every row */

#endif
