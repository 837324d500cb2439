/*
 * The records of a batch, one after the other, in place: a record is a span of the body, and nothing is kept of those
 * that were passed. Pure, and in slices: a scan stops after about `budget` bytes and goes on where it stopped, in the
 * middle of an element too. Two scans over one text give the same records.
 */
#ifndef KGW_FRONT_BODY_BATCH_SCAN_H
#define KGW_FRONT_BODY_BATCH_SCAN_H

#include "gateway/base/cbor_read.h"
#include "gateway/base/json_scan.h"

enum batch_form {
    BATCH_LINES,   /* application/x-ndjson: the bytes before LF, one CR dropped, empty lines skipped; an open last line
                      counts */
    BATCH_ARRAY,   /* application/json: an array; an element's exact bytes from its first to its last */
    BATCH_ENTRIES, /* the value of PutRecords' Records: an array whose elements must be objects */
    BATCH_EVENTS,  /* application/cloudevents-batch+json: the same */
    BATCH_CBOR     /* the value of PutRecords' Records as CBOR: a well-formed array, its elements' exact bytes */
};

enum batch_step { BATCH_RECORD, BATCH_MORE, BATCH_END, BATCH_MALFORMED };

struct batch_scan {
    enum batch_form form;
    struct json_scan json; /* arrays */
    struct cbor_reader cbor;
    struct cbor_item array; /* of it */
    bool has_begun, has_ended;
    const char *line, *at, *end; /* lines: the one being read starts at `line`, and has no LF before `at` */
};

void batch_scan_init(struct batch_scan *s, enum batch_form form, struct span text);
/*
 * BATCH_RECORD: *record is the next one. BATCH_MORE: the budget is spent (call again, with more). BATCH_END: there are
 * no more, and the text was well-formed to its end. *budget falls by what was read, to 0 at least.
 */
enum batch_step batch_scan_next(struct batch_scan *s, size_t *budget, struct span *record);

#endif
