/* The check itself: slices of any size, empty bodies, many secrets, and memory that runs out. */
#include "tests/auth/webhook/delivery.h"
#include "tests/lib/failing_memory.h"

static void sign(const char *secret, struct span body, char header[80])
{
    uint8_t mac[SHA256_BYTES];

    digest_hmac_sha256(span_str(secret), body, mac);
    memcpy(header, "sha256=", 7);
    hex_encode(mac, sizeof(mac), header + 7);
    header[7 + 2 * sizeof(mac)] = '\0';
}

static void slices_do_not_matter(void **state)
{
    static char body[300000];
    static const size_t lengths[] = {0, 1, 63, 64, 65, sizeof(body)};
    static const size_t slices[] = {0, 1, 100, 262144, SIZE_MAX};
    char header[80];
    struct delivery d;

    (void)state;
    for (size_t i = 0; i != sizeof(body); i++)
        body[i] = (char)(i * 31 >> 3);
    for (size_t i = 0; i != LEN(lengths); i++) {
        sign("last", span_of(body, lengths[i]), header);
        delivery_begin(&d, "github", "first", "");
        for (int k = 0; k != WEBHOOK_SECRETS_MAX - 2; k++)
            delivery_add_secret(&d, "another");
        delivery_add_secret(&d, "last");
        d.body = span_of(lengths[i] == 0 ? NULL : body, lengths[i]);
        delivery_add(&d, "X-Hub-Signature-256", header);
        for (size_t k = lengths[i] > 1000 ? 3 : 0; k != LEN(slices); k++)
            check(delivery_run(&d, slices[k]) == WEBHOOK_OK, "%zu bytes by %zu", lengths[i], slices[k]);
        delivery_end(&d);
    }
}

static void a_slice_is_shared_by_the_secrets(void **state)
{
    static char body[1000];
    char header[80];
    struct delivery d;
    unsigned rounds = 1;

    (void)state;
    sign("b", span_of(body, sizeof(body)), header);
    delivery_begin(&d, "github", "a", "");
    delivery_add_secret(&d, "b");
    delivery_add(&d, "X-Hub-Signature-256", header);
    struct webhook_request r = {
        .fields = d.fields, .fields_len = d.fields_len, .body = span_of(body, sizeof(body)), .now_s = d.now_s};
    struct webhook_check *check = webhook_check_new(&d.conf, &r);
    while (webhook_check_run(check, 300) == WEBHOOK_MORE)
        rounds++;
    assert_int_equal(rounds, 10); /* two secrets and the body's own digest: a hundred bytes a round */
    webhook_check_free(&check);
    webhook_check_free(&check);
    delivery_end(&d);
}

/* The n-th allocation fails, for every n: no memory, and nothing leaks; never a refusal or a belief. */
static void every_allocation_may_fail(void **state)
{
    struct delivery d;

    (void)state;
    delivery_begin(&d, "twilio", "12345",
                   "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212");
    d.conf.texts[WEBHOOK_PUBLIC_URL] = SPAN("https://mycompany.com/myapp.php");
    delivery_add(&d, "X-Twilio-Signature", "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    struct webhook_request r = {
        .query = SPAN("foo=1&bar=2"), .fields = d.fields, .fields_len = d.fields_len, .body = d.body, .now_s = d.now_s};
    bool has_failed = true;
    for (unsigned n = 1; has_failed; n++) {
        failing_memory_begin(n);
        struct webhook_check *check = webhook_check_new(&d.conf, &r);
        enum webhook_verdict verdict = check == NULL ? WEBHOOK_NO_MEMORY : webhook_check_run(check, SIZE_MAX);
        has_failed = failing_memory_end();
        webhook_check_free(&check);
        check(verdict == (has_failed ? WEBHOOK_NO_MEMORY : WEBHOOK_OK), "allocation %u: %d", n, (int)verdict);
        assert_true(n > 2 || has_failed);
    }
    delivery_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices_do_not_matter),
        cmocka_unit_test(a_slice_is_shared_by_the_secrets),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
