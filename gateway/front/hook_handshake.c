/*
 * How providers try an address: Slack's signed url_verification, Meta's GET, CloudEvents' OPTIONS (HTTP 1.1 Web Hooks
 * for Event Delivery 1.0.1, section 4). Each is answered in place; nothing is put, and nobody is called back.
 */
#include "gateway/front/reply.h"
#include "gateway/front/ticket_hook.h"

#define CHALLENGE_BYTES_MAX 256
#define HANDSHAKE_BYTES_MAX 4096 /* a delivery is larger, or not JSON */

static void answer(struct ticket *t, struct span text)
{
    t->hook->is_handshake = true;
    t->hook->answer = text;
    t->is_ready = true;
    metrics_count(t->front->metrics, COUNT_HOOK_HANDSHAKES, 1);
}

/* Nothing that a browser could take for markup. */
static bool is_challenge(struct span text)
{
    for (size_t i = 0; i != text.len; i++) {
        char c = text.ptr[i], letter = (char)(c | 0x20);
        if (!(letter >= 'a' && letter <= 'z') && !(c >= '0' && c <= '9') &&
            (c == '\0' || strchr("-_.~+/=:", c) == NULL))
            return false;
    }
    return text.len != 0 && text.len <= CHALLENGE_BYTES_MAX;
}

static bool find_parameter(struct ticket *t, struct span name, struct span *value)
{
    return query_find(t->query.raw, name, &t->scratch, value);
}

static struct failure answer_meta(struct ticket *t)
{
    struct span mode, token, challenge;

    if (!buf_reserve(&t->scratch, SCRATCH_BYTES(t->query.raw.len)))
        return (struct failure){.row = FAILURE_OVERLOADED, .detail = "out of memory"};
    if (!find_parameter(t, SPAN("hub.mode"), &mode) || !span_equal(mode, SPAN("subscribe")) ||
        !find_parameter(t, SPAN("hub.verify_token"), &token) ||
        !webhook_is_verify_token(&t->hook->row->webhook, token) ||
        !find_parameter(t, SPAN("hub.challenge"), &challenge) || !is_challenge(challenge)) {
        metrics_count(t->front->metrics, COUNT_HOOKS_REFUSED, 1);
        t->hook->why = "a challenge that is malformed, or not its provider's";
        return (struct failure){.row = FAILURE_FORBIDDEN,
                                .detail = "the challenge's mode, verify token or text is missing or wrong"};
    }
    answer(t, challenge);
    return FAILURE_OK;
}

static bool is_granted(const struct hook_row *row, struct span origin)
{
    bool is_any = row->origins_len == 0;

    for (size_t i = 0; i != row->origins_len; i++)
        is_any |= span_equal_nocase(row->origins[i], origin);
    return is_any && is_challenge(origin);
}

static struct failure method_failure(struct ticket *t)
{
    bool is_meta = webhook_handshake(&t->hook->row->webhook) == WEBHOOK_HANDSHAKE_META;

    t->allow = is_meta ? SPAN("POST, GET, OPTIONS") : SPAN("POST, OPTIONS");
    return (struct failure){.row = FAILURE_METHOD};
}

static struct failure answer_cloudevents(struct ticket *t)
{
    struct span origin = head_find(&t->exchange->head, SPAN("webhook-request-origin"), NULL);

    if (origin.len == 0)
        return method_failure(t);
    if (!is_granted(t->hook->row, origin))
        return (struct failure){.row = FAILURE_FORBIDDEN, .detail = "the webhook is not for this origin"};
    t->hook->allowed_origin = origin;
    answer(t, SPAN(""));
    return FAILURE_OK;
}

struct failure hook_handshake(struct ticket *t)
{
    if (span_equal(t->exchange->head.method, SPAN("OPTIONS")))
        return answer_cloudevents(t);
    if (webhook_handshake(&t->hook->row->webhook) == WEBHOOK_HANDSHAKE_META)
        return answer_meta(t);
    return method_failure(t);
}

struct failure hook_handshake_in_body(struct ticket *t)
{
    const struct record *r = &t->put.record;
    struct span type, challenge;

    if (webhook_handshake(&t->hook->row->webhook) != WEBHOOK_HANDSHAKE_SLACK || r->data_bytes > HANDSHAKE_BYTES_MAX ||
        !ticket_find_in_data(r, SPAN("/type"), &t->scratch, &type) || !span_equal(type, SPAN("url_verification")))
        return FAILURE_OK;
    if (!ticket_find_in_data(r, SPAN("/challenge"), &t->scratch, &challenge) || !is_challenge(challenge))
        return (struct failure){.row = FAILURE_MALFORMED, .detail = "the challenge is missing or malformed"};
    answer(t, challenge);
    return FAILURE_OK;
}

void hook_handshake_write(const struct ticket *t, struct reply *r)
{
    const struct ticket_hook *h = t->hook;

    r->status = 200;
    reply_add(r, "cache-control", SPAN("no-store"));
    if (h->allowed_origin.len != 0) {
        reply_add(r, "webhook-allowed-origin", h->allowed_origin);
        reply_add(r, "webhook-allowed-rate", SPAN("*"));
        reply_add(r, "allow", SPAN("POST"));
    }
    if (h->answer.len == 0)
        return;
    reply_add(r, "content-type", SPAN("text/plain"));
    reply_add(r, "x-content-type-options", SPAN("nosniff"));
}
