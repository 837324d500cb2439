/* JSON by jansson, the judge of everything that the quick reader would not touch. */
#include "tests/double/body.h"

#include <stdlib.h>
#include <string.h>

static struct field read_field(const char *name, json_t *value)
{
    struct field field = {.kind = FIELD_OTHER, .name = {name, strlen(name)}};
    if (json_is_string(value)) {
        field.kind = FIELD_STRING;
        field.text = (struct slice){json_string_value(value), json_string_length(value)};
    }
    if (json_is_boolean(value))
        field.kind = json_is_true(value) ? FIELD_TRUE : FIELD_FALSE;
    if (json_is_null(value))
        field.kind = FIELD_NULL;
    return field;
}

static void read_fields(struct fields *fields, json_t *object)
{
    const char *name;
    json_t *value;
    *fields = (struct fields){.is_object = json_is_object(object)};
    json_object_foreach(object, name, value)
    {
        if (fields->count < FIELDS_MAX)
            fields->list[fields->count] = read_field(name, value);
        fields->count++;
    }
}

static void read_records(struct body *body, struct field *field, json_t *list)
{
    field->kind = FIELD_RECORDS;
    body->record_count = json_array_size(list);
    size_t kept = body->record_count < RECORDS_MAX ? body->record_count : RECORDS_MAX;
    body->records = calloc(kept + 1, sizeof body->records[0]);
    for (size_t i = 0; i < kept; i++)
        read_fields(&body->records[i], json_array_get(list, i));
}

bool body_read(struct body *body, struct slice bytes)
{
    if (body_read_quick(body, bytes))
        return true;
    body_clear(body);
    body->root = json_loadb(bytes.base ? bytes.base : "", bytes.length, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    if (body->root == NULL)
        return false;
    read_fields(&body->top, body->root);
    json_t *list = json_object_get(body->root, "Records");
    for (size_t i = 0; i < body->top.count && i < FIELDS_MAX; i++) {
        if (json_is_array(list) && slice_is(body->top.list[i].name, "Records"))
            read_records(body, &body->top.list[i], list);
    }
    return true;
}

void body_clear(struct body *body)
{
    free(body->records);
    json_decref(body->root);
    *body = (struct body){0};
}
