/*
 * Who is behind a proxy: X-Forwarded-For, as far as those who wrote it are believed. Pure.
 */
#ifndef KGW_FRONT_FORWARDED_H
#define KGW_FRONT_FORWARDED_H

#include "gateway/front/exchange.h"

/*
 * The client of a request that came from `peer`: its own address, unless it is one of `trusted`; then the last address
 * of X-Forwarded-For (all its fields, as one list) that is not. What cannot be read ends the list: the proxy that wrote
 * it is the last that is known.
 */
struct address forwarded_client(const struct head *h, struct address peer, const struct networks *trusted);

/* One element: an address, or with a port as ADDRESS:PORT or [ADDRESS]:PORT. */
bool forwarded_element(struct span text, struct address *out);

#endif
