/*
 * The envelope of `envelope: "json"`: a record's Data inside a JSON object that says where it came from. The part that
 * a request's records share is written once. Pure.
 *
 *     {"id","received_at","request_id","remote_ip","method","path","query","content_type","headers":{…},
 *      "body" or "body_base64"}
 *
 * `body` is the Data as text if it is UTF-8, else `body_base64` has its bytes. A text of the head that is not UTF-8 is
 * read as ISO-8859-1 (RFC 9110 section 5.5). Credentials in the query (`key`, and RFC 6750's `access_token`) are left
 * out.
 */
#ifndef KGW_FRONT_ENVELOPE_H
#define KGW_FRONT_ENVELOPE_H

#include "gateway/front/exchange.h"
#include "gateway/kinesis/record.h"

struct envelope_inputs {
    struct span id, request_id, path, query;
    struct span content_type; /* empty: null is written */
    struct span headers;      /* those to list, in lower case, separated by commas */
    bool is_batch;            /* each record's id has its place behind it, as "ID.0" */
    int64_t received_unix_ms;
    bool has_client; /* else null is written */
    struct address client;
    const struct head *head;
};

struct envelope;

/* All is copied. NULL: out of memory. */
struct envelope *envelope_new(const struct envelope_inputs *inputs);
void envelope_free(struct envelope **e); /* NULL-safe */
/*
 * Puts r->data into it: r->data is then the whole, in memory of `e`, until the next wrap. Reads about *budget bytes and
 * takes them off. False: call again, with the same; else *f says how it ended. FAILURE_RECORD_TOO_LARGE if the whole
 * and r->partition_key are more than record_bytes_max; then, and out of memory, *r stays as it was.
 */
bool envelope_wrap(struct envelope *e, size_t index, uint64_t record_bytes_max, size_t *budget, struct record *r,
                   struct failure *f) MUST_LOOK;
struct span envelope_data(const struct envelope *e); /* what was wrapped last; empty for NULL */

#endif
