/*
 * What a call asks the fake Kinesis, taken apart and held against the rules of the API. A call that Kinesis would
 * refuse as malformed is a mistake of the gateway: it ends the test with a sentence.
 */
#ifndef KGW_TESTS_LIB_FAKE_PUT_H
#define KGW_TESTS_LIB_FAKE_PUT_H

#include "gateway/net/http_call.h"

#define FAKE_RECORDS_MAX    500
#define FAKE_PUT_BYTES_MAX  (5u << 20)  /* of Data and partition keys, of more than one record */
#define FAKE_DATA_BYTES_MAX (10u << 20) /* of a record alone */

enum fake_operation { FAKE_PUT_RECORD, FAKE_PUT_RECORDS, FAKE_OPERATIONS };

struct fake_record {
    struct span data;                                                           /* decoded */
    struct span partition_key, explicit_hash_key, sequence_number_for_ordering; /* the latter two: empty if absent */
};

struct fake_put {
    enum fake_operation operation;
    size_t len;
    struct fake_record *records;
    struct json_t *json; /* holds what the spans but Data point at */
};

/* Its memory is no test's business: it never runs out on demand. */
void *fake_memory(size_t bytes);

void fake_put_parse(const struct http_request *r, struct fake_put *out);
void fake_put_clear(struct fake_put *put);

#endif
