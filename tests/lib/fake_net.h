/*
 * The net in virtual time: the symbols of gateway/net/http_call.h. Each call is answered as the test's script says for
 * its number; the Kinesis behind it keeps what was stored, so that a test can hold answers against the truth.
 */
#ifndef KGW_TESTS_LIB_FAKE_NET_H
#define KGW_TESTS_LIB_FAKE_NET_H

#include "gateway/net/http_call.h"

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
    FAKE_FATES
};

struct fake_net {
    struct loop *loop;
    enum fake_fate (*fate_of)(void *ctx, unsigned call, struct span body); /* NULL: always FAKE_STORED */
    void *ctx;
    uint64_t delay_us;
    bool refuses_starts; /* http_call_start() returns NULL */
    unsigned calls, stored, open;
    struct buf last_headers; /* lines of the last call, with LF */
    struct buf last_body;
};

/* Fates one after the other, for fate_of and its ctx; the last one goes on for ever. */
struct fake_script {
    const enum fake_fate *fates;
    size_t len;
};
enum fake_fate fake_script_next(void *script, unsigned call, struct span body);

bool fake_fate_is_stored(enum fake_fate fate);
struct fake_net *fake_net_of(struct http_client *c);

#endif
