/*
 * What can be asked on the public listener: one screen.
 */
#ifndef KGW_FRONT_ROUTES_H
#define KGW_FRONT_ROUTES_H

#include "auth/keyring.h"
#include "gateway/base/failure.h"

struct ticket;

enum route_kind {
    ROUTE_RECORD,
    ROUTE_RECORDS,
    ROUTE_AWS,
    ROUTE_HOOK,
    ROUTE_HEALTH,
    ROUTE_BEACON,
    ROUTE_PIXEL,
    ROUTE_PREFLIGHT,
    ROUTE_NONE
};

/* A path, or one with a placeholder for one segment. */
struct path_pattern {
    struct span text;           /* "{stream}" or "{hook}" stands for the segment, "{browser}" ahead for browser_path */
    struct span before, behind; /* of the segment; all of the path, if it has none */
    bool has_segment;
};

struct route {
    struct span method;
    struct path_pattern path; /* of browsers, what follows browser_path */
    enum route_kind kind;
    enum key_call call;
    bool is_put;                               /* brings records: it is authenticated, parsed and put */
    bool is_batch;                             /* … several of them */
    struct failure (*parse)(struct ticket *t); /* body/: fills the record, or makes the batch */
};

static inline bool route_is_browsers(const struct route *route)
{
    return route->kind == ROUTE_BEACON || route->kind == ROUTE_PIXEL || route->kind == ROUTE_PREFLIGHT;
}

/*
 * Finds the route; *stream is the raw segment, if the path has one. FAILURE_NOT_FOUND, or FAILURE_METHOD with *allow
 * the methods that the path knows. Without a browser_path browsers have no
 * routes.
 */
struct failure route_find(struct span browser_path, struct span method, struct span path, const struct route **out,
                          struct span *stream, struct span *allow) MUST_LOOK;
/* The AWS-shaped endpoint has one path, and names the operation in X-Amz-Target: the same route, or PutRecords'. */
const struct route *route_of_operation(const struct route *route, struct span target);
extern const struct route route_none; /* of requests that match nothing, for their logs and replies */

#endif
