/*
 * Ed25519 (RFC 8032 section 5.1.7): does a signature fit a message? The message is hashed in one go. Pure; safe on any
 * thread.
 */
#ifndef KGW_AUTH_ED25519_H
#define KGW_AUTH_ED25519_H

#include "auth/bytes.h"

#define ED25519_KEY_BYTES       32
#define ED25519_SIGNATURE_BYTES 64

enum ed25519_verdict { ED25519_OK, ED25519_BAD, ED25519_NO_MEMORY };

enum ed25519_verdict ed25519_verify(const uint8_t public_key[ED25519_KEY_BYTES], struct span message,
                                    const uint8_t signature[ED25519_SIGNATURE_BYTES]);

#endif
