/* CBOR item by item. Knows nothing of what the items mean. */
#include "gateway/base/cbor_read.h"

#define MAJOR_TAG    6
#define MAJOR_SIMPLE 7
#define INDEFINITE   31
#define BREAK        0xFF
#define SIMPLE_FALSE 20
#define SIMPLE_TRUE  21
#define SIMPLE_NULL  22

void cbor_init(struct cbor_reader *r, struct span bytes)
{
    const unsigned char *at = (const unsigned char *)(bytes.len == 0 ? "" : bytes.ptr);

    *r = (struct cbor_reader){.at = at, .end = at + bytes.len, .items_left = CBOR_ITEMS_MAX};
}

static bool fail(struct cbor_reader *r)
{
    r->failed = true;
    return false;
}

static size_t bytes_left(const struct cbor_reader *r)
{
    return (size_t)(r->end - r->at);
}

/* RFC 8949 section 3: the argument lies in the first byte, or in the 1, 2, 4 or 8 behind it. */
static bool read_head(struct cbor_reader *r, unsigned *major, unsigned *info, uint64_t *argument)
{
    if (r->failed || r->items_left == 0 || bytes_left(r) == 0)
        return fail(r);
    r->items_left--;
    *major = *r->at >> 5;
    *info = *r->at++ & 0x1F;
    *argument = *info;
    if (*info < 24 || *info == INDEFINITE)
        return true;
    if (*info > 27)
        return fail(r);
    size_t bytes = (size_t)1 << (*info - 24);
    if (bytes_left(r) < bytes)
        return fail(r);
    for (*argument = 0; bytes != 0; bytes--)
        *argument = *argument << 8 | *r->at++;
    return true;
}

static bool read_string(struct cbor_reader *r, struct cbor_item *item)
{
    if (item->is_indefinite)
        return true;
    if (item->value > bytes_left(r))
        return fail(r);
    item->bytes = span_of((const char *)r->at, (size_t)item->value);
    r->at += item->value;
    return true;
}

static enum cbor_type type_of_simple(unsigned info)
{
    return info == SIMPLE_FALSE  ? CBOR_FALSE
           : info == SIMPLE_TRUE ? CBOR_TRUE
           : info == SIMPLE_NULL ? CBOR_NULL
                                 : CBOR_OTHER;
}

bool cbor_next(struct cbor_reader *r, struct cbor_item *item)
{
    static const enum cbor_type types[] = {CBOR_UNSIGNED, CBOR_NEGATIVE, CBOR_BYTES, CBOR_TEXT, CBOR_ARRAY, CBOR_MAP};
    unsigned major, info;

    *item = (struct cbor_item){.type = CBOR_OTHER};
    do {
        if (!read_head(r, &major, &info, &item->value))
            return false;
        item->is_indefinite = info == INDEFINITE;
        if (item->is_indefinite && (major < 2 || major >= MAJOR_TAG))
            return fail(r); /* no such form, or a break where none can be */
    } while (major == MAJOR_TAG);
    item->type = major == MAJOR_SIMPLE ? type_of_simple(info) : types[major];
    return item->type != CBOR_BYTES && item->type != CBOR_TEXT ? true : read_string(r, item);
}

static bool take_break(struct cbor_reader *r)
{
    if (bytes_left(r) == 0 || *r->at != BREAK)
        return false;
    r->at++;
    return true;
}

bool cbor_has_more(struct cbor_reader *r, struct cbor_item *container)
{
    if (r->failed)
        return false;
    if (container->is_indefinite)
        return !take_break(r);
    return container->value != 0 && container->value-- != 0;
}

static bool skip(struct cbor_reader *r, struct cbor_item item, unsigned depth)
{
    struct cbor_item inner;
    struct span ignored;

    if (item.type == CBOR_BYTES || item.type == CBOR_TEXT)
        return cbor_string(r, &item, NULL, &ignored);
    if (item.type != CBOR_ARRAY && item.type != CBOR_MAP)
        return !r->failed;
    if (depth == CBOR_DEPTH_MAX)
        return fail(r);
    while (cbor_has_more(r, &item))
        for (int i = item.type == CBOR_MAP ? 2 : 1; i != 0; i--)
            if (!cbor_next(r, &inner) || !skip(r, inner, depth + 1))
                return false;
    return !r->failed;
}

bool cbor_skip(struct cbor_reader *r, const struct cbor_item *item)
{
    return skip(r, *item, 0);
}

/* Without a scratch the chunks are only passed. */
bool cbor_string(struct cbor_reader *r, const struct cbor_item *item, struct buf *scratch, struct span *out)
{
    size_t start = scratch == NULL ? 0 : scratch->len;
    struct cbor_item whole = *item, chunk;

    *out = item->bytes;
    if (!item->is_indefinite)
        return item->type != CBOR_TEXT || span_is_utf8(item->bytes) ? !r->failed : fail(r);
    while (cbor_has_more(r, &whole)) {
        if (!cbor_next(r, &chunk))
            return false;
        if (chunk.type != item->type || chunk.is_indefinite || (chunk.type == CBOR_TEXT && !span_is_utf8(chunk.bytes)))
            return fail(r);
        if (scratch != NULL)
            buf_append(scratch, chunk.bytes);
    }
    if (scratch != NULL)
        *out = span_of(scratch->ptr + start, scratch->len - start);
    return !r->failed && (scratch == NULL || !scratch->failed);
}

bool cbor_end(const struct cbor_reader *r)
{
    return !r->failed && r->at == r->end;
}
