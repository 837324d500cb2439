/* The single record of POST /v1/hooks/{hook}: the body, byte for byte, with the partition key that a rule finds. */
#include "gateway/front/body/body.h"
#include "gateway/front/ticket_hook.h"

struct failure body_parse_hook(struct ticket *t)
{
    t->put.record = (struct record){.data = t->exchange->body, .data_bytes = t->exchange->body.len};
    TRY(hook_handshake_in_body(t));
    if (t->is_ready)
        return FAILURE_OK;
    hook_event_identify_in_body(t);
    return ticket_find_partition_key(t, &t->put.record, t->partition_key, &t->scratch);
}
