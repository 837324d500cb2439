/*
 * Lua scripts: called by their digest, and sent whole when Redis does not know them (any more), within the same time.
 */
#ifndef KGW_NET_REDIS_SCRIPT_H
#define KGW_NET_REDIS_SCRIPT_H

#include "gateway/net/redis_call.h"

struct redis_script {
    struct span text; /* outlives the script */
    char sha1_hex[40];
};

void redis_script_init(struct redis_script *s, struct span text);

struct redis_script_words {
    const struct span *keys; /* in a cluster all of one slot; the first one says where the call goes */
    size_t keys_len;
    const struct span *arguments;
    size_t arguments_len;
};

struct redis_script_call;
/*
 * As redis_call(): EVALSHA and, after NOSCRIPT, EVAL once; the callback comes once. `w` is copied, `s` outlives the
 * call. NULL: not started.
 */
struct redis_script_call *redis_script_call(struct redis_client *c, const struct redis_script *s,
                                            const struct redis_script_words *w, uint32_t timeout_ms, redis_call_cb *cb,
                                            void *ctx);
void redis_script_cancel(struct redis_script_call **call); /* as redis_cancel() */

#endif
