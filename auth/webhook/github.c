/* GitHub, "Validating webhook deliveries": X-Hub-Signature-256 is sha256= and the body's HMAC in hex. */
#include "auth/webhook/scheme.h"

static bool read_github(const struct webhook_conf *c, const struct webhook_request *r, struct webhook_message *m)
{
    (void)c;
    return webhook_read_plain(r, SPAN("x-hub-signature-256"), SPAN("sha256="), m);
}

const struct webhook_scheme webhook_github = {
    .name = "github",
    .identity = WEBHOOK_ID_DIGEST,
    .read = read_github,
};
