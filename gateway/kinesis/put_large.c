/*
 * A large record on its way into a call: encoded and hashed in slices, one a turn of the loop, so that nobody else
 * waits for it. The call holds the record's spans until it is whole; nothing of it is sent before.
 */
#include "gateway/kinesis/put_call.h"

#include "auth/digest.h"

#include <stdlib.h>

#define HASH_SLICE 524288

struct put_large {
    struct put_call *call;
    struct put_encode_large encoding;
    struct sha256_stream *hash;
    size_t hashed;
    bool is_encoded;
    struct record record; /* with the hash key that it travels under */
    char hash_key[HASH_KEY_DIGITS_MAX];
    struct timer next;
};

static void large_free(struct put_call *call)
{
    struct put_large *gone = call->large;

    call->large = NULL;
    loop_timer_stop(call->lane->sender->loop, &gone->next);
    sha256_stream_free(&gone->hash);
    free(gone);
}

void put_large_cancel(struct put_call *call)
{
    if (call->large != NULL)
        large_free(call);
}

static void finish(struct put_large *l)
{
    struct put_call *call = l->call;
    uint8_t digest[SHA256_BYTES];

    sha256_stream_final(l->hash, digest);
    large_free(call);
    put_call_send(call, digest);
}

static void hash_slice(struct put_large *l)
{
    const struct buf *body = &l->call->body;
    size_t len = body->len - l->hashed < HASH_SLICE ? body->len - l->hashed : HASH_SLICE;

    sha256_stream_update(l->hash, span_of(body->ptr + l->hashed, len));
    l->hashed += len;
}

static void on_turn(void *ctx)
{
    struct put_large *l = ctx;
    struct put_call *call = l->call;
    struct loop *loop = call->lane->sender->loop;
    enum stage before = stages_enter(loop_stages(loop), STAGE_ENCODE);

    if (!l->is_encoded)
        l->is_encoded = put_encode_large_step(&l->encoding, &call->body);
    else
        hash_slice(l);
    stages_enter(loop_stages(loop), before);
    if (call->body.failed || call->lane->sender->creds == NULL) {
        large_free(call);
        put_call_fail(call);
    } else if (l->is_encoded && l->hashed == call->body.len) {
        finish(l);
    } else {
        loop_timer_start(loop, &l->next, 0);
    }
}

bool put_large_start(struct put_call *call)
{
    struct put_large *l = calloc(1, sizeof(*l));

    if (l == NULL)
        return false;
    l->hash = sha256_stream_new();
    if (l->hash == NULL) {
        free(l);
        return false;
    }
    l->call = call;
    call->large = l;
    call->records_len = 1;
    call->records[0] = 0;
    call->records[1] = 1;
    timer_init(&l->next, on_turn, l);
    l->record = call->waiters[0]->record;
    l->record.explicit_hash_key = put_hash_key(call->waiters[0], SPAN(""), l->hash_key);
    put_encode_large_begin(&l->encoding, call->lane->conf, &l->record, &call->body);
    loop_timer_start(call->lane->sender->loop, &l->next, 0);
    return true;
}
