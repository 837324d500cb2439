/*
 * Cross-origin calls (WHATWG Fetch, "CORS protocol"): whose page a request comes from, and who may read the answer. It
 * exists for browsers' calls alone, where the key is in the URL, so that a preflight names it too. Pure.
 *
 * This stops other sites' pages, not scripts: whoever is no browser writes what he likes into Origin.
 */
#ifndef KGW_FRONT_CORS_H
#define KGW_FRONT_CORS_H

#include "auth/keyring.h"
#include "gateway/front/exchange.h"

/*
 * May the page use the key? By Origin, which must be one of the key's; without it (an image) by the Referer's origin.
 * Where both are absent, or Origin is "null", only a key with allow_no_origin goes on. *reader is the origin that may
 * read the answer, a part of the head: a listed Origin, and else empty.
 */
bool cors_check(const struct head *h, const struct key_row *key, struct span *reader);
/* What the answer says of that: two to four fields, or eight of a preflight at most. Values are `reader`, or static. */
void cors_add_fields(struct reply *r, struct span reader, bool is_preflight);

#endif
