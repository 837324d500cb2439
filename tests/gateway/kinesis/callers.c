/* See callers.h. */
#include "tests/gateway/kinesis/callers.h"

#include "gateway/kinesis/lane_parts.h"
#include "gateway/kinesis/put_call.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* The number in "record 7 …". */
struct caller *caller_of(const struct crowd *c, struct span data)
{
    struct span rest, digits;
    uint64_t number;

    span_cut(data, ' ', &rest);
    digits = span_cut(rest, ' ', &rest);
    assert_true(span_parse_u64(digits, &number) && number < c->len);
    return c->callers[number];
}

void caller_saw(void *ctx, const struct fake_attempt *a)
{
    struct crowd *c = ctx;
    struct caller *w = caller_of(c, a->record->data);

    assert_true(span_equal(a->record->data, w->expected_data));
    assert_true(span_equal(a->record->partition_key, w->expected_key));
    assert_true(span_equal(a->record->sequence_number_for_ordering, w->expected_after));
    assert_int_equal(w->state, CALLER_WAITING);
    caller_is_sent(w, a);
}

void caller_is_sent(struct caller *w, const struct fake_attempt *a)
{
    const struct put_call *call = w->waiter.call; /* NULL: another worker's */
    const struct lane *lane = w->waiter.lane;

    assert_false(w->is_acknowledged); /* what Kinesis has and said so is never sent again */
    assert_true(call == NULL || call->track == lane_track(&w->waiter));
    assert_true(call == NULL || call->track == &lane->large || lane->small.calls <= lane->window.size);
    assert_true(call == NULL || lane->large.calls <= lane->sender->conf.large_calls_max);
    w->sends++;
    w->stores += a->is_stored;
    w->unknowns += a->end == FAKE_END_UNKNOWN;
    w->is_acknowledged = a->end == FAKE_END_WRITTEN;
    w->last_call = a->call;
}

/* The lane may not look at the record any more: AddressSanitizer sees it if it does. */
static void take_back(struct caller *w)
{
    free(w->lent);
    w->lent = NULL;
}

struct fake_stored *caller_find_stored(const struct caller *w)
{
    struct fake_stored *s = fake_ledger_find(&w->crowd->net->ledger, w->waiter.result.sequence_number);
    bool is_its = s != NULL && span_equal(s->data, w->expected_data) && span_equal(s->partition_key, w->expected_key);

    return is_its && ++s->claims == 1 ? s : NULL;
}

static void check_written(struct caller *w)
{
    const struct put_result *r = &w->waiter.result;
    const struct fake_stored *stored = w->crowd->find_stored(w);
    char shard[32];

    assert_non_null(stored);
    snprintf(shard, sizeof(shard), "shardId-%012u", stored->shard);
    assert_true(span_equal(r->shard_id, span_str(shard)));
    assert_int_equal(r->is_possible_duplicate, w->unknowns != 0);
    w->stored = stored;
    w->is_possible_duplicate = r->is_possible_duplicate;
}

/* The end of the wait, or of what came after it. */
static void end(struct caller *w)
{
    w->failure = w->waiter.result.failure;
    w->state = CALLER_ENDED;
    w->ended_us = loop_now_us(w->crowd->loop);
    loop_timer_stop(w->crowd->loop, &w->deadline);
    if (w->failure.row == FAILURE_NONE)
        check_written(w);
    else if (w->failure.outcome == OUTCOME_NOT_WRITTEN)
        assert_int_equal(w->stores, 0);
    else
        assert_true(w->unknowns != 0);
    take_back(w);
    if (w->crowd->told != NULL)
        w->crowd->told(w);
}

static void on_done(struct put_waiter *waiter)
{
    struct caller *w = LIST_ENTRY(waiter, struct caller, waiter);

    assert_true(w->state == CALLER_WAITING || w->state == CALLER_GONE);
    end(w);
}

void caller_leave(struct caller *w)
{
    assert_int_equal(w->state, CALLER_WAITING);
    loop_timer_stop(w->crowd->loop, &w->deadline);
    if (lane_detach(&w->waiter)) {
        assert_int_not_equal(w->waiter.result.failure.row, FAILURE_NONE);
        end(w);
        return;
    }
    assert_true(w->sends != 0 || w->waiter.state == PUT_AT_HOME);
    w->state = CALLER_GONE;
    take_back(w);
}

static void on_deadline(void *ctx)
{
    caller_leave(ctx);
}

static void fill(struct caller *w, const struct arrival *a)
{
    size_t bytes = a->bytes < 32 ? 32 : a->bytes;
    char *data = fake_memory(bytes), *key = fake_memory(32);

    memset(data, 'x', bytes);
    data[snprintf(data, bytes, "%s %u ", a->word == NULL ? "record" : a->word, w->number)] = 'x';
    w->expected_data = span_of(data, bytes);
    if (a->key == NULL)
        snprintf(key, 32, "key %u", w->number);
    else
        snprintf(key, 32, "%s", a->key);
    w->expected_key = span_str(key);
    w->expected_after = a->after;
    w->is_key_drawn = a->has_random_key;
}

static void lend(struct caller *w, const struct arrival *a)
{
    struct record *r = &w->waiter.record;
    struct span data = w->expected_data, key = w->expected_key;
    size_t data_len = a->is_base64 ? base64_encoded_size(data.len) : data.len;
    char *lent = fake_memory(data_len + key.len + a->after.len);

    w->lent = lent;
    if (a->is_base64)
        base64_encode(data, lent);
    else
        memcpy(lent, data.ptr, data.len);
    memcpy(lent + data_len, key.ptr, key.len);
    memcpy(lent + data_len + key.len, a->after.len == 0 ? "" : a->after.ptr, a->after.len);
    *r = (struct record){.data = span_of(lent, data_len),
                         .data_is_base64 = a->is_base64,
                         .data_bytes = data.len,
                         .has_random_key = a->has_random_key,
                         .is_alone = a->is_alone,
                         .partition_key = span_of(lent + data_len, key.len)};
    if (a->hash_key != NULL)
        r->explicit_hash_key = span_str(a->hash_key);
    if (a->after.len != 0)
        r->sequence_number_for_ordering = span_of(lent + data_len + key.len, a->after.len);
}

static struct caller *caller_new(struct crowd *c)
{
    struct caller *w = fake_memory(sizeof(*w));

    if (c->len == c->capacity) {
        c->capacity = c->capacity == 0 ? 64 : 2 * c->capacity;
        c->callers = reallocarray(c->callers, c->capacity, sizeof(c->callers[0]));
    }
    assert_non_null(c->callers);
    *w = (struct caller){.crowd = c, .number = c->len, .arrived_us = loop_now_us(c->loop)};
    c->callers[c->len++] = w;
    return w;
}

struct caller *caller_arrive(struct crowd *c, const struct arrival *a)
{
    struct caller *w = caller_new(c);
    uint64_t deadline_us = a->deadline_us == 0 ? CALLER_DEADLINE_US : a->deadline_us;
    struct lane *lane = crowd_lane(c, a->lane);
    struct span tenant = span_str(a->tenant == NULL ? "acme" : a->tenant);

    fill(w, a);
    lend(w, a);
    w->waiter.done = on_done;
    w->waiter.deadline_us = w->arrived_us + deadline_us;
    timer_init(&w->deadline, on_deadline, w);
    uint64_t bytes = record_bytes(&w->waiter.record);
    w->failure = lane_reserve(lane, tenant, bytes, w->waiter.deadline_us);
    if (w->failure.row == FAILURE_NONE) {
        w->failure = lane_add(lane, tenant, &w->waiter);
        assert_true(w->failure.row == FAILURE_NONE || a->may_lack_memory);
        if (w->failure.row != FAILURE_NONE)
            lane_unreserve(lane, bytes);
    }
    if (w->failure.row != FAILURE_NONE) {
        assert_int_equal(w->failure.row, FAILURE_OVERLOADED);
        take_back(w);
        return w;
    }
    assert_int_equal(w->state, CALLER_REFUSED); /* nothing was called */
    w->state = CALLER_WAITING;
    loop_timer_start(c->loop, &w->deadline, deadline_us);
    return w;
}

struct caller *caller_arrive_plain(struct crowd *c)
{
    return caller_arrive(c, &(struct arrival){.lane = 0});
}

bool caller_is_written(const struct caller *w)
{
    return w->state == CALLER_ENDED && w->failure.row == FAILURE_NONE;
}
