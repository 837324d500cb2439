/* The texts of the RateLimit fields: structured fields, RFC 9651, a list of items with parameters. */
#include "gateway/front/ratelimit.h"

#define SECOND_US 1000000u

static uint64_t seconds(uint64_t us)
{
    return (us + SECOND_US - 1) / SECOND_US;
}

static void begin_item(struct buf *b, size_t start, enum quota_dimension d)
{
    if (b->len != start)
        buf_append(b, SPAN(", "));
    buf_append_char(b, '"');
    buf_append(b, span_str(quota_name(d)));
    buf_append_char(b, '"');
}

static void add_parameter(struct buf *b, struct span name, uint64_t value)
{
    buf_append(b, name);
    buf_append_u64(b, value);
}

static uint64_t window_s(const struct quota_limits *l, enum quota_dimension d)
{
    uint64_t rate = quota_rate(l, d);

    if (rate == 0)
        return d == QUOTA_DAY ? 86400 : 31 * 86400;
    return (quota_capacity(l, d) + rate - 1) / rate;
}

static void write_policy(const struct quota_limits *l, struct buf *b)
{
    size_t start = b->len;

    for (enum quota_dimension d = 0; d != QUOTA_DIMENSIONS; d++) {
        if (quota_capacity(l, d) == 0)
            continue;
        begin_item(b, start, d);
        if (d == QUOTA_BYTES || d == QUOTA_MONTH)
            buf_append(b, SPAN(";qu=\"content-bytes\""));
        add_parameter(b, SPAN(";q="), quota_capacity(l, d));
        add_parameter(b, SPAN(";w="), window_s(l, d));
    }
}

static struct ratelimit_policy *place_of(struct ratelimit_policies *p, const struct quota_limits *l)
{
    uint64_t mixed = l->requests_per_second * 31 + l->records_per_second * 37 + l->bytes_per_second * 41 +
                     l->records_per_day * 43 + l->bytes_per_month * 47;

    return &p->kept[(mixed ^ (mixed >> 32) ^ (mixed >> 8)) % RATELIMIT_POLICIES_KEPT];
}

struct span ratelimit_write_policy(struct ratelimit_policies *p, const struct quota_limits *l, struct buf *b)
{
    struct ratelimit_policy *kept = place_of(p, l);
    size_t start = b->len;

    if (kept->len != 0 && quota_limits_equal(&kept->limits, l)) {
        buf_append(b, span_of(kept->text, kept->len));
    } else {
        write_policy(l, b);
        kept->len = b->failed || b->len - start > sizeof(kept->text) ? 0 : (uint16_t)(b->len - start);
        kept->limits = *l;
        memcpy(kept->text, b->ptr + start, kept->len);
    }
    return span_of(b->ptr + start, b->len - start);
}

struct span ratelimit_write_room(const struct quota_limits *l, const struct quota_room room[QUOTA_DIMENSIONS],
                                 struct buf *b)
{
    size_t start = b->len;

    for (enum quota_dimension d = 0; d != QUOTA_DIMENSIONS; d++) {
        if (quota_capacity(l, d) == 0)
            continue;
        begin_item(b, start, d);
        add_parameter(b, SPAN(";r="), room[d].remaining);
        add_parameter(b, SPAN(";t="), seconds(room[d].full_us));
    }
    return span_of(b->ptr + start, b->len - start);
}

bool ratelimit_say_again(const struct ratelimit_room *r, struct span tenant, uint64_t at_us, uint64_t spends,
                         struct buf *b)
{
    if (r->len == 0 || r->at_us != at_us || r->spends != spends ||
        !span_equal(span_of(r->tenant, r->tenant_len), tenant))
        return false;
    buf_append(b, span_of(r->text, r->len));
    return true;
}

void ratelimit_remember(struct ratelimit_room *r, struct span tenant, uint64_t at_us, uint64_t spends, struct span text)
{
    r->len = 0;
    if (text.len > sizeof(r->text) || tenant.len > sizeof(r->tenant))
        return;
    r->at_us = at_us;
    r->spends = spends;
    r->len = (uint16_t)text.len;
    r->tenant_len = (uint8_t)tenant.len;
    memcpy(r->text, text.ptr, text.len);
    memcpy(r->tenant, tenant.ptr, tenant.len);
}
