/*
 * Owned bytes that grow by doubling up to their limit. A buf that failed once takes nothing more, so what it holds is
 * never a text with a hole in it.
 */
#include "auth/bytes.h"

#include <stdlib.h>

#define FIRST_CAPACITY 64

void buf_init(struct buf *b, size_t bytes_max)
{
    *b = (struct buf){.bytes_max = bytes_max};
}

void buf_clear(struct buf *b)
{
    free(b->ptr);
    buf_init(b, b->bytes_max);
}

void buf_wipe_clear(struct buf *b)
{
    bytes_wipe(b->ptr, b->capacity);
    buf_clear(b);
}

void buf_reset(struct buf *b)
{
    b->len = 0;
    b->failed = false;
}

static bool buf_grow(struct buf *b, size_t need)
{
    size_t capacity = b->capacity > b->bytes_max / 2 ? b->bytes_max : b->capacity * 2;
    if (capacity < FIRST_CAPACITY && b->bytes_max >= FIRST_CAPACITY)
        capacity = FIRST_CAPACITY;
    if (capacity < need)
        capacity = need;
    char *ptr = b->ptr == NULL ? malloc(capacity) : realloc(b->ptr, capacity);
    if (ptr == NULL)
        return false;
    b->ptr = ptr;
    b->capacity = capacity;
    return true;
}

bool buf_make_room(struct buf *b, size_t more)
{
    if (b->failed)
        return false;
    if (more > b->bytes_max - b->len || !buf_grow(b, b->len + more))
        b->failed = true;
    return !b->failed;
}

void buf_append_u64(struct buf *b, uint64_t value)
{
    static const char pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
                                "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
                                "8081828384858687888990919293949596979899";
    char digits[20];
    size_t at = sizeof(digits);

    for (; value >= 100; value /= 100)
        memcpy(digits + (at -= 2), pairs + 2 * (value % 100), 2);
    if (value >= 10)
        memcpy(digits + (at -= 2), pairs + 2 * value, 2);
    else
        digits[--at] = (char)('0' + value);
    buf_append(b, span_of(digits + at, sizeof(digits) - at));
}

void buf_append_i64(struct buf *b, int64_t value)
{
    if (value >= 0) {
        buf_append_u64(b, (uint64_t)value);
        return;
    }
    if (!buf_reserve(b, 20))
        return;
    buf_append_char(b, '-');
    buf_append_u64(b, 0 - (uint64_t)value);
}

void buf_append_hex(struct buf *b, const void *bytes, size_t len)
{
    if (len > SIZE_MAX / 2) {
        b->failed = true;
        return;
    }
    if (!buf_reserve(b, 2 * len))
        return;
    hex_encode(bytes, len, b->ptr + b->len);
    b->len += 2 * len;
}

void buf_append_base64(struct buf *b, struct span bytes)
{
    size_t len = base64_encoded_size(bytes.len);
    if (len == 0 || !buf_reserve(b, len))
        return;
    base64_encode(bytes, b->ptr + b->len);
    b->len += len;
}
