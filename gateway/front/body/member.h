/*
 * The members of a JSON object as rows: what each is called, what it must be and where it goes. Only body/ includes it.
 */
#ifndef KGW_FRONT_BODY_MEMBER_H
#define KGW_FRONT_BODY_MEMBER_H

#include "gateway/base/failure.h"
#include "gateway/base/json_scan.h"

enum member_kind {
    MEMBER_TEXT,  /* a string, decoded into scratch if it has escapes */
    MEMBER_FLAG,  /* a boolean */
    MEMBER_ARRAY, /* an array, as its exact bytes */
    MEMBER_BYTES  /* bytes, which JSON does not have */
};

struct member_row {
    const char *name;
    enum member_kind kind;
    size_t value_at, has_at; /* where in the shape's struct: a span and a bool; of a flag both are the same bool */
};

#define MEMBER_ROW(type, name, kind, value, has)                                                                       \
    {                                                                                                                  \
        name, kind, offsetof(type, value), offsetof(type, has)                                                         \
    }

struct member_shape {
    const struct member_row *rows;
    size_t rows_len;        /* 32 at most */
    const char *not_object; /* what is said of a text that is no object, */
    const char *unknown;    /* and of a member that is in no row */
};

/*
 * Puts one member into *out, the shape's struct. null is as if it were not there; given twice it is refused all the
 * same: parsers differ on which one counts. `*seen` is 0 before the first. Members in no row are refused if `strict`,
 * else passed over. `scratch` has room for the text's length already: what is decoded may not move later.
 */
struct failure member_take(const struct member_shape *shape, const struct json_value *name,
                           const struct json_value *value, bool strict, unsigned *seen, struct buf *scratch,
                           void *out) MUST_LOOK;

static inline struct failure member_failure(const char *detail, const char *parameter)
{
    return (struct failure){.row = FAILURE_SERIALIZATION, .detail = detail, .parameter = parameter};
}

static inline struct failure member_missing(const char *detail, const char *parameter)
{
    return (struct failure){.row = FAILURE_VALIDATION, .detail = detail, .parameter = parameter};
}

#endif
