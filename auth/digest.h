/*
 * Digests and MACs; with hmac.c and ed25519.c the only user of OpenSSL's EVP. Contexts are prefetched once per thread;
 * every call is safe on any thread and none allocates after a thread's first. A digest that OpenSSL refuses aborts: it
 * is our mistake.
 */
#ifndef KGW_AUTH_DIGEST_H
#define KGW_AUTH_DIGEST_H

#include "auth/bytes.h"

#define SHA256_BYTES 32
#define MD5_BYTES    16

void digest_sha256(struct span bytes, uint8_t out[SHA256_BYTES]);
void digest_md5(struct span bytes, uint8_t out[MD5_BYTES]);
void digest_hmac_sha256(struct span key, struct span bytes, uint8_t out[SHA256_BYTES]); /* RFC 2104 */
uint32_t digest_crc32(struct span bytes); /* IEEE 802.3, as zlib's crc32() */

/* MD5 of bytes that come in pieces, in this thread's one context: nothing else is hashed by MD5 before the end. */
void digest_md5_begin(void);
void digest_md5_add(struct span piece);
void digest_md5_end(uint8_t out[MD5_BYTES]);

/* SHA-256 in slices, for bodies too large to hash in one turn of a loop. */
struct sha256_stream;
struct sha256_stream *sha256_stream_new(void); /* NULL: out of memory */
void sha256_stream_update(struct sha256_stream *s, struct span bytes);
void sha256_stream_final(struct sha256_stream *s, uint8_t out[SHA256_BYTES]);
void sha256_stream_free(struct sha256_stream **s);

/* Frees this thread's contexts, which come back at need. A thread that ends does so by itself; main() may call it. */
void digest_thread_clear(void);

#endif
