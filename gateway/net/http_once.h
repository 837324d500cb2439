/*
 * One HTTP request, blocking, for the command line: the gateway's own calls go through http_call.
 */
#ifndef KGW_NET_HTTP_ONCE_H
#define KGW_NET_HTTP_ONCE_H

#include "auth/bytes.h"

#define HTTP_ONCE_ERROR_BYTES 256

struct http_once {
    const char *url;
    const char *const *headers; /* "Name: value"; NULL-terminated */
    struct span body;
    const char *ca_file; /* NULL: the system's */
    uint32_t timeout_ms; /* of the whole exchange */
};

/*
 * The status, and the body appended to `answer`, which bounds it. 0 with a sentence in error[]: no whole answer came.
 * Sent at most once; no redirect is followed and the environment's proxies are ignored.
 */
int http_once_post(const struct http_once *r, struct buf *answer, char error[HTTP_ONCE_ERROR_BYTES]);
int http_once_get(const struct http_once *r, struct buf *answer, char error[HTTP_ONCE_ERROR_BYTES]); /* has no body */

#endif
