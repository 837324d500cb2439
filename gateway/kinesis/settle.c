/*
 * What the end of an attempt means for its record: an answer, another attempt, or a failure whose outcome is honest.
 * One table says what each class becomes; the verbs that follow from it are the lane's.
 */
#include "gateway/kinesis/lane_parts.h"
#include "gateway/kinesis/put_call.h"

#define MARGIN_US 50000u

enum again {
    AGAIN_NEVER,
    AGAIN_LATER,
    AGAIN_IF_UNKNOWN_MAY,
    AGAIN_WITH_NEW_CREDENTIALS,
    AGAIN_WITH_NEW_CLOCK,
    AGAIN_WITHOUT_LAST
};

struct meaning {
    enum failure_row row;
    bool is_unknown;
    enum again again;
    enum counter counter;
};

static const struct meaning class_meanings[] = {
    [PUT_THROTTLED] = {FAILURE_THROTTLED, false, AGAIN_LATER, COUNT_UPSTREAM_THROTTLED},
    [PUT_KMS_THROTTLED] = {FAILURE_KMS_THROTTLED, false, AGAIN_LATER, COUNT_UPSTREAM_THROTTLED},
    [PUT_FAILED_UNKNOWN] = {FAILURE_UPSTREAM_UNKNOWN, true, AGAIN_IF_UNKNOWN_MAY, COUNT_UPSTREAM_ERRORS},
    [PUT_ODD_ANSWER] = {FAILURE_UPSTREAM_UNKNOWN, true, AGAIN_IF_UNKNOWN_MAY, COUNT_UPSTREAM_UNANSWERED},
    [PUT_CREDENTIALS] = {FAILURE_UPSTREAM_REFUSED, false, AGAIN_WITH_NEW_CREDENTIALS, COUNT_UPSTREAM_ERRORS},
    [PUT_CLOCK] = {FAILURE_UPSTREAM_REFUSED, false, AGAIN_WITH_NEW_CLOCK, COUNT_UPSTREAM_ERRORS},
    [PUT_REFUSED] = {FAILURE_UPSTREAM_REFUSED, false, AGAIN_NEVER, COUNT_UPSTREAM_ERRORS},
    [PUT_ARGUMENT] = {FAILURE_ARGUMENT, false, AGAIN_WITHOUT_LAST, COUNT_UPSTREAM_ERRORS},
    [PUT_BUG] = {FAILURE_INTERNAL, false, AGAIN_NEVER, COUNT_UPSTREAM_ERRORS},
};

static const struct meaning end_meanings[] = {
    [PUT_END_NOT_SENT] = {FAILURE_UNREACHABLE, false, AGAIN_LATER, COUNT_UPSTREAM_NOT_SENT},
    [PUT_END_UNANSWERED] = {FAILURE_UPSTREAM_UNKNOWN, true, AGAIN_IF_UNKNOWN_MAY, COUNT_UPSTREAM_UNANSWERED},
    [PUT_END_NO_CREDENTIALS] = {FAILURE_UPSTREAM_CREDENTIALS, false, AGAIN_NEVER, COUNT_UPSTREAM_NOT_SENT},
};

static void keep_upstream_id(struct put_waiter *w, struct span id)
{
    if (id.len > UPSTREAM_ID_BYTES_MAX)
        id.len = UPSTREAM_ID_BYTES_MAX;
    w->upstream_id_len = (uint8_t)id.len;
    if (id.len != 0)
        memcpy(w->upstream_id, id.ptr, id.len);
}

/*
 * What another attempt should have left before the deadline: twice what the last one took, and a margin. One that is
 * under way at the deadline would turn a certain failure into an unknown outcome; where it is unknown already, or calls
 * are not even sent, there is nothing to lose.
 */
static uint64_t time_of_answer_us(const struct put_waiter *w, const struct put_end *end)
{
    uint64_t margin_us = (w->deadline_us - w->added_us) / 4;

    if (w->is_maybe_written || end->kind != PUT_END_ANSWERED)
        return 0;
    if (margin_us > MARGIN_US)
        margin_us = MARGIN_US;
    return 2 * (loop_now_us(w->lane->sender->loop) - w->attempt_us) + margin_us;
}

/* How long the shard that throttled the record is left alone. */
static uint64_t left_alone_us(struct put_waiter *w, const struct put_end *end)
{
    struct sender *s = w->lane->sender;
    uint64_t now_us = loop_now_us(s->loop);

    if (end->kind != PUT_END_ANSWERED || end->answer.class != PUT_THROTTLED || end->answer.result.shard_id.len == 0)
        return 0;
    struct hash_key key = waiter_hash_key(w);
    return shards_on_throttle(&w->lane->shards, &s->conf.retry, end->answer.result.shard_id, &key, now_us,
                              random_next(s->random)) -
           now_us;
}

static bool try_later(struct put_waiter *w, const struct put_end *end)
{
    struct sender *s = w->lane->sender;
    uint64_t wait_us = retry_backoff_us(&s->conf.retry, w->attempts, random_next(s->random)) + left_alone_us(w, end);

    if (loop_now_us(s->loop) + wait_us + time_of_answer_us(w, end) >= w->deadline_us)
        return false;
    if (!retry_budget_spend(&w->lane->budget, end->companions)) {
        metrics_count(s->metrics, COUNT_UPSTREAM_BUDGET_EMPTY, 1);
        return false;
    }
    lane_back_off(w, wait_us);
    return true;
}

static bool try_with_new_credentials(struct put_waiter *w, const struct put_end *end)
{
    struct sender *s = w->lane->sender;

    if (w->has_refreshed)
        return false;
    w->has_refreshed = true;
    if (s->creds != NULL && aws_creds_serial(s->creds) != end->creds_serial) {
        lane_requeue(w); /* others were refused before and new ones came already */
        return true;
    }
    if (s->refresh_asked_us != loop_now_us(s->loop)) { /* once for all records of a call: one turn settles them */
        s->refresh_asked_us = loop_now_us(s->loop);
        metrics_count(s->metrics, COUNT_CREDENTIAL_REFRESHES, 1);
        if (s->refresh_creds != NULL)
            s->refresh_creds(s->refresh_ctx, end->creds_serial);
    }
    return try_later(w, end);
}

static bool try_with_new_clock(struct put_waiter *w, const struct put_end *end)
{
    struct sender *s = w->lane->sender;

    if (w->has_set_clock)
        return false;
    w->has_set_clock = true;
    if (s->clock_offset_s != end->clock_offset_s)
        metrics_count(s->metrics, COUNT_CLOCK_CORRECTIONS, 1);
    s->clock_offset_s = end->clock_offset_s;
    s->metrics->gauges[GAUGE_CLOCK_OFFSET_SECONDS] = end->clock_offset_s;
    lane_requeue(w);
    return true;
}

/* On an ordered stream the number that was given with the record may be what was refused: the stream was made anew. */
static bool try_without_last(struct put_waiter *w)
{
    if (w->place.key == NULL || w->has_forgotten_last || order_last(&w->place).len == 0)
        return false;
    w->has_forgotten_last = true;
    order_forget_last(&w->place);
    lane_requeue(w);
    return true;
}

static bool try_again(struct put_waiter *w, const struct meaning *m, const struct put_end *end)
{
    if (w->is_detached)
        return false;
    switch (m->again) {
    case AGAIN_NEVER:
        return false;
    case AGAIN_LATER:
        return try_later(w, end);
    case AGAIN_IF_UNKNOWN_MAY:
        return w->lane->conf->retry_unknown && try_later(w, end);
    case AGAIN_WITH_NEW_CREDENTIALS:
        return try_with_new_credentials(w, end);
    case AGAIN_WITH_NEW_CLOCK:
        return try_with_new_clock(w, end);
    case AGAIN_WITHOUT_LAST:
        return try_without_last(w);
    }
    return false;
}

static struct failure failure_of(const struct put_waiter *w, const struct meaning *m, const struct put_end *end)
{
    struct failure f = {.row = m->row};

    if (end->kind == PUT_END_ANSWERED)
        f.aws_code = end->answer.aws_code;
    if (m->row == FAILURE_INTERNAL)
        f.aws_code = NULL;
    if (m->row == FAILURE_ARGUMENT)
        f.detail = "Kinesis refused a parameter of this record";
    if (w->is_maybe_written) /* this attempt, or an earlier one */
        f = (struct failure){
            .row = FAILURE_UPSTREAM_UNKNOWN, .outcome = OUTCOME_UNKNOWN, .aws_code = m->is_unknown ? f.aws_code : NULL};
    return f;
}

bool put_is_guilt(enum put_class class)
{
    return class == PUT_ARGUMENT || class == PUT_BUG;
}

static void settle_written(struct put_waiter *w, const struct put_end *end)
{
    struct shards *shards = &w->lane->shards;

    w->result = end->answer.result;
    w->result.is_possible_duplicate = w->is_maybe_written;
    if (w->has_sub_sequence_number) {
        w->result.has_sub_sequence_number = true;
        w->result.sub_sequence_number = end->sub_sequence_number;
    }
    if (shards->len != 0 && !w->is_detached && (!w->is_packable || w->has_bucket)) {
        struct hash_key key = waiter_hash_key(w);
        shards_on_written(shards, w->result.shard_id, &key, loop_now_us(w->lane->sender->loop));
    }
    lane_finish(w);
}

void put_settle(struct put_waiter *w, const struct put_end *end)
{
    struct metrics *metrics = w->lane->sender->metrics;

    keep_upstream_id(w, end->upstream_id);
    if (end->kind == PUT_END_ANSWERED && end->answer.class == PUT_WRITTEN) {
        settle_written(w, end);
        return;
    }
    const struct meaning *m =
        end->kind == PUT_END_ANSWERED ? &class_meanings[end->answer.class] : &end_meanings[end->kind];
    metrics_count(metrics, m->counter, 1);
    w->is_maybe_written |= m->is_unknown;
    w->result.failure = failure_of(w, m, end);
    if (try_again(w, m, end)) {
        metrics_count(metrics, COUNT_UPSTREAM_RETRIES, 1);
        return;
    }
    lane_finish(w);
}
