/*
 * bucket.lua, as a command for Redis: its arguments and its answer, without anything of the connection. The text is in
 * the binary. EVALSHA is asked first; after NOSCRIPT (a restart, a failover, SCRIPT FLUSH) the same command with the
 * text, once. Pure; any thread.
 */
#ifndef KGW_QUOTA_SCRIPT_H
#define KGW_QUOTA_SCRIPT_H

#include "auth/bytes.h"
#include "gateway/quota/bucket.h"

extern const char script_source[];   /* bucket.lua */
extern const char script_sha1_hex[]; /* by which Redis knows it */

#define SCRIPT_ARGUMENTS        26 /* with the tests' time */
#define SCRIPT_NUMBERS          15 /* of an answer: an array of so many integers */
#define SCRIPT_TENANT_BYTES_MAX 64
#define SCRIPT_KEY_BYTES        (sizeof("kgw:{}:q") + SCRIPT_TENANT_BYTES_MAX)
#define SCRIPT_TEXT_BYTES       640

struct script_call {
    struct span arguments[SCRIPT_ARGUMENTS]; /* into this struct: it must not be moved */
    size_t arguments_len;
    struct span key; /* arguments[3], by which a cluster finds the node: keys of a tenant share its hash tag */
    char key_text[SCRIPT_KEY_BYTES];
    char text[SCRIPT_TEXT_BYTES];
};

/* `tenant` is at most SCRIPT_TENANT_BYTES_MAX long, without braces. `with_source`: EVAL rather than EVALSHA. */
void script_encode(struct script_call *c, struct span tenant, const struct quota_limits *l, const struct quota_ask *ask,
                   bool with_source);
/* The same at a time of the test's own. */
void script_encode_at(struct script_call *c, struct span tenant, const struct quota_limits *l,
                      const struct quota_ask *ask, bool with_source, uint64_t now_us);
/* False: not an answer of this script. */
bool script_decode(const int64_t *numbers, size_t len, struct quota_reply *reply);

#endif
