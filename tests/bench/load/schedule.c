/* When requests are due. Pure: the clock and the seed are arguments. */
#include "tests/bench/load/schedule.h"

#include <math.h>

static double random_unit(uint64_t *state) /* xorshift64*, in (0, 1] */
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return ((double)((*state * 0x2545F4914F6CDD1DULL) >> 11) + 1.0) / 9007199254740992.0;
}

static double interval_ns(struct schedule *schedule)
{
    double mean_ns = 1e9 / schedule->plan->phases[schedule->phase].rate;
    return schedule->kind == SCHEDULE_POISSON ? -log(random_unit(&schedule->random)) * mean_ns : mean_ns;
}

/* A phase begins afresh: what the one before would have sent after its end is forgotten. */
static void advance(struct schedule *schedule)
{
    schedule->next_ns += interval_ns(schedule);
    while (schedule->next_ns >= schedule->phase_end_ns && schedule->phase + 1 < schedule->plan->count) {
        schedule->next_ns = schedule->phase_end_ns;
        schedule->phase++;
        schedule->phase_end_ns += schedule->plan->phases[schedule->phase].seconds * 1e9;
    }
}

double schedule_plan_seconds(const struct schedule_plan *plan)
{
    double seconds = 0;
    for (unsigned i = 0; i < plan->count; i++)
        seconds += plan->phases[i].seconds;
    return seconds;
}

void schedule_init(struct schedule *schedule, enum schedule_kind kind, const struct schedule_plan *plan,
                   int64_t start_ns, uint64_t seed)
{
    *schedule = (struct schedule){.kind = kind, .plan = plan, .start_ns = start_ns, .random = seed | 1};
    if (kind != SCHEDULE_CLOSED)
        schedule->phase_end_ns = plan->phases[0].seconds * 1e9;
}

bool schedule_take(struct schedule *schedule, int64_t now_ns, int64_t *intended_ns)
{
    *intended_ns = now_ns;
    if (schedule->kind == SCHEDULE_CLOSED)
        return true;
    *intended_ns = schedule->start_ns + (int64_t)schedule->next_ns;
    if (*intended_ns > now_ns)
        return false;
    advance(schedule);
    return true;
}

bool schedule_give_up(struct schedule *schedule, int64_t now_ns, int64_t patience_ns, int64_t *intended_ns)
{
    return schedule->kind != SCHEDULE_CLOSED && schedule_take(schedule, now_ns - patience_ns - 1, intended_ns);
}

int64_t schedule_next_ns(const struct schedule *schedule)
{
    return schedule->kind == SCHEDULE_CLOSED ? INT64_MAX : schedule->start_ns + (int64_t)schedule->next_ns;
}
