/* A batch's memory: what is taken, when, and when it goes. */
#include "gateway/front/batch.h"

#include <assert.h>
#include <stdlib.h>

#define DECODED_BYTES_KEPT 1024

struct failure batch_new(struct ticket *t, enum batch_form form)
{
    struct batch *b = calloc(1, sizeof(*b));

    if (b == NULL)
        return (struct failure){.row = FAILURE_OVERLOADED, .detail = "out of memory"};
    b->ticket = t;
    b->form = form;
    b->text = t->exchange->body;
    b->invalid.is_all_too_large = true;
    buf_init(&b->scratch, SIZE_MAX / 2); /* a record's size bounds it */
    buf_init(&b->texts, UINT32_MAX);
    buf_init(&b->response, SIZE_MAX / 2); /* the results' size bounds it */
    buf_init(&b->names, BATCH_NAMES_BYTES);
    t->batch = b;
    if (form != BATCH_ENTRIES && form != BATCH_CBOR)
        batch_rewind(b);
    else if (buf_reserve(&b->names, BATCH_NAMES_BYTES)) /* all of it now: what is decoded there never moves */
        body_scan_members_init(&b->envelope, b->text, t->route->kind != ROUTE_AWS, &b->names);
    else
        return (struct failure){.row = FAILURE_OVERLOADED, .detail = "out of memory"};
    return FAILURE_OK;
}

bool batch_make_room(struct batch *b)
{
    b->items_len = b->records < BATCH_ITEMS_MAX ? b->records : BATCH_ITEMS_MAX;
    b->slots = calloc(b->records, sizeof(*b->slots));
    b->items = calloc(b->items_len, sizeof(*b->items));
    if (b->slots == NULL || b->items == NULL)
        return false;
    for (size_t i = b->items_len; i != 0; i--) {
        struct batch_item *item = &b->items[i - 1];
        item->batch = b;
        item->next_free = b->free_items;
        b->free_items = item;
        buf_init(&item->decoded, SIZE_MAX / 2);
    }
    return true;
}

struct batch_item *batch_item_take(struct batch *b)
{
    struct batch_item *item = b->free_items;

    if (item != NULL)
        b->free_items = item->next_free;
    return item;
}

void batch_item_give_back(struct batch_item *item)
{
    struct batch *b = item->batch;

    item->is_in_lane = false;
    buf_reset(&item->decoded);
    if (item->decoded.capacity > DECODED_BYTES_KEPT)
        buf_clear(&item->decoded);
    item->next_free = b->free_items;
    b->free_items = item;
}

void batch_end_answer(struct batch *b)
{
    buf_clear(&b->names);
    buf_clear(&b->scratch);
    buf_clear(&b->texts);
    buf_clear(&b->response);
    batch_gap_clear(&b->gap);
    free(b->slots);
    b->slots = NULL;
}

void batch_free(struct batch **b)
{
    struct batch *gone = *b;

    if (gone == NULL)
        return;
    *b = NULL;
    batch_end_answer(gone);
    for (size_t i = 0; gone->items != NULL && i != gone->items_len; i++) {
        assert(!gone->items[i].is_in_lane);
        buf_clear(&gone->items[i].decoded);
    }
    free(gone->items);
    free(gone);
}
