/*
 * HMAC of bytes that come in pieces (RFC 2104), with the digests that the world's webhooks are signed by. Of one piece
 * and SHA-256: digest_hmac_sha256(). Every stream is its owner's; safe on any thread.
 */
#ifndef KGW_AUTH_HMAC_H
#define KGW_AUTH_HMAC_H

#include "auth/bytes.h"

#define HMAC_BYTES_MAX 64

enum hmac_algorithm { HMAC_SHA256, HMAC_SHA1, HMAC_SHA512 };

struct hmac_stream;
struct hmac_stream *hmac_stream_new(enum hmac_algorithm algorithm, struct span key); /* NULL: out of memory */
void hmac_stream_update(struct hmac_stream *s, struct span piece);
size_t hmac_stream_final(struct hmac_stream *s, uint8_t out[HMAC_BYTES_MAX]); /* once; how many bytes it is */
void hmac_stream_free(struct hmac_stream **s);                                /* NULL-safe; wipes what the key left */

#endif
