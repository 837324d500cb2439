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
/* `{"name":` or `,"name":`, as what stands before demands. `name` is plain ASCII without quotes. */
void json_write_name_span(struct buf *b, struct span name);

static inline void json_write_name(struct buf *b, const char *name) /* inline: a literal's length costs nothing */
{
    json_write_name_span(b, span_str(name));
}

void json_write_member(struct buf *b, const char *name, struct span text); /* a string member */
void json_write_plain_span(struct buf *b, struct span name, struct span text);

/* The same for a text that is known to need no escape, an id or a number: it is copied, not looked at. */
static inline void json_write_plain(struct buf *b, const char *name, struct span text)
{
    json_write_plain_span(b, span_str(name), text);
}

void json_write_member_u64(struct buf *b, const char *name, uint64_t value);
void json_write_member_bool(struct buf *b, const char *name, bool value);

#endif
