/* A tree by jansson, which keeps the order of members, and of their layout what its own can be made to resemble. */
#include "gateway/tenants/document.h"

#include <stdio.h>
#include <stdlib.h>

#define INDENT_DEFAULT 2

json_t *document_new(void)
{
    return json_pack("{s:{}}", "tenants");
}

json_t *document_parse(struct span text, char error[DOCUMENT_ERROR_BYTES])
{
    struct keyring *k = keyring_parse(text, error); /* its sentences are better than the tree's, and quote nothing */

    _Static_assert(KEYRING_ERROR_BYTES <= DOCUMENT_ERROR_BYTES, "an error of the keyring fits");
    if (k == NULL)
        return NULL;
    keyring_release(&k);
    json_t *document = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, NULL);
    if (document == NULL)
        snprintf(error, DOCUMENT_ERROR_BYTES, "out of memory");
    return document;
}

/* How far the first member stands from the left; -1 if all is on one line. */
static int indent_of(struct span like)
{
    const char *line = like.len == 0 ? NULL : memchr(like.ptr, '\n', like.len);
    int indent = 0;

    if (line == NULL || line + 1 == like.ptr + like.len)
        return -1;
    while (++line < like.ptr + like.len && *line == ' ')
        indent++;
    return indent == 0 || indent > 8 ? INDENT_DEFAULT : indent;
}

char *document_text(const json_t *document, struct span like)
{
    int indent = like.len == 0 ? INDENT_DEFAULT : indent_of(like);

    if (indent >= 0)
        return json_dumps(document, JSON_INDENT((size_t)indent));
    bool has_spaces = like.len > 12 && memmem(like.ptr, like.len, "\": ", 3) != NULL;
    return json_dumps(document, has_spaces ? 0 : JSON_COMPACT);
}

bool document_check(const json_t *document, char error[DOCUMENT_ERROR_BYTES])
{
    char *text = json_dumps(document, JSON_COMPACT);
    struct keyring *k = NULL;

    if (text == NULL)
        snprintf(error, DOCUMENT_ERROR_BYTES, "out of memory");
    else
        k = keyring_parse(span_str(text), error);
    free(text);
    bool is_good = k != NULL;
    keyring_release(&k);
    return is_good;
}

json_t *document_tenant(const json_t *document, const char *name)
{
    return json_object_get(json_object_get(document, "tenants"), name);
}

json_t *document_add_tenant(json_t *document, const char *name)
{
    json_t *tenant = document_tenant(document, name);

    if (tenant != NULL || json_object_set_new(json_object_get(document, "tenants"), name, json_pack("{s:[]}", "keys")))
        return tenant;
    return document_tenant(document, name);
}

json_t *document_keys(const json_t *tenant)
{
    return json_object_get(tenant, "keys");
}

json_t *document_key(const json_t *document, const char *id, const char **tenant)
{
    json_t *each, *row;
    size_t i;

    json_object_foreach(json_object_get(document, "tenants"), *tenant, each)
    {
        json_array_foreach(document_keys(each), i, row)
        {
            if (strcmp(json_string_value(json_object_get(row, "id")), id) == 0)
                return row;
        }
    }
    return NULL;
}
