/*
 * A tenant's quota and what holds without Redis, as a tenants file says them.
 */
#include "auth/keyring_parse.h"

#include <stdio.h>

#define NUMBER_MAX (INT64_C(1) << 53) /* what a double holds exactly: Redis counts in Lua's numbers */
#define ALLOWED_MEMBERS                                                                                                \
    "requests_per_second, requests_burst, records_per_second, records_burst, bytes_per_second, bytes_burst, "          \
    "records_per_day, bytes_per_month"

static const struct {
    const char *name, *rate; /* rate: of a burst */
    size_t at, rate_at;      /* in struct quota_limits */
} members[] = {
    {"requests_per_second", NULL, offsetof(struct quota_limits, requests_per_second), 0},
    {"requests_burst", "requests_per_second", offsetof(struct quota_limits, requests_burst),
     offsetof(struct quota_limits, requests_per_second)},
    {"records_per_second", NULL, offsetof(struct quota_limits, records_per_second), 0},
    {"records_burst", "records_per_second", offsetof(struct quota_limits, records_burst),
     offsetof(struct quota_limits, records_per_second)},
    {"bytes_per_second", NULL, offsetof(struct quota_limits, bytes_per_second), 0},
    {"bytes_burst", "bytes_per_second", offsetof(struct quota_limits, bytes_burst),
     offsetof(struct quota_limits, bytes_per_second)},
    {"records_per_day", NULL, offsetof(struct quota_limits, records_per_day), 0},
    {"bytes_per_month", NULL, offsetof(struct quota_limits, bytes_per_month), 0},
};
#define MEMBERS_LEN (sizeof(members) / sizeof(members[0]))

static uint64_t *limit_at(struct quota_limits *quota, size_t at)
{
    return (uint64_t *)((char *)quota + at);
}

static bool member_read(const char *name, json_t *value, const struct keyring_place *at, struct quota_limits *quota)
{
    char printable[KEYRING_PRINTABLE_BYTES], place[KEYRING_PRINTABLE_BYTES + 8];

    snprintf(place, sizeof(place), "quota.%s", keyring_printable(name, printable));
    for (size_t i = 0; i < MEMBERS_LEN; i++) {
        if (strcmp(members[i].name, name) != 0)
            continue;
        /* No zero: it could mean nothing at all and no limit. */
        if (!json_is_integer(value) || json_integer_value(value) < 1 || json_integer_value(value) > NUMBER_MAX)
            return keyring_refuse(at, place,
                                  "must be a whole number from 1 to %lld (without it, there is no such limit)",
                                  (long long)NUMBER_MAX);
        *limit_at(quota, members[i].at) = (uint64_t)json_integer_value(value);
        return true;
    }
    return keyring_refuse(at, place, "unknown member, allowed are " ALLOWED_MEMBERS);
}

/* A burst needs its rate; without a burst it is one second's worth. */
static bool bursts_settle(const struct keyring_place *at, struct quota_limits *quota)
{
    for (size_t i = 0; i < MEMBERS_LEN; i++) {
        if (members[i].rate == NULL)
            continue;
        uint64_t rate = *limit_at(quota, members[i].rate_at), *burst = limit_at(quota, members[i].at);
        if (rate == 0 && *burst != 0) {
            char place[KEYRING_PRINTABLE_BYTES];
            snprintf(place, sizeof(place), "quota.%s", members[i].name);
            return keyring_refuse(at, place, "limits nothing without %s", members[i].rate);
        }
        if (*burst == 0)
            *burst = rate;
    }
    return true;
}

bool keyring_quota_parse(json_t *json, const struct keyring_place *at, struct quota_limits *quota)
{
    const char *name;
    json_t *value;

    *quota = (struct quota_limits){0};
    if (!json_is_object(json))
        return keyring_refuse(at, "quota", "must be an object with any of " ALLOWED_MEMBERS);
    json_object_foreach(json, name, value)
    {
        if (!member_read(name, value, at, quota))
            return false;
    }
    return bursts_settle(at, quota);
}

const char *quota_outage_name(enum quota_outage outage)
{
    static const char *const names[] = {"local_share", "open", "closed"};
    return names[outage];
}

bool keyring_outage_parse(json_t *json, const struct keyring_place *at, enum quota_outage *outage)
{
    for (int i = QUOTA_LOCAL_SHARE; i <= QUOTA_CLOSED; i++) {
        if (json_is_string(json) && strcmp(json_string_value(json), quota_outage_name((enum quota_outage)i)) == 0) {
            *outage = (enum quota_outage)i;
            return true;
        }
    }
    return keyring_refuse(at, "on_redis_failure", "must be \"local_share\", \"open\" or \"closed\"");
}
