/*
 * Web origins (RFC 6454 section 6.1), as browsers write them: scheme, host and port in their one canonical form, or not
 * at all. Lists of them allow an origin exactly, or every subdomain of a name. Pure.
 */
#ifndef KGW_AUTH_ORIGIN_H
#define KGW_AUTH_ORIGIN_H

#include "auth/bytes.h"

#define ORIGIN_BYTES_MAX 268 /* https://, a name of 253 bytes, a port */

struct origin_pattern {
    struct span scheme; /* "https" or "http" */
    struct span host;   /* a name, an IPv4 address or an IPv6 address in brackets; of a wildcard what follows "*." */
    struct span port;   /* digits; empty: the scheme's own */
    bool is_wildcard;   /* any subdomain of `host`, at any depth, and not `host` itself */
};

/*
 * An origin as "https://shop.example", "http://localhost:3000" or "https://[2001:db8::1]", or a wildcard, which is one
 * for https whose host is "*." before two labels at least. False for everything that a browser would write otherwise:
 * capitals, the scheme's own port, a path, a last slash or dot, a user, a name that is not in ASCII (xn--…). The spans
 * are parts of `text`.
 */
bool origin_pattern_parse(struct span text, struct origin_pattern *out);
/* Is `origin`, the value of an Origin field, one of them? "null" and everything that is no canonical origin never is.
 */
bool origin_matches(const struct origin_pattern *patterns, size_t len, struct span origin);
/* The origin that an absolute http or https URL begins with, as a part of it. False: it is none, or not canonical. */
bool origin_of_url(struct span url, struct span *origin);

#endif
