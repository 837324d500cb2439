/*
 * A small strict CBOR reader (RFC 8949): it walks bytes in place and hands out spans of them. Definite and indefinite
 * lengths; tags are passed over. Depth and the number of items are bounded, so that a walk is short whatever the bytes.
 * Pure.
 *
 *     struct cbor_reader r;
 *     cbor_init(&r, bytes);
 *     if (cbor_next(&r, &map) && map.type == CBOR_MAP)
 *         while (cbor_has_more(&r, &map)) … cbor_next(&r, &key) … cbor_next(&r, &value) …
 *     ok = cbor_end(&r);
 *
 * Any error is sticky: every verb then says false, and cbor_end() tells.
 */
#ifndef KGW_BASE_CBOR_READ_H
#define KGW_BASE_CBOR_READ_H

#include "auth/bytes.h"

#define CBOR_ITEMS_MAX 20000 /* of one reader: heads, chunks and tags */
#define CBOR_DEPTH_MAX 16    /* of what cbor_skip() passes over */

enum cbor_type {
    CBOR_UNSIGNED,
    CBOR_NEGATIVE,
    CBOR_BYTES,
    CBOR_TEXT,
    CBOR_ARRAY,
    CBOR_MAP,
    CBOR_FALSE,
    CBOR_TRUE,
    CBOR_NULL,
    CBOR_OTHER /* floats, undefined and simple values */
};

struct cbor_item {
    enum cbor_type type;
    bool is_indefinite;
    uint64_t value;    /* of numbers; of arrays the elements, and of maps the pairs, that are left */
    struct span bytes; /* of strings of definite length */
};

struct cbor_reader {
    const unsigned char *at, *end;
    size_t items_left;
    bool failed;
};

void cbor_init(struct cbor_reader *r, struct span bytes);
/* The next item's head; a string of definite length is passed with it. */
bool cbor_next(struct cbor_reader *r, struct cbor_item *item);
/* Is there another element, or pair, of the array or map whose last one has been read? */
bool cbor_has_more(struct cbor_reader *r, struct cbor_item *container);
/* Passes the rest of the item whose head was read last: chunks, elements, pairs. */
bool cbor_skip(struct cbor_reader *r, const struct cbor_item *item);
/*
 * The whole string: in place, or its chunks together in *scratch, which has room for what is left of the bytes. Text is
 * checked for UTF-8, chunk by chunk (RFC 8949 section 3.2.3).
 */
bool cbor_string(struct cbor_reader *r, const struct cbor_item *item, struct buf *scratch, struct span *out);
bool cbor_end(const struct cbor_reader *r); /* there was no error, and nothing is left */

#endif
