/*
 * What identifies a delivery for its provider, who may tell it again: an id that was signed, one in the verified body,
 * or the body's digest; or where the hook's dedup_id says.
 */
#include "gateway/front/ticket_hook.h"

/* One field of that name, if there is one. */
static struct span header_id(const struct ticket *t, struct span name)
{
    size_t times = 0;
    struct span value = head_find(&t->exchange->head, name, &times);

    return times == 1 && value.len <= HOOK_DEDUP_BYTES_MAX ? value : SPAN("");
}

static struct span id_of_head(struct ticket *t)
{
    struct ticket_hook *h = t->hook;
    struct span own = h->row->dedup_id;
    const uint8_t *sha256 = webhook_check_sha256(h->check);

    if (own.len != 0)
        return own.ptr[0] == '/' ? SPAN("") : header_id(t, own);
    switch (webhook_identity(&h->row->webhook)) {
    case WEBHOOK_ID_SIGNED:
        return webhook_check_id(h->check);
    case WEBHOOK_ID_DIGEST:
        hex_encode(sha256, SHA256_BYTES, h->digest);
        return span_of(h->digest, sizeof(h->digest));
    case WEBHOOK_ID_NONE:
    case WEBHOOK_ID_IN_BODY:
        break;
    }
    return SPAN("");
}

void hook_event_identify(struct ticket *t)
{
    t->event_id = id_of_head(t);
}

static struct span id_pointer(const struct hook_row *row)
{
    if (row->dedup_id.len != 0)
        return row->dedup_id.ptr[0] == '/' ? row->dedup_id : SPAN("");
    return webhook_identity(&row->webhook) == WEBHOOK_ID_IN_BODY ? span_str(webhook_id_pointer(&row->webhook))
                                                                 : SPAN("");
}

void hook_event_identify_in_body(struct ticket *t)
{
    struct span pointer = id_pointer(t->hook->row), id;

    if (pointer.len != 0 && ticket_find_in_data(&t->put.record, pointer, &t->scratch, &id) &&
        id.len <= HOOK_DEDUP_BYTES_MAX)
        t->event_id = id;
}

bool hook_event_is_deduplicated(const struct ticket *t)
{
    return t->hook->row->dedups && t->event_id.len != 0;
}
