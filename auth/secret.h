/*
 * A secret: owned bytes in a type that no log, metric or error function accepts. Wiped when cleared.
 */
#ifndef KGW_AUTH_SECRET_H
#define KGW_AUTH_SECRET_H

#include "auth/bytes.h"

struct secret {
    char *hidden;
    size_t len;
};

bool secret_set(struct secret *s, struct span bytes); /* copies, wiping what was there; false: out of memory */
struct span secret_reveal(const struct secret *s);    /* for signing and comparing, at the place of use only */
void secret_clear(struct secret *s);

#endif
