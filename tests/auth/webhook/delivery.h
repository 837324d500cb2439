/*
 * A delivery of a webhook as a test has it: what came, what the hook knows, and whether it is believed, however it is
 * sliced and whichever of its bits is wrong.
 */
#ifndef KGW_TESTS_AUTH_WEBHOOK_DELIVERY_H
#define KGW_TESTS_AUTH_WEBHOOK_DELIVERY_H

#include "auth/webhook/webhook.h"
#include "tests/auth/check.h"

#include <stdio.h>

#define DELIVERY_FIELDS_MAX 16

struct delivery {
    struct webhook_conf conf;
    struct sigv4_header fields[DELIVERY_FIELDS_MAX];
    size_t fields_len;
    const char *method, *query, *why; /* why: after a refusal */
    struct span body;
    int64_t now_s;
    bool has_sha256;
    char id[WEBHOOK_ID_BYTES_MAX + 1];
};

static inline void delivery_add_secret(struct delivery *d, const char *text)
{
    const char *wrong = webhook_conf_add_secret(&d->conf, span_str(text));

    check(wrong == NULL, "the secret is one of the scheme: %s", wrong);
}

static inline void delivery_begin(struct delivery *d, const char *scheme, const char *secret, const char *body)
{
    *d = (struct delivery){.method = "POST", .query = "", .body = span_str(body), .now_s = 1700000000};
    d->conf.scheme = webhook_scheme_find(span_str(scheme));
    d->conf.tolerance_s = 300;
    check(d->conf.scheme != NULL, "there is a scheme %s", scheme);
    delivery_add_secret(d, secret);
}

static inline void delivery_end(struct delivery *d)
{
    webhook_conf_clear_secrets(&d->conf);
}

static inline void delivery_add(struct delivery *d, const char *name, const char *value)
{
    assert_true(d->fields_len < DELIVERY_FIELDS_MAX);
    d->fields[d->fields_len++] = (struct sigv4_header){span_str(name), span_str(value)};
}

static inline enum webhook_verdict delivery_run(struct delivery *d, size_t slice)
{
    struct webhook_request r = {
        .method = span_str(d->method),
        .query = span_str(d->query),
        .fields = d->fields,
        .fields_len = d->fields_len,
        .body = d->body,
        .now_s = d->now_s,
    };
    struct webhook_check *check = webhook_check_new(&d->conf, &r);
    enum webhook_verdict verdict;

    assert_non_null(check);
    while ((verdict = webhook_check_run(check, slice)) == WEBHOOK_MORE)
        ;
    d->why = webhook_check_why(check);
    struct span id = verdict == WEBHOOK_OK ? webhook_check_id(check) : SPAN("");
    if (id.len != 0)
        memcpy(d->id, id.ptr, id.len);
    d->id[id.len] = '\0';
    d->has_sha256 = webhook_check_sha256(check) != NULL;
    assert_true((verdict == WEBHOOK_BAD) == (d->why[0] != '\0'));
    webhook_check_free(&check);
    return verdict;
}

static inline bool delivery_is_believed(struct delivery *d)
{
    enum webhook_verdict whole = delivery_run(d, SIZE_MAX);

    assert_int_equal(delivery_run(d, 7), whole);
    assert_true(whole == WEBHOOK_OK || whole == WEBHOOK_BAD);
    return whole == WEBHOOK_OK;
}

/* Every single bit of `text`, which is a part of the delivery, refuses it. */
static inline void delivery_flip_text(struct delivery *d, struct span *text, const char *what)
{
    struct span whole = *text;
    char *bytes = malloc(whole.len + 1);

    assert_non_null(bytes);
    *text = span_of(bytes, whole.len);
    for (size_t bit = 0; bit != 8 * whole.len; bit++) {
        memcpy(bytes, whole.ptr, whole.len);
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
        check(delivery_run(d, SIZE_MAX) == WEBHOOK_BAD, "%s: bit %zu", what, bit);
    }
    *text = whole;
    free(bytes);
}

/* … of the body and of every field; and it is refused without one of them, and with one of them twice. */
static inline void delivery_flip_all(struct delivery *d)
{
    check(delivery_is_believed(d), "as it is: %s", d->why);
    delivery_flip_text(d, &d->body, "body");
    for (size_t i = 0; i != d->fields_len; i++) {
        struct sigv4_header field = d->fields[i];
        char name[64];
        snprintf(name, sizeof(name), "%.*s", (int)field.name.len, field.name.ptr);
        delivery_flip_text(d, &d->fields[i].value, name);
        d->fields[i].name = SPAN("x-other");
        check(delivery_run(d, SIZE_MAX) == WEBHOOK_BAD, "without %s", name);
        d->fields[i] = field;
        d->fields[d->fields_len++] = field;
        check(delivery_run(d, SIZE_MAX) == WEBHOOK_BAD, "with two of %s", name);
        d->fields_len--;
    }
    check(delivery_is_believed(d), "as it was");
}

/* At the edges of the tolerance, both ways; `then_s` is the time that was signed. */
static inline void delivery_check_tolerance(struct delivery *d, int64_t then_s)
{
    static const struct {
        int64_t apart_s;
        bool ok;
    } rows[] = {{0, true}, {300, true}, {-300, true}, {301, false}, {-301, false}, {INT64_C(1) << 40, false}};

    for (size_t i = 0; i != LEN(rows); i++) {
        d->now_s = then_s + rows[i].apart_s;
        check(delivery_is_believed(d) == rows[i].ok, "%lld s", (long long)rows[i].apart_s);
    }
    d->now_s = then_s;
}

#endif
