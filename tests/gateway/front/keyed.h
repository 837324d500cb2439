/*
 * Calls with an idempotency key on a world's road.
 */
#ifndef KGW_TESTS_GATEWAY_FRONT_KEYED_H
#define KGW_TESTS_GATEWAY_FRONT_KEYED_H

#include "tests/auth/check.h"
#include "tests/lib/world.h"

#include "gateway/front/ticket_recall.h"

#include <stdio.h>

#define RECORD "POST /v1/streams/orders/record"
#define REPORT "POST /v1/streams/report/record" /* reports unknown outcomes instead of trying again */
#define KEY    "Idempotency-Key: \"8e03978e\"\r\n"

static inline struct fake_exchange *ask_with(struct world *w, const char *line, const char *fields, struct span body)
{
    char all[1024];

    snprintf(all, sizeof(all), "%s%s", w->key, fields);
    struct fake_exchange *e = fake_request(line, all, body);
    front_request(&w->front, &e->exchange);
    return e;
}

static inline struct fake_exchange *ask(struct world *w, const char *body)
{
    return ask_with(w, RECORD, KEY, span_str(body));
}

static inline bool is_replayed(const struct fake_exchange *e)
{
    return span_is(fake_exchange_field(e, "idempotent-replayed"), "true");
}

static inline bool is_same_answer(const struct fake_exchange *a, const struct fake_exchange *b)
{
    return a->status == b->status && span_equal(buf_span(&a->body), buf_span(&b->body));
}

static inline void set_fates(struct world *w, struct fake_script *script)
{
    w->net->fate_of = fake_script_next;
    w->net->ctx = script;
}

#endif
