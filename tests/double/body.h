#pragma once

#include "tests/double/text.h"

#include <jansson.h>

enum { FIELDS_MAX = 8, RECORDS_MAX = 500 };

struct field {
    enum { FIELD_STRING, FIELD_TRUE, FIELD_FALSE, FIELD_NULL, FIELD_RECORDS, FIELD_OTHER } kind;
    struct slice name, text; /* `text` of a string, its escapes undone */
};

struct fields {
    bool is_object;
    size_t count; /* more than FIELDS_MAX: only so many are kept */
    struct field list[FIELDS_MAX];
};

/* A call's JSON: its members, and those of each element of "Records". Slices point into the bytes or into `root`. */
struct body {
    struct fields top, *records;
    size_t record_count; /* more than RECORDS_MAX: none is kept beyond */
    json_t *root;        /* NULL if the quick reader sufficed */
};

/* False if it is not JSON. `body` is zeroed by its owner. */
bool body_read(struct body *body, struct slice bytes);
void body_clear(struct body *body);

/* body_quick.c: reads what is plain (short, unescaped ASCII, no numbers); anything else is false, and jansson's. */
bool body_read_quick(struct body *body, struct slice bytes);
