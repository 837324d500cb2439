/* Rules from JSON: every member is a row here; one that is unknown or of the wrong type refuses the whole set. */
#include "tests/double/faults.h"

#include <stdlib.h>
#include <string.h>

static const struct member {
    const char *name;
    enum { MEMBER_STRING, MEMBER_INTEGER } type;
    size_t offset;
} members[] = {
#define STRING(name)                                                                                                   \
    {                                                                                                                  \
#name, MEMBER_STRING, offsetof(struct fault, name)                                                             \
    }
#define INTEGER(name)                                                                                                  \
    {                                                                                                                  \
#name, MEMBER_INTEGER, offsetof(struct fault, name)                                                            \
    }
    STRING(stream),  STRING(operation), STRING(match_key), STRING(shard),        STRING(code),     STRING(message),
    STRING(style),   STRING(body),      STRING(token),     INTEGER(count),       INTEGER(skip),    INTEGER(delay_ms),
    INTEGER(status), INTEGER(seconds),  INTEGER(bytes),    INTEGER(interval_ms), INTEGER(idle_ms),
#undef STRING
#undef INTEGER
};

/* What a string may be, where it is one of a few. */
static const struct choice {
    const char *name;
    const char *values[10];
} choices[] = {
    {"style", {"message", "Message", "none", "namespaced", "header"}},
    {"body", {"empty", "{}", "html", "null", "array", "no_sequence", "wrong_types", "wrong_length", "longer"}},
    {"operation", {"PutRecord", "PutRecords", "DescribeStreamSummary", "ListShards"}},
};

static bool may_be(const char *name, const char *value)
{
    for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++) {
        if (strcmp(choices[i].name, name) != 0)
            continue;
        for (size_t j = 0; choices[i].values[j] != NULL; j++) {
            if (strcmp(choices[i].values[j], value) == 0)
                return true;
        }
        return false;
    }
    return true;
}

static bool parse_kind(struct fault *fault, const char *name)
{
    for (int i = 0; name != NULL && i < FAULT_KIND_COUNT; i++) {
        if (strcmp(fault_rows[i].name, name) == 0) {
            fault->kind = (enum fault_kind)i;
            return true;
        }
    }
    return false;
}

static bool parse_member(struct fault *fault, const char *name, json_t *value)
{
    if (strcmp(name, "kind") == 0)
        return parse_kind(fault, json_string_value(value));
    if (strcmp(name, "percent") == 0) {
        fault->percent = json_number_value(value);
        return json_is_number(value) && fault->percent >= 0 && fault->percent <= 100;
    }
    if (strcmp(name, "stored") == 0) {
        fault->stored = json_is_true(value);
        return json_is_boolean(value);
    }
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        void *field = (char *)fault + members[i].offset;
        if (strcmp(members[i].name, name) != 0)
            continue;
        if (members[i].type == MEMBER_INTEGER) {
            *(json_int_t *)field = json_integer_value(value);
            return json_is_integer(value) && (json_integer_value(value) >= 0 || strcmp(name, "seconds") == 0);
        }
        *(const char **)field = json_string_value(value);
        return json_is_string(value) && may_be(name, json_string_value(value));
    }
    return strcmp(name, "fired") == 0; /* what GET /faults gave may be put back */
}

static bool parse_fault(struct fault *fault, json_t *rule, size_t index, struct text *error)
{
    const char *name;
    json_t *value;
    *fault =
        (struct fault){.kind = FAULT_KIND_COUNT, .percent = 100, .count = -1, .status = -1, .bytes = -1, .stored = -1};
    json_object_foreach(rule, name, value)
    {
        if (!parse_member(fault, name, value)) {
            text_printf(error, "rule %zu: bad \"%s\"", index, name);
            return false;
        }
    }
    if (fault->kind == FAULT_KIND_COUNT) {
        text_printf(error, "rule %zu: needs a \"kind\"", index);
        return false;
    }
    if (fault->stored == -1)
        fault->stored = fault_rows[fault->kind].stored;
    return true;
}

struct fault_set *fault_set_parse(json_t *rules, struct text *error)
{
    size_t index;
    json_t *rule;
    if (!json_is_array(rules) || json_array_size(rules) > FAULTS_MAX) {
        text_printf(error, "an array of at most %d rules is needed", FAULTS_MAX);
        return NULL;
    }
    struct fault_set *set = calloc(1, sizeof *set);
    json_array_foreach(rules, index, rule)
    {
        if (!parse_fault(&set->rules[index], rule, index, error)) {
            free(set);
            return NULL;
        }
    }
    set->users = 1;
    set->count = json_array_size(rules);
    set->source = json_incref(rules);
    return set;
}
