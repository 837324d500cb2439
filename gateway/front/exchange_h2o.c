/*
 * From H2O's request to an exchange and back. The request pool holds only a link; its disposal is how we learn that the
 * client's side is gone.
 */
#include "gateway/front/forwarded.h"
#include "gateway/front/guard.h"
#include "gateway/front/server_h2o.h"

#include <stdlib.h>

#define IDLE_EXCHANGES_MAX 256

struct exchange_link;

struct exchange_h2o {
    struct list idle;
    struct server *server;
    h2o_req_t *req;
    struct exchange_link *link;
    struct exchange exchange;
};

struct exchange_link { /* in the request's pool */
    struct exchange_h2o *x;
};

/* Exchanges are large for their table of fields: they are kept and used again. */
static struct exchange_h2o *exchange_take(struct server *s)
{
    struct exchange_h2o *x;

    if (list_is_empty(&s->idle_exchanges)) {
        x = malloc(sizeof(*x));
        if (x == NULL)
            return NULL;
        list_init(&x->idle);
    } else {
        x = LIST_ENTRY(s->idle_exchanges.next, struct exchange_h2o, idle);
        list_remove(&x->idle);
        s->idle_exchanges_len--;
    }
    x->server = s;
    x->exchange.on_gone = NULL;
    return x;
}

static void exchange_give_back(struct exchange_h2o *x)
{
    struct server *s = x->server;

    s->body_bytes_in_flight -= x->exchange.body.len;
    if (s->idle_exchanges_len == IDLE_EXCHANGES_MAX) {
        free(x);
        return;
    }
    list_prepend(&s->idle_exchanges, &x->idle);
    s->idle_exchanges_len++;
}

void exchange_free_idle(struct server *s)
{
    while (!list_is_empty(&s->idle_exchanges)) {
        struct exchange_h2o *x = LIST_ENTRY(s->idle_exchanges.next, struct exchange_h2o, idle);
        list_remove(&x->idle);
        free(x);
    }
    s->idle_exchanges_len = 0;
}

static void on_link_disposed(void *pool_object)
{
    struct exchange_link *link = pool_object;
    struct exchange_h2o *x = link->x;

    if (x == NULL)
        return; /* answered */
    link->x = NULL;
    if (x->exchange.on_gone != NULL)
        x->exchange.on_gone(x->exchange.gone_ctx);
    exchange_give_back(x);
}

static const char *reason_of(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {
        {200, "OK"},
        {204, "No Content"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {409, "Conflict"},
        {411, "Length Required"},
        {413, "Content Too Large"},
        {415, "Unsupported Media Type"},
        {417, "Expectation Failed"},
        {422, "Unprocessable Content"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
    };

    for (size_t i = 0; i != sizeof(reasons) / sizeof(reasons[0]); i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "Unknown";
}

/* H2O writes the head out in h2o_send (HTTP/1, the only version here): the values need not live longer than that. */
static void add_fields(h2o_req_t *req, const struct reply *r)
{
    h2o_headers_t *headers = &req->res.headers;
    h2o_iovec_t *names = h2o_mem_alloc_pool(&req->pool, r->fields_len * sizeof(*names));

    h2o_vector_reserve(&req->pool, headers, headers->size + r->fields_len);
    for (size_t i = 0; i != r->fields_len; i++) {
        const struct reply_field *f = &r->fields[i];
        names[i] = h2o_iovec_init(f->name.ptr, f->name.len);
        headers->entries[headers->size++] =
            (h2o_header_t){.name = &names[i], .value = h2o_iovec_init(f->value.ptr, f->value.len)};
    }
}

static void send_reply(h2o_req_t *req, const struct reply *r, bool must_close)
{
    static h2o_generator_t generator = {NULL, NULL};
    h2o_iovec_t body = h2o_strdup(&req->pool, r->body.ptr != NULL ? r->body.ptr : "", r->body.len);

    req->res.status = r->status;
    req->res.reason = reason_of(r->status);
    req->res.content_length = r->status == 204 ? SIZE_MAX : body.len; /* RFC 9110 section 8.6: none on a 204 */
    add_fields(req, r);
    if (r->close || must_close)
        req->http1_is_persistent = 0;
    h2o_start_response(req, &generator);
    h2o_send(req, &body, body.len != 0, H2O_SEND_STATE_FINAL);
}

void exchange_reply(struct exchange *e, const struct reply *r)
{
    struct exchange_h2o *x = LIST_ENTRY(e, struct exchange_h2o, exchange);
    h2o_req_t *req = x->req;
    bool must_close = e->must_close || x->server->is_closing_after_answers;

    x->link->x = NULL;
    connection_on_reply(connection_of(req));
    exchange_give_back(x);
    send_reply(req, r, must_close);
}

/* A refusal of the server's own: counted, logged and worded by whoever owns the server. */
static void word_refusal(struct connection *c, const struct failure *f, const struct head *head, struct refusal *out)
{
    struct server *s = c->server;

    out->id_len = 0;
    buf_init(&out->body, REFUSAL_BODY_BYTES);
    if (s->on_refused == NULL)
        return;
    s->on_refused(s->ctx, f, head,
                  head == NULL ? c->peer : forwarded_client(head, c->peer, &c->listener->trusted_proxies), out);
}

static int refuse(h2o_req_t *req, struct failure f, const struct head *head)
{
    struct connection *c = connection_of(req);
    struct reply r = {.status = failure_status(f.row)};
    struct refusal refusal;

    word_refusal(c, &f, head, &refusal);
    r.body = buf_span(&refusal.body);
    reply_add(&r, "content-type", SPAN("application/problem+json"));
    if (r.status == 503)
        reply_add(&r, "retry-after", SPAN("1"));
    if (refusal.id_len != 0)
        reply_add(&r, "x-request-id", span_of(refusal.id, refusal.id_len));
    linger_prepare(c);
    connection_on_reply(c);
    send_reply(req, &r, true);
    buf_clear(&refusal.body);
    return 0;
}

static struct failure failure_of_guard(enum guard_verdict v)
{
    if (v == GUARD_TOO_LARGE)
        return (struct failure){.row = FAILURE_HEAD_TOO_LARGE};
    return (struct failure){.row = FAILURE_MALFORMED, .detail = "the head is malformed or ambiguous"};
}

static int on_request(h2o_handler_t *handler, h2o_req_t *req)
{
    struct connection *c = connection_of(req);
    struct server *s = c->server;
    struct exchange_h2o *x = exchange_take(s);

    (void)handler;
    stages_enter(loop_stages(s->loop), STAGE_ADMIT);
    connection_on_request(c);
    if (x == NULL)
        return refuse(req, (struct failure){.row = FAILURE_OVERLOADED}, NULL);
    struct exchange *e = &x->exchange;
    e->body = span_of(req->entity.base, req->entity.len);
    s->body_bytes_in_flight += e->body.len;
    enum guard_verdict v =
        guard_read(span_of(c->socket->input->bytes, c->socket->input->size), s->conf.head_bytes_max, &e->head);
    if (v != GUARD_OK || e->body.len > c->body_bytes_max) {
        struct failure f = {.row = FAILURE_BODY_TOO_LARGE, .bytes = e->body.len, .bytes_max = c->body_bytes_max};
        refuse(req, v != GUARD_OK ? failure_of_guard(v) : f, v != GUARD_OK ? NULL : &e->head);
        exchange_give_back(x);
        return 0;
    }
    x->req = req;
    x->link = h2o_mem_alloc_shared(&req->pool, sizeof(*x->link), on_link_disposed);
    x->link->x = x;
    e->peer = c->peer;
    e->trusted_proxies = &c->listener->trusted_proxies;
    e->body_bytes_max = c->body_bytes_max;
    e->must_close = e->head.is_chunked; /* what comes after a chunked body is not parsed as another request */
    struct exchange_link *link = x->link;
    s->on_request(s->ctx, e);
    if (link->x != NULL)
        connection_await(c);
    stages_enter(loop_stages(s->loop), STAGE_SERVER);
    return 0;
}

/* What H2O refuses by itself (413, 400, 417 while it reads a body) passes here and gets our words. */
struct refusal_stream {
    h2o_ostream_t super;
    h2o_iovec_t body;
};

static void send_refusal(h2o_ostream_t *stream, h2o_req_t *req, h2o_iovec_t *bufs, size_t count, h2o_send_state_t state)
{
    struct refusal_stream *r = (struct refusal_stream *)stream;

    (void)bufs;
    (void)count;
    h2o_ostream_send_next(stream, req, &r->body, r->body.len != 0, state);
}

static struct failure failure_of_status(const struct connection *c, int status, const struct head *head)
{
    struct failure f = {.row = FAILURE_MALFORMED, .detail = "the body is not framed as its head says"};

    if (status == 417)
        f = (struct failure){.row = FAILURE_EXPECTATION};
    if (status != 413)
        return f;
    f = (struct failure){.row = FAILURE_BODY_TOO_LARGE, .bytes_max = c->body_bytes_max};
    if (head != NULL)
        (void)span_parse_u64(head_find(head, SPAN("content-length"), NULL), &f.bytes);
    return f;
}

static void add_pool_header(h2o_req_t *req, const char *name, struct span value)
{
    h2o_iovec_t copy = h2o_strdup(&req->pool, value.ptr, value.len);

    h2o_add_header_by_str(&req->pool, &req->res.headers, name, strlen(name), 0, NULL, copy.base, copy.len);
}

static void on_own_refusal(h2o_filter_t *filter, h2o_req_t *req, h2o_ostream_t **slot)
{
    struct connection *c = connection_of(req);
    struct span input = span_of(c->socket->input->bytes, c->socket->input->size);
    struct head table, *head = guard_read(input, c->server->conf.head_bytes_max, &table) == GUARD_OK ? &table : NULL;
    struct failure f = failure_of_status(c, req->res.status, head);
    struct refusal_stream *r = (struct refusal_stream *)h2o_add_ostream(req, sizeof(*r), slot);
    struct refusal refusal;

    (void)filter;
    word_refusal(c, &f, head, &refusal);
    struct span text = buf_span(&refusal.body);
    r->super.do_send = send_refusal;
    r->body = h2o_strdup(&req->pool, text.ptr != NULL ? text.ptr : "", text.len);
    memset(&req->res.headers, 0, sizeof(req->res.headers));
    add_pool_header(req, "content-type", SPAN("application/problem+json"));
    if (refusal.id_len != 0)
        add_pool_header(req, "x-request-id", span_of(refusal.id, refusal.id_len));
    req->res.reason = reason_of(req->res.status);
    req->res.content_length = r->body.len;
    buf_clear(&refusal.body);
    connection_on_request(c);
    connection_on_reply(c);
    linger_prepare(c);
    h2o_setup_next_ostream(req, &r->super.next);
}

void exchange_setup(struct server *s)
{
    h2o_hostconf_t *host = h2o_config_register_host(&s->config, h2o_iovec_init(H2O_STRLIT("default")), 65535);
    h2o_pathconf_t *path = h2o_config_register_path(host, "/", 0);
    h2o_handler_t *handler = h2o_create_handler(path, sizeof(*handler));
    h2o_filter_t *filter = h2o_create_filter(&host->fallback_path, sizeof(*filter));

    handler->on_req = on_request;
    filter->on_setup_ostream = on_own_refusal;
}
