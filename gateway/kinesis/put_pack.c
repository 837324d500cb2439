/*
 * From waiters to the records of a call. Without aggregates a waiter is a record. With them, those of one bucket are
 * packed together, and those whose keys are drawn share one that is drawn anew.
 */
#include "gateway/kinesis/aggregate.h"
#include "gateway/kinesis/lane_parts.h"
#include "gateway/kinesis/put_call.h"

#include <stdlib.h>

/* Packable ones by bucket, drawn ones last; in the order of their departure otherwise. */
static int compare_waiters(const void *a, const void *b)
{
    const struct put_waiter *x = *(struct put_waiter *const *)a, *y = *(struct put_waiter *const *)b;

    if (x->is_packable != y->is_packable)
        return x->is_packable ? 1 : -1;
    if (x->is_packable && x->has_bucket != y->has_bucket)
        return x->has_bucket ? -1 : 1;
    int by_bucket = x->is_packable && x->has_bucket ? hash_key_compare(&x->bucket_key, &y->bucket_key) : 0;
    return by_bucket != 0 ? by_bucket : x->gathered < y->gathered ? -1 : 1;
}

static bool share_a_bucket(const struct put_waiter *x, const struct put_waiter *y)
{
    return x->is_packable && y->is_packable && x->has_bucket == y->has_bucket &&
           (!x->has_bucket || hash_key_compare(&x->bucket_key, &y->bucket_key) == 0);
}

struct span put_hash_key(const struct put_waiter *w, struct span shared_key, char out[HASH_KEY_DIGITS_MAX])
{
    if (!w->has_bucket && shared_key.len == 0)
        return w->record.explicit_hash_key;
    struct hash_key key = w->has_bucket ? w->bucket_key : hash_key_of_partition_key(shared_key);
    return span_of(out, hash_key_format(&key, out));
}

static void encode_lone(struct put_call *call, const struct put_waiter *w)
{
    char text[HASH_KEY_DIGITS_MAX];
    struct record r = w->record;

    r.explicit_hash_key = put_hash_key(w, SPAN(""), text);
    put_encode_next(&r, &call->body);
}

/* Those from `first` on that fit into one record; packs them, if they are more than one. */
static size_t pack_record(struct put_call *call, size_t first, struct aggregate *a)
{
    const struct put_waiter *head = call->waiters[first];
    const struct stream_conf *conf = call->lane->conf;
    uint64_t stream_max = conf->record_bytes_max - AGGREGATE_OUTER_KEY.len;
    uint64_t bytes_max = conf->aggregate_bytes_max < stream_max ? conf->aggregate_bytes_max : stream_max;
    char text[HASH_KEY_DIGITS_MAX], drawn[16];
    struct span shared = SPAN("");
    size_t next = first + 1;

    if (next == call->waiters_len || !share_a_bucket(head, call->waiters[next])) {
        encode_lone(call, head);
        return next;
    }
    if (!head->has_bucket) {
        uint64_t bits = random_next(call->lane->sender->random);
        hex_encode(&bits, sizeof(bits), drawn);
        shared = span_of(drawn, sizeof(drawn));
    }
    struct record r = {.partition_key = AGGREGATE_OUTER_KEY, .explicit_hash_key = put_hash_key(head, shared, text)};
    aggregate_begin(a, r.explicit_hash_key, shared);
    for (next = first; next != call->waiters_len && share_a_bucket(head, call->waiters[next]); next++)
        if ((next != first && aggregate_bytes_with(a, &call->waiters[next]->record) > bytes_max) ||
            !aggregate_add(a, &call->waiters[next]->record))
            break;
    if (next <= first + 1) { /* nothing fits beside the first */
        encode_lone(call, head);
        return first + 1;
    }
    r.data = aggregate_end(a);
    call->body.failed |= r.data.len == 0;
    put_encode_next(&r, &call->body);
    return next;
}

static bool is_packed(const struct put_call *call)
{
    return call->waiters[call->waiters_len - 1]->is_packable; /* sorted: they stand last */
}

static void sort(struct put_call *call)
{
    qsort(call->waiters, call->waiters_len, sizeof(call->waiters[0]), compare_waiters);
    for (size_t i = 0; i != call->waiters_len; i++)
        call->waiters[i]->gathered = (uint32_t)i;
}

static void encode_packed(struct put_call *call)
{
    struct sender *s = call->lane->sender;
    size_t at = 0;

    if (s->aggregate == NULL)
        s->aggregate = aggregate_new();
    call->body.failed |= s->aggregate == NULL;
    while (at != call->waiters_len && call->records_len != s->conf.call_records_max && !call->body.failed) {
        call->records[call->records_len++] = (uint32_t)at;
        at = pack_record(call, at, s->aggregate);
    }
    if (call->body.failed)
        return;
    while (call->waiters_len != at) /* more buckets than records in a call */
        lane_requeue(call->waiters[--call->waiters_len]);
}

static void encode_plain(struct put_call *call)
{
    size_t bytes = 0;

    for (size_t i = 0; i != call->waiters_len; i++)
        bytes += put_encode_next_bytes_max(&call->waiters[i]->record);
    buf_reserve(&call->body, bytes);
    for (size_t i = 0; i != call->waiters_len; i++) {
        call->records[i] = (uint32_t)i;
        encode_lone(call, call->waiters[i]);
    }
    call->records_len = call->waiters_len;
}

void put_pack(struct put_call *call)
{
    const struct stream_conf *conf = call->lane->conf;

    call->records_len = 0;
    if (call->is_single) {
        char text[HASH_KEY_DIGITS_MAX];
        struct record r = call->waiters[0]->record;
        r.explicit_hash_key = put_hash_key(call->waiters[0], SPAN(""), text);
        put_encode_record(conf, &r, &call->body);
        call->records[call->records_len++] = 0;
    } else {
        bool is_sorted = false;
        for (size_t i = 0; i != call->waiters_len && !is_sorted; i++)
            is_sorted = call->waiters[i]->is_packable;
        put_encode_begin(conf, &call->body);
        if (is_sorted)
            sort(call);
        if (is_packed(call))
            encode_packed(call);
        else
            encode_plain(call);
        put_encode_end(&call->body);
    }
    call->records[call->records_len] = (uint32_t)call->waiters_len;
}
