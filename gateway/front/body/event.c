/*
 * A CloudEvent in the JSON format (CloudEvents 1.0.2, JSON Event Format section 3): the attributes that it must have,
 * and the partitionkey extension. The event itself is passed on as it is.
 */
#include "gateway/front/body/body.h"
#include "gateway/front/body/member.h"

struct event {
    struct span specversion, id, source, type, partition_key;
    bool has_specversion, has_id, has_source, has_type, has_partition_key;
};

#define ROW(name, value, has) MEMBER_ROW(struct event, name, MEMBER_TEXT, value, has)

static const struct member_row rows[] = {
    ROW("specversion", specversion, has_specversion),
    ROW("id", id, has_id),
    ROW("source", source, has_source),
    ROW("partitionkey", partition_key, has_partition_key),
    ROW("type", type, has_type),
};

static const struct member_shape shape = {
    .rows = rows, .rows_len = sizeof(rows) / sizeof(rows[0]), .not_object = "an event is not a JSON object"};

static struct failure check_attribute(struct span value, const char *name)
{
    return value.len != 0 ? FAILURE_OK : member_missing("an event's attribute is missing or empty", name);
}

static struct failure check_event(const struct event *e)
{
    if (!span_equal(e->specversion, SPAN("1.0")))
        return member_missing("an event's specversion must be \"1.0\"", "specversion");
    TRY(check_attribute(e->id, "id"));
    TRY(check_attribute(e->source, "source"));
    TRY(check_attribute(e->type, "type"));
    return e->has_partition_key ? record_check_partition_key(e->partition_key) : FAILURE_OK;
}

struct failure body_parse_event(struct span object, struct buf *scratch, struct span *partition_key)
{
    struct json_scan s;
    struct json_value name, value;
    struct event e = {.has_id = false};
    unsigned seen = 0;

    *partition_key = SPAN("");
    json_scan_init(&s, object);
    for (json_scan_enter_object(&s); json_scan_next_member(&s, &name, &value);)
        TRY(member_take(&shape, &name, &value, false, &seen, scratch, &e));
    if (!json_scan_end(&s))
        return member_failure(shape.not_object, NULL);
    TRY(check_event(&e));
    *partition_key = e.partition_key;
    return FAILURE_OK;
}
