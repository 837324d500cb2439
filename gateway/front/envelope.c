/*
 * A record's envelope as JSON. Knows nothing of tickets or streams.
 */
#include "gateway/front/envelope.h"

#include "gateway/base/json_write.h"
#include "gateway/base/log.h"
#include "gateway/front/query.h"

#include <assert.h>
#include <stdlib.h>

#define HEAD_TEXTS_BYTES_MAX (8u << 20) /* the largest head, all of it escaped */

struct envelope {
    bool is_batch;
    struct buf id;     /* `{"id":"…`, without its closing quote */
    struct buf shared; /* from there to the body's name */
    struct buf data;
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

/* `base64` is the body in base64, if the caller has it so. */
static struct failure write_whole(struct envelope *e, struct span body, struct span base64, uint64_t key_bytes,
                                  uint64_t bytes_max)
{
    struct buf *out = &e->data;
    size_t text_bytes = json_string_bytes(body);
    size_t name_bytes = text_bytes != 0 ? sizeof(",\"body\":") - 1 : sizeof(",\"body_base64\":") - 1;
    size_t body_bytes = text_bytes != 0 ? text_bytes : 2 + base64_encoded_size(body.len);
    uint64_t bytes = out->len + name_bytes + body_bytes + 1;

    if (out->failed)
        return out_of_memory;
    if (bytes + key_bytes > bytes_max)
        return (struct failure){.row = FAILURE_RECORD_TOO_LARGE,
                                .detail =
                                    "Data in its envelope and PartitionKey together are larger than the stream takes",
                                .bytes = bytes + key_bytes,
                                .bytes_max = bytes_max};
    if (!buf_reserve(out, bytes - out->len))
        return out_of_memory;
    if (text_bytes != 0) {
        json_write_member(out, "body", body);
    } else if (base64.len != 0) {
        json_write_plain(out, "body_base64", base64);
    } else {
        buf_append(out, SPAN(",\"body_base64\":\""));
        buf_append_base64(out, body);
        buf_append_char(out, '"');
    }
    buf_append_char(out, '}');
    assert(out->len == bytes);
    return FAILURE_OK;
}

struct failure envelope_wrap(struct envelope *e, size_t index, uint64_t record_bytes_max, struct record *r)
{
    struct buf decoded;
    struct span body = r->data, base64 = SPAN("");
    size_t bytes = 0;

    buf_init(&decoded, r->data.len + 1);
    if (r->data_is_base64) {
        base64 = r->data;
        if (!buf_reserve(&decoded, r->data.len + 1))
            return out_of_memory;
        bool is_base64 = base64_decode(r->data, decoded.ptr, &bytes);
        assert(is_base64); /* checked when it was read */
        (void)is_base64;
        body = span_of(decoded.ptr, bytes);
    }
    write_before_body(e, index);
    struct failure f = write_whole(e, body, base64, r->partition_key.len, record_bytes_max);
    buf_clear(&decoded);
    if (f.row != FAILURE_NONE)
        return f;
    r->data = buf_span(&e->data);
    r->data_bytes = r->data.len;
    r->data_is_base64 = false;
    return FAILURE_OK;
}
