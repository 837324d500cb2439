/*
 * CloudEvents 1.0.2 by the HTTP Protocol Binding: single events, structured and binary. Only body/ includes it.
 */
#ifndef KGW_FRONT_BODY_EVENT_H
#define KGW_FRONT_BODY_EVENT_H

#include "gateway/front/body/body.h"

#define EVENT_BYTES_MAX 1048576 /* it is read in one turn of the loop */

/* Has the head one of the attributes that every event in binary mode has? */
bool event_is_binary(const struct head *h);
/*
 * Appends the event in the JSON format, its attributes first, in the order of their headers: *attributes_bytes of them.
 * What an event must have is not looked at: that is body_parse_event()'s. *out is empty before.
 */
struct failure event_write(const struct head *h, struct span body, struct buf *out, size_t *attributes_bytes) MUST_LOOK;
/* A header's value by the binding's section 3.1.3.2; *out is empty before, and has room for value.len. */
struct failure event_decode_value(struct span value, struct buf *out) MUST_LOOK;

/* The whole bodies of POST …/record. */
struct failure event_parse_structured(struct ticket *t) MUST_LOOK;
struct failure event_parse_binary(struct ticket *t) MUST_LOOK;

#endif
