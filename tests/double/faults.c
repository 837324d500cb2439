/* Which faults befall which call: rules are asked in order; the first that answers wins, modifiers add up. */
#include "tests/double/faults.h"

#include <stdlib.h>
#include <string.h>

const struct fault_row fault_rows[FAULT_KIND_COUNT] = {
#define X(name, phase, stored) {#name, PHASE_##phase, stored},
    FAULT_KINDS(X)
#undef X
};

static void release(struct fault_set **set)
{
    if (*set != NULL && --(*set)->users == 0) {
        json_decref((*set)->source);
        free(*set);
    }
    *set = NULL;
}

bool faults_replace(struct faults *faults, json_t *rules, struct text *error)
{
    struct fault_set *set = fault_set_parse(rules, error);
    if (set == NULL)
        return false;
    release(&faults->set);
    faults->set = set;
    return true;
}

void faults_init(struct faults *faults, uint64_t seed)
{
    struct text error = {0};
    json_t *none = json_array();
    *faults = (struct faults){.random = seed * 2 + 1};
    faults_replace(faults, none, &error);
    json_decref(none);
}

void faults_describe(const struct faults *faults, struct text *out)
{
    for (size_t i = 0; i < faults->set->count; i++) {
        json_t *rule = json_array_get(faults->set->source, i);
        json_object_set_new(rule, "fired", json_integer((json_int_t)faults->set->rules[i].fired));
    }
    char *dump = json_dumps(faults->set->source, JSON_COMPACT);
    text_puts(out, dump);
    free(dump);
}

static double draw_percent(struct faults *faults)
{
    faults->random ^= faults->random << 13; /* xorshift64 */
    faults->random ^= faults->random >> 7;
    faults->random ^= faults->random << 17;
    return (double)(faults->random >> 11) / (double)(1ull << 53) * 100;
}

static bool fires(struct faults *faults, struct fault *fault)
{
    if (fault->count == 0)
        return false;
    if (fault->skip > 0) {
        fault->skip--;
        return false;
    }
    if (fault->percent < 100 && draw_percent(faults) >= fault->percent)
        return false;
    if (fault->count > 0)
        fault->count--;
    fault->fired++;
    faults->fired[fault->kind]++;
    return true;
}

static bool key_matches(const struct fault *fault, const struct put_record *record)
{
    size_t length = fault->match_key ? strlen(fault->match_key) : 0;
    return record->partition_key.length >= length &&
           (length == 0 || memcmp(record->partition_key.base, fault->match_key, length) == 0);
}

static bool call_matches(const struct fault *fault, const struct call *call)
{
    if (fault->stream != NULL && !slice_is(call_stream_name(call), fault->stream))
        return false;
    return fault->operation == NULL || strcmp(fault->operation, operation_names[call->operation]) == 0;
}

static bool any_key_matches(const struct fault *fault, const struct call *call)
{
    for (size_t i = 0; i < call->record_count; i++) {
        if (key_matches(fault, &call->records[i]))
            return true;
    }
    return fault->match_key == NULL;
}

bool faults_on_accept(struct faults *faults)
{
    for (size_t i = 0; i < faults->set->count; i++) {
        struct fault *fault = &faults->set->rules[i];
        if (fault_rows[fault->kind].phase == PHASE_ACCEPT && fires(faults, fault))
            return true;
    }
    return false;
}

static void modify(struct fault_plan *plan, const struct fault *fault)
{
    if (fault->kind == FAULT_drip)
        plan->drip = fault;
    if (fault->kind == FAULT_close_idle)
        plan->close_idle = fault;
    if (fault->kind == FAULT_clock_skew)
        plan->skew_seconds = (long)fault->seconds;
    if (fault->kind == FAULT_expire_token)
        plan->expired_token = fault->token ? fault->token : "*";
}

void faults_plan(struct faults *faults, const struct call *call, struct fault_plan *plan)
{
    *plan = (struct fault_plan){.set = faults->set};
    plan->set->users++;
    for (size_t i = 0; i < plan->set->count; i++) {
        struct fault *fault = &plan->set->rules[i];
        enum fault_phase phase = fault_rows[fault->kind].phase;
        if (phase == PHASE_ACCEPT || phase == PHASE_RECORD || (phase != PHASE_MODIFIER && plan->fault != NULL))
            continue;
        if (!call_matches(fault, call) || !any_key_matches(fault, call) || !fires(faults, fault))
            continue;
        plan->delay_ms += (uint64_t)fault->delay_ms;
        if (phase == PHASE_MODIFIER)
            modify(plan, fault);
        else
            plan->fault = fault;
    }
}

const struct fault *faults_on_record(struct faults *faults, const struct fault_plan *plan, const struct call *call,
                                     const struct put_record *record)
{
    for (size_t i = 0; i < plan->set->count; i++) {
        struct fault *fault = &plan->set->rules[i];
        if (fault_rows[fault->kind].phase != PHASE_RECORD || !call_matches(fault, call) || !key_matches(fault, record))
            continue;
        if (fault->shard != NULL && strcmp(fault->shard, record->shard->id) != 0)
            continue;
        if (fires(faults, fault))
            return fault;
    }
    return NULL;
}

void fault_plan_clear(struct fault_plan *plan)
{
    release(&plan->set);
    *plan = (struct fault_plan){0};
}
