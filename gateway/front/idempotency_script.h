/*
 * idempotency.lua as words for Redis, and what its answers say. The text is in the binary. Pure; any thread.
 */
#ifndef KGW_FRONT_IDEMPOTENCY_SCRIPT_H
#define KGW_FRONT_IDEMPOTENCY_SCRIPT_H

#include "gateway/front/idempotency_record.h"
#include "gateway/front/idempotency_store.h"
#include "gateway/net/redis_reply.h"

extern const char idempotency_script_source[]; /* idempotency.lua */
extern const char idempotency_script_sha1_hex[];

#define IDEMPOTENCY_SCRIPT_ARGUMENTS 5

enum idempotency_verb { IDEMPOTENCY_CLAIM, IDEMPOTENCY_FINISH, IDEMPOTENCY_RELEASE };

struct idempotency_order {
    enum idempotency_verb verb;
    struct idempotency_record record; /* that is to be; its results are sent with IDEMPOTENCY_FINISH alone */
    uint64_t keep_ms, hold_ms;
};

struct idempotency_words {
    struct span
        arguments[IDEMPOTENCY_SCRIPT_ARGUMENTS]; /* into this struct, which must not be moved, and the results */
    char head[IDEMPOTENCY_RECORD_HEAD_BYTES];
    char keep_ms[24], hold_ms[24];
};

void idempotency_script_encode(const struct idempotency_order *o, struct idempotency_words *w);

/*
 * What the answer to a claim says, *results pointing into it: RECALL_CLAIMED, _DONE, _OTHER or _WAIT, or
 * RECALL_UNAVAILABLE for one that is none of this script's, or of a record that is none of ours.
 */
enum recall_verdict idempotency_script_verdict(const struct redis_reply *reply,
                                               const struct idempotency_record *claimed, struct span *results);
/* To the others: whether it was done. False also for an answer that is none of this script's. */
bool idempotency_script_is_done(const struct redis_reply *reply);

#endif
