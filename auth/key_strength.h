/*
 * Whether a key that somebody brings was drawn at random. Keys that were pass, all but a few in a million; what
 * people make up, and what programs make of fewer bits, does not. Pure.
 */
#ifndef KGW_AUTH_KEY_STRENGTH_H
#define KGW_AUTH_KEY_STRENGTH_H

#include "auth/bytes.h"

/* NULL: `key`, the whole text, is a key and a strong one. Else what is wrong with it, in words that do not quote it. */
const char *key_weakness(struct span key);

#endif
