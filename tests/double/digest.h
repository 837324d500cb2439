#pragma once

#include <stddef.h>
#include <stdint.h>

void digest_sha256(uint8_t out[32], const void *bytes, size_t length);
void digest_md5(uint8_t out[16], const void *bytes, size_t length);
void digest_hmac_sha256(uint8_t out[32], const void *key, size_t key_length, const void *bytes, size_t length);
