#pragma once

#include "tests/double/text.h"

/* One of AWS's errors on its way to the caller; none as long as `code` is NULL. */
struct failure {
    const char *code;
    int status;          /* 0: 400, as Kinesis answers everything that is the caller's fault */
    struct text message; /* empty: the answer has none */
};

static inline bool failed(const struct failure *failure)
{
    return failure->code != NULL;
}

/* The first failure stays; `format` may be NULL. Returns false, so that a check can `return fail(…)`. */
#define fail(to, error_code, ...)                                                                                      \
    ({                                                                                                                 \
        struct failure *fail_to = (to);                                                                                \
        if (fail_to->code == NULL) {                                                                                   \
            fail_to->code = (error_code);                                                                              \
            text_printf(&fail_to->message, __VA_ARGS__);                                                               \
        }                                                                                                              \
        false;                                                                                                         \
    })
