/* The record's text says all: a claim was granted if its token is the one that asked. */
#include "gateway/front/idempotency_script.h"

#include <assert.h>
#include <stdio.h>

static struct span write_number(uint64_t value, char out[24])
{
    int len = snprintf(out, 24, "%llu", (unsigned long long)value);

    assert(len > 0 && len < 24);
    return span_of(out, (size_t)len);
}

static struct span write_head(const struct idempotency_record *r, char out[IDEMPOTENCY_RECORD_HEAD_BYTES])
{
    struct idempotency_record head = *r;
    struct buf b = {.ptr = out,
                    .capacity = IDEMPOTENCY_RECORD_HEAD_BYTES, /* all that is written: it never grows */
                    .bytes_max = IDEMPOTENCY_RECORD_HEAD_BYTES};

    head.results = SPAN("");
    idempotency_record_write(&head, &b);
    assert(!b.failed && b.len == IDEMPOTENCY_RECORD_HEAD_BYTES);
    return buf_span(&b);
}

void idempotency_script_encode(const struct idempotency_order *o, struct idempotency_words *w)
{
    static const char *const verbs[] = {
        [IDEMPOTENCY_CLAIM] = "claim", [IDEMPOTENCY_FINISH] = "finish", [IDEMPOTENCY_RELEASE] = "release"};

    w->arguments[0] = span_str(verbs[o->verb]);
    w->arguments[1] = write_head(&o->record, w->head);
    w->arguments[2] = write_number(o->keep_ms, w->keep_ms);
    w->arguments[3] = write_number(o->hold_ms, w->hold_ms);
    w->arguments[4] = o->verb == IDEMPOTENCY_FINISH ? o->record.results : SPAN("");
}

enum recall_verdict idempotency_script_verdict(const struct redis_reply *reply,
                                               const struct idempotency_record *claimed, struct span *results)
{
    struct idempotency_record r;

    *results = SPAN("");
    if (reply->type != REDIS_TYPE_STRING || !idempotency_record_read(reply->text, &r))
        return RECALL_UNAVAILABLE;
    if (!bytes_equal_constant_time(r.fingerprint, claimed->fingerprint, sizeof(r.fingerprint)))
        return RECALL_OTHER;
    *results = r.results;
    if (r.state == IDEMPOTENCY_DONE)
        return RECALL_DONE;
    if (r.state == IDEMPOTENCY_PENDING && r.token == claimed->token)
        return RECALL_CLAIMED;
    *results = SPAN("");
    return r.state == IDEMPOTENCY_PENDING ? RECALL_WAIT : RECALL_UNAVAILABLE;
}

bool idempotency_script_is_done(const struct redis_reply *reply)
{
    return reply->type == REDIS_TYPE_INTEGER && reply->integer == 1;
}
