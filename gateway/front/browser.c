/* The steps' glue for browsers' calls. Errors are written as for all native calls; only who may read them differs. */
#include "gateway/front/browser.h"

#include "gateway/front/address_limit.h"
#include "gateway/front/cors.h"

/* GIF89a: one pixel of a table of two colours, which is transparent. */
static const char pixel[43] = "GIF89a\1\0\1\0\200\0\0\0\0\0\377\377\377!\371\4\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0;";

static struct failure check_address(struct ticket *t)
{
    struct front *f = t->front;
    const struct key_row *key = t->principal.key;

    if (key->per_address_requests_per_second == 0 || f->addresses == NULL)
        return FAILURE_OK;
    uint64_t wait_us =
        address_limit_take(f->addresses, key->id, t->client, key->per_address_requests_per_second, t->started_us);
    if (wait_us == 0)
        return FAILURE_OK;
    metrics_count(f->metrics, COUNT_ADDRESS_REFUSED, 1);
    return (struct failure){.row = FAILURE_ADDRESS_OVER_RATE, .retry_after_ms = (uint32_t)(wait_us / MS_IN_US) + 1};
}

struct failure browser_admit(struct ticket *t)
{
    if (!cors_check(&t->exchange->head, t->principal.key, &t->reader))
        return (struct failure){.row = FAILURE_FORBIDDEN, .detail = "the page's origin is not one of the key's"};
    if (t->route->kind != ROUTE_PREFLIGHT)
        return check_address(t);
    t->is_ready = true;
    return FAILURE_OK;
}

static bool is_one(const struct head *h, struct span name)
{
    return span_equal(head_find(h, name, NULL), SPAN("1"));
}

bool browser_drops(struct ticket *t)
{
    const struct head *h = &t->exchange->head;

    if (!t->stream->drops_on_privacy_signal || (!is_one(h, SPAN("sec-gpc")) && !is_one(h, SPAN("dnt"))))
        return false;
    metrics_count(t->front->metrics, COUNT_PRIVACY_DROPPED, 1);
    t->is_dropped = true;
    t->is_ready = true;
    return true;
}

void browser_write_success(struct ticket *t, struct reply *r)
{
    r->status = 204;
    if (t->route->kind == ROUTE_PIXEL) {
        r->status = 200;
        reply_add(r, "content-type", SPAN("image/gif"));
        reply_add(r, "cross-origin-resource-policy", SPAN("cross-origin")); /* for pages with COEP: require-corp */
        buf_append(&t->response, span_of(pixel, sizeof(pixel)));
    }
    if (t->put.result.is_possible_duplicate)
        reply_add(r, "kgw-possible-duplicate", SPAN("true"));
    if (t->is_dropped)
        reply_add(r, "kgw-dropped", SPAN("privacy"));
}

void browser_add_fields(const struct ticket *t, struct reply *r)
{
    if (!route_is_browsers(t->route))
        return;
    if (t->route->kind != ROUTE_PREFLIGHT)
        reply_add(r, "cache-control", SPAN("no-store"));
    cors_add_fields(r, t->reader, t->route->kind == ROUTE_PREFLIGHT);
}
