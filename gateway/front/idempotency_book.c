/* Texts as they come, and a slot for each record that says where its own is. */
#include "gateway/front/idempotency_book.h"

#include <assert.h>
#include <stdlib.h>

_Static_assert(RESULT_TEXT_BYTES_MAX <= UINT16_MAX, "a text's length fits its slot");

bool result_book_init(struct result_book *b, size_t len)
{
    *b = (struct result_book){.len = len, .slots = calloc(len, sizeof(*b->slots))};
    buf_init(&b->texts, UINT32_MAX);
    buf_init(&b->encoded, UINT32_MAX);
    if (b->slots != NULL && buf_reserve(&b->texts, len * RESULT_TEXT_BYTES_MAX) &&
        buf_reserve(&b->encoded, len * RESULT_TEXT_BYTES_MAX))
        return true;
    result_book_clear(b);
    return false;
}

void result_book_clear(struct result_book *b)
{
    free(b->slots);
    buf_clear(&b->texts);
    buf_clear(&b->encoded);
    *b = (struct result_book){0};
}

static bool count(struct span results, size_t *len)
{
    struct put_result result;
    bool is_written;

    for (*len = 0; results.len != 0; ++*len)
        if (!idempotency_result_read(&results, &result, &is_written))
            return false;
    return true;
}

bool result_book_load(struct result_book *b, struct span results)
{
    struct put_result result;
    bool is_written;
    size_t len;

    if (!count(results, &len) || len != b->len)
        return false;
    for (size_t i = 0; i != len; i++)
        if (idempotency_result_read(&results, &result, &is_written) && is_written)
            result_book_know(b, i, &result);
    return true;
}

void result_book_know(struct result_book *b, size_t index, const struct put_result *r)
{
    struct result_slot *slot = &b->slots[index];

    assert(index < b->len);
    if (r->failure.row != FAILURE_NONE || slot->len != 0)
        return;
    slot->at = (uint32_t)b->texts.len;
    idempotency_result_write(r, &b->texts);
    assert(!b->texts.failed); /* reserved */
    slot->len = (uint16_t)(b->texts.len - slot->at);
    b->written++;
}

bool result_book_find(const struct result_book *b, size_t index, struct put_result *out)
{
    const struct result_slot *slot = &b->slots[index];
    struct span text = span_of(b->texts.ptr + slot->at, slot->len);
    bool is_written = false;

    return slot->len != 0 && idempotency_result_read(&text, out, &is_written) && is_written;
}

struct buf *result_book_encode(struct result_book *b)
{
    buf_reset(&b->encoded);
    for (size_t i = 0; i != b->len; i++)
        if (b->slots[i].len != 0)
            buf_append(&b->encoded, span_of(b->texts.ptr + b->slots[i].at, b->slots[i].len));
        else
            buf_append_char(&b->encoded, '-');
    assert(!b->encoded.failed); /* reserved */
    return &b->encoded;
}
