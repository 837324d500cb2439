#pragma once

#include "tests/double/text.h"

enum { HEAD_HEADERS_MAX = 128 };

struct header {
    struct slice name, value; /* a folded value still holds its line breaks */
};

/* A request's head as it came, nothing merged or dropped: what a signature is about. */
struct head {
    struct slice text, method, target;
    size_t count;
    struct header headers[HEAD_HEADERS_MAX];
};

/* Reads the head at the front of `bytes`, which must outlive `head`. False if there is none or it is malformed. */
bool head_parse(struct head *head, const char *bytes, size_t length);

/* The first header of that name; an empty slice if there is none. */
struct slice head_find(const struct head *head, const char *name);

/* Bytes up to and including the empty line, or 0. */
size_t head_length(const char *bytes, size_t length);
