/*
 * Making a keyring: what the files keyring*.c share and nobody else includes.
 */
#ifndef KGW_AUTH_KEYRING_PARSE_H
#define KGW_AUTH_KEYRING_PARSE_H

#include "auth/arena.h"
#include "auth/keyring.h"

#include <jansson.h>

#define KEYRING_KEYS_MAX        1000000
#define KEYRING_TENANTS_MAX     1000000
#define KEYRING_PRINTABLE_BYTES 48
#define KEYRING_NO_INDEX        SIZE_MAX

enum keyring_added { KEYRING_ADDED, KEYRING_ALREADY_THERE, KEYRING_FULL, KEYRING_NO_MEMORY };

/* An empty keyring, its one reference the caller's. NULL: out of memory. */
struct keyring *keyring_new(void);
/* Where the texts and lists of its rows go. */
struct arena *keyring_arena(struct keyring *k);
enum keyring_added keyring_add_tenant(struct keyring *k, struct span name);
/* Adds a row to the tenant added last. */
enum keyring_added keyring_add_key(struct keyring *k, const struct key_row *row);

/* Where in the file, for the sentence of an error. */
struct keyring_place {
    const char *tenant; /* NULL: above the tenants */
    size_t key_index;   /* KEYRING_NO_INDEX: the tenant itself */
    char *error;        /* KEYRING_ERROR_BYTES */
};

/* Writes "tenants.NAME.keys[N].MEMBER: sentence", without the dot when member is "". Returns false, to be returned. */
bool keyring_refuse(const struct keyring_place *at, const char *member, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool keyring_refuse_memory(const struct keyring_place *at);
/* A member's name as an error may show it: printable, cut to a bearable length. */
const char *keyring_printable(const char *name, char out[KEYRING_PRINTABLE_BYTES]);
bool keyring_is_name(struct span text, size_t bytes_max); /* [A-Za-z0-9_.-]{1,bytes_max}, as AWS names streams */
/* Reads one row into *row (but for `tenant`), with its texts and lists in the arena. */
bool keyring_row_parse(json_t *json, const struct keyring_place *at, struct arena *arena, struct key_row *row);

#endif
