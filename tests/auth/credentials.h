/*
 * What the tests of authn share: keys, a keyring of them, and a signer of requests.
 */
#ifndef KGW_TESTS_AUTH_CREDENTIALS_H
#define KGW_TESTS_AUTH_CREDENTIALS_H

#include "auth/authn.h"
#include "auth/key.h"

#include <stdio.h>

#include "tests/auth/check.h"

#define NOW_S      1785000000 /* 2026-07-25T17:20:00Z */
#define DERIVED_ID "s7Lm4cVxQ9dHe1Zu"
#define UNKNOWN_ID "s7Lm4cVxQ9dHe1Zz"
#define MASTER     "a master key of thirty-two bytes"

enum { GOOD_KEY, BEACON_KEY, EARLY_KEY, LATE_KEY, UNLISTED_KEY, KEYS_LEN };

struct fixture {
    char keys[KEYS_LEN][KEY_TEXT_BYTES_MAX + 1], wrong_secret[KEY_TEXT_BYTES_MAX + 1], derived[KEY_TEXT_BYTES_MAX + 1];
    struct keyring *keyring;
    struct master_key master;
    struct master_keys masters;
};

/* A key's text with the id and the secret's first letter that a test asks for, and a right checksum. */
static inline void write_key(const char *id, char first, char out[KEY_TEXT_BYTES_MAX + 1])
{
    static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    int len = snprintf(out, KEY_TEXT_BYTES_MAX + 1, "kgw_%s_%c123456789abcdefghijklmnopqrstuv", id, first);
    uint32_t crc = digest_crc32(span_of(out, (size_t)len));

    for (int i = 6; i-- > 0; crc /= 62)
        out[len + i] = alphabet[crc % 62];
    out[len + 6] = '\0';
}

static inline void append_row(struct buf *json, const char *id, const char *key, const char *more)
{
    uint8_t digest[SHA256_BYTES];

    key_digest(span_str(key), digest);
    buf_append(json, SPAN("{\"id\":\""));
    buf_append(json, span_str(id));
    buf_append(json, SPAN("\",\"digest\":\"sha256:"));
    buf_append_hex(json, digest, sizeof(digest));
    buf_append_char(json, '"');
    buf_append(json, span_str(more));
    buf_append(json, SPAN("},"));
}

static inline void fixture_init(struct fixture *f)
{
    static const char *const ids[] = {"goodgoodgoodgood", "beaconbeaconbeac", "earlyearlyearlye", "latelatelatelate",
                                      "unlistedunlisted"};
    static const char *const more[] = {"", ",\"calls\":[\"beacon\"],\"allow_no_origin\":true",
                                       ",\"not_before\":\"2026-07-25T17:20:01Z\"",
                                       ",\"expires\":\"2026-07-25T17:20:00Z\""};
    char error[KEYRING_ERROR_BYTES];
    struct buf json;

    *f = (struct fixture){0};
    buf_init(&json, 65536);
    buf_append(&json, SPAN("{\"tenants\":{\"acme\":{\"keys\":["));
    for (size_t i = 0; i < KEYS_LEN; i++) {
        write_key(ids[i], '0', f->keys[i]);
        if (i != UNLISTED_KEY)
            append_row(&json, ids[i], f->keys[i], more[i]);
    }
    write_key(ids[GOOD_KEY], '1', f->wrong_secret);
    write_key(DERIVED_ID, '0', f->derived);
    buf_append(&json,
               SPAN("{\"id\":\"" DERIVED_ID "\",\"derived\":\"m1\"},"
                    "{\"id\":\"masterlessmaster\",\"derived\":\"m2\"},"
                    "{\"id\":\"expiredexpiredex\",\"derived\":\"m1\",\"expires\":\"2026-07-25T17:20:00Z\"}]}}}"));
    f->keyring = keyring_parse(buf_span(&json), error);
    check(f->keyring != NULL, "%s", error);
    buf_clear(&json);
    f->master.name = SPAN("m1");
    assert_true(secret_set(&f->master.secret, SPAN(MASTER)));
    f->masters = (struct master_keys){&f->master, 1};
}

static inline void fixture_clear(struct fixture *f)
{
    keyring_release(&f->keyring);
    secret_clear(&f->master.secret);
}

/* A PutRecord as an SDK would send it, signed for `id` at `signed_s`. */
struct signed_call {
    char date[SIGV4_DATE_BYTES], body[64];
    struct buf authorization;
    struct sigv4_header headers[8];
    struct authn_request request;
};

static inline void sign_call(struct signed_call *c, const char *id, const char *master, const char *service,
                             int64_t signed_s)
{
    char secret[AUTHN_DERIVED_SECRET_BYTES];
    uint8_t key[SHA256_BYTES];
    struct sigv4_post p = {.host = SPAN("localhost:8080"),
                           .content_type = SPAN("application/x-amz-json-1.1"),
                           .target = SPAN("Kinesis_20131202.PutRecord"),
                           .access_key_id = span_str(id),
                           .region = SPAN("eu-west-1"),
                           .service = span_str(service)};

    strcpy(c->body, "{\"StreamName\":\"s\"}");
    p.body = span_str(c->body);
    sigv4_format_date(signed_s, c->date);
    memcpy(p.date, c->date, sizeof(p.date));
    authn_derive_secret(span_str(master), span_str(id), secret);
    sigv4_key_derive(span_of(secret, sizeof(secret)), span_of(c->date, 8), p.region, p.service, key);
    buf_init(&c->authorization, 4096);
    assert_true(sigv4_sign_post(&p, key, &c->authorization));
    const struct sigv4_header headers[] = {{SPAN("Host"), p.host},
                                           {SPAN("Content-Type"), p.content_type},
                                           {SPAN("X-Amz-Target"), p.target},
                                           {SPAN("X-Amz-Date"), span_of(c->date, sizeof(c->date))},
                                           {SPAN("Authorization"), buf_span(&c->authorization)}};
    memcpy(c->headers, headers, sizeof(headers));
    c->request = (struct authn_request){.method = SPAN("POST"),
                                        .path = SPAN("/"),
                                        .query = SPAN(""),
                                        .headers = c->headers,
                                        .headers_len = LEN(headers),
                                        .body = span_str(c->body),
                                        .allow_sigv4 = true};
}

#endif
