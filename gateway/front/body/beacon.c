/*
 * What browsers send: a beacon's body byte for byte, whatever its content type (or several events in it, where its
 * stream says how they stand there), and a pixel's query. Partition keys are by the stream's rule alone.
 */
#include "gateway/front/batch.h"
#include "gateway/front/body/pixel.h"
#include "gateway/front/browser.h"

static struct failure take_one(struct ticket *t, struct span data)
{
    struct record *r = &t->put.record;

    *r = (struct record){.data = data, .data_bytes = data.len};
    return ticket_find_partition_key(t, r, t->partition_key, &t->scratch);
}

struct failure body_parse_beacon(struct ticket *t)
{
    TRY(body_refuse_parameters(t));
    t->is_dry_run = t->query.dry_run;
    if (browser_drops(t))
        return FAILURE_OK;
    switch (t->stream->beacon_batch) {
    case BEACON_BATCH_NDJSON:
        return batch_new(t, BATCH_LINES);
    case BEACON_BATCH_JSON:
        return batch_new(t, BATCH_ARRAY);
    case BEACON_BATCH_NONE:
        break;
    }
    return take_one(t, t->exchange->body);
}

struct failure body_parse_pixel(struct ticket *t)
{
    struct span event;

    TRY(body_refuse_parameters(t));
    if (t->exchange->body.len != 0)
        return (struct failure){.row = FAILURE_MALFORMED, .detail = "a pixel has no body: its query is the event"};
    t->is_dry_run = t->query.dry_run;
    if (browser_drops(t))
        return FAILURE_OK;
    TRY(pixel_event(t->query.raw, &t->scratch, &event));
    return take_one(t, event);
}
