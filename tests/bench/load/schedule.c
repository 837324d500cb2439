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

static void advance(struct schedule *schedule)
{
    schedule->taken++;
    if (schedule->kind == SCHEDULE_FIXED)
        schedule->next_ns = (double)schedule->taken * schedule->interval_ns;
    else if (schedule->kind == SCHEDULE_POISSON)
        schedule->next_ns += -log(random_unit(&schedule->random)) * schedule->interval_ns;
}

void schedule_init(struct schedule *schedule, enum schedule_kind kind, double rate, int64_t start_ns, uint64_t seed)
{
    *schedule = (struct schedule){.kind = kind, .start_ns = start_ns, .random = seed | 1};
    if (kind != SCHEDULE_CLOSED)
        schedule->interval_ns = 1e9 / rate;
}

bool schedule_take(struct schedule *schedule, int64_t now_ns, int64_t *intended_ns)
{
    *intended_ns = schedule->kind == SCHEDULE_CLOSED ? now_ns : schedule->start_ns + (int64_t)schedule->next_ns;
    if (*intended_ns > now_ns)
        return false;
    advance(schedule);
    return true;
}

int64_t schedule_next_ns(const struct schedule *schedule)
{
    return schedule->kind == SCHEDULE_CLOSED ? INT64_MAX : schedule->start_ns + (int64_t)schedule->next_ns;
}
