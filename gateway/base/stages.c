/* Reads the thread's CPU clock, which stands still while the thread waits. */
#include "gateway/base/stages.h"

#include <time.h>

static uint64_t cpu_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void stages_switch(struct stages *s, enum stage next)
{
    uint64_t now_ns = cpu_ns();

    s->ns[s->current] += (now_ns - s->since_ns) * STAGES_TURNS_A_SAMPLE;
    s->since_ns = now_ns;
    s->current = next;
}

void stages_begin_turn(struct stages *s)
{
    s->current = STAGE_SERVER;
    s->is_sampling = s->turns++ % STAGES_TURNS_A_SAMPLE == 0;
    if (s->is_sampling)
        s->since_ns = cpu_ns();
}

void stages_end_turn(struct stages *s)
{
    if (s->is_sampling)
        stages_switch(s, STAGE_SERVER);
    s->is_sampling = false;
}
