/* Slack, "Verifying requests from Slack": v0= and the HMAC, in hex, of "v0:TIME:BODY". */
#include "auth/webhook/scheme.h"

static bool read_slack(const struct webhook_conf *c, const struct webhook_request *r, struct webhook_message *m)
{
    struct span time;

    if (!webhook_timestamp_field(c, r, SPAN("x-slack-request-timestamp"), m, &time))
        return false;
    webhook_add_before(m, SPAN("v0:"));
    webhook_add_before(m, time);
    webhook_add_before(m, SPAN(":"));
    return webhook_read_plain(r, SPAN("x-slack-signature"), SPAN("v0="), m);
}

const struct webhook_scheme webhook_slack = {
    .name = "slack",
    .identity = WEBHOOK_ID_IN_BODY,
    .id_pointer = "/event_id",
    .handshake = WEBHOOK_HANDSHAKE_SLACK,
    .read = read_slack,
};
