/* JSON out. A run of plain characters is appended at once; only what must be escaped is looked at alone. */
#include "gateway/base/json_write.h"

#include "gateway/base/json_plain.h"

static const char short_escape[256] = {
    ['"'] = '"', ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};

static void write_escaped(struct buf *b, unsigned char c)
{
    buf_append_char(b, '\\');
    if (short_escape[c] != 0) {
        buf_append_char(b, short_escape[c]);
        return;
    }
    buf_append(b, SPAN("u00"));
    buf_append_hex(b, &c, 1);
}

/* What is not plain: one character of ASCII, or as many as follow one another past it. */
static size_t write_special(struct buf *b, struct span text)
{
    size_t past = 0;

    while (past != text.len && (text.ptr[past] & 0x80) != 0)
        past++;
    if (past == 0)
        write_escaped(b, (unsigned char)text.ptr[0]);
    buf_append(b, span_of(text.ptr, past));
    return past != 0 ? past : 1;
}

void json_write_text(struct buf *b, struct span text)
{
    for (size_t at = 0; at != text.len;) {
        size_t plain = json_plain_run(text.ptr + at, text.len - at);
        buf_append(b, span_of(text.ptr + at, plain));
        at += plain;
        if (at != text.len)
            at += write_special(b, span_of(text.ptr + at, text.len - at));
    }
}

void json_write_string(struct buf *b, struct span text)
{
    if (!buf_reserve(b, text.len + 2))
        return;
    buf_append_char(b, '"');
    json_write_text(b, text);
    buf_append_char(b, '"');
}

size_t json_string_bytes(struct span text)
{
    size_t bytes = 2 + text.len;

    for (size_t at = json_plain_run(text.ptr, text.len); at != text.len;) {
        size_t past = span_utf8_run(span_of(text.ptr + at, text.len - at));
        unsigned char c = (unsigned char)text.ptr[at];
        if (past == 0 && (c & 0x80) != 0)
            return 0;
        if (past == 0)
            bytes += short_escape[c] != 0 ? 1 : 5;
        at += past != 0 ? past : 1;
        at += json_plain_run(text.ptr + at, text.len - at);
    }
    return bytes;
}
