#include "tests/gateway/quota/stories.h"

#include "tests/auth/check.h"

#include <inttypes.h>

#define STEPS    10
#define GRANTED  QUOTA_NO_DIMENSION
#define MS       1000ull
#define SECOND   1000000ull
#define LEASE_US 100000u
#define DAY_MS   86400000u

struct step {
    const char *what; /* NULL: the end */
    int64_t at_ms;    /* after STORY_START_US */
    struct quota_cost give, need, want;
    enum quota_dimension refused;
    uint64_t wait_us;
    struct quota_cost granted;
};

struct story {
    const char *name;
    struct quota_limits limits;
    struct step steps[STEPS];
};

#define R(n)                                                                                                           \
    {                                                                                                                  \
        .requests = (n)                                                                                                \
    }
#define N(n)                                                                                                           \
    {                                                                                                                  \
        .records = (n)                                                                                                 \
    }
#define B(n)                                                                                                           \
    {                                                                                                                  \
        .bytes = (n)                                                                                                   \
    }

static const struct story stories[] = {
    {"a rate with a burst",
     {.requests_per_second = 10, .requests_burst = 3},
     {
         {"a new bucket is full", 0, {0}, R(3), R(3), GRANTED, 0, R(3)},
         {"an empty one says how long to wait", 0, {0}, R(1), R(1), QUOTA_REQUESTS, 100 * MS, {0}},
         {"a refusal takes nothing", 0, {0}, R(1), R(1), QUOTA_REQUESTS, 100 * MS, {0}},
         {"it is still empty just before", 99, {0}, R(1), R(1), QUOTA_REQUESTS, MS, {0}},
         {"and not after the stated time", 100, {0}, R(1), R(1), GRANTED, 0, R(1)},
         {"more takes longer", 100, {0}, R(3), R(3), QUOTA_REQUESTS, 300 * MS, {0}},
         {"it fills to its burst and no further", 5000, {0}, R(3), R(3), GRANTED, 0, R(3)},
         {"not one more", 5000, {0}, R(1), R(1), QUOTA_REQUESTS, 100 * MS, {0}},
     }},
    {"a rate whose interval is no whole number",
     {.records_per_second = 3},
     {
         {"a burst is one second's worth", 0, {0}, N(1), N(1), GRANTED, 0, N(1)},
         {"the second", 0, {0}, N(1), N(1), GRANTED, 0, N(1)},
         {"rounding does not lose the third", 0, {0}, N(1), N(1), GRANTED, 0, N(1)},
         {"nor gains a fourth", 0, {0}, N(1), N(1), QUOTA_RECORDS, 333334, {0}},
     }},
    {"several dimensions",
     {.requests_per_second = 10, .records_per_second = 100, .bytes_per_second = 1000, .records_per_day = 150},
     {
         {"all are taken together", 0, {0}, {1, 50, 900}, {1, 50, 900}, GRANTED, 0, {1, 50, 900}},
         {"one refuses, and is named", 0, {0}, {1, 10, 200}, {1, 10, 200}, QUOTA_BYTES, 100 * MS, {0}},
         {"the others lost nothing by it", 0, {0}, {9, 50, 100}, {9, 50, 100}, GRANTED, 0, {9, 50, 100}},
         {"of several the one to be waited for longest",
          0,
          {0},
          {1, 10, 200},
          {1, 10, 200},
          QUOTA_BYTES,
          200 * MS,
          {0}},
         {"the day is counted too", 2000, {0}, {1, 51, 1}, {1, 51, 1}, QUOTA_DAY, 58 * SECOND, {0}},
         {"up to the last of it", 2000, {0}, {1, 50, 1}, {1, 50, 1}, GRANTED, 0, {1, 50, 1}},
         {"the day and a rate: the day is longer", 2000, {0}, {1, 100, 1}, {1, 100, 1}, QUOTA_DAY, 58 * SECOND, {0}},
     }},
    {"what is wanted beyond the need",
     {.records_per_second = 100, .records_burst = 50, .bytes_per_second = 10000},
     {
         {"is granted with it", 0, {0}, N(1), {5, 20, 700}, GRANTED, 0, {5, 20, 700}},
         {"on lease no more than half the burst", 0, {0}, N(1), {0, 40, 700}, GRANTED, 0, {0, 7, 700}},
         {"the need may be all", 0, {0}, N(20), {0, 40, 700}, GRANTED, 0, {0, 20, 700}},
         {"and as far as there is any", 200, {0}, N(18), {0, 40, 700}, GRANTED, 0, {0, 23, 700}},
         {"the need decides", 200, {0}, N(1), {0, 40, 700}, QUOTA_RECORDS, 10 * MS, {0}},
         {"nothing may be needed", 0, {0}, {0}, {0, 40, 700}, GRANTED, 0, {0, 0, 700}},
     }},
    {"leases keep their place in the burst",
     {.records_per_second = 100, .records_burst = 50},
     {
         {"20 go on lease", 0, {0}, {0}, N(20), GRANTED, 0, N(20)},
         {"it does not refill while they may be spent", 99, {0}, N(31), N(31), QUOTA_RECORDS, 111 * MS, {0}},
         {"also in the next generation", 199, {0}, N(31), N(31), QUOTA_RECORDS, 11 * MS, {0}},
         {"then it does, from there", 210, {0}, N(32), N(32), QUOTA_RECORDS, 10 * MS, {0}},
         {"as was said", 210, {0}, N(31), N(31), GRANTED, 0, N(31)},
         {"and to the full", 1000, {0}, N(50), N(50), GRANTED, 0, N(50)},
     }},
    {"two generations of leases",
     {.records_per_second = 100, .records_burst = 50},
     {
         {"the first", 0, {0}, {0}, N(10), GRANTED, 0, N(10)},
         {"the second", 100, {0}, {0}, N(10), GRANTED, 0, N(10)},
         {"both count", 150, {0}, N(31), N(31), QUOTA_RECORDS, 60 * MS, {0}},
         {"the first has ended, and refilling began then", 210, {0}, N(32), N(32), QUOTA_RECORDS, 10 * MS, {0}},
         {"it has come as far as this", 210, {0}, N(31), N(31), GRANTED, 0, N(31)},
     }},
    {"giving back",
     {.records_per_second = 100, .records_burst = 50, .bytes_per_month = 1000},
     {
         {"to a full one changes nothing", 0, {0, 40, 40}, N(50), N(50), GRANTED, 0, N(50)},
         {"comes before the need", 0, N(10), N(10), N(10), GRANTED, 0, N(10)},
         {"is kept when refused", 0, N(5), N(6), N(6), QUOTA_RECORDS, 10 * MS, {0}},
         {"and not given twice", 0, {0}, N(6), N(6), QUOTA_RECORDS, 10 * MS, {0}},
         {"never to above full", 0, N(500), N(1), N(1), GRANTED, 0, N(1)},
         {"which it would be else", 0, {0}, N(50), N(50), QUOTA_RECORDS, 10 * MS, {0}},
         {"nor to above what is on lease", 0, {0}, {0}, N(20), GRANTED, 0, N(20)},
         {"as far as the lease may still be spent", 0, N(20), N(31), N(31), QUOTA_RECORDS, 210 * MS, {0}},
     }},
    {"the month's end",
     {.records_per_day = 100, .bytes_per_month = 1000},
     {
         {"both calendars count", 0, {0}, {1, 90, 900}, {1, 90, 900}, GRANTED, 0, {1, 90, 900}},
         {"until it ends", 59999, {0}, {1, 11, 1}, {1, 11, 1}, QUOTA_DAY, MS, {0}},
         {"the month too", 59999, {0}, {1, 1, 101}, {1, 1, 101}, QUOTA_MONTH, MS, {0}},
         {"then they begin anew", 60000, {0}, {1, 100, 999}, {1, 100, 999}, GRANTED, 0, {1, 100, 999}},
         {"what comes back now may be yesterday's", 119999, {0, 50, 50}, N(1), N(1), QUOTA_DAY, 86340001 * MS, {0}},
         {"a minute later it is today's", 120000, {0, 50, 50}, N(50), N(50), GRANTED, 0, N(50)},
         {"the next day is of this month",
          DAY_MS + 60000,
          {0},
          {1, 100, 52},
          {1, 100, 52},
          QUOTA_MONTH,
          (uint64_t)(30 * 86400) * SECOND,
          {0}},
         {"which has 51 left", DAY_MS + 60000, {0}, {1, 100, 51}, {1, 100, 51}, GRANTED, 0, {1, 100, 51}},
     }},
    {"a clock that steps back",
     {.records_per_second = 100, .records_burst = 50},
     {
         {"empty", 0, {0}, N(50), N(50), GRANTED, 0, N(50)},
         {"an hour back is no hour to wait", -3600000, {0}, N(1), N(1), QUOTA_RECORDS, 10 * MS, {0}},
         {"it fills by the new time", -3599990, {0}, N(1), N(1), GRANTED, 0, N(1)},
         {"a small step is waited for", -3600100, {0}, N(1), N(1), QUOTA_RECORDS, 10 * MS, {0}},
         {"and fills nothing twice", -3599990, {0}, N(1), N(1), QUOTA_RECORDS, 10 * MS, {0}},
     }},
};

static void check_step(const struct story *s, const struct step *t, const struct quota_reply *r)
{
    check(r->refused == t->refused, "%s: %s: refused by %d", s->name, t->what, (int)r->refused);
    check(r->wait_us == t->wait_us, "%s: %s: to wait %" PRIu64 " us", s->name, t->what, r->wait_us);
    check(r->granted.requests == t->granted.requests && r->granted.records == t->granted.records &&
              r->granted.bytes == t->granted.bytes,
          "%s: %s: granted %" PRIu64 ", %" PRIu64 ", %" PRIu64, s->name, t->what, r->granted.requests,
          r->granted.records, r->granted.bytes);
}

void stories_run(const struct door *door)
{
    for (size_t i = 0; i < LEN(stories); i++) {
        for (const struct step *t = stories[i].steps; t < stories[i].steps + STEPS && t->what != NULL; t++) {
            struct quota_ask ask = {.give = t->give, .need = t->need, .want = t->want, .lease_us = LEASE_US};
            struct quota_reply reply = {.refused = QUOTA_NO_DIMENSION};
            door->take(door->ctx, stories[i].name, &stories[i].limits, &ask,
                       STORY_START_US + (uint64_t)(t->at_ms * 1000), &reply);
            check_step(&stories[i], t, &reply);
        }
    }
}
