/* The table of dimensions, and what follows from a tenant's limits alone. */
#include "gateway/quota/limits.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#define SECOND_US       1000000u
#define LEASE_LEAST_US  5000u
#define LEASES_IN_BURST 4u
#define NONE            SIZE_MAX
#define CAPACITY_MAX    (1ull << 53)

#define LIMIT(name) offsetof(struct quota_limits, name)

static const struct {
    const char *name;
    size_t rate, capacity; /* where in struct quota_limits */
    unsigned unit;
} dimensions[QUOTA_DIMENSIONS] = {
    [QUOTA_REQUESTS] = {"requests", LIMIT(requests_per_second), LIMIT(requests_burst), 0},
    [QUOTA_RECORDS] = {"records", LIMIT(records_per_second), LIMIT(records_burst), 1},
    [QUOTA_BYTES] = {"bytes", LIMIT(bytes_per_second), LIMIT(bytes_burst), 2},
    [QUOTA_DAY] = {"day", NONE, LIMIT(records_per_day), 1},
    [QUOTA_MONTH] = {"month", NONE, LIMIT(bytes_per_month), 2},
};

uint64_t *quota_unit(struct quota_cost *cost, unsigned unit)
{
    assert(unit < QUOTA_UNITS);
    return unit == 0 ? &cost->requests : unit == 1 ? &cost->records : &cost->bytes;
}

uint64_t quota_unit_of(const struct quota_cost *cost, unsigned unit)
{
    assert(unit < QUOTA_UNITS);
    return unit == 0 ? cost->requests : unit == 1 ? cost->records : cost->bytes;
}

struct quota_cost quota_add(struct quota_cost a, struct quota_cost b)
{
    return (struct quota_cost){a.requests + b.requests, a.records + b.records, a.bytes + b.bytes};
}

bool quota_is_nothing(const struct quota_cost *cost)
{
    return cost->requests == 0 && cost->records == 0 && cost->bytes == 0;
}

const char *quota_name(enum quota_dimension d)
{
    assert(d < QUOTA_DIMENSIONS);
    return dimensions[d].name;
}

unsigned quota_counts(enum quota_dimension d)
{
    assert(d < QUOTA_DIMENSIONS);
    return dimensions[d].unit;
}

static uint64_t limit_at(const struct quota_limits *l, size_t offset)
{
    uint64_t value = offset == NONE ? 0 : *(const uint64_t *)((const char *)l + offset);

    return value < CAPACITY_MAX ? value : CAPACITY_MAX;
}

uint64_t quota_rate(const struct quota_limits *l, enum quota_dimension d)
{
    assert(d < QUOTA_DIMENSIONS);
    return limit_at(l, dimensions[d].rate);
}

uint64_t quota_capacity(const struct quota_limits *l, enum quota_dimension d)
{
    uint64_t rate = quota_rate(l, d), capacity = limit_at(l, dimensions[d].capacity);

    if (dimensions[d].rate == NONE)
        return capacity;
    return rate == 0 ? 0 : capacity != 0 ? capacity : rate;
}

bool quota_has_any(const struct quota_limits *l)
{
    for (enum quota_dimension d = 0; d < QUOTA_DIMENSIONS; d++)
        if (quota_capacity(l, d) != 0)
            return true;
    return false;
}

bool quota_limits_equal(const struct quota_limits *a, const struct quota_limits *b)
{
    if (memcmp(a, b, sizeof(*a)) == 0) /* as a rule, request by request; else they may still mean the same */
        return true;
    for (enum quota_dimension d = 0; d < QUOTA_DIMENSIONS; d++)
        if (quota_rate(a, d) != quota_rate(b, d) || quota_capacity(a, d) != quota_capacity(b, d))
            return false;
    return true;
}

bool quota_has_unit(const struct quota_limits *l, unsigned unit)
{
    for (enum quota_dimension d = 0; d < QUOTA_DIMENSIONS; d++)
        if (dimensions[d].unit == unit && quota_capacity(l, d) != 0)
            return true;
    return false;
}

enum quota_dimension quota_hopeless(const struct quota_limits *l, const struct quota_cost *need)
{
    for (enum quota_dimension d = 0; d < QUOTA_DIMENSIONS; d++) {
        uint64_t capacity = quota_capacity(l, d);
        if (capacity != 0 && quota_unit_of(need, dimensions[d].unit) > capacity)
            return d;
    }
    return QUOTA_NO_DIMENSION;
}

uint64_t quota_lease_us(const struct quota_limits *l, uint64_t longest_us)
{
    double least_us = (double)longest_us;

    for (enum quota_dimension d = 0; d < QUOTA_RATES; d++) {
        double rate = (double)quota_rate(l, d);
        double us = rate == 0 ? least_us : (double)quota_capacity(l, d) / rate * SECOND_US / LEASES_IN_BURST;
        least_us = us < least_us ? us : least_us;
    }
    return least_us < LEASE_LEAST_US ? 0 : (uint64_t)least_us;
}

static uint64_t share_of(uint64_t limit, uint64_t gateways)
{
    return limit == 0 || limit / gateways != 0 ? limit / gateways : 1;
}

struct quota_limits quota_share(const struct quota_limits *l, uint64_t gateways)
{
    uint64_t n = gateways == 0 ? 1 : gateways;

    return (struct quota_limits){
        .requests_per_second = share_of(l->requests_per_second, n),
        .requests_burst = share_of(l->requests_burst, n),
        .records_per_second = share_of(l->records_per_second, n),
        .records_burst = share_of(l->records_burst, n),
        .bytes_per_second = share_of(l->bytes_per_second, n),
        .bytes_burst = share_of(l->bytes_burst, n),
        .records_per_day = share_of(l->records_per_day, n),
        .bytes_per_month = share_of(l->bytes_per_month, n),
    };
}
