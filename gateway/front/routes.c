/* The table of routes and its matcher. */
#include "gateway/front/routes.h"

#include "gateway/front/body/body.h"

static const struct route routes[] = {
    {"POST", "/v1/streams/{stream}/record", ROUTE_RECORD, KEY_CALL_RECORD, true, false, body_parse_record},
    {"POST", "/v1/streams/{stream}/records", ROUTE_RECORDS, KEY_CALL_RECORDS, true, true, body_parse_records},
    {"POST", "/", ROUTE_AWS, KEY_CALL_AWS, true, false, body_parse_aws},
    {"POST", "{browser}/{stream}", ROUTE_BEACON, KEY_CALL_BEACON, true, false, body_parse_beacon},
    {"OPTIONS", "{browser}/{stream}", ROUTE_PREFLIGHT, KEY_CALL_BEACON, false, false, NULL},
    {"GET", "{browser}/{stream}.gif", ROUTE_PIXEL, KEY_CALL_BEACON, true, false, body_parse_pixel},
    {"POST", "/v1/hooks/{hook}", ROUTE_HOOK, 0, true, false, body_parse_hook},
    {"GET", "/v1/hooks/{hook}", ROUTE_HOOK, 0, false, false, NULL}, /* handshakes */
    {"OPTIONS", "/v1/hooks/{hook}", ROUTE_HOOK, 0, false, false, NULL},
    {"GET", "/healthz", ROUTE_HEALTH, 0, false, false, NULL},
    {"HEAD", "/healthz", ROUTE_HEALTH, 0, false, false, NULL},
};

static const struct route aws_put_records = {"POST", "/", ROUTE_AWS, KEY_CALL_AWS, true, true, body_parse_aws_records};

const struct route route_none = {"", "", ROUTE_NONE, 0, false, false, NULL};

const struct route *route_of_operation(const struct route *route, struct span target)
{
    bool is_batch = route->kind == ROUTE_AWS && span_equal(target, SPAN("Kinesis_20131202.PutRecords"));

    return is_batch ? &aws_put_records : route;
}

/* The segment that stands for a placeholder, without what the pattern has behind it there. */
static struct span take_segment(struct span path, size_t at, const char *behind)
{
    size_t end = at, tail = *behind == '/' ? 0 : strlen(behind);

    while (end != path.len && path.ptr[end] != '/')
        end++;
    return end - at > tail ? span_of(path.ptr + at, end - at - tail) : SPAN("");
}

static bool path_matches(const char *pattern, struct span path, struct span *stream)
{
    size_t at = 0;

    *stream = SPAN("");
    for (; *pattern != '\0'; pattern++) {
        if (*pattern == '{') { /* {stream}: one segment, not empty */
            pattern = strchr(pattern, '}');
            *stream = take_segment(path, at, pattern + 1);
            if (stream->len == 0)
                return false;
            at += stream->len;
        } else if (at == path.len || path.ptr[at++] != *pattern) {
            return false;
        }
    }
    return at == path.len;
}

/* What is left of the path behind browser_path, for a pattern that begins with it. */
static bool pattern_matches(const char *pattern, struct span browser_path, struct span path, struct span *stream)
{
    if (*pattern != '{')
        return path_matches(pattern, path, stream);
    if (browser_path.len == 0 || !span_starts_with(path, browser_path))
        return false;
    return path_matches(strchr(pattern, '}') + 1, span_of(path.ptr + browser_path.len, path.len - browser_path.len),
                        stream);
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
        if (!pattern_matches(routes[i].path, browser_path, path, stream))
            continue;
        *out = &routes[i];
        if (span_equal(span_str(routes[i].method), method))
            return FAILURE_OK;
        is_path = true;
        *allow = methods_of(routes[i].kind);
    }
    *out = &route_none;
    return (struct failure){.row = is_path ? FAILURE_METHOD : FAILURE_NOT_FOUND};
}
