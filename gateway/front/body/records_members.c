/*
 * PutRecords' members as JSON (API_PutRecords.html), read in place and in slices. Records is walked over and checked
 * whole; its entries are another's to read.
 */
#include "gateway/front/body/body.h"
#include "gateway/front/body/member.h"

#define ROW(name, kind, value, has) MEMBER_ROW(struct put_records_members, name, kind, value, has)

static const struct member_row rows[] = {
    ROW("Records", MEMBER_ARRAY, records, has_records),
    ROW("StreamName", MEMBER_TEXT, stream_name, has_stream_name),
    ROW("StreamARN", MEMBER_TEXT, stream_arn, has_stream_arn),
    ROW("DryRun", MEMBER_FLAG, dry_run, dry_run),
};

static const struct member_shape put_records = {
    .rows = rows,
    .rows_len = sizeof(rows) / sizeof(rows[0]),
    .not_object = "the body is not a JSON object",
    .unknown = "the body has a member that PutRecords does not have",
};

void body_scan_members_init(struct members_scan *s, struct span body, bool strict, struct buf *scratch)
{
    *s = (struct members_scan){.scratch = scratch, .strict = strict};
    json_scan_init(&s->json, body);
}

/* True with all members taken, or a failure; false when the scan has failed or paused. */
static bool take_members(struct members_scan *s, struct put_records_members *out, struct failure *failure)
{
    struct json_value name, value;

    if (!s->has_begun) {
        *out = (struct put_records_members){.has_records = false};
        s->has_begun = json_scan_enter_object(&s->json);
    }
    if (!s->has_begun)
        return false;
    while (!s->has_ended && json_scan_next_member(&s->json, &name, &value)) {
        *failure = member_take(&put_records, &name, &value, s->strict, &s->seen, s->scratch, out);
        if (failure->row != FAILURE_NONE)
            return true;
    }
    s->has_ended = !s->json.is_paused;
    return json_scan_end(&s->json);
}

enum members_step body_scan_members(struct members_scan *s, size_t budget, struct put_records_members *out,
                                    struct failure *failure)
{
    *failure = FAILURE_OK;
    json_scan_set_budget(&s->json, budget);
    bool is_whole = take_members(s, out, failure);
    if (s->json.is_paused)
        return MEMBERS_MORE;
    if (!is_whole)
        *failure = member_failure(put_records.not_object, NULL);
    else if (failure->row == FAILURE_NONE && !out->has_records)
        *failure = member_missing("Records is missing", "Records");
    return failure->row == FAILURE_NONE ? MEMBERS_DONE : MEMBERS_FAILED;
}
