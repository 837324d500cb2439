/*
 * A call: encode, sign, send, decode. It knows nothing of queues or retries: an answer, whatever it is, goes to
 * put_settle(), once for each waiter that is still there.
 */
#include "gateway/kinesis/put_call.h"

#include "auth/sigv4.h"
#include "gateway/kinesis/put_encode.h"

#include <stdlib.h>

#define CONTENT_TYPE      "application/x-amz-json-1.1"
#define TARGET_PUT_RECORD "Kinesis_20131202.PutRecord"
#define IDLE_CALLS_MAX    256
#define IDLE_BODY_BYTES   65536
#define ANSWER_BYTES_MAX  65536
#define LINES_BYTES_MAX   20480 /* a session token of 16 KiB among them */

/* Data of the largest record, its key and the other members, as base64 and JSON. */
#define BODY_BYTES_MAX (RECORD_BYTES_MAX / 3 * 4 + 65536)

static struct put_call *call_take(struct lane *lane)
{
    struct sender *s = lane->sender;
    struct put_call *call;

    if (!list_is_empty(&s->idle_calls)) {
        call = LIST_ENTRY(s->idle_calls.next, struct put_call, link);
        list_remove(&call->link);
        s->idle_calls_len--;
    } else {
        call = calloc(1, sizeof(*call));
        if (call == NULL)
            return NULL;
        list_init(&call->link);
        buf_init(&call->body, BODY_BYTES_MAX);
    }
    call->lane = lane;
    return call;
}

static void call_give_back(struct put_call *call)
{
    struct sender *s = call->lane->sender;

    buf_reset(&call->body);
    if (call->body.capacity > IDLE_BODY_BYTES)
        buf_clear(&call->body);
    call->lane = NULL;
    call->http = NULL;
    call->waiters_len = 0;
    if (s->idle_calls_len == IDLE_CALLS_MAX) {
        buf_clear(&call->body);
        free(call);
        return;
    }
    list_prepend(&s->idle_calls, &call->link);
    s->idle_calls_len++;
}

void put_call_free_idle(struct sender *s)
{
    while (!list_is_empty(&s->idle_calls)) {
        struct put_call *call = LIST_ENTRY(s->idle_calls.next, struct put_call, link);
        list_remove(&call->link);
        buf_clear(&call->body);
        free(call);
    }
    s->idle_calls_len = 0;
}

/* The header lines that differ from call to call, one after the other, each with its NUL. */
struct signed_lines {
    struct buf text;
    size_t authorization, token; /* where they start, after the date's; token 0: none */
};

static bool write_lines(struct signed_lines *lines, const struct sigv4_post *post, const uint8_t *key)
{
    struct buf *text = &lines->text;

    buf_append(text, SPAN("X-Amz-Date: "));
    buf_append(text, span_of(post->date, SIGV4_DATE_BYTES));
    buf_append_char(text, '\0');
    lines->authorization = text->len;
    buf_append(text, SPAN("Authorization: "));
    if (!sigv4_sign_post(post, key, text))
        return false;
    buf_append_char(text, '\0');
    if (post->security_token.len != 0) {
        lines->token = text->len;
        buf_append(text, SPAN("X-Amz-Security-Token: "));
        buf_append(text, post->security_token);
        buf_append_char(text, '\0');
    }
    return !text->failed;
}

static bool sign(struct put_call *call, const struct aws_creds *creds, struct signed_lines *lines)
{
    struct lane *lane = call->lane;
    const struct stream_conf *conf = lane->conf;
    struct sigv4_post post = {
        .host = conf->host,
        .content_type = SPAN(CONTENT_TYPE),
        .target = SPAN(TARGET_PUT_RECORD),
        .security_token = aws_creds_session_token(creds),
        .access_key_id = aws_creds_access_key_id(creds),
        .region = conf->region,
        .service = SPAN("kinesis"),
        .body = buf_span(&call->body),
    };

    call->signed_s = loop_unix_ms(lane->sender->loop) / 1000 + lane->sender->clock_offset_s;
    sigv4_format_date(call->signed_s, post.date);
    const uint8_t *key = sigv4_key_cached(&lane->key_cache, aws_creds_serial(creds), aws_creds_secret_access_key(creds),
                                          span_of(post.date, SIGV4_DAY_BYTES), post.region, post.service);
    buf_reserve(&lines->text, 512 + post.security_token.len);
    return write_lines(lines, &post, key);
}

/* The call is over: its room in the windows is free, and who waits for it may depart. */
static void call_leave(struct put_call *call)
{
    struct lane *lane = call->lane;
    struct sender *s = lane->sender;

    lane->calls_in_flight--;
    s->calls--;
    s->metrics->gauges[GAUGE_CALLS_IN_FLIGHT]--;
    loop_mark(s->loop, &lane->depart);
    if (!list_is_empty(&s->blocked_lanes))
        loop_mark(s->loop, &LIST_ENTRY(s->blocked_lanes.next, struct lane, blocked)->depart);
    call_give_back(call);
    lane_release(&lane);
}

/* Settles every waiter that is still there. Taken and cleared first: settling may start others. */
static void call_end(struct put_call *call, struct put_end *end)
{
    end->creds_serial = call->creds_serial;
    for (size_t i = 0; i != call->waiters_len; i++) {
        struct put_waiter *w = call->waiters[i];
        w->call = NULL;
        put_settle(w, end);
    }
    call_leave(call);
}

bool put_call_cancel_unsent(struct put_call *call)
{
    if (call->waiters_len != 1 || http_call_may_be_sent(call->http))
        return false;
    call->waiters[0]->call = NULL;
    http_call_cancel(&call->http);
    call_leave(call);
    return true;
}

static void on_answer(void *ctx, const struct http_answer *a)
{
    struct put_call *call = ctx;
    struct sender *s = call->lane->sender;
    struct put_end end = {.kind = a->result == HTTP_NOT_SENT ? PUT_END_NOT_SENT : PUT_END_UNANSWERED};
    enum stage before = stages_enter(loop_stages(s->loop), STAGE_SETTLE);

    call->http = NULL;
    metrics_observe_us(s->metrics, HISTOGRAM_UPSTREAM, a->took_us);
    if (a->result == HTTP_ANSWERED) {
        struct upstream_answer u = {.status = a->status,
                                    .body = a->body,
                                    .error_type = http_answer_header(a, SPAN("x-amzn-ErrorType")),
                                    .signed_s = call->signed_s};
        if (a->status != 200)
            u.date_s = http_answer_date(a);
        end.kind = PUT_END_ANSWERED;
        put_decode_record(&u, &end.answer);
        end.upstream_id = http_answer_header(a, SPAN("x-amzn-RequestId"));
        end.clock_offset_s = u.date_s - loop_unix_ms(s->loop) / 1000;
    }
    call_end(call, &end);
    stages_enter(loop_stages(s->loop), before);
}

static bool send_signed(struct put_call *call, const struct aws_creds *creds)
{
    struct sender *s = call->lane->sender;
    struct signed_lines lines = {.token = 0};
    struct http_header headers[5] = {{"Content-Type: " CONTENT_TYPE}, {"X-Amz-Target: " TARGET_PUT_RECORD}};
    struct http_request request = {
        .url = call->lane->conf->url,
        .headers = headers,
        .headers_len = 4,
        .body = buf_span(&call->body),
        .timeout_ms = s->conf.call_timeout_ms,
        .answer_bytes_max = ANSWER_BYTES_MAX,
    };

    buf_init(&lines.text, LINES_BYTES_MAX);
    enum stage before = stages_enter(loop_stages(s->loop), STAGE_SIGN);
    bool is_signed = sign(call, creds, &lines);
    stages_enter(loop_stages(s->loop), STAGE_UPSTREAM);
    if (is_signed) {
        headers[2].line = lines.text.ptr;
        headers[3].line = lines.text.ptr + lines.authorization;
        if (lines.token != 0)
            headers[request.headers_len++].line = lines.text.ptr + lines.token;
        call->http = http_call_start(s->client, &request, on_answer, call);
    }
    stages_enter(loop_stages(s->loop), before);
    buf_wipe_clear(&lines.text);
    return call->http != NULL;
}

enum put_start put_call_start(struct lane *lane, struct put_waiter *w)
{
    struct sender *s = lane->sender;

    if (s->creds == NULL)
        return PUT_NO_CREDENTIALS;
    struct put_call *call = call_take(lane);
    if (call == NULL)
        return PUT_NO_MEMORY;
    enum stage before = stages_enter(loop_stages(s->loop), STAGE_ENCODE);
    put_encode_record(lane->conf, &w->record, &call->body);
    stages_enter(loop_stages(s->loop), before);
    call->creds_serial = aws_creds_serial(s->creds);
    if (call->body.failed || !send_signed(call, s->creds)) {
        call_give_back(call);
        return PUT_NO_MEMORY;
    }
    call->waiters[0] = w;
    call->waiters_len = 1;
    w->call = call;
    lane->calls_in_flight++;
    s->calls++;
    lane_acquire(lane);
    s->metrics->gauges[GAUGE_CALLS_IN_FLIGHT]++;
    metrics_count(s->metrics, COUNT_UPSTREAM_CALLS, 1);
    metrics_count(s->metrics, COUNT_UPSTREAM_BYTES, call->body.len);
    return PUT_STARTED;
}
