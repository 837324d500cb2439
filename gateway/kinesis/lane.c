/*
 * Who waits in a lane: room, flows, turns of ordered keys, and the ways out. What leaves is decided in departure.c,
 * what an attempt's end means in settle.c.
 */
#include "gateway/kinesis/lane.h"

#include "gateway/kinesis/aggregate.h"
#include "gateway/kinesis/lane_parts.h"
#include "gateway/kinesis/put_call.h"
#include "gateway/kinesis/remote.h"

#include <assert.h>
#include <stdlib.h>

static void track_init(struct track *t)
{
    flow_ring_init(&t->ring);
    list_init(&t->flows);
    list_init(&t->split);
}

struct lane *lane_new(struct sender *s, const struct stream_conf *conf)
{
    struct lane *lane = calloc(1, sizeof(*lane));

    if (lane == NULL)
        return NULL;
    lane->sender = s;
    lane->conf = conf;
    lane->users = 1;
    track_init(&lane->small);
    track_init(&lane->large);
    window_init(&lane->window, s->conf.window_min, s->conf.calls_in_flight_max);
    list_init(&lane->blocked);
    turn_work_init(&lane->depart, TURN_DEPART, lane_depart, lane);
    retry_budget_init(&lane->budget, &s->conf.retry);
    return lane;
}

void lane_acquire(struct lane *lane)
{
    lane->users++;
}

void lane_release(struct lane **lane)
{
    struct lane *gone = *lane;

    *lane = NULL;
    if (gone == NULL || --gone->users != 0)
        return;
    assert(list_is_empty(&gone->small.flows) && list_is_empty(&gone->large.flows));
    assert(gone->small.calls + gone->large.calls == 0 && gone->reserved_records == 0);
    turn_work_cancel(&gone->depart);
    list_remove(&gone->blocked);
    shards_clear(&gone->shards);
    order_free(&gone->order);
    sigv4_key_cache_wipe(&gone->key_cache);
    free(gone);
}

/* Room */

/* How long until a record that is queued now leaves, as far as can be told. */
static uint64_t predict_us(const struct lane *lane)
{
    const struct sender_conf *c = &lane->sender->conf;
    const struct track *t = &lane->small;
    uint64_t by_count = (t->ring.entries - t->alone) / c->call_records_max,
             by_bytes = t->ring.bytes / c->call_bytes_max;

    return window_predict_us(&lane->window, (by_count > by_bytes ? by_count : by_bytes) + t->alone);
}

static struct failure overloaded(const char *detail, uint64_t wait_us)
{
    return (struct failure){
        .row = FAILURE_OVERLOADED, .detail = detail, .retry_after_ms = (uint32_t)(wait_us / MS_IN_US)};
}

/* A tenant may have as much as is still free, so that there is room for another. */
static bool has_its_share(const struct lane *lane, struct span tenant)
{
    const struct sender_conf *c = &lane->sender->conf;
    const struct track *tracks[] = {&lane->small, &lane->large};
    uint64_t records = 0, bytes = 0;

    for (int i = 0; i != 2; i++) {
        const struct flow *f = flow_find(&tracks[i]->flows, tenant);
        records += f == NULL ? 0 : f->users;
        bytes += f == NULL ? 0 : f->bytes;
    }
    return records > c->queue_records_max - lane->reserved_records || bytes > c->queue_bytes_max - lane->reserved_bytes;
}

struct failure lane_reserve(struct lane *lane, struct span tenant, uint64_t bytes, uint64_t deadline_us)
{
    const struct sender_conf *c = &lane->sender->conf;

    if (lane->reserved_records >= c->queue_records_max || lane->reserved_bytes + bytes > c->queue_bytes_max)
        return overloaded("too many records wait for this stream", 0);
    bool is_half_full =
        lane->reserved_records > c->queue_records_max / 2 || lane->reserved_bytes > c->queue_bytes_max / 2;
    if (is_half_full && has_its_share(lane, tenant))
        return overloaded("too many of the tenant's records wait for this stream", 0);
    uint64_t wait_us = predict_us(lane);
    if (loop_now_us(lane->sender->loop) + wait_us > deadline_us)
        return overloaded("the record would wait past its deadline", wait_us);
    lane->reserved_records++;
    lane->reserved_bytes += bytes;
    return FAILURE_OK;
}

void lane_unreserve(struct lane *lane, uint64_t bytes)
{
    lane->reserved_records--;
    lane->reserved_bytes -= bytes;
}

/* The queue */

static void enqueue(struct put_waiter *w, bool first)
{
    struct lane *lane = w->lane;
    struct track *t = lane_track(w);

    w->state = PUT_QUEUED;
    w->queued_us = loop_now_us(lane->sender->loop);
    if (w->place.key != NULL)
        w->record.sequence_number_for_ordering = order_last(&w->place);
    flow_put(&t->ring, w->flow, &w->entry, first);
    t->alone += goes_alone(w);
    lane->sender->metrics->gauges[GAUGE_RECORDS_QUEUED]++;
    loop_mark(lane->sender->loop, &lane->depart);
}

void lane_dequeue(struct put_waiter *w, bool departs)
{
    struct track *t = lane_track(w);

    t->alone -= goes_alone(w);
    (departs ? flow_take : flow_remove)(&t->ring, w->flow, &w->entry);
    w->lane->sender->metrics->gauges[GAUGE_RECORDS_QUEUED]--;
}

static void on_backoff_over(void *ctx)
{
    enqueue(ctx, false);
}

void lane_requeue(struct put_waiter *w)
{
    enqueue(w, true);
}

void lane_back_off(struct put_waiter *w, uint64_t delay_us)
{
    w->state = PUT_BACKING_OFF;
    loop_timer_start(w->lane->sender->loop, &w->backoff, delay_us);
}

bool lane_hold_back(struct put_waiter *w)
{
    struct lane *lane = w->lane;
    struct sender *s = lane->sender;

    if (lane->shards.len == 0 || (w->is_packable && !w->has_bucket))
        return false;
    struct hash_key key = waiter_hash_key(w);
    uint64_t hold_us = shards_hold_us(&lane->shards, &key, loop_now_us(s->loop));
    if (hold_us == 0)
        return false;
    lane_dequeue(w, false);
    lane_back_off(w, hold_us + retry_backoff_us(&s->conf.retry, 1, random_next(s->random)));
    return true;
}

/* A waiter's life */

/* ORDER_LATER on another worker too: the turn comes with the result. */
static enum order_turn enter_order(struct put_waiter *w, struct span tenant)
{
    struct lane *lane = w->lane;

    w->place.key = NULL;
    w->state = PUT_WAITING_TURN;
    if (!lane->conf->is_ordered)
        return ORDER_NOW;
    size_t home = remote_home_of(lane->sender, w->record.partition_key);
    if (home != lane->sender->self) {
        w->state = PUT_AT_HOME;
        return remote_put(w, home, tenant) ? ORDER_LATER : ORDER_NO_MEMORY;
    }
    if (lane->order == NULL)
        lane->order = order_new(lane->sender->conf.ordering_keys_max, random_next(lane->sender->random));
    return lane->order == NULL ? ORDER_NO_MEMORY : order_enter(lane->order, w->record.partition_key, &w->place);
}

/*
 * On a stream with aggregates every record with a key of its own carries its bucket's explicit hash key, packed or not,
 * so that the key keeps its shard.
 */
static void find_bucket(struct put_waiter *w)
{
    const struct stream_conf *conf = w->lane->conf;
    bool is_bucketed = conf->aggregate_buckets != 0 && w->record.explicit_hash_key.len == 0;

    w->has_sub_sequence_number = conf->aggregate_buckets != 0 && !w->record.is_alone;
    w->is_packable =
        is_bucketed && !w->record.is_alone && !w->is_large && w->record.sequence_number_for_ordering.len == 0;
    w->has_bucket = is_bucketed && !w->record.has_random_key;
    if (!w->has_bucket)
        return;
    struct hash_key key = hash_key_of_partition_key(w->record.partition_key);
    w->bucket_key =
        aggregate_bucket_middle(aggregate_bucket_of(&key, conf->aggregate_buckets), conf->aggregate_buckets);
}

struct failure lane_add(struct lane *lane, struct span tenant, struct put_waiter *w)
{
    struct failure no_memory = {.row = FAILURE_OVERLOADED, .detail = "out of memory"};
    uint64_t bytes = record_bytes(&w->record);

    w->lane = lane;
    w->is_large = bytes > LARGE_RECORD_BYTES;
    struct flow *f = flow_acquire(&lane_track(w)->flows, tenant, bytes);
    if (f == NULL)
        return no_memory;
    w->flow = f;
    enum order_turn turn = enter_order(w, tenant);
    if (turn == ORDER_NO_MEMORY) {
        flow_release(f, bytes);
        return no_memory;
    }
    w->call = NULL;
    w->attempts = 0;
    w->is_detached = w->has_refreshed = w->has_set_clock = w->has_forgotten_last = w->is_maybe_written = false;
    w->result = (struct put_result){.failure = FAILURE_OK};
    w->upstream_id_len = 0;
    w->added_us = w->attempt_us = loop_now_us(lane->sender->loop);
    w->entry.cost = bytes;
    list_init(&w->entry.link);
    timer_init(&w->backoff, on_backoff_over, w);
    find_bucket(w);
    lane_acquire(lane);
    if (turn == ORDER_NOW)
        enqueue(w, false);
    return FAILURE_OK;
}

/*
 * Its key's next record may go. After a failure, what already waits behind it would be written without its predecessor:
 * on_gap decides. `gap` gets those that fail for it.
 */
static void leave_order(struct put_waiter *w, struct list *gap)
{
    struct lane *lane = w->lane;
    bool is_written = w->result.failure.row == FAILURE_NONE;
    struct span number = is_written ? w->result.sequence_number : SPAN("");

    if (w->place.key == NULL)
        return;
    if (!is_written && !lane->conf->continues_after_gap)
        order_take_waiting(&w->place, gap);
    struct order_place *next = order_leave(lane->order, &w->place, number);
    if (next != NULL)
        enqueue(LIST_ENTRY(next, struct put_waiter, place), false);
}

struct hash_key waiter_hash_key(const struct put_waiter *w)
{
    struct hash_key key;

    if (w->has_bucket)
        return w->bucket_key;
    if (w->record.explicit_hash_key.len == 0 || !hash_key_parse(w->record.explicit_hash_key, &key))
        key = hash_key_of_partition_key(w->record.partition_key);
    return key;
}

/* Leaves the lane, wherever it is: no callback, no span is looked at after this. */
static void leave(struct put_waiter *w, struct list *gap)
{
    struct lane *lane = w->lane;

    if (w->state == PUT_QUEUED)
        lane_dequeue(w, false);
    else if (w->state == PUT_GATHERED)
        put_call_drop(w->call, w);
    loop_timer_stop(lane->sender->loop, &w->backoff);
    w->state = PUT_IDLE;
    leave_order(w, gap);
    flow_release(w->flow, record_bytes(&w->record));
    w->flow = NULL;
    lane_unreserve(lane, record_bytes(&w->record));
    lane_release(&w->lane);
}

static void fail_for_gap(struct list *gap)
{
    while (!list_is_empty(gap)) {
        struct put_waiter *w = LIST_ENTRY(gap->next, struct put_waiter, place.link);
        w->result.failure = (struct failure){.row = FAILURE_ORDERING_GAP};
        leave(w, gap);
        w->done(w);
    }
}

void lane_finish(struct put_waiter *w)
{
    struct list gap;

    list_init(&gap);
    leave(w, &gap);
    w->done(w);
    fail_for_gap(&gap);
}

bool lane_detach(struct put_waiter *w)
{
    struct list gap;

    assert(w->state != PUT_IDLE);
    w->is_detached = true;
    list_init(&gap);
    if (w->state == PUT_AT_HOME || (w->state == PUT_IN_FLIGHT && !put_call_cancel_unsent(w->call)))
        return false;
    if (w->is_maybe_written)
        w->result.failure = (struct failure){.row = FAILURE_UPSTREAM_UNKNOWN, .outcome = OUTCOME_UNKNOWN};
    else if (w->result.failure.row == FAILURE_NONE)
        w->result.failure = (struct failure){.row = FAILURE_DEADLINE};
    leave(w, &gap);
    fail_for_gap(&gap);
    return true;
}
