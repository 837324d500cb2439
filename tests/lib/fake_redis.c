/* See fake_redis.h. What a call does is done when it starts; its answer comes delay_us later. */
#include "tests/lib/fake_redis.h"

#include "gateway/net/loop.h"
#include "gateway/quota/script.h"

#include <assert.h>
#include <stdlib.h>

struct redis_script_call {
    struct list link;
    struct redis_client *client;
    enum fake_redis_fate fate;
    struct timer timer;
    redis_call_cb *cb;
    void *ctx;
    struct redis_reply reply, numbers[SCRIPT_NUMBERS];
    char text[FAKE_IDEMPOTENCY_BYTES]; /* of the reply */
};

void fake_redis_init(struct redis_client *r, struct loop *l)
{
    *r = (struct redis_client){.loop = l, .delay_us = 500};
    list_init(&r->under_way);
}

void redis_script_init(struct redis_script *s, struct span text)
{
    s->text = text;
}

static uint64_t number(const struct span **word)
{
    uint64_t value = 0;
    bool ok = span_parse_u64(*(*word)++, &value);

    assert(ok);
    (void)ok;
    return value;
}

static struct quota_cost cost(const struct span **word)
{
    struct quota_cost c = {0, 0, 0};

    for (unsigned unit = 0; unit != QUOTA_UNITS; unit++)
        *quota_unit(&c, unit) = number(word);
    return c;
}

static struct quota_limits limits(const struct span **word)
{
    struct quota_limits l = {0};

    l.requests_per_second = number(word);
    l.records_per_second = number(word);
    l.bytes_per_second = number(word);
    l.requests_burst = number(word);
    l.records_burst = number(word);
    l.bytes_burst = number(word);
    l.records_per_day = number(word);
    l.bytes_per_month = number(word);
    return l;
}

static struct quota_bucket *bucket_of(struct redis_client *r, struct span key)
{
    for (size_t i = 0; i != FAKE_REDIS_TENANTS; i++) {
        if (r->tenants[i].key[0] == '\0')
            memcpy(r->tenants[i].key, key.ptr, key.len);
        if (span_equal(span_str(r->tenants[i].key), key))
            return &r->tenants[i].bucket;
    }
    abort();
}

static void carry_out_quota(struct redis_script_call *call, const struct redis_script_words *w)
{
    const struct span *word = w->arguments;
    struct quota_limits l = limits(&word);
    struct quota_ask ask = {.lease_us = number(&word)};
    struct quota_reply reply;
    size_t at = 0;

    ask.give = cost(&word);
    ask.late = cost(&word);
    ask.need = cost(&word);
    ask.want = cost(&word);
    bucket_take(bucket_of(call->client, w->keys[0]), &l, &ask, (uint64_t)loop_unix_ms(call->client->loop) * MS_IN_US,
                &reply);
    call->numbers[at++].integer = reply.refused;
    call->numbers[at++].integer = (int64_t)reply.wait_us;
    for (unsigned unit = 0; unit != QUOTA_UNITS; unit++)
        call->numbers[at++].integer = (int64_t)quota_unit_of(&reply.granted, unit);
    for (unsigned d = 0; d != QUOTA_DIMENSIONS; d++)
        call->numbers[at++].integer = (int64_t)reply.room[d].remaining;
    for (unsigned d = 0; d != QUOTA_DIMENSIONS; d++)
        call->numbers[at++].integer = (int64_t)reply.room[d].full_us;
    for (at = 0; at != SCRIPT_NUMBERS; at++)
        call->numbers[at].type = REDIS_TYPE_INTEGER;
    call->reply =
        (struct redis_reply){.type = REDIS_TYPE_ARRAY, .elements = call->numbers, .elements_len = SCRIPT_NUMBERS};
}

static void carry_out(struct redis_script_call *call, struct span script, const struct redis_script_words *w)
{
    struct redis_client *c = call->client;

    if (!span_equal(script, span_str(idempotency_script_source))) {
        assert(span_equal(script, span_str(script_source)));
        carry_out_quota(call, w);
        return;
    }
    if (call->fate != FAKE_REDIS_ERROR) /* a script that meets one has written nothing */
        call->reply = fake_idempotency_carry_out(&c->idempotency, w, (uint64_t)loop_unix_ms(c->loop), call->text);
}

static struct redis_answer answer_of(const struct redis_script_call *call, struct redis_reply *reply)
{
    struct redis_answer a = {.result = REDIS_REPLIED, .reply = reply};

    *reply = call->reply;
    if (call->fate == FAKE_REDIS_GARBAGE)
        *reply = (struct redis_reply){.type = REDIS_TYPE_ARRAY, .elements = call->numbers, .elements_len = 1};
    if (call->fate == FAKE_REDIS_ERROR) {
        *reply = (struct redis_reply){.type = REDIS_TYPE_ERROR, .text = SPAN("OOM command not allowed")};
        a.error = REDIS_ERROR_OOM;
        a.reason = "redis is out of memory";
    }
    if (call->fate == FAKE_REDIS_SILENT || call->fate == FAKE_REDIS_LOST)
        a = (struct redis_answer){.result = call->fate == FAKE_REDIS_LOST ? REDIS_LOST : REDIS_TIMED_OUT,
                                  .reason = "no answer"};
    return a;
}

static void on_time(void *ctx)
{
    struct redis_script_call *call = ctx;
    struct redis_reply reply;
    struct redis_answer a = answer_of(call, &reply);

    list_remove(&call->link);
    call->client->was_silent = a.result == REDIS_TIMED_OUT;
    call->cb(call->ctx, &a);
    free(call);
}

bool redis_is_prompt(const struct redis_client *c, struct span route_key)
{
    (void)route_key;
    return c->fate != FAKE_REDIS_AWAY && !(c->was_silent && c->fate == FAKE_REDIS_SILENT);
}

struct redis_script_call *redis_script_call(struct redis_client *c, const struct redis_script *s,
                                            const struct redis_script_words *w, uint32_t timeout_ms, redis_call_cb *cb,
                                            void *ctx)
{
    struct redis_script_call *call = c->fate == FAKE_REDIS_AWAY ? NULL : calloc(1, sizeof(*call));

    if (call == NULL)
        return NULL;
    c->calls++;
    *call = (struct redis_script_call){.client = c, .fate = c->fate, .cb = cb, .ctx = ctx};
    list_init(&call->link);
    list_append(&c->under_way, &call->link);
    carry_out(call, s->text, w);
    timer_init(&call->timer, on_time, call);
    loop_timer_start(c->loop, &call->timer, c->fate == FAKE_REDIS_SILENT ? timeout_ms * MS_IN_US : c->delay_us);
    return call;
}

void redis_script_cancel(struct redis_script_call **call)
{
    struct redis_script_call *gone = *call;

    *call = NULL;
    if (gone == NULL)
        return;
    list_remove(&gone->link);
    loop_timer_stop(gone->client->loop, &gone->timer);
    free(gone);
}
