/*
 * What the guard lets pass, the server's own parser reads the same way: method, target, every name and value, and where
 * the head ends. And the guard means what it says: its table, written again, is read as the same table; one byte less
 * of it is no head, and one byte more than allowed is too large.
 */
#include "gateway/front/guard.h"
#include "tests/fuzz/fuzz.h"

#define HEAD_BYTES_MAX 65536

/* picohttpparser, which libh2o exports without a header. */
struct phr_header {
    const char *name;
    size_t name_len;
    const char *value;
    size_t value_len;
};
int phr_parse_request(const char *buf, size_t len, const char **method, size_t *method_len, const char **path,
                      size_t *path_len, int *minor_version, struct phr_header *headers, size_t *num_headers,
                      size_t last_len);

static void check_server_agrees(struct span bytes, size_t head_bytes, const struct head *h)
{
    struct phr_header fields[HEAD_FIELDS_MAX];
    size_t len = HEAD_FIELDS_MAX;
    struct span method, target;
    int minor;

    int used = phr_parse_request(bytes.ptr, bytes.len, &method.ptr, &method.len, &target.ptr, &target.len, &minor,
                                 fields, &len, 0);
    BELIEVE(used > 0 && (size_t)used == head_bytes);
    BELIEVE(span_equal(method, h->method) && span_equal(target, h->target) && (minor == 0) == h->is_http_1_0);
    BELIEVE(len == h->fields_len);
    for (size_t i = 0; i < len; i++) {
        BELIEVE(fields[i].name != NULL); /* NULL: a folded line */
        BELIEVE(span_equal(span_of(fields[i].name, fields[i].name_len), h->fields[i].name));
        BELIEVE(span_equal(span_trim(span_of(fields[i].value, fields[i].value_len)), h->fields[i].value));
    }
}

static void check_written_again(const struct head *h, struct head *again)
{
    struct buf text;

    buf_init(&text, 2 * HEAD_BYTES_MAX);
    buf_append(&text, h->method);
    buf_append_char(&text, ' ');
    buf_append(&text, h->target);
    buf_append(&text, h->is_http_1_0 ? SPAN(" HTTP/1.0\r\n") : SPAN(" HTTP/1.1\r\n"));
    for (size_t i = 0; i < h->fields_len; i++) {
        buf_append(&text, h->fields[i].name);
        buf_append(&text, SPAN(": "));
        buf_append(&text, h->fields[i].value);
        buf_append(&text, SPAN("\r\n"));
    }
    buf_append(&text, SPAN("\r\n"));
    BELIEVE(!text.failed && guard_read(buf_span(&text), 2 * HEAD_BYTES_MAX, again) == GUARD_OK);
    BELIEVE(guard_head_bytes(buf_span(&text)) == text.len);
    BELIEVE(again->fields_len == h->fields_len && again->has_length == h->has_length);
    BELIEVE(again->is_chunked == h->is_chunked && again->is_http_1_0 == h->is_http_1_0);
    for (size_t i = 0; i < h->fields_len; i++) {
        BELIEVE(span_equal(again->fields[i].name, h->fields[i].name));
        BELIEVE(span_equal(again->fields[i].value, h->fields[i].value));
    }
    buf_clear(&text);
}

/* What frames the message stands there once at most, and the table says so. */
static void check_framing(const struct head *h)
{
    size_t lengths, codings, hosts;

    head_find(h, SPAN("content-length"), &lengths);
    head_find(h, SPAN("transfer-encoding"), &codings);
    head_find(h, SPAN("host"), &hosts);
    BELIEVE(lengths + codings <= 1 && hosts <= 1);
    BELIEVE((lengths == 1) == h->has_length && (codings == 1) == h->is_chunked);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span bytes = fuzz_span(data, size);
    static struct head h, other;

    if (guard_read(bytes, HEAD_BYTES_MAX, &h) != GUARD_OK)
        return 0;
    while (bytes.ptr[0] == '\r')
        bytes = span_of(bytes.ptr + 2, bytes.len - 2);
    size_t head_bytes = guard_head_bytes(bytes);
    BELIEVE(head_bytes > 0 && h.method.ptr == bytes.ptr);
    struct span head = span_of(bytes.ptr, head_bytes);
    for (size_t i = 0; i < h.fields_len; i++)
        BELIEVE(fuzz_is_within(h.fields[i].name, head) && fuzz_is_within(h.fields[i].value, head));
    check_framing(&h);
    check_server_agrees(bytes, head_bytes, &h);
    check_written_again(&h, &other);
    BELIEVE(guard_read(bytes, head_bytes, &other) == GUARD_OK && other.fields_len == h.fields_len);
    BELIEVE(guard_read(bytes, head_bytes - 1, &other) == GUARD_TOO_LARGE);
    struct span cut = fuzz_copy(span_of(bytes.ptr, head_bytes - 1));
    BELIEVE(guard_read(cut, HEAD_BYTES_MAX, &other) != GUARD_OK);
    fuzz_free(cut);
    return 0;
}
