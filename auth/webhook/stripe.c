/*
 * Stripe, "Verify webhook signatures manually": Stripe-Signature is t=TIME,v1=HEX,…, a v1 for each secret that is in
 * use, over "TIME.BODY". Other versions (v0 is for tests) prove nothing.
 */
#include "auth/webhook/scheme.h"

static bool read_items(struct span value, struct webhook_message *m, struct span *time)
{
    *time = SPAN("");
    for (struct span rest = value; rest.len != 0;) {
        struct span text, item = span_cut(rest, ',', &rest), name = span_cut(item, '=', &text);
        if (span_equal(name, SPAN("v1")))
            webhook_add_signature(m, text, false);
        if (!span_equal(name, SPAN("t")))
            continue;
        if (time->len != 0)
            return webhook_refuse(m, "no time, or several");
        *time = text;
    }
    return m->signatures_len != 0 || webhook_refuse(m, "a signature of another kind");
}

static bool read_stripe(const struct webhook_conf *c, const struct webhook_request *r, struct webhook_message *m)
{
    struct span value, time;

    if (!webhook_signature_field(r, SPAN("stripe-signature"), m, &value) || !read_items(value, m, &time) ||
        !webhook_time_is_near(c, r, time, m))
        return false;
    webhook_add_before(m, time);
    webhook_add_before(m, SPAN("."));
    return true;
}

const struct webhook_scheme webhook_stripe = {
    .name = "stripe",
    .identity = WEBHOOK_ID_IN_BODY,
    .id_pointer = "/id",
    .read = read_stripe,
};
