/*
 * A secret's bytes: copied in, shown where they are used, wiped.
 */
#include "auth/secret.h"

#include <stdlib.h>

bool secret_set(struct secret *s, struct span bytes)
{
    char *copy = malloc(bytes.len == 0 ? 1 : bytes.len);
    if (copy == NULL)
        return false;
    if (bytes.len > 0)
        memcpy(copy, bytes.ptr, bytes.len);
    secret_clear(s); /* after the copy: `bytes` may be its own old value */
    *s = (struct secret){copy, bytes.len};
    return true;
}

struct span secret_reveal(const struct secret *s)
{
    return span_of(s->hidden, s->len);
}

void secret_clear(struct secret *s)
{
    bytes_wipe(s->hidden, s->len);
    free(s->hidden);
    *s = (struct secret){0};
}
