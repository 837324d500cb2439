#pragma once

#include "tests/double/faults.h"

struct answer {
    int status;
    const char *content_type; /* NULL: none */
    struct text error_type;   /* the header x-amzn-ErrorType; empty: none */
    struct text body;
};

/* The answer to a call that went well, as far as its records did. */
void answer_success(struct answer *answer, const struct call *call, const struct store *store);
void answer_failure(struct answer *answer, const struct failure *failure);

/* Replaces `answer` by what the fault makes of it; faults of the wire leave it alone. */
void answer_spoil(struct answer *answer, const struct fault *fault, const struct call *call, const struct store *store);

void answer_clear(struct answer *answer);

/* "Rate exceeded for shard …", as Kinesis says it. */
void text_put_rate_exceeded(struct text *text, const struct call *call, const struct put_record *record,
                            const struct store *store);
