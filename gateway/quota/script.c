/* Numbers as decimal text, one after the other; the answer's numbers by their places. */
#include "gateway/quota/script.h"

#include <assert.h>
#include <stdio.h>

#define GRANTED_AT   2
#define REMAINING_AT (GRANTED_AT + QUOTA_UNITS)
#define FULL_AT      (REMAINING_AT + QUOTA_DIMENSIONS)

static void add(struct script_call *c, struct span argument)
{
    assert(c->arguments_len < SCRIPT_ARGUMENTS);
    c->arguments[c->arguments_len++] = argument;
}

struct pen {
    struct script_call *call;
    size_t used;
};

static void add_number(struct pen *p, uint64_t value)
{
    char *at = p->call->text + p->used;
    int len = snprintf(at, SCRIPT_TEXT_BYTES - p->used, "%llu", (unsigned long long)value);

    assert(len > 0 && p->used + (size_t)len < SCRIPT_TEXT_BYTES);
    p->used += (size_t)len;
    add(p->call, span_of(at, (size_t)len));
}

static void add_cost(struct pen *p, const struct quota_cost *cost)
{
    for (unsigned unit = 0; unit < QUOTA_UNITS; unit++)
        add_number(p, quota_unit_of(cost, unit));
}

static void add_limits(struct pen *p, const struct quota_limits *l)
{
    for (enum quota_dimension d = 0; d < QUOTA_RATES; d++)
        add_number(p, quota_rate(l, d));
    for (enum quota_dimension d = 0; d < QUOTA_DIMENSIONS; d++)
        add_number(p, quota_capacity(l, d));
}

static struct pen encode(struct script_call *c, struct span tenant, const struct quota_limits *l,
                         const struct quota_ask *ask, bool with_source)
{
    struct pen p = {.call = c};

    assert(tenant.len <= SCRIPT_TENANT_BYTES_MAX);
    int key_len = snprintf(c->key_text, sizeof(c->key_text), "kgw:{%.*s}:q", (int)tenant.len, tenant.ptr);
    c->key = span_of(c->key_text, (size_t)key_len);
    c->arguments_len = 0;
    add(c, with_source ? SPAN("EVAL") : SPAN("EVALSHA"));
    add(c, span_str(with_source ? script_source : script_sha1_hex));
    add(c, SPAN("1"));
    add(c, c->key);
    add_limits(&p, l);
    add_number(&p, ask->lease_us);
    add_cost(&p, &ask->give);
    add_cost(&p, &ask->late);
    add_cost(&p, &ask->need);
    add_cost(&p, &ask->want);
    return p;
}

void script_encode(struct script_call *c, struct span tenant, const struct quota_limits *l, const struct quota_ask *ask,
                   bool with_source)
{
    encode(c, tenant, l, ask, with_source);
}

void script_encode_at(struct script_call *c, struct span tenant, const struct quota_limits *l,
                      const struct quota_ask *ask, bool with_source, uint64_t now_us)
{
    struct pen p = encode(c, tenant, l, ask, with_source);

    add_number(&p, now_us);
}

bool script_decode(const int64_t *numbers, size_t len, struct quota_reply *reply)
{
    if (len != SCRIPT_NUMBERS || numbers[0] > QUOTA_NO_DIMENSION)
        return false;
    for (size_t i = 0; i < len; i++)
        if (numbers[i] < 0)
            return false;
    reply->refused = (enum quota_dimension)numbers[0];
    reply->wait_us = (uint64_t)numbers[1];
    for (unsigned unit = 0; unit < QUOTA_UNITS; unit++)
        *quota_unit(&reply->granted, unit) = (uint64_t)numbers[GRANTED_AT + unit];
    for (enum quota_dimension d = 0; d < QUOTA_DIMENSIONS; d++)
        reply->room[d] = (struct quota_room){(uint64_t)numbers[REMAINING_AT + d], (uint64_t)numbers[FULL_AT + d]};
    return true;
}
