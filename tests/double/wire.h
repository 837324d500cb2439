#pragma once

#include "tests/double/answers.h"
#include "tests/double/timers.h"

/* How an answer leaves: well, in pieces, in part, or not at all. Every verb ends the exchange. */
struct wire {
    h2o_req_t *req;
    struct timers *timers;
    const char *request_id, *id_2;
    long skew_seconds; /* of the Date header */
};

void wire_send(const struct wire *wire, const struct answer *answer); /* `answer` outlives the request */
void wire_drip(const struct wire *wire, const struct answer *answer, uint64_t interval_ms);
void wire_cut(const struct wire *wire, const struct answer *answer, size_t body_bytes); /* then FIN */
void wire_garbage(const struct wire *wire);
void wire_reset(const struct wire *wire);
