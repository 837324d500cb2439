/* Shopify, "Verify the origin of the webhook": X-Shopify-Hmac-Sha256 is the body's HMAC in base64. */
#include "auth/webhook/scheme.h"

static bool read_shopify(const struct webhook_conf *c, const struct webhook_request *r, struct webhook_message *m)
{
    (void)c;
    m->encoding = WEBHOOK_BASE64;
    return webhook_read_plain(r, SPAN("x-shopify-hmac-sha256"), SPAN(""), m);
}

const struct webhook_scheme webhook_shopify = {
    .name = "shopify",
    .identity = WEBHOOK_ID_DIGEST,
    .read = read_shopify,
};
