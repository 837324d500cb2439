/*
 * What we tell as JSON, as CBOR (RFC 8949): objects and arrays of indefinite length, text, unsigned numbers, booleans
 * and null.
 */
#ifndef KGW_BASE_CBOR_WRITE_H
#define KGW_BASE_CBOR_WRITE_H

#include "auth/bytes.h"

/* Appends one value. False: out of memory, or `json` is not of those, or nests deeper than 8. */
bool cbor_from_json(struct span json, struct buf *out);

#endif
