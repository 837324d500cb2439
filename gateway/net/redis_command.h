/*
 * Commands as Redis reads them: RESP arrays of bulk strings (Redis serialization protocol, "Sending commands"). Pure.
 */
#ifndef KGW_NET_REDIS_COMMAND_H
#define KGW_NET_REDIS_COMMAND_H

#include "auth/bytes.h"

/* Appends a whole command; out->failed tells of its limit. Words are bytes: they may hold anything. */
void redis_command_encode(struct buf *out, const struct span *words, size_t words_len);

/* The same in pieces: the number of words, then exactly so many. */
void redis_command_begin(struct buf *out, size_t words_len);
void redis_command_word(struct buf *out, struct span word);
void redis_command_u64(struct buf *out, uint64_t value);

#endif
