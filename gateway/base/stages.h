/*
 * Where a worker's CPU time goes: the thread's CPU clock is read at the borders of stages, in one turn of sixteen, and
 * what was measured counts as often. Owned by one thread.
 */
#ifndef KGW_BASE_STAGES_H
#define KGW_BASE_STAGES_H

#include <stdbool.h>
#include <stdint.h>

#define KGW_STAGES(X)                                                                                                  \
    X(STAGE_SERVER, "server") /* H2O: accepting, reading and parsing requests; the loop itself */                      \
    X(STAGE_ADMIT, "admit")   /* the guard, who calls, what it may do, the record */                                   \
    X(STAGE_ENCODE, "encode")                                                                                          \
    X(STAGE_SIGN, "sign")                                                                                              \
    X(STAGE_UPSTREAM, "upstream") /* libcurl: connections, TLS, writing calls and reading answers */                   \
    X(STAGE_SETTLE, "settle")     /* decoding answers, deciding what they mean */                                      \
    X(STAGE_REPLY, "reply")       /* writing answers to callers */

enum stage {
#define X(stage, name) stage,
    KGW_STAGES(X)
#undef X
        STAGES
};

#define STAGES_TURNS_A_SAMPLE 64

struct stages {
    uint64_t ns[STAGES]; /* estimated: sampled time, multiplied */
    uint64_t turns, since_ns;
    enum stage current;
    bool is_sampling;
};

void stages_begin_turn(struct stages *s);
void stages_end_turn(struct stages *s);
void stages_switch(struct stages *s, enum stage next); /* while sampling only */

/* Enters a stage and says which one to go back to, by the same verb. */
static inline enum stage stages_enter(struct stages *s, enum stage next)
{
    enum stage previous = s->current;

    if (s->is_sampling)
        stages_switch(s, next);
    return previous;
}

#endif
