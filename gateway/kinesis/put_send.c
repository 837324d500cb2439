/* A call's head: what is signed, with which key, and what goes to the HTTP client. */
#include "auth/sigv4.h"
#include "gateway/kinesis/put_call.h"

#define CONTENT_TYPE       "application/x-amz-json-1.1"
#define TARGET_PUT_RECORD  "Kinesis_20131202.PutRecord"
#define TARGET_PUT_RECORDS "Kinesis_20131202.PutRecords"
#define ANSWER_BYTES_MAX   65536
#define ANSWER_ITEM_BYTES  640   /* of PutRecords' answer: two ids, or a code and a message */
#define LINES_BYTES_MAX    20480 /* a session token of 16 KiB among them */

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

static bool sign(struct put_call *call, const uint8_t *body_sha256, struct signed_lines *lines)
{
    struct lane *lane = call->lane;
    const struct stream_conf *conf = lane->conf;
    const struct aws_creds *creds = lane->sender->creds;
    struct sigv4_post post = {
        .host = conf->host,
        .content_type = SPAN(CONTENT_TYPE),
        .target = call->is_single ? SPAN(TARGET_PUT_RECORD) : SPAN(TARGET_PUT_RECORDS),
        .security_token = aws_creds_session_token(creds),
        .access_key_id = aws_creds_access_key_id(creds),
        .region = conf->region,
        .service = SPAN("kinesis"),
        .body = buf_span(&call->body),
        .body_sha256 = body_sha256,
    };

    call->creds_serial = aws_creds_serial(creds);
    call->signed_s = loop_unix_ms(lane->sender->loop) / 1000 + lane->sender->clock_offset_s;
    sigv4_format_date(call->signed_s, post.date);
    const uint8_t *key = sigv4_key_cached(&lane->key_cache, aws_creds_serial(creds), aws_creds_secret_access_key(creds),
                                          span_of(post.date, SIGV4_DAY_BYTES), post.region, post.service);
    buf_reserve(&lines->text, 512 + post.security_token.len);
    return write_lines(lines, &post, key);
}

bool put_send(struct put_call *call, const uint8_t *body_sha256)
{
    struct sender *s = call->lane->sender;
    struct signed_lines lines = {.token = 0};
    struct http_header headers[5] = {
        {"Content-Type: " CONTENT_TYPE},
        {call->is_single ? "X-Amz-Target: " TARGET_PUT_RECORD : "X-Amz-Target: " TARGET_PUT_RECORDS}};
    struct http_request request = {
        .url = call->lane->conf->url,
        .headers = headers,
        .headers_len = 4,
        .body = buf_span(&call->body),
        .timeout_ms = s->conf.call_timeout_ms,
        .answer_bytes_max = ANSWER_BYTES_MAX + call->records_len * ANSWER_ITEM_BYTES,
    };

    buf_init(&lines.text, LINES_BYTES_MAX);
    enum stage before = stages_enter(loop_stages(s->loop), STAGE_SIGN);
    bool is_signed = sign(call, body_sha256, &lines);
    stages_enter(loop_stages(s->loop), STAGE_UPSTREAM);
    if (is_signed) {
        headers[2].line = lines.text.ptr;
        headers[3].line = lines.text.ptr + lines.authorization;
        if (lines.token != 0)
            headers[request.headers_len++].line = lines.text.ptr + lines.token;
        call->http = http_call_start(s->client, &request, put_on_answer, call);
    }
    stages_enter(loop_stages(s->loop), before);
    buf_wipe_clear(&lines.text);
    return call->http != NULL;
}
