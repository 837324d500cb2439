/*
 * Batches on a world's road: asked for by their form, and their answers read back as JSON.
 */
#ifndef KGW_TESTS_LIB_BATCH_H
#define KGW_TESTS_LIB_BATCH_H

#include "gateway/front/batch.h"
#include "tests/auth/check.h"
#include "tests/lib/world.h"

#include <jansson.h>

/* An aggregate of nothing: the magic, no message, the MD5 of that. */
#define EMPTY_AGGREGATE        "\xf3\x89\x9a\xc2\xd4\x1d\x8c\xd9\x8f\x00\xb2\x04\xe9\x80\x09\x98\xec\xf8\x42\x7e"
#define EMPTY_AGGREGATE_BASE64 "84mawtQdjNmPALIE6YAJmOz4Qn4="

#define LINES   "application/x-ndjson"
#define ARRAY   "application/json"
#define MEMBERS "application/vnd.kinesis.v1+json"

/* POST /v1/streams/STREAM/records?QUERY with the key and further field lines. */
struct fake_exchange *batch_request(const struct world *w, const char *stream_and_query, const char *type,
                                    const char *fields, struct span body);
/* The same, and it is on its road. */
struct fake_exchange *batch_ask(struct world *w, const char *stream_and_query, const char *type, const char *fields,
                                struct span body);
/* POST / with X-Amz-Target PutRecords. */
struct fake_exchange *batch_ask_aws(struct world *w, struct span body);
/* `records` lines "record-0\n" …; the caller clears it. */
struct buf batch_lines(size_t records);
/* {"StreamName":…,"Records":[…]} with `records` entries of that Data in base64. */
struct buf batch_members(const char *stream, size_t records, const char *data);

json_t *batch_answer(const struct fake_exchange *e);    /* once it was answered; the caller releases it */
json_t *batch_item(const json_t *answer, size_t index); /* one of its Records */
bool batch_is_text(const json_t *object, const char *name, const char *want);
/* Every record has ids, and their sequence numbers rise. */
void batch_check_all_written(const struct fake_exchange *e, size_t records);
/* Lets time pass in steps of a millisecond; the audit's sums are right after each. */
void batch_pass(struct world *w, unsigned ms);

#endif
