/* How a load of several phases went: its phases in whole, and every second of it. */
#include "tests/bench/load/timeline.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

void timeline_init(struct timeline *timeline, const struct schedule_plan *plan)
{
    *timeline = (struct timeline){.plan = plan};
    if (plan == NULL)
        return;
    timeline->second_count = (unsigned)ceil(schedule_plan_seconds(plan));
    timeline->phases = calloc(plan->count, sizeof *timeline->phases);
    timeline->seconds = calloc(timeline->second_count, sizeof *timeline->seconds);
    assert(timeline->phases != NULL && timeline->seconds != NULL);
}

void timeline_clear(struct timeline *timeline)
{
    free(timeline->phases);
    free(timeline->seconds);
    *timeline = (struct timeline){0};
}

static unsigned phase_at(const struct schedule_plan *plan, double at_ns)
{
    unsigned phase = 0;
    double end_ns = plan->phases[0].seconds * 1e9;
    while (at_ns >= end_ns && phase + 1 < plan->count)
        end_ns += plan->phases[++phase].seconds * 1e9;
    return phase;
}

static void tally_add(struct tally *tally, enum fate fate, int64_t latency_ns)
{
    tally->fates[fate]++;
    if (fate == FATE_ACCEPTED)
        latency_add(&tally->latency, latency_ns);
}

void timeline_add(struct timeline *timeline, enum fate fate, int64_t at_ns, int64_t latency_ns)
{
    if (timeline->plan == NULL || at_ns < 0)
        return;
    unsigned second = (unsigned)(at_ns / 1000000000);
    tally_add(&timeline->phases[phase_at(timeline->plan, (double)at_ns)], fate, latency_ns);
    if (second < timeline->second_count)
        tally_add(&timeline->seconds[second], fate, latency_ns);
}

enum fate timeline_fate_of(int status)
{
    return status >= 200 && status < 300 ? FATE_ACCEPTED : status == 503 ? FATE_REFUSED : FATE_FAILED;
}

static void tally_print(const struct tally *tally)
{
#define FATE_NAME(fate, name) name,
    static const char *const names[] = {FATES(FATE_NAME)};
#undef FATE_NAME
    for (int i = 0; i < FATE_COUNT; i++)
        printf(",\"%s\":%ju", names[i], (uintmax_t)tally->fates[i]);
    latency_print(&tally->latency);
}

void timeline_print(const struct timeline *timeline)
{
    if (timeline->plan == NULL)
        return;
    printf(",\"phases\":[");
    for (unsigned i = 0; i < timeline->plan->count; i++) {
        const struct schedule_phase *phase = &timeline->plan->phases[i];
        printf("%s{\"rate\":%.1f,\"seconds\":%.3f", i > 0 ? "," : "", phase->rate, phase->seconds);
        tally_print(&timeline->phases[i]);
        printf("}");
    }
    printf("],\"timeline\":[");
    for (unsigned i = 0; i < timeline->second_count; i++) {
        printf("%s{\"second\":%u", i > 0 ? "," : "", i);
        tally_print(&timeline->seconds[i]);
        printf("}");
    }
    printf("]");
}
