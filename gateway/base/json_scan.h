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
 *
 * A long text is read in slices. A verb that has spent the budget pauses, in the middle of a string or a container too:
 * it says false, with is_paused set, and *name and *value are not to be looked into. Give a budget and call the same
 * verb again; it goes on where it stopped. Each slice ends a few bytes after its budget at most, but that a number is
 * read in one go.
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

/* What must come next in the value that is being walked; in the order that take_token() compares by. */
enum json_expect {
    JSON_EXPECT_SEPARATOR, /* a comma, or its container's end; at depth 0 the value is complete */
    JSON_EXPECT_COLON,
    JSON_EXPECT_NAME,
    JSON_EXPECT_FIRST_NAME, /* or the object's end */
    JSON_EXPECT_VALUE,
    JSON_EXPECT_FIRST_VALUE /* or the array's end */
};

struct json_scan {
    const char *at, *end, *pause_at;
    bool failed;
    bool is_paused;
    bool first;       /* no member or element read yet in the container just entered */
    bool has_escapes; /* so far, of the open string */
    enum json_expect expect;
    unsigned depth;         /* of the containers open in this value */
    uint64_t objects;       /* the kinds of them, a bit a level: 1 for an object */
    const char *container;  /* where the outermost of them starts */
    const char *string;     /* where the string starts that is not read to its end; NULL: none is open */
    struct json_value name; /* of the member whose value this is */
};

void json_scan_init(struct json_scan *s, struct span text); /* with a budget that never ends */
/* The verbs read about this many bytes more, at least one if it is not 0, and then pause; SIZE_MAX: they never do. */
void json_scan_set_budget(struct json_scan *s, size_t bytes);
/* Enters the object or array that must start here. */
bool json_scan_enter_object(struct json_scan *s);
bool json_scan_enter_array(struct json_scan *s);
/* The next member or element, its value walked over and checked whole; false at the end of the container or on error.
 */
bool json_scan_next_member(struct json_scan *s, struct json_value *name, struct json_value *value);
bool json_scan_next_element(struct json_scan *s, struct json_value *value);
/*
 * The same two up to where the value starts, which is then the caller's to read: json_scan_value(), or enter it and
 * walk it to its end, in one pass over the text. How deep such walks nest is the caller's own bound.
 */
bool json_scan_next_name(struct json_scan *s, struct json_value *name);
bool json_scan_has_element(struct json_scan *s);
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
