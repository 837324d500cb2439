/*
 * The guard reads the raw head again, because the server's parser is more forgiving than a door should be: whatever two
 * parsers could read differently (RFC 9112 section 6.3, 11.2) is refused and the connection closed. Pure.
 */
#ifndef KGW_FRONT_GUARD_H
#define KGW_FRONT_GUARD_H

#include "gateway/front/exchange.h"

enum guard_verdict {
    GUARD_OK,
    GUARD_AMBIGUOUS, /* two lengths, length with chunking, two hosts, none, obs-fold, bare LF, white space before a
                        colon, … */
    GUARD_TOO_LARGE, /* more bytes or fields than allowed */
};

/* `bytes` starts with the request line (empty lines before it are skipped) and holds at least the whole head. */
enum guard_verdict guard_read(struct span bytes, size_t head_bytes_max, struct head *out);
/* Where the head ends: the length of it up to and with its empty line; 0: not within `bytes`. */
size_t guard_head_bytes(struct span bytes);

#endif
