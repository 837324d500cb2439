/* The table of routes and its matcher. */
#include "gateway/front/routes.h"

#include "gateway/front/body/body.h"

static const struct route routes[] = {
    {"POST", "/v1/streams/{stream}/record", ROUTE_RECORD, KEY_CALL_RECORD, true, false, body_parse_record},
    {"POST", "/v1/streams/{stream}/records", ROUTE_RECORDS, KEY_CALL_RECORDS, true, true, body_parse_records},
    {"POST", "/", ROUTE_AWS, KEY_CALL_AWS, true, false, body_parse_aws},
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

static bool path_matches(const char *pattern, struct span path, struct span *stream)
{
    size_t at = 0;

    *stream = SPAN("");
    for (; *pattern != '\0'; pattern++) {
        if (*pattern == '{') { /* {stream}: one segment, not empty */
            size_t start = at;
            while (at != path.len && path.ptr[at] != '/')
                at++;
            if (at == start)
                return false;
            *stream = span_of(path.ptr + start, at - start);
            pattern = strchr(pattern, '}');
        } else if (at == path.len || path.ptr[at++] != *pattern) {
            return false;
        }
    }
    return at == path.len;
}

struct failure route_find(struct span method, struct span path, const struct route **out, struct span *stream,
                          struct span *allow)
{
    bool is_path = false;

    *allow = SPAN("");
    for (size_t i = 0; i != sizeof(routes) / sizeof(routes[0]); i++) {
        if (!path_matches(routes[i].path, path, stream))
            continue;
        *out = &routes[i];
        if (span_equal(span_str(routes[i].method), method))
            return FAILURE_OK;
        is_path = true;
        *allow = routes[i].is_put ? SPAN("POST") : SPAN("GET, HEAD");
    }
    *out = &route_none;
    return (struct failure){.row = is_path ? FAILURE_METHOD : FAILURE_NOT_FOUND};
}
