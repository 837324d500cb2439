#pragma once

#include "tests/double/call.h"

#define FAULT_KINDS(X)                                                                                                 \
    /* name                phase     stored by default */                                                              \
    X(throttle, CALL, false)                                                                                           \
    X(throttle_record, RECORD, false)                                                                                  \
    X(fail_record, RECORD, false)                                                                                      \
    X(internal_500, CALL, false)                                                                                       \
    X(unavailable_503_xml, DOOR, false)                                                                                \
    X(unavailable_503_html, DOOR, false)                                                                               \
    X(unavailable_503_empty, DOOR, false)                                                                              \
    X(error, CALL, false)                                                                                              \
    X(delay, MODIFIER, true)                                                                                           \
    X(silence, DOOR, false)                                                                                            \
    X(reset_accept, ACCEPT, false)                                                                                     \
    X(reset_before, DOOR, false)                                                                                       \
    X(reset_after, CALL, true)                                                                                         \
    X(cut, CALL, true)                                                                                                 \
    X(truncate, CALL, true)                                                                                            \
    X(odd_200, CALL, true)                                                                                             \
    X(drip, MODIFIER, true)                                                                                            \
    X(close_idle, MODIFIER, true)                                                                                      \
    X(clock_skew, MODIFIER, true)                                                                                      \
    X(expire_token, MODIFIER, true)                                                                                    \
    X(garbage, DOOR, false)

enum fault_kind {
#define X(name, phase, stored) FAULT_##name,
    FAULT_KINDS(X)
#undef X
        FAULT_KIND_COUNT
};

/* DOOR: before anyone looked at the signature. CALL: of a valid call. MODIFIER: of whatever the answer is. */
enum fault_phase { PHASE_ACCEPT, PHASE_DOOR, PHASE_CALL, PHASE_RECORD, PHASE_MODIFIER };

extern const struct fault_row {
    const char *name;
    enum fault_phase phase;
    bool stored;
} fault_rows[FAULT_KIND_COUNT];

/* One rule. Strings belong to the set; NULL and -1 mean "not given". */
struct fault {
    enum fault_kind kind;
    double percent;
    json_int_t count, skip, delay_ms, status, seconds, bytes, interval_ms, idle_ms;
    const char *stream, *operation, *match_key, *shard, *code, *message, *style, *body, *token;
    int stored;
    uint64_t fired;
};

enum { FAULTS_MAX = 64 };

struct fault_set {
    unsigned users;
    json_t *source;
    size_t count;
    struct fault rules[FAULTS_MAX];
};

struct faults {
    struct fault_set *set;
    uint64_t random;
    uint64_t fired[FAULT_KIND_COUNT]; /* by kind, also of rules that were replaced since */
};

/* What befalls one call. Holds its set until fault_plan_clear(). */
struct fault_plan {
    struct fault_set *set;
    const struct fault *fault; /* instead of the answer; NULL: none */
    const struct fault *drip, *close_idle;
    uint64_t delay_ms;
    long skew_seconds;
    const char *expired_token;
};

void faults_init(struct faults *faults, uint64_t seed);
bool faults_replace(struct faults *faults, json_t *rules, struct text *error); /* all or nothing */
void faults_describe(const struct faults *faults, struct text *out);           /* the rules, with "fired" */

bool faults_on_accept(struct faults *faults);
void faults_plan(struct faults *faults, const struct call *call, struct fault_plan *plan);
const struct fault *faults_on_record(struct faults *faults, const struct fault_plan *plan, const struct call *call,
                                     const struct put_record *record);
void fault_plan_clear(struct fault_plan *plan);

/* fault_parse.c: a set of rules from JSON, or NULL and what is wrong. */
struct fault_set *fault_set_parse(json_t *rules, struct text *error);
