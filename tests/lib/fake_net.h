/*
 * The net in virtual time: the symbols of gateway/net/http_call.h. Each call is answered as the test's script says for
 * its number; the Kinesis behind it keeps what was stored, so that a test can hold answers against the truth. What a
 * call stores is stored when it starts.
 */
#ifndef KGW_TESTS_LIB_FAKE_NET_H
#define KGW_TESTS_LIB_FAKE_NET_H

#include "gateway/base/random.h"
#include "tests/lib/fake_ledger.h"

enum fake_fate {
    FAKE_STORED, /* 200 with ids */
    FAKE_THROTTLED,
    FAKE_INTERNAL, /* 500, nothing stored */
    FAKE_INTERNAL_STORED,
    FAKE_REFUSED_DIAL, /* not sent */
    FAKE_NO_ROUTE,     /* never sent: silence until timeout_ms */
    FAKE_RESET,        /* sent, not stored, connection lost */
    FAKE_RESET_STORED,
    FAKE_SILENCE, /* until timeout_ms; nothing stored */
    FAKE_SILENCE_STORED,
    FAKE_GARBAGE, /* a 200 that acknowledges nothing; stored */
    FAKE_EXPIRED_TOKEN,
    FAKE_SKEWED, /* InvalidSignatureException, with a Date ten minutes ahead */
    FAKE_ACCESS_DENIED,
    FAKE_ARGUMENT,
    FAKE_HTML_503,
    FAKE_TRUNCATED, /* a 200 with the first half of its body; stored */
    /* Dice for each record, the others are stored; PutRecord is answered with the like of it as a whole. */
    FAKE_SOME_THROTTLED,     /* throttle_percent of them, with a message that names the shard */
    FAKE_SOME_FAILED,        /* fail_percent of them, with InternalFailure; these are stored or not by chance */
    FAKE_ODD_CODE,           /* the same, with a code that nobody knows */
    FAKE_SHORT,              /* a 200 for one record less; stored */
    FAKE_LONGER,             /* a 200 for one record more; stored */
    FAKE_ARGUMENT_IF_GUILTY, /* 400 for all if the Data of one has "guilty" in it, else stored */
    FAKE_FATES
};

/* How a record's way in one call ended, as far as the gateway can know once the answer is there. */
enum fake_end {
    FAKE_END_WRITTEN, /* stored, and the answer says so */
    FAKE_END_REFUSED, /* not stored, and the answer says so */
    FAKE_END_UNSENT,
    FAKE_END_UNKNOWN, /* stored or not: the answer does not tell */
};

struct fake_attempt {
    unsigned call; /* its number */
    enum fake_operation operation;
    const struct fake_record *record;
    enum fake_end end;
    bool is_stored;
};

struct fake_net {
    struct loop *loop;
    enum fake_fate (*fate_of)(void *ctx, unsigned call, struct span body); /* NULL: always FAKE_STORED */
    void *ctx;
    /* Told of every record of a call that starts; NULL: nobody. The attempt lives until it returns. */
    void (*saw)(void *saw_ctx, const struct fake_attempt *a);
    void *saw_ctx;
    struct random random;                    /* for dice; seed 1 unless the test seeds it */
    unsigned shards;                         /* 4 */
    unsigned throttle_percent, fail_percent; /* 50 */
    uint64_t throttled_shards;               /* a bit each: FAKE_SOME_THROTTLED meets these only; 0: all */
    uint64_t delay_us, delay_spread_us;      /* an answer comes after delay_us and at most delay_spread_us more */
    bool refuses_starts;                     /* http_call_start() returns NULL */
    unsigned calls, calls_by_operation[FAKE_OPERATIONS], records_sent;
    unsigned open, max_open;
    unsigned stored; /* the ledger's length */
    struct fake_ledger ledger;
    struct buf last_headers; /* lines of the last call, with LF */
    struct buf last_body;
};

/* Fates one after the other, for fate_of and its ctx; the last one goes on for ever. */
struct fake_script {
    const enum fake_fate *fates;
    size_t len;
};
enum fake_fate fake_script_next(void *script, unsigned call, struct span body);

bool fake_fate_is_stored(enum fake_fate fate); /* of every record, whatever is in it */
bool fake_fate_is_sent(enum fake_fate fate);
struct fake_net *fake_net_of(struct http_client *c);

#endif
