/*
 * An exchange without a server: made from a request's text, and keeps what it was answered.
 */
#ifndef KGW_TESTS_LIB_FAKE_EXCHANGE_H
#define KGW_TESTS_LIB_FAKE_EXCHANGE_H

#include "gateway/front/exchange.h"

struct fake_exchange {
    struct exchange exchange;
    char *bytes; /* the request's own memory, freed at the answer: no span may be used after it */
    unsigned replies;
    bool is_gone;
    int status;
    bool close;
    struct buf fields; /* "name: value\n" … */
    struct buf body;
};

/* `head` ends with its empty line; Host and Content-Length are added by fake_request(). */
struct fake_exchange *fake_exchange_new(struct span head, struct span body);
/* "POST /path" and further field lines, each with CRLF (may be ""). */
struct fake_exchange *fake_request(const char *line, const char *fields, struct span body);
void fake_exchange_gone(struct fake_exchange *f); /* the client's side ends; nothing if it was answered */
void fake_exchange_free(struct fake_exchange *f);
bool fake_exchange_has(const struct fake_exchange *f, const char *text); /* in the answer's body */
struct span fake_exchange_field(const struct fake_exchange *f, const char *name);

#endif
