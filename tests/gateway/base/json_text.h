/*
 * Random JSON documents, valid by construction, and random damage to them; the same seed gives the same text.
 */
#ifndef KGW_TESTS_GATEWAY_BASE_JSON_TEXT_H
#define KGW_TESTS_GATEWAY_BASE_JSON_TEXT_H

#include "auth/bytes.h"
#include "gateway/base/random.h"

void json_text_append(struct buf *b, struct random *r, unsigned depth_max);
void json_text_damage(struct buf *b, struct random *r); /* one byte changed, taken out, put in, or the tail cut off */

#endif
