/*
 * cmocka with sentences: a check that fails prints what should have been true.
 */
#ifndef KGW_TESTS_AUTH_CHECK_H
#define KGW_TESTS_AUTH_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "auth/bytes.h"

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

#define check(condition, ...)                                                                                          \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            print_error(__VA_ARGS__);                                                                                  \
            print_error("\n");                                                                                         \
            fail_msg("%s", #condition);                                                                                \
        }                                                                                                              \
    } while (0)

static inline bool span_is(struct span got, const char *want)
{
    return span_equal(got, span_str(want));
}

#endif
