/*
 * What one thread remembers of the keys that it has found right, so that a caller who comes again is not hashed with
 * SHA-256 again. No key is kept, but its SipHash-2-4 of 128 bits (Aumasson and Bernstein, 2012) under a secret of this
 * memo alone: who does not have the key can only guess it. One memo for one keyring; it does not look at the time.
 */
#ifndef KGW_AUTH_KEY_MEMO_H
#define KGW_AUTH_KEY_MEMO_H

#include "auth/keyring.h"

#define KEY_MEMO_SECRET_BYTES 16
#define KEY_MEMO_KEYS         256 /* at most; of two that meet, the later one stays */

struct key_memo;

struct key_memo *key_memo_new(const uint8_t secret[KEY_MEMO_SECRET_BYTES]); /* it is copied; NULL: out of memory */
void key_memo_free(struct key_memo **m);                                    /* NULL-safe */

/* The row that `text` was right for; NULL: not known here, which says nothing. `m` may be NULL: nothing is known. */
const struct key_row *key_memo_find(struct key_memo *m, struct span text);
void key_memo_learn(struct key_memo *m, struct span text, const struct key_row *row);

/* SipHash-2-4 with 128 bits, as its authors' siphash.c gives it. */
#define KEY_MEMO_TAG_BYTES 16
void key_memo_tag(const uint8_t secret[KEY_MEMO_SECRET_BYTES], struct span text, uint8_t out[KEY_MEMO_TAG_BYTES]);

#endif
