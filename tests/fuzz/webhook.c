/*
 * A webhook from outside: the first line is the scheme's name, the second the query (and the template, where it is
 * one), then fields up to an empty line, then the body. However it is sliced the verdict is the same, and nobody who
 * does not know the secret is believed.
 */
#include "auth/webhook/scheme.h"
#include "tests/fuzz/fuzz.h"

#define FIELDS_MAX 64

static size_t read_fields(struct span *rest, struct sigv4_header fields[FIELDS_MAX])
{
    size_t len = 0;

    while (rest->len > 0 && len < FIELDS_MAX) {
        struct span line = span_cut(*rest, '\n', rest);
        if (line.len == 0)
            break;
        fields[len].name = span_cut(line, ':', &fields[len].value);
        fields[len].value = span_trim(fields[len].value);
        len++;
    }
    return len;
}

static void set_conf(struct webhook_conf *c, const struct webhook_scheme *scheme, struct span template)
{
    const char *secrets[] = {"nobody knows this secret", "whsec_bm9ib2R5IGtub3dzIHRoaXMgc2VjcmV0",
                             "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="};
    unsigned places;

    *c = (struct webhook_conf){.scheme = scheme, .tolerance_s = UINT32_MAX};
    for (size_t i = 0; i != sizeof(secrets) / sizeof(secrets[0]); i++)
        BELIEVE(webhook_conf_add_secret(c, span_str(secrets[i])) == NULL || scheme == &webhook_standard);
    c->texts[WEBHOOK_PUBLIC_URL] = SPAN("https://[::1]:8443/v1/hooks/it");
    c->texts[WEBHOOK_USER] = SPAN("user");
    if (scheme != &webhook_hmac)
        return;
    c->texts[WEBHOOK_HEADER] = SPAN("x-signature");
    c->texts[WEBHOOK_TIMESTAMP_HEADER] = SPAN("x-time");
    c->texts[WEBHOOK_ID_HEADER] = SPAN("x-id");
    if (webhook_template_check(template, &places) == NULL)
        c->texts[WEBHOOK_TEMPLATE] = template;
}

static enum webhook_verdict run(const struct webhook_conf *c, const struct webhook_request *r, size_t slice,
                                const char **why)
{
    struct webhook_check *check = webhook_check_new(c, r);
    enum webhook_verdict verdict;

    BELIEVE(check != NULL);
    while ((verdict = webhook_check_run(check, slice)) == WEBHOOK_MORE)
        ;
    *why = webhook_check_why(check); /* static */
    webhook_check_free(&check);
    return verdict;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sigv4_header fields[FIELDS_MAX];
    struct span all = fuzz_copy(fuzz_span(data, size)), rest = all;
    struct span name = span_cut(rest, '\n', &rest), query = span_cut(rest, '\n', &rest);
    const struct webhook_scheme *scheme = webhook_scheme_find(name);
    struct webhook_request r = {.method = SPAN("POST"), .query = query, .fields = fields, .now_s = 1700000000};
    const char *whole_why, *sliced_why;
    struct webhook_conf c;

    if (scheme != NULL) {
        r.fields_len = read_fields(&rest, fields);
        r.body = rest;
        set_conf(&c, scheme, query);
        enum webhook_verdict whole = run(&c, &r, SIZE_MAX, &whole_why);
        BELIEVE(whole == WEBHOOK_BAD && whole_why[0] != '\0');
        BELIEVE(run(&c, &r, 7, &sliced_why) == whole && sliced_why == whole_why);
        webhook_conf_clear_secrets(&c);
    }
    fuzz_free(all);
    return 0;
}
