/* Which members a dimension has: rates fill up again, calendars begin anew. */
#include "gateway/quota/usage.h"

#include "auth/utc.h"
#include "gateway/base/json_write.h"

#include <stdio.h>

#define MS_US     1000u
#define SECOND_US 1000000u

static const char *const names[QUOTA_DIMENSIONS] = {
    [QUOTA_REQUESTS] = "requests_per_second", [QUOTA_RECORDS] = "records_per_second",
    [QUOTA_BYTES] = "bytes_per_second",       [QUOTA_DAY] = "records_per_day",
    [QUOTA_MONTH] = "bytes_per_month",
};

static void write_time(struct buf *out, uint64_t unix_us)
{
    struct utc t = utc_from_unix((int64_t)((unix_us + SECOND_US / 2) / SECOND_US)); /* a period begins on a second */
    char text[64];

    snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02dZ", t.year, t.month, t.day, t.hour, t.minute, t.second);
    json_write_member(out, "resets_at", span_str(text));
}

static void write_dimension(const struct quota_limits *l, enum quota_dimension d, const struct quota_room *room,
                            uint64_t unix_us, struct buf *out)
{
    uint64_t rate = quota_rate(l, d), capacity = quota_capacity(l, d);
    uint64_t remaining = room->remaining < capacity ? room->remaining : capacity;

    json_write_name(out, names[d]);
    buf_append_char(out, '{');
    json_write_member_u64(out, "limit", rate != 0 ? rate : capacity);
    if (rate != 0)
        json_write_member_u64(out, "burst", capacity);
    json_write_member_u64(out, "used", capacity - remaining);
    json_write_member_u64(out, "remaining", remaining);
    if (rate != 0)
        json_write_member_u64(out, "full_in_ms", (room->full_us + MS_US - 1) / MS_US);
    else
        write_time(out, unix_us + room->full_us);
    buf_append_char(out, '}');
}

void usage_write(struct span tenant, const struct quota_limits *l, const struct quota_room room[QUOTA_DIMENSIONS],
                 uint64_t unix_us, struct buf *out)
{
    buf_append_char(out, '{');
    json_write_member(out, "tenant", tenant);
    json_write_name(out, "usage");
    buf_append_char(out, '{');
    for (enum quota_dimension d = 0; d != QUOTA_DIMENSIONS; d++)
        if (quota_capacity(l, d) != 0)
            write_dimension(l, d, &room[d], unix_us, out);
    buf_append(out, SPAN("}}"));
}
