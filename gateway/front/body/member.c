/*
 * One member of any shape, by its row.
 */
#include "gateway/front/body/member.h"

static struct failure take_text(const struct json_value *value, const char *name, struct buf *scratch, struct span *to)
{
    if (value->type != JSON_TYPE_STRING)
        return member_failure("a member must be a string", name);
    *to = value->raw;
    if (!value->has_escapes)
        return FAILURE_OK;
    size_t start = scratch->len;
    json_unescape(value->raw, scratch);
    if (scratch->failed)
        return (struct failure){.row = FAILURE_OVERLOADED, .detail = "out of memory"};
    *to = span_of(scratch->ptr + start, scratch->len - start);
    return FAILURE_OK;
}

static struct failure take_value(const struct member_row *row, const struct json_value *value, struct buf *scratch,
                                 char *out)
{
    struct span *to = (struct span *)(void *)(out + row->value_at);
    bool *has = (bool *)(out + row->has_at);

    if (value->type == JSON_TYPE_NULL)
        return FAILURE_OK;
    if (row->kind == MEMBER_FLAG) {
        *has = value->type == JSON_TYPE_TRUE;
        return *has || value->type == JSON_TYPE_FALSE ? FAILURE_OK
                                                      : member_failure("a member must be a boolean", row->name);
    }
    *has = true;
    if (row->kind == MEMBER_TEXT)
        return take_text(value, row->name, scratch, to);
    *to = value->raw;
    return value->type == JSON_TYPE_ARRAY ? FAILURE_OK : member_failure("a member must be an array", row->name);
}

struct failure member_take(const struct member_shape *shape, const struct json_value *name,
                           const struct json_value *value, bool strict, unsigned *seen, struct buf *scratch, void *out)
{
    size_t i = 0;

    while (i != shape->rows_len && !json_string_equals(name, span_str(shape->rows[i].name)))
        i++;
    if (i == shape->rows_len)
        return strict ? member_failure(shape->unknown, NULL) : FAILURE_OK;
    if ((*seen & 1u << i) != 0)
        return member_failure("a member is given twice", shape->rows[i].name);
    *seen |= 1u << i;
    return take_value(&shape->rows[i], value, scratch, out);
}
