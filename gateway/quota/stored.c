/* Fifteen numbers as text, in bucket.lua's order; what it never writes is not believed. */
#include "gateway/quota/stored.h"

#include "gateway/quota/pool.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define NUMBERS          15
#define NUMBER_BYTES_MAX 32
#define WHOLE_MAX        9007199254740992.0      /* 2^53 */
#define AHEAD_US_MAX     (WHOLE_MAX * 1e6 + 1e6) /* the largest burst at one a second, and a unit */

struct span stored_key(struct span tenant, char out[STORED_KEY_BYTES])
{
    assert(tenant.len <= POOL_NAME_BYTES_MAX);
    int len = snprintf(out, STORED_KEY_BYTES, "kgw:{%.*s}:q", (int)tenant.len, tenant.ptr);

    return span_of(out, (size_t)len);
}

/* A number by %.17g that is not negative. */
static bool read_number(struct span word, double *out)
{
    char text[NUMBER_BYTES_MAX + 1], *end;

    if (word.len == 0 || word.len > NUMBER_BYTES_MAX)
        return false;
    for (size_t i = 0; i != word.len; i++)
        if (memchr("0123456789.e+-", word.ptr[i], 14) == NULL)
            return false;
    memcpy(text, word.ptr, word.len);
    text[word.len] = '\0';
    *out = strtod(text, &end);
    return *end == '\0' && *out >= 0 && *out <= AHEAD_US_MAX;
}

static bool is_believable(const struct quota_bucket *b)
{
    bool ok = b->at_us <= WHOLE_MAX && b->since_us <= WHOLE_MAX;

    for (unsigned d = 0; d != QUOTA_RATES; d++)
        ok &= b->rates[d].newer <= WHOLE_MAX && b->rates[d].older <= WHOLE_MAX;
    for (unsigned i = 0; i != QUOTA_DIMENSIONS - QUOTA_RATES; i++)
        ok &= b->calendars[i].period <= WHOLE_MAX && b->calendars[i].used <= WHOLE_MAX;
    return ok;
}

static bool read_numbers(struct span text, double n[NUMBERS])
{
    struct span rest = text;

    for (size_t i = 0; i != NUMBERS; i++)
        if (!read_number(span_cut(rest, ' ', &rest), &n[i]))
            return false;
    return rest.len == 0;
}

bool stored_read(struct span text, struct quota_bucket *b)
{
    double n[NUMBERS];

    *b = (struct quota_bucket){0};
    if (!read_numbers(text, n))
        return false;
    struct quota_bucket read = {.at_us = n[0], .since_us = n[1]};
    for (unsigned d = 0; d != QUOTA_RATES; d++) {
        read.rates[d].ahead_us = n[2 + 3 * d];
        read.rates[d].newer = n[3 + 3 * d];
        read.rates[d].older = n[4 + 3 * d];
    }
    for (unsigned i = 0; i != QUOTA_DIMENSIONS - QUOTA_RATES; i++) {
        read.calendars[i].period = n[11 + 2 * i];
        read.calendars[i].used = n[12 + 2 * i];
    }
    if (!is_believable(&read))
        return false;
    *b = read;
    return true;
}

void stored_room(const struct quota_bucket *b, const struct quota_limits *l, uint64_t now_us,
                 struct quota_room room[QUOTA_DIMENSIONS])
{
    struct quota_ask nothing = {.lease_us = quota_lease_us(l, POOL_LEASE_LONGEST_US)};
    struct quota_bucket looked_at = *b;
    struct quota_reply reply;

    bucket_take(&looked_at, l, &nothing, now_us, &reply);
    memcpy(room, reply.room, sizeof(reply.room));
}
