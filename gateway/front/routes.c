/* The table of routes and its matcher. */
#include "gateway/front/routes.h"

#include "gateway/front/body/body.h"

#define PATTERN(text, before, behind, has_segment)                                                                     \
    {                                                                                                                  \
        SPAN(text), SPAN(before), SPAN(behind), has_segment                                                            \
    }
#define PATH(text)                       PATTERN(text, text, "", false)
#define SEGMENT(before, segment, behind) PATTERN(before segment behind, before, behind, true)

#define RECORD  SEGMENT("/v1/streams/", "{stream}", "/record")
#define RECORDS SEGMENT("/v1/streams/", "{stream}", "/records")
#define BEACON  PATTERN("{browser}/{stream}", "/", "", true)
#define PIXEL   PATTERN("{browser}/{stream}.gif", "/", ".gif", true)
#define HOOK    SEGMENT("/v1/hooks/", "{hook}", "")

static const struct route routes[] = {
    {SPAN("POST"), RECORD, ROUTE_RECORD, KEY_CALL_RECORD, true, false, body_parse_record},
    {SPAN("POST"), RECORDS, ROUTE_RECORDS, KEY_CALL_RECORDS, true, true, body_parse_records},
    {SPAN("POST"), PATH("/"), ROUTE_AWS, KEY_CALL_AWS, true, false, body_parse_aws},
    {SPAN("POST"), BEACON, ROUTE_BEACON, KEY_CALL_BEACON, true, false, body_parse_beacon},
    {SPAN("OPTIONS"), BEACON, ROUTE_PREFLIGHT, KEY_CALL_BEACON, false, false, NULL},
    {SPAN("GET"), PIXEL, ROUTE_PIXEL, KEY_CALL_BEACON, true, false, body_parse_pixel},
    {SPAN("POST"), HOOK, ROUTE_HOOK, 0, true, false, body_parse_hook},
    {SPAN("GET"), HOOK, ROUTE_HOOK, 0, false, false, NULL}, /* handshakes */
    {SPAN("OPTIONS"), HOOK, ROUTE_HOOK, 0, false, false, NULL},
    {SPAN("GET"), PATH("/healthz"), ROUTE_HEALTH, 0, false, false, NULL},
    {SPAN("HEAD"), PATH("/healthz"), ROUTE_HEALTH, 0, false, false, NULL},
};

static const struct route aws_put_records = {SPAN("POST"),          PATH("/"), ROUTE_AWS, KEY_CALL_AWS, true, true,
                                             body_parse_aws_records};

const struct route route_none = {SPAN(""), PATH(""), ROUTE_NONE, 0, false, false, NULL};

const struct route *route_of_operation(const struct route *route, struct span target)
{
    bool is_batch = route->kind == ROUTE_AWS && span_equal(target, SPAN("Kinesis_20131202.PutRecords"));

    return is_batch ? &aws_put_records : route;
}

static bool path_matches(const struct path_pattern *p, struct span path, struct span *segment)
{
    if (!span_starts_with(path, p->before))
        return false;
    struct span rest = span_of(path.ptr + p->before.len, path.len - p->before.len);
    if (!p->has_segment)
        return rest.len == 0;
    if (rest.len <= p->behind.len) /* not empty */
        return false;
    *segment = span_of(rest.ptr, rest.len - p->behind.len);
    return span_equal(span_of(rest.ptr + segment->len, p->behind.len), p->behind) &&
           memchr(segment->ptr, '/', segment->len) == NULL;
}

static bool route_matches(const struct route *r, struct span browser_path, struct span path, struct span *segment)
{
    if (!route_is_browsers(r))
        return path_matches(&r->path, path, segment);
    return browser_path.len != 0 && span_starts_with(path, browser_path) &&
           path_matches(&r->path, span_of(path.ptr + browser_path.len, path.len - browser_path.len), segment);
}

static struct span methods_of(enum route_kind kind)
{
    switch (kind) {
    case ROUTE_HEALTH:
        return SPAN("GET, HEAD");
    case ROUTE_BEACON:
    case ROUTE_PREFLIGHT:
        return SPAN("OPTIONS, POST");
    case ROUTE_PIXEL: /* a stream's name may end with .gif, too */
    case ROUTE_HOOK:
        return SPAN("GET, OPTIONS, POST");
    default:
        return SPAN("POST");
    }
}

struct failure route_find(struct span browser_path, struct span method, struct span path, const struct route **out,
                          struct span *stream, struct span *allow)
{
    bool is_path = false;

    *allow = SPAN("");
    for (size_t i = 0; i != sizeof(routes) / sizeof(routes[0]); i++) {
        struct span segment = SPAN("");
        if (!route_matches(&routes[i], browser_path, path, &segment))
            continue;
        *out = &routes[i];
        *stream = segment;
        if (span_equal(routes[i].method, method))
            return FAILURE_OK;
        is_path = true;
        *allow = methods_of(routes[i].kind);
    }
    *out = &route_none;
    *stream = SPAN("");
    return (struct failure){.row = is_path ? FAILURE_METHOD : FAILURE_NOT_FOUND};
}
