/*
 * Errors of the native calls: application/problem+json. Built from the failure's row and static sentences only, so no
 * account id, ARN, upstream text or secret can be in it.
 */
#include "gateway/base/json_write.h"
#include "gateway/front/batch.h"
#include "gateway/front/reply.h"

static void write_invalid(const struct batch_invalid *invalid, struct buf *out)
{
    json_write_name(out, "invalid");
    for (size_t i = 0; i != invalid->len; i++) {
        buf_append_char(out, i == 0 ? '[' : ',');
        buf_append_u64(out, invalid->at[i]);
    }
    buf_append_char(out, ']');
}

void problem_write_members(const struct failure *f, const struct batch_invalid *invalid, struct span request_id,
                           struct buf *out)
{
    json_write_member(out, "type", SPAN("about:blank"));
    json_write_member(out, "title", span_str(failure_title(f->row)));
    json_write_member_u64(out, "status", (uint64_t)failure_status(f->row));
    json_write_member(out, "detail", span_str(f->detail != NULL ? f->detail : failure_title(f->row)));
    if (f->parameter != NULL)
        json_write_member(out, "parameter", span_str(f->parameter));
    json_write_member(out, "code", span_str(failure_code(f)));
    json_write_member_bool(out, "retryable", failure_is_retryable(f->row));
    json_write_member(out, "outcome", f->outcome == OUTCOME_UNKNOWN ? SPAN("unknown") : SPAN("not_written"));
    if (f->bytes_max != 0) {
        json_write_member_u64(out, "bytes", f->bytes);
        json_write_member_u64(out, "bytes_max", f->bytes_max);
    }
    if (invalid != NULL && invalid->is_why)
        write_invalid(invalid, out);
    json_write_member(out, "request_id", request_id);
}

void problem_write(const struct failure *f, const struct batch_invalid *invalid, struct span request_id,
                   struct buf *out)
{
    problem_write_members(f, invalid, request_id, out);
    buf_append_char(out, '}');
}
