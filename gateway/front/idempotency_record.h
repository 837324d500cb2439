/*
 * What is kept under an idempotency key, as text: the results of the records that were written, and, for a store that
 * keeps texts, the whole record with its state. Pure; what comes from a store is not trusted to be well-formed.
 */
#ifndef KGW_FRONT_IDEMPOTENCY_RECORD_H
#define KGW_FRONT_IDEMPOTENCY_RECORD_H

#include "auth/digest.h"
#include "gateway/kinesis/record.h"

#define RESULT_TEXT_BYTES_MAX         (2 + 4 + SHARD_ID_BYTES_MAX + 4 + SEQUENCE_NUMBER_BYTES_MAX + 3 + 10)
#define IDEMPOTENCY_RECORD_HEAD_BYTES (6 + 16 + 2 * SHA256_BYTES)

/*
 * Results, one a record of the request, one after the other: "-" is one that was not written;
 * "w0" or "p0" (possible duplicate; 0, 1, 2: the encryption) and three texts with their lengths ahead,
 * "20:shardId-000000000001", "56:4960…" and "1:7" (SubSequenceNumber; "0:": none), one that was.
 */
void idempotency_result_write(const struct put_result *r, struct buf *out); /* r->failure: "-" */
/* Takes one off *rest; its spans point there. False: *rest is not well-formed, or empty. */
bool idempotency_result_read(struct span *rest, struct put_result *out, bool *is_written);

enum idempotency_state {
    IDEMPOTENCY_PENDING = 'P', /* its owner may be writing; results: of earlier calls */
    IDEMPOTENCY_OPEN = 'O',    /* nobody's: some of its records are written, the others may be tried again */
    IDEMPOTENCY_DONE = 'D'     /* all are written */
};

struct idempotency_record {
    enum idempotency_state state;
    uint64_t token; /* of the owner, or of the last one */
    uint8_t fingerprint[SHA256_BYTES];
    struct span results;
};

/* "1|P|00000000000000a7|<fingerprint in hex>|results" */
void idempotency_record_write(const struct idempotency_record *r, struct buf *out);
bool idempotency_record_read(struct span text, struct idempotency_record *out); /* out->results points into text */

#endif
