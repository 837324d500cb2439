#ifndef KGW_BENCH_ANSWER_H
#define KGW_BENCH_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ANSWER_KEPT_BYTES 8192 /* the head and what of the body fits; the rest is counted, not kept */

enum answer_state {
    ANSWER_MORE,
    ANSWER_DONE,
    ANSWER_BROKEN /* not HTTP, too long a head, chunked (which nothing measured here sends), or more than announced */
};

struct answer {
    int status;
    bool keeps_alive;
    bool until_close; /* neither a length nor chunks: the end of the connection is the end of the body */
    size_t head_bytes;
    uint64_t body_bytes;
    uint64_t fed;
    size_t kept;
    char bytes[ANSWER_KEPT_BYTES];
};

void answer_clear(struct answer *answer);

enum answer_state answer_feed(struct answer *answer, const char *data, size_t length);

/* The next SequenceNumber of the body from `*at` on (0 at first), or NULL; `*length` is its number of digits. */
const char *answer_sequence_number(const struct answer *answer, size_t *at, size_t *length);

#endif
