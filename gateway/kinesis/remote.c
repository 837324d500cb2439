/*
 * The journey: allocated here, added there as any other record, freed here. What belongs to which thread stands beside
 * the members; the post hands all of it over. The home gives up a record that it could not send shortly before its
 * deadline, so that the answer "not written" is back in time.
 */
#include "gateway/kinesis/remote.h"

#include "gateway/kinesis/lane_parts.h"

#include <stdlib.h>

#define BACK_IN_TIME_US 5000u

struct remote {
    struct post post;
    struct sender *home;
    struct loop *origin;
    struct put_waiter *waiter; /* the origin's */
    struct put_waiter put;     /* the home's */
    struct timer expiry;       /* the home's */
    struct span stream, tenant;
    uint8_t shard_id_len, sequence_number_len;
    char shard_id[SHARD_ID_BYTES_MAX];
    char sequence_number[SEQUENCE_NUMBER_BYTES_MAX];
    char texts[];
};

size_t remote_home_of(const struct sender *s, struct span partition_key)
{
    return s->peers_len < 2 ? s->self : (size_t)(span_hash(partition_key, 0) % s->peers_len); /* alike on each */
}

static void keep(struct span *id, char *to, size_t bytes_max, uint8_t *len)
{
    *len = (uint8_t)(id->len < bytes_max ? id->len : bytes_max);
    if (*len != 0)
        memcpy(to, id->ptr, *len);
    *id = span_of(to, *len);
}

/* On the origin. */
static void run_back(struct post *p)
{
    struct remote *r = LIST_ENTRY(p, struct remote, post);
    struct put_waiter *w = r->waiter;

    w->result = r->put.result;
    w->attempts = r->put.attempts;
    w->departed_us = r->put.departed_us;
    w->upstream_id_len = r->put.upstream_id_len;
    memcpy(w->upstream_id, r->put.upstream_id, sizeof(w->upstream_id));
    lane_finish(w);
    free(r);
}

/* At home; the rest is. */
static void go_back(struct remote *r)
{
    loop_timer_stop(r->home->loop, &r->expiry);
    keep(&r->put.result.shard_id, r->shard_id, sizeof(r->shard_id), &r->shard_id_len);
    keep(&r->put.result.sequence_number, r->sequence_number, sizeof(r->sequence_number), &r->sequence_number_len);
    r->post.run = run_back;
    loop_post(r->origin, &r->post);
}

static void on_done(struct put_waiter *w)
{
    go_back(LIST_ENTRY(w, struct remote, put));
}

static void on_expiry(void *ctx)
{
    struct remote *r = ctx;

    if (lane_detach(&r->put))
        go_back(r);
}

static struct failure add(struct remote *r)
{
    struct lane *lane = r->home->find_lane(r->home->find_lane_ctx, r->stream);
    uint64_t bytes = record_bytes(&r->put.record);

    if (lane == NULL)
        return (struct failure){.row = FAILURE_OVERLOADED, .detail = "the stream is being changed"};
    TRY(lane_reserve(lane, r->tenant, bytes, r->put.deadline_us));
    struct failure f = lane_add(lane, r->tenant, &r->put);
    if (f.row != FAILURE_NONE)
        lane_unreserve(lane, bytes);
    return f;
}

static void run_there(struct post *p)
{
    struct remote *r = LIST_ENTRY(p, struct remote, post);
    uint64_t now_us = loop_now_us(r->home->loop), deadline_us = r->put.deadline_us - BACK_IN_TIME_US;

    timer_init(&r->expiry, on_expiry, r);
    r->put.done = on_done;
    r->put.result = (struct put_result){.failure = add(r)};
    if (r->put.result.failure.row != FAILURE_NONE)
        go_back(r);
    else
        loop_timer_start(r->home->loop, &r->expiry, deadline_us > now_us ? deadline_us - now_us : 0);
}

static void copy(struct span *text, char **at)
{
    if (text->len != 0)
        memcpy(*at, text->ptr, text->len);
    text->ptr = *at;
    *at += text->len;
}

bool remote_put(struct put_waiter *w, size_t home, struct span tenant)
{
    struct sender *s = w->lane->sender;
    struct record record = w->record;
    struct span stream = w->lane->conf->name;
    struct remote *r = calloc(1, sizeof(*r) + record.data.len + record.partition_key.len +
                                     record.explicit_hash_key.len + stream.len + tenant.len);

    if (r == NULL)
        return false;
    r->home = s->peers[home].sender;
    r->origin = s->loop;
    r->waiter = w;
    r->stream = stream;
    r->tenant = tenant;
    char *at = r->texts;
    copy(&record.data, &at);
    copy(&record.partition_key, &at);
    copy(&record.explicit_hash_key, &at);
    copy(&r->stream, &at);
    copy(&r->tenant, &at);
    r->put.record = record;
    r->put.deadline_us = w->deadline_us;
    r->post.run = run_there;
    loop_post(s->peers[home].loop, &r->post);
    return true;
}
