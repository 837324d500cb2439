/*
 * Tenants and keys as Redis holds them, and as one text that the keyring reads. Pure.
 *
 * redis_layout.h has the names. TENANTS is a hash of a tenant's name to its members but for "keys", as JSON; KEYS one
 * of a key's id to its row, as JSON, with "tenant" beside the members that a tenants file has. VERSION counts changes:
 * it is NONE where nothing ever was, or where all was lost. Each change publishes the new version on CHANNEL. One
 * script reads all of it at one moment, another changes it if the version is still the one that was read. The hash tag
 * puts the three on one node of a cluster.
 */
#ifndef KGW_TENANTS_REDIS_ROWS_H
#define KGW_TENANTS_REDIS_ROWS_H

#include "auth/keyring.h"
#include "gateway/net/redis_reply.h"

#define REDIS_ROWS_ERROR_BYTES 512

/*
 * The words of the command that reads everything, for redis_call() or redis_once_call() with the route key
 * TENANTS_REDIS_VERSION; nothing but the version comes back while it is `known`. `known` is borrowed.
 */
#define REDIS_ROWS_LOAD_WORDS 7
void redis_rows_load(struct span known, struct span words[REDIS_ROWS_LOAD_WORDS]);

/* A reply to it, looked into; all of it lives as long as the reply. */
struct redis_rows {
    struct span version;
    const struct redis_reply *tenants, *keys; /* names and values in turn; NULL: nothing but the version came */
};
bool redis_rows_open(const struct redis_reply *reply, struct redis_rows *out); /* false: it is no such reply */

/* Appends the text of the tenants file that says the same, sorted by name and id. False with a sentence in error[]. */
bool redis_rows_text(const struct redis_rows *rows, struct buf *out, char error[REDIS_ROWS_ERROR_BYTES]);
/* The keyring of that text. Where nothing ever was there is none: better the keys of before than nobody's. */
struct keyring *redis_rows_keyring(const struct redis_rows *rows, char error[REDIS_ROWS_ERROR_BYTES]);

#endif
