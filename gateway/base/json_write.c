/* JSON out. A run of plain characters is appended at once; only what must be escaped is looked at alone. */
#include "gateway/base/json_write.h"

static inline bool is_plain(unsigned char c)
{
    return c >= 0x20 && c != '"' && c != '\\';
}

/* Where the first character stands that must be escaped, from `at` on; the text's length if there is none. */
static size_t find_special(struct span text, size_t at)
{
    while (at != text.len && is_plain((unsigned char)text.ptr[at]))
        at++;
    return at;
}

static void write_escaped(struct buf *b, unsigned char c)
{
    static const char short_escape[256] = {
        ['"'] = '"', ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};

    buf_append_char(b, '\\');
    if (short_escape[c] != 0) {
        buf_append_char(b, short_escape[c]);
        return;
    }
    buf_append(b, SPAN("u00"));
    buf_append_hex(b, &c, 1);
}

void json_write_string(struct buf *b, struct span text)
{
    buf_append_char(b, '"');
    for (size_t at = 0; at != text.len;) {
        size_t special = find_special(text, at);
        buf_append(b, span_of(text.ptr + at, special - at));
        at = special;
        if (at != text.len)
            write_escaped(b, (unsigned char)text.ptr[at++]);
    }
    buf_append_char(b, '"');
}

void json_write_name(struct buf *b, const char *name)
{
    struct span text = span_str(name);

    if (!buf_reserve(b, text.len + 4)) /* what comes next, two quotes and a colon */
        return;
    if (b->len == 0 || (b->ptr[b->len - 1] != '{' && b->ptr[b->len - 1] != '['))
        buf_append_char(b, b->len == 0 ? '{' : ',');
    buf_append_char(b, '"');
    buf_append(b, text);
    buf_append(b, SPAN("\":"));
}

void json_write_member(struct buf *b, const char *name, struct span text)
{
    json_write_name(b, name);
    json_write_string(b, text);
}

void json_write_member_u64(struct buf *b, const char *name, uint64_t value)
{
    json_write_name(b, name);
    buf_append_u64(b, value);
}

void json_write_member_bool(struct buf *b, const char *name, bool value)
{
    json_write_name(b, name);
    buf_append(b, value ? SPAN("true") : SPAN("false"));
}
