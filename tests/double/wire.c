/*
 * Puts answers on the wire. Good ones go through H2O; rude ones are written past it on the same socket (TLS included),
 * the TCP connection is ended, and then H2O is given an answer that cannot leave any more, upon which it cleans up.
 */
#include "tests/double/wire.h"
#include "tests/double/peers.h"

#include <string.h>
#include <time.h>

struct wire_raw {
    struct wire wire;
    struct peer *peer;
    struct timer timer;
    struct text bytes;
    size_t sent, step;
    uint64_t interval_ms;
};

static void date_at(char out[H2O_TIMESTR_RFC1123_LEN + 1], long skew_seconds)
{
    time_t now = time(NULL) + skew_seconds;
    struct tm utc;
    gmtime_r(&now, &utc);
    h2o_time2str_rfc1123(out, &utc);
}

/* H2O writes Date from a string it caches per second: a skewed clock writes into that string. */
static void set_date(h2o_context_t *context, long skew_seconds)
{
    static long written_skew;
    static time_t written_at;
    time_t now = h2o_get_timestamp(context, NULL, NULL)->tv_sec;
    if (now != written_at)
        written_skew = 0;
    if (written_skew != skew_seconds)
        date_at(context->_timestamp_cache.value->rfc1123, skew_seconds);
    written_skew = skew_seconds;
    written_at = now;
}

static void add_header(h2o_req_t *req, const char *name, const char *value, size_t length)
{
    h2o_add_header_by_str(&req->pool, &req->res.headers, name, strlen(name), 0, name, value, length);
}

void wire_send(const struct wire *wire, const struct answer *answer)
{
    static h2o_generator_t generator;
    h2o_req_t *req = wire->req;
    set_date(req->conn->ctx, wire->skew_seconds);
    req->res.status = answer->status;
    req->res.reason = answer->status == 200 ? "OK" : answer->status < 500 ? "Bad Request" : "Internal Server Error";
    req->res.content_length = answer->body.length;
    if (answer->content_type != NULL)
        add_header(req, "Content-Type", answer->content_type, strlen(answer->content_type));
    if (answer->error_type.length > 0)
        add_header(req, "x-amzn-ErrorType", answer->error_type.base, answer->error_type.length);
    add_header(req, "x-amzn-RequestId", wire->request_id, strlen(wire->request_id));
    add_header(req, "x-amz-id-2", wire->id_2, strlen(wire->id_2));
    h2o_iovec_t body = h2o_iovec_init(answer->body.base, answer->body.length);
    h2o_start_response(req, &generator);
    h2o_send(req, &body, body.len > 0, H2O_SEND_STATE_FINAL);
}

/* The connection is ended by now: H2O's write fails, or is never seen, and it closes. */
static void bury(h2o_req_t *req)
{
    static h2o_generator_t generator;
    req->http1_is_persistent = 0;
    req->res.status = 500;
    req->res.reason = "";
    req->res.content_length = 0;
    h2o_start_response(req, &generator);
    h2o_send(req, NULL, 0, H2O_SEND_STATE_FINAL);
}

static void on_dispose(void *data)
{
    struct wire_raw *raw = data;
    timer_cancel(&raw->timer);
    text_clear(&raw->bytes);
    raw->peer->raw = NULL;
}

static void write_next(void *data);

static void on_written(h2o_socket_t *socket, const char *error)
{
    struct wire_raw *raw = ((struct peer *)socket->on_close.data)->raw;
    if (error != NULL || raw->sent == raw->bytes.length) {
        peer_hang_up(raw->peer);
        bury(raw->wire.req);
        return;
    }
    if (raw->interval_ms > 0)
        timer_start(raw->wire.timers, &raw->timer, raw->interval_ms * 1000, write_next, raw);
    else
        write_next(raw);
}

static void write_next(void *data)
{
    struct wire_raw *raw = data;
    size_t left = raw->bytes.length - raw->sent;
    h2o_iovec_t piece = h2o_iovec_init(raw->bytes.base + raw->sent, raw->step < left ? raw->step : left);
    raw->sent += piece.len;
    h2o_socket_write(raw->peer->socket, &piece, 1, on_written);
}

static struct wire_raw *raw_new(const struct wire *wire, size_t step, uint64_t interval_ms)
{
    struct wire_raw *raw = h2o_mem_alloc_shared(&wire->req->pool, sizeof *raw, on_dispose);
    *raw = (struct wire_raw){.wire = *wire, .peer = peer_of(wire->req), .step = step, .interval_ms = interval_ms};
    raw->peer->raw = raw;
    return raw;
}

static void put_answer(struct text *out, const struct wire *wire, const struct answer *answer, size_t body_bytes)
{
    char date[H2O_TIMESTR_RFC1123_LEN + 1] = "";
    date_at(date, wire->skew_seconds);
    text_printf(out,
                "HTTP/1.1 %d %s\r\nDate: %s\r\nConnection: close\r\nContent-Length: %zu\r\n"
                "x-amzn-RequestId: %s\r\nx-amz-id-2: %s\r\n",
                answer->status, answer->status == 200 ? "OK" : "Error", date, answer->body.length, wire->request_id,
                wire->id_2);
    if (answer->content_type != NULL)
        text_printf(out, "Content-Type: %s\r\n", answer->content_type);
    if (answer->error_type.length > 0)
        text_printf(out, "x-amzn-ErrorType: %.*s\r\n", (int)answer->error_type.length, answer->error_type.base);
    text_puts(out, "\r\n");
    text_put(out, answer->body.base, body_bytes < answer->body.length ? body_bytes : answer->body.length);
}

void wire_drip(const struct wire *wire, const struct answer *answer, uint64_t interval_ms)
{
    struct wire_raw *raw = raw_new(wire, 1, interval_ms);
    put_answer(&raw->bytes, wire, answer, answer->body.length);
    write_next(raw);
}

void wire_cut(const struct wire *wire, const struct answer *answer, size_t body_bytes)
{
    struct wire_raw *raw = raw_new(wire, SIZE_MAX, 0);
    put_answer(&raw->bytes, wire, answer, body_bytes);
    write_next(raw);
}

void wire_garbage(const struct wire *wire)
{
    static const char garbage[] = "\x16\x03\x01\x02\x00SSH-2.0-nothing you know\r\n\x00\xff\xfe\x80\r\n\r\n{}";
    struct wire_raw *raw = raw_new(wire, SIZE_MAX, 0);
    text_put(&raw->bytes, garbage, sizeof garbage - 1);
    write_next(raw);
}

void wire_reset(const struct wire *wire)
{
    peer_reset(peer_of(wire->req));
    bury(wire->req);
}
