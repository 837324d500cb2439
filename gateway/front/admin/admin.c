/* The admin pages' routes and answers. What takes a round through the workers waits with an exchange that may go away.
 */
#include "gateway/front/admin/admin.h"

#include "gateway/base/json_write.h"
#include "gateway/front/admin/openapi.h"

#include <stdlib.h>

#define METRICS_BYTES_MAX (256u << 10)
#define USAGE_BYTES_MAX   (256u << 20)

typedef void answer_fn(struct exchange *e, bool all_answered, const struct metrics *sum,
                       const struct tenant_counts *tenants);

struct waiting {
    struct exchange *exchange; /* NULL: gone */
    answer_fn *answer;
};

static void answer_text(struct exchange *e, int status, const char *type, struct span body)
{
    struct reply r = {.status = status, .body = body};

    reply_add(&r, "content-type", span_str(type));
    reply_add(&r, "cache-control", SPAN("no-store"));
    if (span_equal(e->head.method, SPAN("HEAD")))
        r.body = SPAN("");
    exchange_reply(e, &r);
}

static void answer_live(struct exchange *e, bool all_answered, const struct metrics *sum,
                        const struct tenant_counts *tenants)
{
    (void)sum;
    (void)tenants;
    answer_text(e, all_answered ? 200 : 503, "text/plain",
                all_answered ? SPAN("live\n") : SPAN("a worker is silent\n"));
}

static void answer_metrics(struct exchange *e, bool all_answered, const struct metrics *sum,
                           const struct tenant_counts *tenants)
{
    struct buf text;

    buf_init(&text, METRICS_BYTES_MAX + tenants->rows * TENANT_TEXT_BYTES_MAX);
    if (all_answered) {
        metrics_format(sum, &text);
        tenant_counts_format(tenants, &text);
    }
    if (!all_answered || text.failed)
        answer_text(e, 503, "text/plain", SPAN("the counters could not be gathered\n"));
    else
        answer_text(e, 200, "text/plain; version=0.0.4; charset=utf-8", buf_span(&text));
    buf_clear(&text);
}

static void answer_ready(struct admin *a, struct exchange *e)
{
    struct admin_readiness r = a->readiness(a->ctx);
    bool is_ready = !r.is_draining && !r.has_no_snapshot && !r.has_no_credentials;
    struct buf text;

    buf_init(&text, 512);
    json_write_member_bool(&text, "ready", is_ready);
    json_write_member_bool(&text, "draining", r.is_draining);
    json_write_member_bool(&text, "keys_and_streams", !r.has_no_snapshot);
    json_write_member_bool(&text, "credentials", !r.has_no_credentials);
    buf_append(&text, SPAN("}\n"));
    answer_text(e, is_ready ? 200 : 503, "application/json", text.failed ? SPAN("") : buf_span(&text));
    buf_clear(&text);
}

/* "/usage" or "/usage?tenant=NAME"; names need no encoding. */
static void answer_usage(struct admin *a, struct exchange *e, struct span query)
{
    struct span name = {0}, key = span_cut(query, '=', &name);
    struct buf text;

    if (query.len != 0 && (!span_equal(key, SPAN("tenant")) || name.len == 0)) {
        answer_text(e, 400, "text/plain", SPAN("/usage or /usage?tenant=NAME\n"));
        return;
    }
    buf_init(&text, USAGE_BYTES_MAX);
    bool is_known = a->usage(a->ctx, name, &text);
    if (text.failed)
        answer_text(e, 503, "text/plain", SPAN("out of memory\n"));
    else if (is_known)
        answer_text(e, 200, "application/json", buf_span(&text));
    else
        answer_text(e, 404, "text/plain", SPAN("there is no such tenant\n"));
    buf_clear(&text);
}

static void on_exchange_gone(void *ctx)
{
    struct waiting *w = ctx;

    w->exchange = NULL;
}

static void on_collected(void *ctx, bool all_answered, const struct metrics *sum, const struct tenant_counts *tenants)
{
    struct waiting *w = ctx;

    if (w->exchange != NULL)
        w->answer(w->exchange, all_answered, sum, tenants);
    free(w);
}

static void collect_for(struct admin *a, struct exchange *e, answer_fn *answer)
{
    struct waiting *w = malloc(sizeof(*w));

    if (w == NULL || !a->collect(a->ctx, on_collected, w)) {
        free(w);
        answer_text(e, 503, "text/plain", SPAN("out of memory\n"));
        return;
    }
    *w = (struct waiting){.exchange = e, .answer = answer};
    e->on_gone = on_exchange_gone;
    e->gone_ctx = w;
}

/* The host without its port, and without an address's brackets. */
static struct span bare_host(struct span host)
{
    struct span rest;

    if (host.len != 0 && host.ptr[0] == '[')
        return span_cut(span_of(host.ptr + 1, host.len - 1), ']', &rest);
    return span_cut(host, ':', &rest);
}

static bool is_host_allowed(const struct admin *a, struct span host)
{
    static const char *const always[] = {"localhost", "127.0.0.1", "::1", NULL};

    host = bare_host(host);
    for (size_t i = 0; always[i] != NULL; i++)
        if (span_equal_nocase(host, span_str(always[i])))
            return true;
    for (size_t i = 0; a->hosts != NULL && a->hosts[i] != NULL; i++)
        if (span_equal_nocase(host, span_str(a->hosts[i])))
            return true;
    return false;
}

void admin_request(void *admin, struct exchange *e)
{
    struct admin *a = admin;
    struct span query, path = span_cut(e->head.target, '?', &query);

    if (!is_host_allowed(a, head_find(&e->head, SPAN("host"), NULL)))
        answer_text(e, 403, "text/plain", SPAN("this Host is not on the admin listener's list\n"));
    else if (!span_equal(e->head.method, SPAN("GET")) && !span_equal(e->head.method, SPAN("HEAD")))
        answer_text(e, 405, "text/plain", SPAN("GET or HEAD\n"));
    else if (span_equal(path, SPAN("/livez")))
        collect_for(a, e, answer_live);
    else if (span_equal(path, SPAN("/readyz")))
        answer_ready(a, e);
    else if (span_equal(path, SPAN("/metrics")))
        collect_for(a, e, answer_metrics);
    else if (span_equal(path, SPAN("/usage")))
        answer_usage(a, e, query);
    else if (span_equal(path, SPAN("/openapi.json")))
        answer_text(e, 200, "application/json", span_str(openapi_source));
    else
        answer_text(e, 404, "text/plain", SPAN("/livez /readyz /metrics /usage /openapi.json\n"));
}
