/*
 * A small strict JSON scanner for the road of a request (RFC 8259): it walks text in place, copies nothing, and hands
 * out spans of the text. Depth is bounded; strings are checked for valid UTF-8, escapes and surrogate pairs; numbers
 * are checked for form and never converted. Pure.
 *
 *     struct json_scan s;
 *     json_scan_init(&s, text);
 *     for (json_scan_enter_object(&s); json_scan_next_member(&s, &name, &value);) …
 *     ok = json_scan_end(&s);
 *
 * Any error is sticky: every verb then says false, and json_scan_end() tells.
 */
#ifndef KGW_BASE_JSON_SCAN_H
#define KGW_BASE_JSON_SCAN_H

#include "auth/bytes.h"

#define JSON_SCAN_DEPTH_MAX 64

enum json_type {
    JSON_TYPE_OBJECT,
    JSON_TYPE_ARRAY,
    JSON_TYPE_STRING,
    JSON_TYPE_NUMBER,
    JSON_TYPE_TRUE,
    JSON_TYPE_FALSE,
    JSON_TYPE_NULL
};

struct json_value {
    enum json_type type;
    struct span raw;  /* the value's exact bytes; of a string, without its quotes */
    bool has_escapes; /* strings: raw needs json_unescape() */
};

struct json_scan {
    const char *at, *end;
    bool failed;
    bool first; /* no member or element read yet in the container just entered */
};

void json_scan_init(struct json_scan *s, struct span text);
/* Enters the object or array that must start here. */
bool json_scan_enter_object(struct json_scan *s);
bool json_scan_enter_array(struct json_scan *s);
/* The next member or element, its value walked over and checked whole; false at the end of the container or on error.
 */
bool json_scan_next_member(struct json_scan *s, struct json_value *name, struct json_value *value);
bool json_scan_next_element(struct json_scan *s, struct json_value *value);
/* One value that must start here. */
bool json_scan_value(struct json_scan *s, struct json_value *value);
/* True if there was no error and only white space is left. */
bool json_scan_end(struct json_scan *s);

/* Appends what a string's raw text stands for. The text has passed the scanner, so only memory can fail. */
void json_unescape(struct span raw, struct buf *out);
/* Is the string (a member's name, say) equal to `text`, escapes considered? Allocates nothing. */
bool json_string_equals(const struct json_value *string, struct span text);
/* RFC 6901: the value that `pointer` names in `text`; false if there is none or either is malformed. */
bool json_pointer_find(struct span text, struct span pointer, struct json_value *out);
bool json_pointer_is_valid(struct span pointer);

#endif
