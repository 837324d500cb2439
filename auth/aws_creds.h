/*
 * AWS credentials: immutable, shared by reference, wiped on the last release. Every set has a serial of its own, so
 * that caches of what was derived from it know when it changed.
 */
#ifndef KGW_AUTH_AWS_CREDS_H
#define KGW_AUTH_AWS_CREDS_H

#include "auth/bytes.h"

struct aws_creds;

/* Copies. session_token may be empty. expires_s: Unix time, INT64_MAX when they do not expire. NULL: out of memory, or
 * a part that cannot stand in a header (empty id or secret, white space or control characters; an id over 128, a secret
 * over 256, a token over 16384 bytes). */
struct aws_creds *aws_creds_new(struct span access_key_id, struct span secret_access_key, struct span session_token,
                                int64_t expires_s);
void aws_creds_acquire(struct aws_creds *c);  /* thread-safe */
void aws_creds_release(struct aws_creds **c); /* thread-safe, NULL-safe; *c becomes NULL */
struct span aws_creds_access_key_id(const struct aws_creds *c);
struct span aws_creds_secret_access_key(const struct aws_creds *c);
struct span aws_creds_session_token(const struct aws_creds *c);
int64_t aws_creds_expires_s(const struct aws_creds *c);
bool aws_creds_equal(const struct aws_creds *a, const struct aws_creds *b); /* in all but the serial */
uint64_t aws_creds_serial(const struct aws_creds *c);                       /* unique in the process, never 0 */

#endif
