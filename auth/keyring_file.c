/*
 * Reads a tenants file. The frame, {"tenants": {NAME: {"keys": [ROW, ...]}}}, is walked here and only one value at a
 * time is a tree: a tree of the whole file would take ten times its size. The walk is made twice: to check and count,
 * then to fill the keyring's one block of memory.
 */
#include "auth/keyring_parse.h"

#include <stdio.h>
#include <stdlib.h>

#define TENANT_BYTES_MAX 64

struct reader {
    struct span text;
    size_t at;
    struct keyring_place place;
    struct keyring *keyring;
    bool has_tenants; /* seen in the file */
    struct {
        bool keys, comment, quota, outage;
    } has; /* seen in this tenant */
};

typedef bool read_member(struct reader *r, const char *name);

/* Where byte `at` is, for people: lines and columns from 1. Never what stands there, which may be a digest. */
static bool refuse_text(const struct reader *r, size_t at, const char *sentence)
{
    size_t line = 1, column = 1;

    for (size_t i = 0; i < at && i < r->text.len; i++) {
        column = r->text.ptr[i] == '\n' ? 1 : column + 1;
        line += r->text.ptr[i] == '\n';
    }
    snprintf(r->place.error, KEYRING_ERROR_BYTES, "line %zu, column %zu: %s", line, column, sentence);
    return false;
}

static bool refuse_syntax(const struct reader *r)
{
    return refuse_text(r, r->at, "not valid JSON (RFC 8259)");
}

/* The next byte that is no white space; '\0' at the end. */
static char peek(struct reader *r)
{
    while (r->at < r->text.len && strchr(" \t\r\n", r->text.ptr[r->at]) != NULL && r->text.ptr[r->at] != '\0')
        r->at++;
    return r->at < r->text.len ? r->text.ptr[r->at] : '\0';
}

static bool take(struct reader *r, char c)
{
    if (peek(r) != c || r->at == r->text.len)
        return false;
    r->at++;
    return true;
}

static const char *sentence_of(enum json_error_code code)
{
    if (code == json_error_numeric_overflow)
        return "a number is too large";
    return code == json_error_duplicate_key ? "a member is given twice" : "not valid JSON (RFC 8259)";
}

/* The value that begins here, as a tree. NULL with an error written: jansson's own text would quote the file. */
static json_t *take_value(struct reader *r)
{
    json_error_t e = {0};

    peek(r);
    json_t *value = json_loadb(r->text.ptr + r->at, r->text.len - r->at,
                               JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES, &e);
    if (value != NULL) {
        r->at += (size_t)e.position;
        return value;
    }
    enum json_error_code code = json_error_code(&e);
    if (code == json_error_out_of_memory || e.text[0] == '\0') /* it says nothing when it had no memory for a value */
        keyring_refuse_memory(&r->place);
    else
        refuse_text(r, r->at + (size_t)(e.position > 0 ? e.position - 1 : 0), sentence_of(code));
    return NULL;
}

/* Walks the object that begins here; `read` takes each member's value. */
static bool walk_object(struct reader *r, read_member *read)
{
    if (!take(r, '{'))
        return refuse_syntax(r);
    if (take(r, '}'))
        return true;
    do {
        if (peek(r) != '"')
            return refuse_syntax(r);
        json_t *name = take_value(r);
        if (name == NULL)
            return false;
        bool ok = take(r, ':') ? read(r, json_string_value(name)) : refuse_syntax(r);
        json_decref(name);
        if (!ok)
            return false;
    } while (take(r, ','));
    return take(r, '}') || refuse_syntax(r);
}

static bool add_row(struct reader *r, const struct key_row *row)
{
    const struct key_row *same;

    switch (keyring_add_key(r->keyring, row)) {
    case KEYRING_ADDED:
        return true;
    case KEYRING_FULL:
        return keyring_refuse(&r->place, "", "a file holds at most %d keys", KEYRING_KEYS_MAX);
    case KEYRING_ALREADY_THERE:
        same = keyring_find(r->keyring, row->id);
        return keyring_refuse(&r->place, "id",
                              "is already the id of a key of tenant %.*s: ids must be unique in the file",
                              (int)same->tenant->name.len, same->tenant->name.ptr);
    default:
        return keyring_refuse_memory(&r->place);
    }
}

static bool keep_row(struct reader *r, const struct keyring_member *members, size_t members_len)
{
    struct key_row row;

    return keyring_row_parse(members, members_len, &r->place, keyring_arena(r->keyring), &row) && add_row(r, &row);
}

static bool read_row_tree(struct reader *r)
{
    json_t *json = take_value(r);
    struct keyring_member *members = NULL;
    bool ok = false;

    if (json == NULL)
        return false;
    if (!json_is_object(json))
        keyring_refuse(&r->place, "", "must be an object with " KEYRING_ROW_ALLOWED);
    else if ((members = keyring_tree_members(json)) == NULL)
        keyring_refuse_memory(&r->place);
    else
        ok = keep_row(r, members, json_object_size(json));
    free(members);
    json_decref(json);
    return ok;
}

static bool read_row(struct reader *r)
{
    struct keyring_row_scan scan;

    peek(r);
    size_t len = keyring_row_scan(span_of(r->text.ptr + r->at, r->text.len - r->at), &scan);
    if (len == 0)
        return read_row_tree(r);
    r->at += len;
    return keep_row(r, scan.members, scan.members_len);
}

static bool read_keys(struct reader *r)
{
    if (peek(r) != '[')
        return keyring_refuse(&r->place, "keys", "must be a list of keys");
    r->at++;
    if (take(r, ']'))
        return true;
    r->place.key_index = 0;
    do {
        if (!read_row(r))
            return false;
        r->place.key_index++;
    } while (take(r, ','));
    r->place.key_index = KEYRING_NO_INDEX;
    return take(r, ']') || refuse_syntax(r);
}

static bool read_comment(struct reader *r)
{
    if (peek(r) != '"')
        return keyring_refuse(&r->place, "comment", "must be a string");
    json_t *comment = take_value(r);
    json_decref(comment);
    return comment != NULL;
}

static bool read_quota(struct reader *r)
{
    json_t *quota = take_value(r);
    bool ok = quota != NULL && keyring_quota_parse(quota, &r->place, &keyring_last_tenant(r->keyring)->quota);

    json_decref(quota);
    return ok;
}

static bool read_outage(struct reader *r)
{
    json_t *outage = take_value(r);
    bool ok =
        outage != NULL && keyring_outage_parse(outage, &r->place, &keyring_last_tenant(r->keyring)->on_redis_failure);

    json_decref(outage);
    return ok;
}

static bool is_first(struct reader *r, bool *seen)
{
    if (*seen)
        return refuse_text(r, r->at, "a member is given twice");
    *seen = true;
    return true;
}

static bool read_tenant_member(struct reader *r, const char *name)
{
    char printable[KEYRING_PRINTABLE_BYTES];

    if (strcmp(name, "keys") == 0)
        return is_first(r, &r->has.keys) && read_keys(r);
    if (strcmp(name, "comment") == 0)
        return is_first(r, &r->has.comment) && read_comment(r);
    if (strcmp(name, "quota") == 0)
        return is_first(r, &r->has.quota) && read_quota(r);
    if (strcmp(name, "on_redis_failure") == 0)
        return is_first(r, &r->has.outage) && read_outage(r);
    return keyring_refuse(&r->place, keyring_printable(name, printable),
                          "unknown member, allowed are keys, quota, on_redis_failure, comment");
}

static bool add_tenant(struct reader *r, struct span name)
{
    switch (keyring_add_tenant(r->keyring, name)) {
    case KEYRING_ADDED:
        return true;
    case KEYRING_FULL:
        return keyring_refuse(&r->place, "", "a file holds at most %d tenants", KEYRING_TENANTS_MAX);
    case KEYRING_ALREADY_THERE:
        return refuse_text(r, r->at, "a tenant is given twice");
    default:
        return keyring_refuse_memory(&r->place);
    }
}

static bool read_tenant(struct reader *r, const char *name)
{
    char printable[KEYRING_PRINTABLE_BYTES];

    r->place.tenant = NULL;
    if (!keyring_is_name(span_str(name), TENANT_BYTES_MAX))
        return keyring_refuse(&r->place, keyring_printable(name, printable),
                              "a tenant's name must be 1 to %d of [A-Za-z0-9_.-]", TENANT_BYTES_MAX);
    r->place.tenant = name;
    r->place.key_index = KEYRING_NO_INDEX;
    memset(&r->has, 0, sizeof(r->has));
    if (!add_tenant(r, span_str(name)))
        return false;
    if (peek(r) != '{')
        return keyring_refuse(&r->place, "",
                              "must be an object with keys and, if wanted, quota, on_redis_failure, comment");
    if (!walk_object(r, read_tenant_member))
        return false;
    if (!r->has.keys)
        return keyring_refuse(&r->place, "keys", "is missing: a list of keys");
    r->place.tenant = NULL;
    return true;
}

#define TENANTS_SHAPE "must be an object of tenants, {\"tenants\": {NAME: {\"keys\": [...]}}}"

static bool read_root_member(struct reader *r, const char *name)
{
    char printable[KEYRING_PRINTABLE_BYTES];

    if (strcmp(name, "tenants") != 0) {
        snprintf(r->place.error, KEYRING_ERROR_BYTES, "%s: unknown member, allowed is tenants",
                 keyring_printable(name, printable));
        return false;
    }
    if (!is_first(r, &r->has_tenants))
        return false;
    return peek(r) == '{' ? walk_object(r, read_tenant) : keyring_refuse(&r->place, "", TENANTS_SHAPE);
}

static bool read_file(struct reader *r)
{
    if (peek(r) == '[')
        return keyring_refuse(&r->place, "", TENANTS_SHAPE);
    if (!walk_object(r, read_root_member))
        return false;
    if (peek(r) != '\0' || r->at < r->text.len)
        return refuse_syntax(r);
    return r->has_tenants || keyring_refuse(&r->place, "", TENANTS_SHAPE);
}

struct keyring *keyring_parse(struct span json, char error[KEYRING_ERROR_BYTES])
{
    struct reader r = {.text = json, .place.error = error, .keyring = keyring_new()};

    error[0] = '\0';
    if (r.keyring == NULL)
        keyring_refuse_memory(&r.place);
    else if (!read_file(&r))
        keyring_release(&r.keyring);
    return r.keyring;
}
