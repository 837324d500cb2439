/*
 * HTTP calls out, over pooled connections, on one loop. Implemented on libcurl by curl_loop.c, and by the tests' fake
 * net.
 *
 * Every call is sent at most once: a connection that dies is reported, never silently replaced by another attempt.
 */
#ifndef KGW_NET_HTTP_CALL_H
#define KGW_NET_HTTP_CALL_H

#include "auth/bytes.h"
#include "gateway/net/loop.h"

struct http_client;

struct http_client_conf {
    const char *ca_file; /* NULL: the system's */
    const char *proxy;   /* NULL: none; the environment's proxy variables are ignored */
    uint32_t connect_timeout_ms;
    uint32_t idle_connection_ms; /* connections idle for longer are not used again */
    uint32_t connection_age_ms;  /* connections older are closed once idle, so that changes of DNS are followed */
    uint32_t connections_max;    /* kept open */
};

struct http_client *http_client_new(struct loop *l,
                                    const struct http_client_conf *conf); /* conf is copied; NULL: no memory */
void http_client_free(struct http_client **c);                            /* every call has ended or was cancelled */

struct http_header {
    const char *line; /* "Name: value", no CR or LF */
};

struct http_request {
    const char *url;
    const struct http_header *headers; /* all that are sent, but for Host and Content-Length, which are derived */
    size_t headers_len;
    struct span body; /* sent by POST; stays unchanged until the callback or the cancel */
    uint32_t timeout_ms;
    size_t answer_bytes_max;
};

enum http_result {
    HTTP_ANSWERED,   /* a whole answer, of any status */
    HTTP_NOT_SENT,   /* the request never left whole: whoever is there cannot have acted on it */
    HTTP_UNANSWERED, /* sent, then silence, a lost connection, or an answer that is cut, too long or not HTTP */
};

struct http_answer {
    enum http_result result;
    const char *reason; /* static text of what went wrong; NULL when answered */
    int status;
    struct span headers; /* "Name: value\r\n" lines of the final head */
    struct span body;
    uint64_t took_us;
};

/* The trimmed value of the first header of that name; empty if absent. */
struct span http_answer_header(const struct http_answer *a, struct span name);

/* The Date header as Unix time (RFC 9110 section 5.6.7, the preferred form); 0: absent or malformed. */
int64_t http_answer_date(const struct http_answer *a);

struct http_call;
/* `a` and its spans live until the callback returns. */
typedef void http_call_cb(void *ctx, const struct http_answer *a);

/*
 * Starts a call. Calls `cb` exactly once, later, on the loop; never before this returns and never after
 * http_call_cancel(). The answer comes within timeout_ms. The URL and header lines are copied. NULL: not started, no
 * callback will come.
 */
struct http_call *http_call_start(struct http_client *c, const struct http_request *r, http_call_cb *cb, void *ctx);
/* False: not a byte of the request has been sent so far. */
bool http_call_may_be_sent(const struct http_call *call);
void http_call_cancel(struct http_call **call); /* NULL-safe; *call becomes NULL; not from the call's own callback */

#endif
