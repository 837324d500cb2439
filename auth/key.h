/*
 * The text of an API key: kgw_<id>_<secret><crc>. id: 16 to 32 characters [0-9A-Za-z]; secret: 32 of them, 190 random
 * bits; crc: CRC-32 of all that stands before it, in 6 base-62 digits, zero-padded: it refuses typing errors and
 * truncated keys before any lookup. Pure.
 */
#ifndef KGW_AUTH_KEY_H
#define KGW_AUTH_KEY_H

#include "auth/digest.h"
#include "auth/secret.h"

#define KEY_ID_BYTES_MIN      16
#define KEY_ID_BYTES_MAX      32
#define KEY_SECRET_BYTES      32
#define KEY_CRC_BYTES         6
#define KEY_TEXT_BYTES_MAX    (4 + KEY_ID_BYTES_MAX + 1 + KEY_SECRET_BYTES + KEY_CRC_BYTES)
#define KEY_RANDOM_BYTES      96
#define KEY_DIGEST_TEXT_BYTES (7 + 2 * SHA256_BYTES) /* "sha256:" and hex */

/* True if `text` is a well-formed key with the right checksum; *id is then its id, a part of `text`. */
bool key_parse(struct span text, struct span *id);
bool key_is_shaped(struct span text); /* the same, whatever the checksum */
/*
 * Makes a key (id of 16 characters) from KEY_RANDOM_BYTES of the caller's randomness, without bias. False (one time in
 * far more than a million): too many bytes fell outside the alphabet's range; call again with fresh ones.
 */
bool key_make(const uint8_t random[KEY_RANDOM_BYTES], struct secret *text, char id[KEY_ID_BYTES_MIN + 1]);
/* What is stored of a key: SHA-256 of its whole text. */
void key_digest(struct span text, uint8_t out[SHA256_BYTES]);
bool key_digest_parse(struct span text, uint8_t out[SHA256_BYTES]); /* "sha256:" and 64 hex digits */
bool key_id_is_valid(struct span id);

#endif
