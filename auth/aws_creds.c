/*
 * One allocation holds the struct and its three texts, so one wipe forgets them all.
 */
#include "auth/aws_creds.h"

#include "auth/sigv4_key.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

struct aws_creds {
    atomic_uint references;
    uint64_t serial;
    int64_t expires_s;
    size_t bytes; /* of the whole allocation */
    struct span access_key_id, secret_access_key, session_token;
    char text[];
};

#define ID_BYTES_MAX    128   /* the IAM API's own bound */
#define TOKEN_BYTES_MAX 16384 /* AWS promises no bound; what it issues is 1 to 4 KB */

static atomic_uint_fast64_t serials;

/* Visible ASCII only (RFC 9110 section 5.5): a line break in a token would be a header of its own. */
static bool can_stand_in_header(struct span part, size_t bytes_max)
{
    for (size_t i = 0; i < part.len; i++) {
        if (part.ptr[i] <= 0x20 || part.ptr[i] >= 0x7F)
            return false;
    }
    return part.len <= bytes_max;
}

static struct span copy(char **at, struct span part)
{
    struct span copied = span_of(*at, part.len);
    if (part.len > 0)
        memcpy(*at, part.ptr, part.len);
    *at += part.len;
    return copied;
}

struct aws_creds *aws_creds_new(struct span access_key_id, struct span secret_access_key, struct span session_token,
                                int64_t expires_s)
{
    if (access_key_id.len == 0 || secret_access_key.len == 0 || !can_stand_in_header(access_key_id, ID_BYTES_MAX) ||
        !can_stand_in_header(secret_access_key, SIGV4_SECRET_BYTES_MAX) ||
        !can_stand_in_header(session_token, TOKEN_BYTES_MAX))
        return NULL;
    size_t bytes = sizeof(struct aws_creds) + access_key_id.len + secret_access_key.len + session_token.len;
    struct aws_creds *c = malloc(bytes);
    if (c == NULL)
        return NULL;
    char *at = c->text;
    atomic_init(&c->references, 1);
    c->serial = atomic_fetch_add(&serials, 1) + 1;
    c->expires_s = expires_s;
    c->bytes = bytes;
    c->access_key_id = copy(&at, access_key_id);
    c->secret_access_key = copy(&at, secret_access_key);
    c->session_token = copy(&at, session_token);
    return c;
}

void aws_creds_acquire(struct aws_creds *c)
{
    unsigned before = atomic_fetch_add_explicit(&c->references, 1, memory_order_relaxed);
    assert(before > 0);
}

void aws_creds_release(struct aws_creds **c)
{
    struct aws_creds *released = *c;

    *c = NULL;
    if (released == NULL || atomic_fetch_sub_explicit(&released->references, 1, memory_order_acq_rel) != 1)
        return;
    bytes_wipe(released, released->bytes);
    free(released);
}

struct span aws_creds_access_key_id(const struct aws_creds *c)
{
    return c->access_key_id;
}

struct span aws_creds_secret_access_key(const struct aws_creds *c)
{
    return c->secret_access_key;
}

struct span aws_creds_session_token(const struct aws_creds *c)
{
    return c->session_token;
}

int64_t aws_creds_expires_s(const struct aws_creds *c)
{
    return c->expires_s;
}

uint64_t aws_creds_serial(const struct aws_creds *c)
{
    return c->serial;
}

bool aws_creds_equal(const struct aws_creds *a, const struct aws_creds *b)
{
    return span_equal(aws_creds_access_key_id(a), aws_creds_access_key_id(b)) &&
           span_equal(aws_creds_secret_access_key(a), aws_creds_secret_access_key(b)) &&
           span_equal(aws_creds_session_token(a), aws_creds_session_token(b)) &&
           aws_creds_expires_s(a) == aws_creds_expires_s(b);
}
