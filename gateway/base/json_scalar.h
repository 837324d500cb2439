/*
 * The scanner's other half: strings, numbers and words. Only json_scan.c calls it.
 */
#ifndef KGW_BASE_JSON_SCALAR_H
#define KGW_BASE_JSON_SCALAR_H

#include "gateway/base/json_scan.h"

/*
 * Reads on from *at to the end of the string that is open, and stores it in *string if that is not NULL. False: it
 * failed, or the budget or the text is spent.
 */
bool json_finish_string(struct json_scan *s, const char **at, struct json_value *string);
/* The end of the number or word that starts here; NULL: it is none. */
const char *json_pass_scalar(const char *at, const char *end);

/* Of a number or a word, by its first byte. */
static inline enum json_type json_scalar_type(char c)
{
    return c == 't' ? JSON_TYPE_TRUE : c == 'f' ? JSON_TYPE_FALSE : c == 'n' ? JSON_TYPE_NULL : JSON_TYPE_NUMBER;
}

static inline bool json_fail(struct json_scan *s)
{
    s->failed = true;
    return false;
}

#endif
