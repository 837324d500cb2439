#pragma once

#include "tests/double/failure.h"
#include "tests/double/head.h"

#include <time.h>

enum { CREDENTIALS_MAX = 16 };

struct credential {
    char access_key[129], secret[129], token[4097]; /* token "": long-term credentials */
    char key_date[9];                               /* the day for which `signing_key` was derived */
    uint8_t signing_key[32];
};

struct credentials {
    size_t count;
    struct credential list[CREDENTIALS_MAX];
};

struct sigv4_scope {
    const char *region, *service;
    time_t now;
    const char *expired_token; /* this session token has expired; "*": all have; NULL: none */
};

/* Is the request signed as AWS asks? If not, `failure` holds AWS's error. */
bool sigv4_check(const struct head *head, struct slice body, struct credentials *credentials,
                 const struct sigv4_scope *scope, struct failure *failure);

/*
 * The canonical request of "Create a signed AWS API request" over the headers that `signed_headers` lists, as every
 * service but S3 does it: path normalized and encoded once more than it came. False if a listed header is absent.
 */
bool sigv4_canonical_request(struct text *out, const struct head *head, struct slice signed_headers, struct slice body);
