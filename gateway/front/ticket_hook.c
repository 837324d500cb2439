/*
 * Webhooks on the road: who sent it is known by the scheme's signature instead of a key, before anybody parses its
 * body; whose quota it spends and what names it, by the hook.
 */
#include "gateway/front/ticket_hook.h"

#include <stdlib.h>

static void count(const struct ticket *t, enum counter c)
{
    metrics_count(t->front->metrics, c, 1);
}

static struct failure out_of_memory(void)
{
    return (struct failure){.row = FAILURE_OVERLOADED, .detail = "out of memory"};
}

struct failure ticket_hook_begin(struct ticket *t, struct span name)
{
    const struct snapshot *s = t->view->snapshot;
    const struct hook_row *row = hook_table_find(s->hooks, name);

    if (row == NULL)
        return (struct failure){.row = FAILURE_NOT_FOUND};
    t->hook = calloc(1, sizeof(*t->hook));
    if (t->hook == NULL)
        return out_of_memory();
    t->hook->row = row;
    t->stream = stream_table_find(s->streams, row->stream);
    return t->route->is_put ? FAILURE_OK : hook_handshake(t);
}

void ticket_hook_free(struct ticket_hook **h)
{
    struct ticket_hook *gone = *h;

    if (gone == NULL)
        return;
    *h = NULL;
    webhook_check_free(&gone->check);
    free(gone);
}

/* What cannot be written is not hashed. */
static struct failure begin_check(struct ticket *t)
{
    const struct exchange *e = t->exchange;
    struct record whole = {.data = e->body, .data_bytes = e->body.len};
    struct webhook_request r = {
        .method = e->head.method,
        .query = t->query.raw,
        .fields = (const struct sigv4_header *)e->head.fields,
        .fields_len = e->head.fields_len,
        .body = e->body,
        .now_s = loop_unix_ms(t->front->loop) / 1000,
    };

    if (t->view->snapshot->keyring == NULL)
        return (struct failure){.row = FAILURE_KEYS_UNAVAILABLE};
    TRY(stream_check_size(t->stream, &whole));
    t->hook->check = webhook_check_new(&t->hook->row->webhook, &r);
    return t->hook->check != NULL ? FAILURE_OK : out_of_memory();
}

static struct failure refuse(struct ticket *t, const char *why, enum counter c)
{
    t->hook->why = why;
    count(t, c);
    return (struct failure){.row = FAILURE_SIGNATURE,
                            .detail = "the webhook's signature, time or credentials are missing or wrong"};
}

/* The tenant is looked up last: it may come and go while the hook stays. */
static struct failure accept(struct ticket *t)
{
    struct ticket_hook *h = t->hook;

    h->tenant = keyring_find_tenant(t->view->snapshot->keyring, h->row->tenant);
    if (h->tenant == NULL) {
        h->why = "its tenant does not exist";
        count(t, COUNT_HOOKS_WITHOUT_TENANT);
        return (struct failure){.row = FAILURE_FORBIDDEN, .detail = "the webhook's tenant does not exist"};
    }
    t->principal = (struct principal){.tenant = h->tenant->name};
    hook_event_identify(t);
    return FAILURE_OK;
}

enum step_result ticket_hook_verify(struct ticket *t)
{
    struct ticket_hook *h = t->hook;

    if (h->check == NULL)
        t->failure = begin_check(t);
    if (h->check == NULL)
        return STEP_NEXT;
    switch (webhook_check_run(h->check, HASH_SLICE_BYTES)) {
    case WEBHOOK_MORE:
        return ticket_go_on_later(t);
    case WEBHOOK_OK:
        t->failure = accept(t);
        break;
    case WEBHOOK_BAD:
        t->failure = refuse(t, webhook_check_why(h->check), COUNT_HOOKS_REFUSED);
        break;
    case WEBHOOK_NO_MEMORY:
        t->failure = out_of_memory();
        break;
    }
    return STEP_NEXT;
}
