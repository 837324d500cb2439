/*
 * jansson as the second opinion on JSON, with what is known to differ set aside: it refuses a number that is no double
 * and a name that holds U+0000, passes over a NUL byte behind a number, and nests deeper than the scanner.
 */
#ifndef KGW_TESTS_FUZZ_JSON_ORACLE_H
#define KGW_TESTS_FUZZ_JSON_ORACLE_H

#include "gateway/base/json_scan.h"

#include <jansson.h>

enum oracle_verdict { ORACLE_ACCEPTS, ORACLE_REJECTS, ORACLE_CANNOT_SAY };

/* Reads `text`, of names given twice the last; json_decref(*out), which is NULL unless it was accepted. */
enum oracle_verdict oracle_load(struct span text, json_t **out);
/* How deep containers nest in it; 0 for a scalar. */
size_t oracle_depth(const json_t *json);
bool oracle_has_duplicates(struct span text);
/* Is this what the scanner's value stands for, all of it? */
bool oracle_is_same(const json_t *json, const struct json_value *value);
/* Is this string the text that the scanner's string stands for? */
bool oracle_is_text(const json_t *json, struct span text);

#endif
