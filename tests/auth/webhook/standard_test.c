/* Standard Webhooks: the vector that its libraries share, Svix's names, and Ed25519 with the first key of RFC 8032. */
#include "tests/auth/webhook/delivery.h"

#define TIME_S     1614265330
#define BODY       "{\"test\": 2432232314}"
#define SECRET     "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define ID         "msg_p5jXN8AQM9LWM0D4loKWxJek"
#define MAC        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
#define OTHER      "v1,AAAA9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
#define PUBLIC_KEY "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
#define SIGNED     "v1a,9R51FvFauxjqIc6hSozSE339O2Fke3xc0nsxhGiPk/kZfMkkMQOlUEgS+zteZmB8WjIzSChY1/lZ0uvG/8M4Dg=="

#define WRONG "v1a,8R51FvFauxjqIc6hSozSE339O2Fke3xc0nsxhGiPk/kZfMkkMQOlUEgS+zteZmB8WjIzSChY1/lZ0uvG/8M4Dg=="

static void begin(struct delivery *d, const char *prefix, const char *secret, const char *id, const char *signature)
{
    static char names[3][32];

    delivery_begin(d, "standard", secret, BODY);
    snprintf(names[0], sizeof(names[0]), "%s-Id", prefix);
    snprintf(names[1], sizeof(names[1]), "%s-Timestamp", prefix);
    snprintf(names[2], sizeof(names[2]), "%s-Signature", prefix);
    delivery_add(d, names[0], id);
    delivery_add(d, names[1], "1614265330");
    delivery_add(d, names[2], signature);
    d->now_s = TIME_S;
}

static void a_delivery_is_believed_and_no_other(void **state)
{
    static const char *const prefixes[] = {"Webhook", "Svix"};
    struct delivery d;

    (void)state;
    for (size_t i = 0; i != LEN(prefixes); i++) {
        begin(&d, prefixes[i], SECRET, ID, MAC);
        delivery_flip_all(&d);
        delivery_check_tolerance(&d, TIME_S);
        assert_true(delivery_is_believed(&d));
        assert_string_equal(d.id, ID);
        assert_int_equal(webhook_identity(&d.conf), WEBHOOK_ID_SIGNED);
        delivery_end(&d);
    }
}

static void a_public_key_is_enough(void **state)
{
    struct delivery d;

    (void)state;
    begin(&d, "Webhook", PUBLIC_KEY, "msg_1", SIGNED);
    delivery_flip_all(&d);
    delivery_end(&d);
    begin(&d, "Webhook", SECRET, "msg_1", SIGNED);
    assert_false(delivery_is_believed(&d)); /* a public key is no HMAC's, nor the other way round */
    delivery_add_secret(&d, PUBLIC_KEY);
    assert_true(delivery_is_believed(&d));
    delivery_end(&d);
}

static size_t runs_of(struct delivery *d, enum webhook_verdict *verdict)
{
    struct webhook_request r = {.method = SPAN("POST"),
                                .query = SPAN(""),
                                .fields = d->fields,
                                .fields_len = d->fields_len,
                                .body = d->body,
                                .now_s = d->now_s};
    struct webhook_check *check = webhook_check_new(&d->conf, &r);
    size_t runs = 1;

    assert_non_null(check);
    while ((*verdict = webhook_check_run(check, SIZE_MAX)) == WEBHOOK_MORE)
        runs++;
    webhook_check_free(&check);
    return runs;
}

/* Whoever knows the hook's address may send ten signatures, each of which hashes the body by every key. */
static void public_keys_are_tried_one_a_turn(void **state)
{
    enum webhook_verdict verdict;
    char signatures[WEBHOOK_SIGNATURES_MAX * sizeof(WRONG) + sizeof(SIGNED)] = "";
    struct delivery d;

    (void)state;
    for (size_t i = 0; i + 1 != WEBHOOK_SIGNATURES_MAX; i++)
        strcat(signatures, WRONG " ");
    strcat(signatures, SIGNED);
    begin(&d, "Webhook", PUBLIC_KEY, "msg_1", signatures);
    delivery_add_secret(&d, PUBLIC_KEY);
    assert_in_range(runs_of(&d, &verdict), 2 * WEBHOOK_SIGNATURES_MAX - 1, 2 * WEBHOOK_SIGNATURES_MAX + 2);
    assert_int_equal(verdict, WEBHOOK_OK);
    delivery_end(&d);
}

static void a_body_that_stalls_the_loop_proves_nothing_by_a_public_key(void **state)
{
    char *body = calloc(1, WEBHOOK_ED25519_BODY_BYTES_MAX + 1);
    struct delivery d;

    (void)state;
    assert_non_null(body);
    begin(&d, "Webhook", PUBLIC_KEY, "msg_1", SIGNED);
    d.body = span_of(body, WEBHOOK_ED25519_BODY_BYTES_MAX);
    assert_int_equal(delivery_run(&d, SIZE_MAX), WEBHOOK_BAD);
    assert_string_equal(d.why, "a signature that does not match");
    d.body.len++;
    assert_int_equal(delivery_run(&d, SIZE_MAX), WEBHOOK_BAD);
    assert_string_equal(d.why, "a body too large for an Ed25519 signature");
    delivery_end(&d);
    free(body);
}

static void a_header_may_hold_several(void **state)
{
    static const struct {
        const char *what, *signature;
        bool ok;
    } rows[] = {
        {"the second", OTHER " " MAC, true},
        {"an unknown version before it", "v2,xyz " MAC, true},
        {"an asymmetric one before it", SIGNED " " MAC, true},
        {"spaces", "  " MAC "  ", true},
        {"an unknown version alone", "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", false},
        {"none", "v1,", false},
        {"no version", "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", false},
        {"without its padding", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE", false},
    };
    struct delivery d;

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        begin(&d, "Webhook", SECRET, ID, rows[i].signature);
        check(delivery_is_believed(&d) == rows[i].ok, "%s: %s", rows[i].what, d.why);
        delivery_end(&d);
    }
}

static void an_id_without_its_bounds_is_refused(void **state)
{
    char id[WEBHOOK_ID_BYTES_MAX + 2];
    struct delivery d;

    (void)state;
    memset(id, 'a', sizeof(id));
    id[sizeof(id) - 1] = '\0';
    begin(&d, "Webhook", SECRET, id, MAC);
    assert_false(delivery_is_believed(&d));
    assert_string_equal(d.why, "no id, or one that is malformed");
    delivery_end(&d);
    begin(&d, "Webhook", SECRET, "a.b", MAC);
    assert_false(delivery_is_believed(&d));
    assert_string_equal(d.why, "no id, or one that is malformed");
    delivery_end(&d);
}

static void a_secret_is_written_as_the_specification_says(void **state)
{
    static const struct {
        const char *text, *wrong;
    } rows[] = {
        {SECRET, NULL},
        {"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", NULL},
        {PUBLIC_KEY, NULL},
        {"whsk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "private key"},
        {"whsec_not base64", "base64"},
        {"whsec_c2hvcnQ=", "at least 16 bytes"},
        {"whpk_c2hvcnQ=", "32 bytes"},
        {"whpk_", "32 bytes"},
    };

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        struct webhook_conf c = {.scheme = webhook_scheme_find(SPAN("standard"))};
        const char *wrong = webhook_conf_add_secret(&c, span_str(rows[i].text));
        check((wrong == NULL) == (rows[i].wrong == NULL), "%s: %s", rows[i].text, wrong);
        check(wrong == NULL || strstr(wrong, rows[i].wrong) != NULL, "%s: %s", rows[i].text, wrong);
        assert_int_equal(c.secrets_len, wrong == NULL);
        webhook_conf_clear_secrets(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_delivery_is_believed_and_no_other),
        cmocka_unit_test(a_public_key_is_enough),
        cmocka_unit_test(public_keys_are_tried_one_a_turn),
        cmocka_unit_test(a_body_that_stalls_the_loop_proves_nothing_by_a_public_key),
        cmocka_unit_test(a_header_may_hold_several),
        cmocka_unit_test(an_id_without_its_bounds_is_refused),
        cmocka_unit_test(a_secret_is_written_as_the_specification_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
