/* One block for the rows, one for their texts, and an open-addressing index by name. */
#include "gateway/front/streams.h"

#include <stdlib.h>

struct stream_table {
    struct stream_row *rows;
    size_t len;
    size_t *slots; /* index + 1; 0: free */
    size_t slots_mask;
    char *texts;
};

static size_t texts_bytes(const struct stream_row *r)
{
    return r->put.name.len + r->put.stream_name.len + r->put.stream_arn.len + r->put.region.len + r->put.host.len +
           strlen(r->put.url) + 1 + r->partition.argument.len + r->envelope_headers.len;
}

static void copy_text(struct span *text, char **at)
{
    if (text->len != 0)
        memcpy(*at, text->ptr, text->len);
    text->ptr = *at;
    *at += text->len;
}

static void copy_row(struct stream_row *to, const struct stream_row *from, char **at)
{
    *to = *from;
    copy_text(&to->put.name, at);
    copy_text(&to->put.stream_name, at);
    copy_text(&to->put.stream_arn, at);
    copy_text(&to->put.region, at);
    copy_text(&to->put.host, at);
    copy_text(&to->partition.argument, at);
    copy_text(&to->envelope_headers, at);
    struct span url = span_of(from->put.url, strlen(from->put.url) + 1);
    copy_text(&url, at);
    to->put.url = url.ptr;
}

static void index_row(struct stream_table *t, size_t row)
{
    size_t slot = span_hash(t->rows[row].put.name, 0) & t->slots_mask;

    while (t->slots[slot] != 0)
        slot = (slot + 1) & t->slots_mask;
    t->slots[slot] = row + 1;
}

struct stream_table *stream_table_new(const struct stream_row *rows, size_t len)
{
    struct stream_table *t = calloc(1, sizeof(*t));
    size_t bytes = 1, slots = 4;

    if (t == NULL)
        return NULL;
    for (size_t i = 0; i != len; i++)
        bytes += texts_bytes(&rows[i]);
    while (slots < len * 2)
        slots *= 2;
    t->rows = calloc(len + 1, sizeof(*t->rows));
    t->slots = calloc(slots, sizeof(*t->slots));
    t->texts = malloc(bytes);
    if (t->rows == NULL || t->slots == NULL || t->texts == NULL) {
        stream_table_free(&t);
        return NULL;
    }
    t->slots_mask = slots - 1;
    char *at = t->texts;
    for (; t->len != len; t->len++) {
        copy_row(&t->rows[t->len], &rows[t->len], &at);
        t->rows[t->len].index = t->len;
        index_row(t, t->len);
    }
    return t;
}

void stream_table_free(struct stream_table **t)
{
    struct stream_table *gone = *t;

    if (gone == NULL)
        return;
    *t = NULL;
    free(gone->rows);
    free(gone->slots);
    free(gone->texts);
    free(gone);
}

size_t stream_table_len(const struct stream_table *t)
{
    return t->len;
}

const struct stream_row *stream_table_at(const struct stream_table *t, size_t index)
{
    return &t->rows[index];
}

const struct stream_row *stream_table_find(const struct stream_table *t, struct span name)
{
    for (size_t slot = span_hash(name, 0) & t->slots_mask; t->slots[slot] != 0; slot = (slot + 1) & t->slots_mask)
        if (span_equal(t->rows[t->slots[slot] - 1].put.name, name))
            return &t->rows[t->slots[slot] - 1];
    return NULL;
}

const struct stream_row *stream_table_find_arn(const struct stream_table *t, struct span arn)
{
    for (size_t i = 0; arn.len != 0 && i != t->len; i++)
        if (span_equal(t->rows[i].put.stream_arn, arn))
            return &t->rows[i];
    return NULL;
}

bool stream_client_address(const struct stream_row *row, struct address client, struct address *out)
{
    *out = row->address == STREAM_ADDRESS_TRUNCATED ? address_truncate(client, 24, 48) : client;
    return row->address != STREAM_ADDRESS_NONE;
}
