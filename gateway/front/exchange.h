/*
 * What a step sees of a request and its answer: not H2O. Implemented by exchange_h2o.c, and by the tests' fake
 * exchange.
 */
#ifndef KGW_FRONT_EXCHANGE_H
#define KGW_FRONT_EXCHANGE_H

#include "auth/address.h"
#include "auth/bytes.h"

#define HEAD_FIELDS_MAX  100
#define REPLY_FIELDS_MAX 16

struct head_field {
    struct span name, value; /* the value trimmed; names may have been lower-cased */
};

/* The guard's table of a request's head: every field line in order, Host and Content-Length included. */
struct head {
    struct span method, target;
    bool is_http_1_0, has_length, is_chunked;
    size_t fields_len;
    uint64_t absent; /* bits of names that no field has, as head_name_bit() says; 0: nothing is known */
    struct head_field fields[HEAD_FIELDS_MAX];
};

/* One of 64, by the name's length, first and last letter in any case: most of what is looked for is not there. */
static inline uint64_t head_name_bit(struct span name)
{
    unsigned first = name.len == 0 ? 0 : (unsigned char)name.ptr[0] | 0x20;
    unsigned last = name.len == 0 ? 0 : (unsigned char)name.ptr[name.len - 1] | 0x20;

    return 1ull << ((name.len + 3 * first + 5 * last) % 64);
}

static inline bool head_may_have(const struct head *h, struct span name)
{
    return (h->absent & head_name_bit(name)) == 0;
}

struct span head_search(const struct head *h, struct span name, size_t *count); /* head_find()'s slow half */

/* The value of the first field of that name (any case), or empty; *count, if wanted, says how many there are. */
static inline struct span head_find(const struct head *h, struct span name, size_t *count)
{
    if (head_may_have(h, name)) /* of a literal it is known when compiled */
        return head_search(h, name, count);
    if (count != NULL)
        *count = 0;
    return SPAN("");
}

struct reply_field {
    struct span name; /* static, lower case */
    struct span value;
};

struct reply {
    int status;
    bool close; /* the connection, after this answer */
    struct span body;
    size_t fields_len;
    struct reply_field fields[REPLY_FIELDS_MAX];
};

static inline void reply_add(struct reply *r, const char *name, struct span value)
{
    r->fields[r->fields_len++] = (struct reply_field){span_str(name), value};
}

struct exchange {
    struct span body;                       /* mutable by nobody; unchanged until the reply */
    struct address peer;                    /* of the connection, or whom a trusted proxy named for all of it */
    const struct networks *trusted_proxies; /* of its listener; NULL: none */
    uint64_t body_bytes_max;                /* of its listener */
    bool must_close;                        /* whatever the answer, the connection ends after it */
    void (*on_gone)(
        void *ctx); /* set by the owner of the wait; called once if the client's side ends before the reply */
    void *gone_ctx;
    struct head head; /* last: what is used of it lies beside the rest */
};

/*
 * Answers: once, and the exchange is gone when this returns. Everything in `r` is copied. It may not be called from
 * within on_gone, and on_gone is not called after it.
 */
void exchange_reply(struct exchange *e, const struct reply *r);

#endif
