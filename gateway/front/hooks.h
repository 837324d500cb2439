/*
 * The hooks of the config: an immutable table, looked up by the name in a webhook's path. Holds their secrets.
 */
#ifndef KGW_FRONT_HOOKS_H
#define KGW_FRONT_HOOKS_H

#include "auth/webhook/webhook.h"
#include "gateway/front/streams.h"

#define HOOK_NAME_BYTES_MAX  64 /* [A-Za-z0-9_.-]{1,64} */
#define HOOK_ORIGINS_MAX     16
#define HOOK_DEDUP_BYTES_MAX 256

struct hook_row {
    struct span name, tenant, stream;
    struct webhook_conf webhook;
    struct partition_rule partition; /* its own, or its stream's */
    struct span dedup_id;            /* a JSON pointer, or a header's name; empty: what the scheme has */
    bool dedups;
    uint64_t dedup_window_us;
    struct span origins[HOOK_ORIGINS_MAX]; /* whose abuse protection handshake is granted; none: anybody's */
    size_t origins_len;
};

struct hook_table;

/*
 * Copies the rows and every text in them, and takes their secrets over: the rows have none afterwards, on failure too.
 * NULL: out of memory. The caller owns it.
 */
struct hook_table *hook_table_new(struct hook_row *rows, size_t len);
void hook_table_free(struct hook_table **t);                                          /* NULL-safe; wipes the secrets */
const struct hook_row *hook_table_find(const struct hook_table *t, struct span name); /* NULL: none; t may be NULL */
size_t hook_table_len(const struct hook_table *t);                                    /* likewise */
const struct hook_row *hook_table_at(const struct hook_table *t, size_t index);       /* in the order of their names */

#endif
