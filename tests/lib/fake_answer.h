/* A fate made into an answer: records stored, the observer told, and what Kinesis says to it. */
#ifndef KGW_TESTS_LIB_FAKE_ANSWER_H
#define KGW_TESTS_LIB_FAKE_ANSWER_H

#include "tests/lib/fake_net.h"

struct fake_answer {
    int status;
    const char *headers; /* static */
    char *body;          /* owned */
    size_t body_len;
};

void fake_answer_make(struct fake_net *net, unsigned call, enum fake_fate fate, const struct fake_put *put,
                      struct fake_answer *out);
void fake_answer_clear(struct fake_answer *a);

#endif
