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
struct tenant_row *keyring_last_tenant(struct keyring *k); /* the tenant added last */
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

/* A member's value: a string, a list, or what no member may be. Its texts are somebody else's. */
struct keyring_value {
    enum { KEYRING_STRING, KEYRING_LIST, KEYRING_OTHER } kind;
    struct span text; /* of a string */
    size_t len;       /* of a list; an element that is no string is empty */
    const struct span *elements;
    json_t *tree; /* elements NULL: they are in here; of what is neither string nor list: itself */
};
struct keyring_member {
    struct span name;
    struct keyring_value value;
};
#define KEYRING_ROW_ALLOWED                                                                                            \
    "id, digest, derived, streams, calls, networks, origins, allow_no_origin, per_address_requests_per_second, "       \
    "not_before, expires, comment"
/* Reads one row into *row (but for `tenant`), with its texts and lists in the arena. The names are all different. */
bool keyring_row_parse(const struct keyring_member *members, size_t members_len, const struct keyring_place *at,
                       struct arena *arena, struct key_row *row);

/* What a beacon's key has besides; and whether the row is right in it. */
bool keyring_read_origins(const struct keyring_value *value, const struct keyring_place *at, struct arena *arena,
                          struct key_row *row);
bool keyring_read_allow_no_origin(const struct keyring_value *value, const struct keyring_place *at,
                                  struct arena *arena, struct key_row *row);
bool keyring_read_per_address(const struct keyring_value *value, const struct keyring_place *at, struct arena *arena,
                              struct key_row *row);
bool keyring_settle_browser(const struct keyring_place *at, const struct key_row *row);
/* An empty list would read as "none" and mean "all", so there is none. */
bool keyring_list_is_usable(const struct keyring_value *value, const struct keyring_place *at, const char *member);
struct span keyring_element_at(const struct keyring_value *list, size_t i);

/* The members of a row in its text, or in its tree. */
#define KEYRING_ROW_MEMBERS_MAX  16
#define KEYRING_ROW_ELEMENTS_MAX 64
struct keyring_row_scan {
    struct keyring_member members[KEYRING_ROW_MEMBERS_MAX];
    size_t members_len;
    struct span elements[KEYRING_ROW_ELEMENTS_MAX];
    size_t elements_len;
};
/*
 * Bytes of the row that `text` begins with, its members in *scan; 0 if it is not of the plain kind that rows nearly
 * always are: strings of printable ASCII without escapes and lists of them, each member once. A tree reads the others,
 * and says what is wrong with a row; it takes ten times as long.
 */
size_t keyring_row_scan(struct span text, struct keyring_row_scan *scan);
/* All of an object's members; free() them before it. NULL: out of memory. */
struct keyring_member *keyring_tree_members(json_t *object);
/* A tenant's "quota", a burst that is not given being a second's worth, and its "on_redis_failure". */
bool keyring_quota_parse(json_t *json, const struct keyring_place *at, struct quota_limits *quota);
bool keyring_outage_parse(json_t *json, const struct keyring_place *at, enum quota_outage *outage);

#endif
