/*
 * A small JSON writer: appends to a buf; members and elements are separated for you. Text must be valid UTF-8.
 */
#ifndef KGW_BASE_JSON_WRITE_H
#define KGW_BASE_JSON_WRITE_H

#include "auth/bytes.h"

void json_write_string(struct buf *b, struct span text); /* with quotes; escapes what RFC 8259 section 7 asks for */
void json_write_text(struct buf *b, struct span text);   /* the same without quotes, of a string that comes in pieces */
/* The bytes that json_write_string() would append; 0: `text` is not UTF-8. */
size_t json_string_bytes(struct span text);

/* `{"name":` or `,"name":`, as what stands before demands, where there is room for it: where it ends. */
static inline char *json_put_name(const struct buf *b, struct span name)
{
    char *at = b->ptr + b->len;

    if (b->len == 0 || (at[-1] != '{' && at[-1] != '['))
        *at++ = b->len == 0 ? '{' : ',';
    *at++ = '"';
    memcpy(at, name.ptr, name.len);
    at += name.len;
    *at++ = '"';
    *at++ = ':';
    return at;
}

/* A member's name is plain ASCII without quotes. These are inline since it is nearly always a literal, which costs two
 * or three moves then. */
static inline void json_write_name_span(struct buf *b, struct span name)
{
    if (buf_reserve(b, name.len + 4)) /* what comes before, two quotes and a colon */
        b->len = (size_t)(json_put_name(b, name) - b->ptr);
}

static inline void json_write_name(struct buf *b, const char *name)
{
    json_write_name_span(b, span_str(name));
}

/* A string member. */
static inline void json_write_member(struct buf *b, const char *name, struct span text)
{
    json_write_name(b, name);
    json_write_string(b, text);
}

/* The same for a text that is known to need no escape, an id or a number: it is copied, not looked at. */
static inline void json_write_plain_span(struct buf *b, struct span name, struct span text)
{
    if (!buf_reserve(b, name.len + text.len + 6))
        return;
    char *at = json_put_name(b, name);
    *at++ = '"';
    if (text.len != 0)
        memcpy(at, text.ptr, text.len);
    at += text.len;
    *at++ = '"';
    b->len = (size_t)(at - b->ptr);
}

static inline void json_write_plain(struct buf *b, const char *name, struct span text)
{
    json_write_plain_span(b, span_str(name), text);
}

static inline void json_write_member_u64(struct buf *b, const char *name, uint64_t value)
{
    json_write_name(b, name);
    buf_append_u64(b, value);
}

static inline void json_write_member_bool(struct buf *b, const char *name, bool value)
{
    json_write_name(b, name);
    buf_append(b, value ? SPAN("true") : SPAN("false"));
}

#endif
