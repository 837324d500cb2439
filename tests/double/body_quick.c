/*
 * A reader for the calls that benchmarks send: objects of plain strings and true/false/null, and one list of such. It
 * gives up at anything it does not know (escapes, bytes beyond ASCII, numbers, doubled names, too much of anything).
 */
#include "tests/double/body.h"

#include <stdlib.h>
#include <string.h>

struct cursor {
    const char *at, *end;
};

static bool next_is(struct cursor *cursor, char wanted)
{
    while (cursor->at < cursor->end && (*cursor->at == ' ' || *cursor->at == '\n' || *cursor->at == '\t'))
        cursor->at++;
    if (cursor->at == cursor->end || *cursor->at != wanted)
        return false;
    cursor->at++;
    return true;
}

/* Eight bytes at a time: none is a control character, a backslash or beyond ASCII. */
static bool is_plain(const char *at, size_t length)
{
    const uint64_t ones = 0x0101010101010101ull, highs = ones * 0x80;
    for (; length >= 8; at += 8, length -= 8) {
        uint64_t word, slash;
        memcpy(&word, at, 8);
        slash = word ^ ones * '\\';
        if (((word | (word - ones * 0x20) | (slash - ones)) & highs) != 0)
            return false;
    }
    for (; length > 0; at++, length--) {
        if ((unsigned char)*at < 0x20 || (unsigned char)*at >= 0x80 || *at == '\\')
            return false;
    }
    return true;
}

/* The caller has seen the opening quote. */
static bool read_string(struct cursor *cursor, struct slice *out)
{
    const char *quote = memchr(cursor->at, '"', (size_t)(cursor->end - cursor->at));
    if (quote == NULL)
        return false;
    *out = (struct slice){cursor->at, (size_t)(quote - cursor->at)};
    cursor->at = quote + 1;
    return is_plain(out->base, out->length);
}

static bool read_word(struct cursor *cursor, const char *word)
{
    size_t length = strlen(word);
    if ((size_t)(cursor->end - cursor->at) < length || memcmp(cursor->at, word, length) != 0)
        return false;
    cursor->at += length;
    return true;
}

static bool read_records(struct cursor *cursor, struct body *body);

static bool read_value(struct cursor *cursor, struct field *field, struct body *body)
{
    if (next_is(cursor, '"')) {
        field->kind = FIELD_STRING;
        return read_string(cursor, &field->text);
    }
    if (body != NULL && slice_is(field->name, "Records") && next_is(cursor, '[')) {
        field->kind = FIELD_RECORDS;
        return read_records(cursor, body);
    }
    field->kind = read_word(cursor, "true") ? FIELD_TRUE : read_word(cursor, "false") ? FIELD_FALSE : FIELD_NULL;
    return field->kind != FIELD_NULL || read_word(cursor, "null");
}

static bool is_new(const struct fields *fields, struct slice name)
{
    for (size_t i = 0; i < fields->count; i++) {
        if (fields->list[i].name.length == name.length &&
            memcmp(fields->list[i].name.base, name.base, name.length) == 0)
            return false;
    }
    return true;
}

/* `body` is where "Records" go; NULL inside of them. */
static bool read_object(struct cursor *cursor, struct fields *fields, struct body *body)
{
    fields->is_object = true;
    fields->count = 0;
    if (!next_is(cursor, '{'))
        return false;
    do {
        struct field *field = &fields->list[fields->count];
        if (fields->count == FIELDS_MAX || !next_is(cursor, '"') || !read_string(cursor, &field->name) ||
            !is_new(fields, field->name) || !next_is(cursor, ':') || !read_value(cursor, field, body))
            return false;
        fields->count++;
    } while (next_is(cursor, ','));
    return next_is(cursor, '}');
}

static bool read_records(struct cursor *cursor, struct body *body)
{
    body->records = malloc(RECORDS_MAX * sizeof body->records[0]);
    do {
        if (body->record_count == RECORDS_MAX || !read_object(cursor, &body->records[body->record_count], NULL))
            return false;
        body->record_count++;
    } while (next_is(cursor, ','));
    return next_is(cursor, ']');
}

bool body_read_quick(struct body *body, struct slice bytes)
{
    struct cursor cursor = {bytes.base, bytes.base + bytes.length};
    if (bytes.length == 0 || !read_object(&cursor, &body->top, body))
        return false;
    next_is(&cursor, 0); /* skips white space */
    return cursor.at == cursor.end;
}
