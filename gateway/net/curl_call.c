/*
 * One call on a curl handle: its options, what curl tells about it, and what its end means. Handles are kept and used
 * again.
 */
#include "gateway/net/curl_parts.h"

#include <assert.h>
#include <stdlib.h>

#define HEADER_LINES_BYTES 8192
#define ANSWER_HEAD_BYTES  16384
#define TLS_RECORD_BYTES   16384L /* read and written at once */

/*
 * Called before the request is written. curl writes it again, on another connection, when a reused one dies before it
 * answered: that would be a second record, so the second time is refused.
 */
static int on_before_send(void *ctx, char *peer_ip, char *local_ip, int peer_port, int local_port)
{
    struct http_call *call = ctx;
    long connects = 0;

    (void)peer_ip;
    (void)local_ip;
    (void)peer_port;
    (void)local_port;
    if (call->sends == 0 && curl_easy_getinfo(call->easy, CURLINFO_NUM_CONNECTS, &connects) == CURLE_OK)
        call->is_reused = connects == 0;
    return ++call->sends == 1 ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

static size_t on_head_line(char *line, size_t size, size_t count, void *ctx)
{
    struct http_call *call = ctx;
    struct span text = span_of(line, size * count);

    if (span_starts_with(text, SPAN("HTTP/"))) { /* a head after a 1xx replaces it */
        buf_reset(&call->head);
        call->has_head = false;
        return text.len;
    }
    call->has_head |= span_equal(text, SPAN("\r\n")) || span_equal(text, SPAN("\n"));
    buf_append(&call->head, text);
    return call->head.failed ? 0 : text.len;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *ctx)
{
    struct http_call *call = ctx;

    if (call->body.len + size * count > call->answer_bytes_max)
        return 0;
    buf_append(&call->body, span_of(bytes, size * count));
    return call->body.failed ? 0 : size * count;
}

/* A call's life */

void curl_call_free(struct http_call *call)
{
    curl_easy_cleanup(call->easy);
    curl_url_cleanup(call->parsed_url);
    buf_clear(&call->header_lines);
    buf_clear(&call->head);
    buf_clear(&call->body);
    free(call->url);
    free(call);
}

static bool set_lasting_options(struct http_call *call)
{
    const struct http_client *c = call->client;
    CURL *e = call->easy;
    bool ok = curl_easy_setopt(e, CURLOPT_PREREQFUNCTION, on_before_send) == CURLE_OK &&
              curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
              curl_easy_setopt(e, CURLOPT_PROXY, c->proxy != NULL ? c->proxy : "") == CURLE_OK &&
              (c->proxy != NULL || curl_easy_setopt(e, CURLOPT_NOPROXY, "") == CURLE_OK) && /* else it asks getenv() */
              (c->ca_file == NULL || curl_easy_setopt(e, CURLOPT_CAINFO, c->ca_file) == CURLE_OK);

    curl_easy_setopt(e, CURLOPT_PREREQDATA, call);
    curl_easy_setopt(e, CURLOPT_PRIVATE, call);
    curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_head_line);
    curl_easy_setopt(e, CURLOPT_HEADERDATA, call);
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(e, CURLOPT_WRITEDATA, call);
    curl_easy_setopt(e, CURLOPT_POST, 1L);
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L); /* a resolver that is slow is left to itself, not waited for */
    curl_easy_setopt(e, CURLOPT_NOPROGRESS, 1L);
    curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(e, CURLOPT_BUFFERSIZE, TLS_RECORD_BYTES);
    curl_easy_setopt(e, CURLOPT_UPLOAD_BUFFERSIZE, TLS_RECORD_BYTES);
    curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, curl_loop_open_socket);
    curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, call->client);
    curl_easy_setopt(e, CURLOPT_CLOSESOCKETFUNCTION, curl_loop_close_socket);
    curl_easy_setopt(e, CURLOPT_CLOSESOCKETDATA, call->client);
    curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)c->conf.connect_timeout_ms);
    curl_easy_setopt(e, CURLOPT_MAXAGE_CONN, (long)(c->conf.idle_connection_ms + 999) / 1000);
    curl_easy_setopt(e, CURLOPT_MAXLIFETIME_CONN, (long)(c->conf.connection_age_ms + 999) / 1000);
    curl_easy_setopt(e, CURLOPT_SHARE, c->tls_sessions);
    return ok;
}

static struct http_call *call_new(struct http_client *c)
{
    struct http_call *call = calloc(1, sizeof(*call));

    if (call == NULL)
        return NULL;
    call->client = c;
    list_init(&call->link);
    buf_init(&call->header_lines, HEADER_LINES_BYTES);
    buf_init(&call->head, ANSWER_HEAD_BYTES);
    buf_init(&call->body, SIZE_MAX / 2); /* bounded by each request's answer_bytes_max */
    call->easy = curl_easy_init();
    if (call->easy != NULL && set_lasting_options(call))
        return call;
    curl_call_free(call);
    return NULL;
}

static struct http_call *call_take(struct http_client *c)
{
    if (list_is_empty(&c->idle))
        return call_new(c);
    struct http_call *call = LIST_ENTRY(c->idle.next, struct http_call, link);
    list_remove(&call->link);
    c->idle_len--;
    return call;
}

static void call_give_back(struct http_call *call)
{
    struct http_client *c = call->client;

    list_remove(&call->link);
    buf_reset(&call->head);
    buf_reset(&call->header_lines);
    if (call->body.capacity > 65536)
        buf_clear(&call->body);
    else
        buf_reset(&call->body);
    if (c->idle_len == c->conf.connections_max) {
        curl_call_free(call);
        return;
    }
    list_append(&c->idle, &call->link);
    c->idle_len++;
}

/* Parsed once a handle and stream, and not again for every call. */
static bool set_url(struct http_call *call, const char *url)
{
    if (call->url != NULL && strcmp(call->url, url) == 0)
        return true;
    free(call->url);
    call->url = strdup(url);
    if (call->parsed_url == NULL)
        call->parsed_url = curl_url();
    return call->url != NULL && call->parsed_url != NULL &&
           curl_url_set(call->parsed_url, CURLUPART_URL, url, 0) == CURLUE_OK &&
           curl_easy_setopt(call->easy, CURLOPT_CURLU, call->parsed_url) == CURLE_OK;
}

static bool has_content_type(const struct http_request *r)
{
    struct span value, name = SPAN("Content-Type");

    for (size_t i = 0; i != r->headers_len; i++)
        if (span_equal_nocase(span_cut(span_str(r->headers[i].line), ':', &value), name))
            return true;
    return false;
}

/* Lines are copied into one buffer and linked by nodes of our own: curl copies neither. */
static bool set_headers(struct http_call *call, const struct http_request *r)
{
    static const char *const suppressed[] = {"Expect:", "Accept:", "Content-Type:"}; /* curl's own */
    size_t count = 0, bytes = 0, suppressed_len = has_content_type(r) ? 2 : 3;

    assert(r->headers_len + suppressed_len <= HEADERS_MAX);
    for (size_t i = 0; i != r->headers_len; i++)
        bytes += strlen(r->headers[i].line) + 1;
    if (!buf_reserve(&call->header_lines, bytes))
        return false;
    for (size_t i = 0; i != r->headers_len; i++) {
        call->header_nodes[count++].data = call->header_lines.ptr + call->header_lines.len;
        buf_append(&call->header_lines, span_of(r->headers[i].line, strlen(r->headers[i].line) + 1));
    }
    for (size_t i = 0; i != suppressed_len; i++)
        call->header_nodes[count++].data = (char *)(uintptr_t)suppressed[i];
    for (size_t i = 0; i != count; i++)
        call->header_nodes[i].next = i + 1 == count ? NULL : &call->header_nodes[i + 1];
    return curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER, call->header_nodes) == CURLE_OK;
}

struct http_call *http_call_start(struct http_client *c, const struct http_request *r, http_call_cb *cb, void *ctx)
{
    struct http_call *call = call_take(c);

    if (call == NULL)
        return NULL;
    if (!set_url(call, r->url) || !set_headers(call, r)) {
        curl_call_free(call);
        return NULL;
    }
    curl_easy_setopt(call->easy, CURLOPT_POSTFIELDS, r->body.ptr);
    curl_easy_setopt(call->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.len);
    curl_easy_setopt(call->easy, CURLOPT_TIMEOUT_MS, (long)r->timeout_ms);
    call->cb = cb;
    call->ctx = ctx;
    call->sends = 0;
    call->is_reused = call->has_head = false;
    call->body_bytes = r->body.len;
    call->answer_bytes_max = r->answer_bytes_max;
    call->started_us = loop_now_us(c->loop);
    list_append(&c->starting, &call->link);
    loop_mark(c->loop, &c->calls);
    return call;
}

bool http_call_may_be_sent(const struct http_call *call)
{
    return call->sends != 0;
}

void http_call_cancel(struct http_call **call)
{
    struct http_call *gone = *call;

    if (gone == NULL)
        return;
    *call = NULL;
    if (gone->is_in_multi)
        curl_multi_remove_handle(gone->client->multi, gone->easy);
    gone->is_in_multi = false;
    call_give_back(gone);
}

/*
 * A request that curl never began to write, or did not write to its end, cannot have been acted on: its signature
 * covers the whole body. After a second attempt began, the first one's bytes are no longer known: curl counts from 0
 * again when it looks for another connection, which may fail before anything is sent on it.
 */
static bool was_sent_whole(const struct http_call *call)
{
    curl_off_t uploaded = 0;

    if (call->sends == 0)
        return false;
    if (call->sends > 1)
        return true;
    curl_easy_getinfo(call->easy, CURLINFO_SIZE_UPLOAD_T, &uploaded);
    return (uint64_t)uploaded >= call->body_bytes || (uploaded == 0 && call->is_reused);
}

void curl_call_finish(struct http_call *call, CURLcode code)
{
    struct http_client *c = call->client;
    struct http_answer a = {.took_us = loop_now_us(c->loop) - call->started_us};

    if (code == CURLE_OK && call->has_head) { /* curl is content with a head that was cut */
        long status = 0;
        curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
        a.result = HTTP_ANSWERED;
        a.status = (int)status;
        a.headers = buf_span(&call->head);
        a.body = buf_span(&call->body);
    } else {
        a.result = was_sent_whole(call) ? HTTP_UNANSWERED : HTTP_NOT_SENT;
        a.reason =
            call->sends > 1 || code == CURLE_OK ? "the connection was lost before an answer" : curl_easy_strerror(code);
    }
    call->cb(call->ctx, &a);
    call_give_back(call);
}
