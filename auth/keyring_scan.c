/*
 * The members of a key's row: found in its text when that is plain, else in its tree. What they mean is not known here.
 */
#include "auth/keyring_parse.h"

#include <stdlib.h>

struct cursor {
    const char *at, *end;
    struct keyring_row_scan *scan;
};

static bool take(struct cursor *c, char wanted)
{
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\n' || *c->at == '\t' || *c->at == '\r'))
        c->at++;
    if (c->at == c->end || *c->at != wanted)
        return false;
    c->at++;
    return true;
}

/* A string without escapes, of characters that are one byte each. */
static bool take_string(struct cursor *c, struct span *out)
{
    if (!take(c, '"'))
        return false;
    const char *start = c->at;
    while (c->at < c->end && *c->at >= ' ' && *c->at < 0x7F && *c->at != '"' && *c->at != '\\')
        c->at++;
    *out = span_of(start, (size_t)(c->at - start));
    return take(c, '"') && out->ptr + out->len + 1 == c->at;
}

static bool take_list(struct cursor *c, struct keyring_value *out)
{
    struct keyring_row_scan *scan = c->scan;

    *out = (struct keyring_value){.kind = KEYRING_LIST, .elements = &scan->elements[scan->elements_len]};
    if (take(c, ']'))
        return true;
    do {
        if (scan->elements_len == KEYRING_ROW_ELEMENTS_MAX || !take_string(c, &scan->elements[scan->elements_len]))
            return false;
        scan->elements_len++;
        out->len++;
    } while (take(c, ','));
    return take(c, ']');
}

static bool is_new(const struct keyring_row_scan *scan, struct span name)
{
    for (size_t i = 0; i < scan->members_len; i++)
        if (span_equal(scan->members[i].name, name))
            return false;
    return true;
}

static bool take_member(struct cursor *c)
{
    struct keyring_row_scan *scan = c->scan;
    struct keyring_member *member = &scan->members[scan->members_len];

    if (scan->members_len == KEYRING_ROW_MEMBERS_MAX || !take_string(c, &member->name) || !is_new(scan, member->name) ||
        !take(c, ':'))
        return false;
    scan->members_len++;
    if (take(c, '['))
        return take_list(c, &member->value);
    member->value = (struct keyring_value){.kind = KEYRING_STRING};
    return take_string(c, &member->value.text);
}

size_t keyring_row_scan(struct span text, struct keyring_row_scan *scan)
{
    struct cursor c = {.at = text.ptr, .end = text.ptr + text.len, .scan = scan};

    scan->members_len = scan->elements_len = 0;
    if (!take(&c, '{'))
        return 0;
    do {
        if (!take_member(&c))
            return 0;
    } while (take(&c, ','));
    return take(&c, '}') ? (size_t)(c.at - text.ptr) : 0;
}

static struct keyring_value value_of(json_t *tree)
{
    if (json_is_string(tree))
        return (struct keyring_value){.kind = KEYRING_STRING,
                                      .text = span_of(json_string_value(tree), json_string_length(tree))};
    if (json_is_array(tree))
        return (struct keyring_value){.kind = KEYRING_LIST, .len = json_array_size(tree), .tree = tree};
    return (struct keyring_value){.kind = KEYRING_OTHER, .tree = tree};
}

struct keyring_member *keyring_tree_members(json_t *object)
{
    struct keyring_member *members = calloc(json_object_size(object) + 1, sizeof(*members));
    const char *name;
    json_t *value;
    size_t len = 0;

    if (members == NULL)
        return NULL;
    json_object_foreach(object, name, value)
    {
        members[len++] = (struct keyring_member){span_str(name), value_of(value)};
    }
    return members;
}
