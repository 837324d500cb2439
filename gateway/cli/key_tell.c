/* A new key is shown here, once. One that was brought is not: its owner has it. */
#include "gateway/base/json_write.h"
#include "gateway/cli/common.h"
#include "gateway/cli/key.h"

#include <stdlib.h>

static void append_secret(const struct made_key *m, struct buf *out)
{
    if (m->is_imported) {
        buf_append(out, SPAN("The key is known by its id:\n\n  "));
        buf_append(out, span_str(m->id));
    } else if (m->derived == NULL) {
        buf_append(out, SPAN("Key, shown this once; give it to its owner:\n\n  "));
        buf_append(out, secret_reveal(&m->secret));
    } else {
        buf_append(out, SPAN("Access key id:      "));
        buf_append(out, span_str(m->id));
        buf_append(out, SPAN("\nSecret access key:  "));
        buf_append(out, secret_reveal(&m->secret));
        buf_append(out, SPAN("\nGive both to their owner."));
    }
}

static void append_place(const struct made_key_told *told, struct span row, struct buf *out)
{
    if (told->place == NULL) {
        buf_append(out, SPAN("\n\nIts row, for tenants."));
        buf_append(out, span_str(told->tenant));
        buf_append(out, SPAN(".keys of the tenants file:\n\n  "));
        buf_append(out, row);
    } else {
        buf_append(out, SPAN("\n\nIts row is with tenant "));
        buf_append(out, span_str(told->tenant));
        buf_append(out, SPAN(" in "));
        buf_append(out, span_str(told->place));
        buf_append(out, SPAN("."));
    }
    buf_append(out, SPAN("\n"));
    if (told->old_id == NULL)
        return;
    buf_append(out, SPAN("Key "));
    buf_append(out, span_str(told->old_id));
    buf_append(out, SPAN(" is refused from "));
    cli_append_time(out, told->old_expires_s);
    buf_append(out, SPAN(" on.\n"));
}

static void append_json(const struct made_key *m, const struct made_key_told *told, struct span row, struct buf *out)
{
    if (m->derived == NULL && !m->is_imported)
        json_write_member(out, "key", secret_reveal(&m->secret));
    json_write_member(out, "id", span_str(m->id));
    if (m->derived == NULL)
        json_write_member(out, "digest", span_str(m->digest));
    else
        json_write_member(out, "secret", secret_reveal(&m->secret));
    json_write_name(out, "row");
    buf_append(out, row);
    if (told->place != NULL)
        json_write_member(out, "tenant", span_str(told->tenant));
    if (told->old_id != NULL) {
        json_write_name(out, "replaces");
        buf_append_char(out, '{');
        json_write_member(out, "id", span_str(told->old_id));
        json_write_name(out, "expires");
        buf_append_char(out, '"');
        cli_append_time(out, told->old_expires_s);
        buf_append(out, SPAN("\"}"));
    }
    buf_append(out, SPAN("}\n"));
}

int made_key_tell(const struct made_key *m, const struct made_key_told *told)
{
    char *row = json_dumps(m->row, JSON_COMPACT);
    struct buf out;

    buf_init(&out, CLI_OUTPUT_BYTES_MAX);
    if (told->as_json) {
        append_json(m, told, span_str(row), &out);
    } else {
        append_secret(m, &out);
        append_place(told, span_str(row), &out);
    }
    out.failed = out.failed || row == NULL;
    free(row);
    return cli_print(&out);
}
