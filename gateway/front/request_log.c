/* One JSON line a request. Ids, sizes, times and codes: no header, no query, no payload byte. */
#include "gateway/base/json_write.h"
#include "gateway/front/batch.h"
#include "gateway/front/ticket_hook.h"
#include "gateway/front/ticket_recall.h"

static void append_time(struct front *f, struct buf *line)
{
    int64_t now_ms = loop_unix_ms(f->loop);
    char ms[5] = {'.', (char)('0' + now_ms % 1000 / 100), (char)('0' + now_ms % 100 / 10), (char)('0' + now_ms % 10),
                  'Z'};

    if (f->logged_s != now_ms / 1000) { /* formatted once a second */
        struct buf text;
        buf_init(&text, 64);
        log_append_time(&text, now_ms);
        if (text.len >= sizeof(f->logged_time) - 1) {
            memcpy(f->logged_time, text.ptr, sizeof(f->logged_time) - 1);
            f->logged_s = now_ms / 1000;
        }
        buf_clear(&text);
    }
    buf_append(line, span_of(f->logged_time, sizeof(f->logged_time) - 1));
    buf_append(line, span_of(ms, sizeof(ms)));
}

/* Milliseconds with three decimals. */
static inline void write_ms(struct buf *line, const char *name, uint64_t us)
{
    unsigned part = (unsigned)(us % 1000);
    char decimals[4] = {'.', (char)('0' + part / 100), (char)('0' + part / 10 % 10), (char)('0' + part % 10)};

    json_write_name(line, name);
    buf_append_u64(line, us / 1000);
    buf_append(line, span_of(decimals, sizeof(decimals)));
}

/* The W3C Trace Context of the caller, if it has that form: 00-<32 hex>-<16 hex>-<2 hex>. */
static struct span find_traceparent(const struct head *h)
{
    struct span text = head_find(h, SPAN("traceparent"), NULL);
    bool ok = text.len == 55;

    for (size_t i = 0; ok && i != text.len; i++) {
        char c = text.ptr[i];
        ok = i == 2 || i == 35 || i == 52 ? c == '-' : (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    }
    return ok ? text : SPAN("");
}

static void write_optional(struct buf *line, const char *name, struct span text)
{
    if (text.len != 0)
        json_write_member(line, name, text);
}

static void begin_line(struct front *f, struct span request_id, const struct address *peer)
{
    struct buf *line = &f->log_line;
    char text[ADDRESS_TEXT_BYTES_MAX];

    buf_reset(line);
    buf_append(line, SPAN("{\"time\":\""));
    append_time(f, line);
    buf_append_char(line, '"');
    json_write_plain(line, "request_id", request_id);
    if (peer != NULL)
        json_write_plain(line, "peer", span_of(text, address_format(*peer, text)));
}

static void end_line(struct front *f)
{
    buf_append_char(&f->log_line, '}');
    if (!f->log_line.failed)
        log_ring_write(f->log, buf_span(&f->log_line));
    loop_mark(f->loop, &f->log_flush);
}

static void write_failure(struct buf *line, const struct failure *f)
{
    json_write_plain(line, "code", span_str(failure_code(f)));
    if (f->row != FAILURE_NONE)
        json_write_plain(line, "outcome", f->outcome == OUTCOME_UNKNOWN ? SPAN("unknown") : SPAN("not_written"));
}

static void write_route(struct buf *line, const struct ticket *t)
{
    struct span path = t->route->path.text, browser = SPAN("{browser}");

    if (!route_is_browsers(t->route)) {
        json_write_plain(line, "route", path);
        return;
    }
    json_write_name(line, "route");
    buf_append_char(line, '"');
    buf_append(line, t->front->browser_path);
    buf_append(line, span_of(path.ptr + browser.len, path.len - browser.len));
    buf_append_char(line, '"');
}

static void write_who_and_where(struct buf *line, const struct ticket *t)
{
    write_optional(line, "traceparent", find_traceparent(&t->exchange->head));
    write_route(line, t);
    if (t->principal.tenant.len != 0)
        json_write_plain(line, "tenant", t->principal.tenant);
    if (t->principal.key != NULL)
        json_write_plain(line, "key", t->principal.key->id);
    if (t->hook != NULL)
        json_write_plain(line, "hook", t->hook->row->name);
    if (t->stream != NULL)
        json_write_plain(line, "stream", t->stream->put.name);
}

static void write_times(struct buf *line, const struct ticket *t)
{
    const struct put_waiter *w = &t->put;
    uint64_t now_us = loop_now_us(t->front->loop);

    write_ms(line, "ms", now_us - t->started_us);
    if (w->attempts == 0)
        return;
    write_ms(line, "queue_ms", w->departed_us - w->added_us);
    write_ms(line, "upstream_ms", now_us - w->departed_us);
    json_write_member_u64(line, "attempts", w->attempts);
}

static void write_batch(struct buf *line, const struct batch *b)
{
    if (b == NULL)
        return;
    json_write_member_u64(line, "records", b->records);
    if (b->is_admitted)
        json_write_member_u64(line, "failed", b->failed);
}

void ticket_log(struct ticket *t, int status)
{
    struct front *f = t->front;
    struct buf *line = &f->log_line;
    struct address client = t->client;
    bool has_client = t->stream == NULL || stream_client_address(t->stream, t->client, &client);

    if (!f->conf.log_requests || (t->route->kind == ROUTE_HEALTH && t->failure.row == FAILURE_NONE))
        return;
    begin_line(f, span_of(t->request_id, t->request_id_len), has_client ? &client : NULL);
    write_who_and_where(line, t);
    json_write_member_u64(line, "status", (uint64_t)status);
    write_failure(line, &t->failure);
    if (t->hook != NULL && t->hook->why != NULL)
        json_write_plain(line, "why", span_str(t->hook->why));
    if (t->is_dry_run)
        json_write_member_bool(line, "dry_run", true);
    if (t->is_dropped)
        json_write_member_bool(line, "dropped", true);
    if (ticket_is_replayed(t))
        json_write_member_bool(line, "replayed", true);
    json_write_member_u64(line, "bytes", t->body_bytes);
    write_batch(line, t->batch);
    write_times(line, t);
    write_optional(line, "upstream_request_id", span_of(t->put.upstream_id, t->put.upstream_id_len));
    end_line(f);
}

void refusal_log(struct front *f, const struct failure *failure, struct span request_id, struct address peer)
{
    if (!f->conf.log_requests)
        return;
    begin_line(f, request_id, &peer);
    json_write_member_u64(&f->log_line, "status", (uint64_t)failure_status(failure->row));
    write_failure(&f->log_line, failure);
    end_line(f);
}
