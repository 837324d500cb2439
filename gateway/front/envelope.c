/*
 * A record's envelope as JSON. Knows nothing of tickets or streams.
 */
#include "gateway/front/envelope.h"

#include "gateway/base/json_write.h"
#include "gateway/base/log.h"
#include "gateway/front/query.h"

#include <assert.h>
#include <stdlib.h>

#define COPIED_FOR_READ      16         /* bytes that are copied in the time in which one is read */
#define HEAD_TEXTS_BYTES_MAX (8u << 20) /* the largest head, all of it escaped */

/* A record is wrapped in phases, each of them in slices. */
enum phase { PHASE_BEGIN, PHASE_DECODE, PHASE_MEASURE, PHASE_WRITE, PHASE_DONE };

struct envelope {
    bool is_batch;
    struct buf id;     /* `{"id":"…`, without its closing quote */
    struct buf shared; /* from there to the body's name */
    struct buf data;
    enum phase phase;
    size_t at, cost; /* in what the phase reads; what was read in all, of a slice */
    struct buf decoded;
    bool is_text;
    uint64_t text_bytes; /* of the body as a JSON string, without its quotes */
};

/* What the records share */

static void write_latin1(struct buf *out, struct span text)
{
    struct buf utf8;

    buf_init(&utf8, 2 * text.len);
    for (size_t i = 0; i != text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c >= 0x80)
            buf_append_char(&utf8, (char)(0xC0 | c >> 6));
        buf_append_char(&utf8, (char)(c >= 0x80 ? 0x80 | (c & 0x3F) : c));
    }
    json_write_string(out, buf_span(&utf8));
    out->failed |= utf8.failed;
    buf_clear(&utf8);
}

static void write_text(struct buf *out, struct span text)
{
    if (span_is_utf8(text))
        json_write_string(out, text);
    else
        write_latin1(out, text);
}

static void write_member(struct buf *out, const char *name, struct span text)
{
    json_write_name(out, name);
    write_text(out, text);
}

static bool is_credential(struct span raw_name, struct buf *scratch)
{
    buf_reset(scratch);
    if (!query_decode(raw_name, scratch))
        return true; /* what it is cannot be told */
    struct span name = buf_span(scratch);
    return span_equal(name, SPAN("key")) || span_equal(name, SPAN("access_token"));
}

/* The query as it came, but for credentials. */
static void write_query(struct buf *out, struct span query)
{
    struct buf kept, name;

    buf_init(&kept, query.len);
    buf_init(&name, query.len);
    out->failed |= query.len != 0 && !buf_reserve(&name, query.len);
    while (query.len != 0) {
        struct span value, pair = span_cut(query, '&', &query);
        if (pair.len == 0 || is_credential(span_cut(pair, '=', &value), &name))
            continue;
        if (kept.len != 0)
            buf_append_char(&kept, '&');
        buf_append(&kept, pair);
    }
    write_member(out, "query", buf_span(&kept));
    out->failed |= kept.failed;
    buf_clear(&kept);
    buf_clear(&name);
}

/* A field that comes several times is one value, as RFC 9110 section 5.2 combines them. */
static void write_header(struct buf *out, const struct head *h, struct span name)
{
    struct buf value;
    size_t found = 0;

    buf_init(&value, HEAD_TEXTS_BYTES_MAX);
    for (size_t i = 0; i != h->fields_len; i++) {
        if (!span_equal_nocase(h->fields[i].name, name))
            continue;
        if (found++ != 0)
            buf_append(&value, SPAN(", "));
        buf_append(&value, h->fields[i].value);
    }
    if (found != 0) {
        json_write_name_span(out, name);
        write_text(out, buf_span(&value));
    }
    out->failed |= value.failed;
    buf_clear(&value);
}

static void write_headers(struct buf *out, const struct head *h, struct span names)
{
    json_write_name(out, "headers");
    buf_append_char(out, '{');
    while (names.len != 0)
        write_header(out, h, span_cut(names, ',', &names));
    buf_append_char(out, '}');
}

static void write_shared(struct buf *out, const struct envelope_inputs *in)
{
    char address[ADDRESS_TEXT_BYTES_MAX];

    buf_append(out, SPAN(",\"received_at\":\""));
    log_append_time(out, in->received_unix_ms);
    buf_append_char(out, '"');
    write_member(out, "request_id", in->request_id);
    if (in->has_client)
        json_write_plain(out, "remote_ip", span_of(address, address_format(in->client, address)));
    else
        buf_append(out, SPAN(",\"remote_ip\":null"));
    write_member(out, "method", in->head->method);
    write_member(out, "path", in->path);
    write_query(out, in->query);
    if (in->content_type.len != 0)
        write_member(out, "content_type", in->content_type);
    else
        buf_append(out, SPAN(",\"content_type\":null"));
    write_headers(out, in->head, in->headers);
}

struct envelope *envelope_new(const struct envelope_inputs *in)
{
    struct envelope *e = calloc(1, sizeof(*e));

    if (e == NULL)
        return NULL;
    e->is_batch = in->is_batch;
    buf_init(&e->id, HEAD_TEXTS_BYTES_MAX);
    buf_init(&e->shared, HEAD_TEXTS_BYTES_MAX);
    buf_init(&e->data, SIZE_MAX / 2); /* the stream's largest record bounds it */
    buf_init(&e->decoded, 0);
    write_member(&e->id, "id", in->id);
    write_shared(&e->shared, in);
    if (e->id.failed || e->shared.failed)
        envelope_free(&e);
    else
        e->id.len--;
    return e;
}

void envelope_free(struct envelope **e)
{
    struct envelope *gone = *e;

    if (gone == NULL)
        return;
    *e = NULL;
    buf_clear(&gone->id);
    buf_clear(&gone->shared);
    buf_clear(&gone->data);
    buf_clear(&gone->decoded);
    free(gone);
}

struct span envelope_data(const struct envelope *e)
{
    return e == NULL ? SPAN("") : buf_span(&e->data);
}

/* A record */

static const struct failure out_of_memory = {.row = FAILURE_OVERLOADED, .detail = "out of memory"};

static void write_before_body(struct envelope *e, size_t index)
{
    struct buf *out = &e->data;

    buf_reset(out);
    buf_append(out, buf_span(&e->id));
    if (e->is_batch) {
        buf_append_char(out, '.');
        buf_append_u64(out, index);
    }
    buf_append_char(out, '"');
    buf_append(out, buf_span(&e->shared));
}

/* Begins a phase, or the next record. */
static void enter(struct envelope *e, enum phase phase)
{
    e->phase = phase;
    e->at = 0;
}

static struct span body_of(const struct envelope *e, const struct record *r)
{
    return r->data_is_base64 ? buf_span(&e->decoded) : r->data;
}

/* About bytes_max of what is left of `text`, and a multiple of `unit` unless it is the last. */
static struct span take(struct envelope *e, struct span text, size_t unit, size_t bytes_max)
{
    size_t left = text.len - e->at, bytes = bytes_max < unit ? unit : bytes_max - bytes_max % unit;
    struct span piece = span_of(left == 0 ? "" : text.ptr + e->at, left < bytes ? left : bytes);

    e->at += piece.len;
    e->cost += piece.len;
    return piece;
}

/* The same of text that may be UTF-8: no character of it is cut. */
static struct span take_text(struct envelope *e, struct span text, size_t bytes_max)
{
    struct span piece = take(e, text, 4, bytes_max);

    for (int i = 0; i != 3 && e->at != text.len && piece.len > 1 && (text.ptr[e->at] & 0xC0) == 0x80; i++) {
        piece.len--;
        e->at--; /* and is read again */
    }
    return piece;
}

static struct failure begin(struct envelope *e, size_t index, const struct record *r)
{
    write_before_body(e, index);
    e->is_text = true;
    e->text_bytes = 0;
    e->cost += (e->id.len + e->shared.len) / COPIED_FOR_READ;
    buf_init(&e->decoded, r->data.len + 1);
    enter(e, r->data_is_base64 ? PHASE_DECODE : PHASE_MEASURE);
    return e->data.failed || (r->data_is_base64 && !buf_reserve(&e->decoded, r->data.len + 1)) ? out_of_memory
                                                                                               : FAILURE_OK;
}

static void decode(struct envelope *e, const struct record *r, size_t bytes_max)
{
    size_t bytes = 0;
    struct span piece = take(e, r->data, 4, bytes_max);
    bool is_base64 = base64_decode(piece, e->decoded.ptr + e->decoded.len, &bytes);

    assert(is_base64), (void)is_base64; /* checked when it was read */
    e->decoded.len += bytes;
    if (e->at == r->data.len)
        enter(e, PHASE_MEASURE);
}

static struct failure begin_body(struct envelope *e, struct span body, uint64_t key_bytes, uint64_t bytes_max)
{
    struct buf *out = &e->data;
    struct span name = e->is_text ? SPAN(",\"body\":\"") : SPAN(",\"body_base64\":\"");
    uint64_t body_bytes = e->is_text ? e->text_bytes : base64_encoded_size(body.len);
    uint64_t bytes = out->len + name.len + body_bytes + 2;

    if (bytes + key_bytes > bytes_max)
        return (struct failure){.row = FAILURE_RECORD_TOO_LARGE,
                                .detail =
                                    "Data in its envelope and PartitionKey together are larger than the stream takes",
                                .bytes = bytes + key_bytes,
                                .bytes_max = bytes_max};
    if (!buf_reserve(out, bytes - out->len))
        return out_of_memory;
    buf_append(out, name);
    enter(e, PHASE_WRITE);
    return FAILURE_OK;
}

static struct failure measure(struct envelope *e, const struct record *r, uint64_t record_bytes_max, size_t bytes_max)
{
    struct span body = body_of(e, r);
    size_t bytes = json_string_bytes(take_text(e, body, bytes_max));

    e->is_text = bytes != 0;
    e->text_bytes += bytes - 2;
    if (e->is_text && e->at != body.len)
        return FAILURE_OK;
    return begin_body(e, body, r->partition_key.len, record_bytes_max);
}

static void write_body(struct envelope *e, struct record *r, size_t bytes_max)
{
    struct buf *out = &e->data;
    struct span body = e->is_text ? body_of(e, r) : r->data;

    if (e->is_text)
        json_write_text(out, take_text(e, body, bytes_max));
    else if (r->data_is_base64)
        buf_append(out, take(e, body, 4, bytes_max));
    else
        buf_append_base64(out, take(e, body, 3, bytes_max));
    if (e->at != body.len)
        return;
    buf_append(out, SPAN("\"}"));
    assert(!out->failed); /* it was measured */
    r->data = buf_span(out);
    r->data_bytes = r->data.len;
    r->data_is_base64 = false;
    enter(e, PHASE_DONE);
}

/* Something of the phase that it is in. */
static struct failure go_on(struct envelope *e, size_t index, uint64_t record_bytes_max, size_t bytes_max,
                            struct record *r)
{
    switch (e->phase) {
    case PHASE_BEGIN:
        return begin(e, index, r);
    case PHASE_DECODE:
        decode(e, r, bytes_max);
        break;
    case PHASE_MEASURE:
        return measure(e, r, record_bytes_max, bytes_max);
    default:
        write_body(e, r, bytes_max);
        break;
    }
    return FAILURE_OK;
}

bool envelope_wrap(struct envelope *e, size_t index, uint64_t record_bytes_max, size_t *budget, struct record *r,
                   struct failure *f)
{
    *f = FAILURE_OK;
    while (*budget != 0 && f->row == FAILURE_NONE && e->phase != PHASE_DONE) {
        e->cost = 0;
        *f = go_on(e, index, record_bytes_max, *budget, r);
        *budget -= e->cost < *budget ? e->cost : *budget;
    }
    if (f->row == FAILURE_NONE && e->phase != PHASE_DONE)
        return false;
    buf_clear(&e->decoded);
    enter(e, PHASE_BEGIN);
    return true;
}
