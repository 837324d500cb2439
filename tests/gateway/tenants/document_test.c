/* The tree that commands change: what is found in it, and what its text looks like. */
#include "gateway/tenants/document.h"

#include "tests/auth/check.h"

#define ROW(id) "{\"id\":\"" id "\",\"derived\":\"m1\"}"

static json_t *parse(const char *text)
{
    char error[DOCUMENT_ERROR_BYTES];
    json_t *document = document_parse(span_str(text), error);

    check(document != NULL, "%s: %s", text, error);
    return document;
}

static void tenants_and_keys_are_found(void **state)
{
    json_t *d = parse("{\"tenants\":{\"b\":{\"keys\":[]},\"a\":{\"keys\":[" ROW("aaaaaaaaaaaaaaaa") "," ROW(
        "cccccccccccccccc") "]}}}");
    const char *tenant;

    (void)state;
    assert_non_null(document_tenant(d, "b"));
    assert_null(document_tenant(d, "c"));
    json_t *row = document_key(d, "cccccccccccccccc", &tenant);
    assert_ptr_equal(row, json_array_get(document_keys(document_tenant(d, "a")), 1));
    assert_string_equal(tenant, "a");
    assert_null(document_key(d, "bbbbbbbbbbbbbbbb", &tenant));
    json_decref(d);
}

static void a_tenant_is_made_once(void **state)
{
    char error[DOCUMENT_ERROR_BYTES];
    json_t *d = document_new();

    (void)state;
    json_t *made = document_add_tenant(d, "acme");
    assert_non_null(made);
    assert_ptr_equal(document_add_tenant(d, "acme"), made);
    assert_int_equal(json_array_size(document_keys(made)), 0);
    assert_null(document_add_tenant(d, "\xFF"));
    check(document_check(d, error), "%s", error);
    json_object_set_new(made, "quota", json_integer(1));
    check(!document_check(d, error) && strstr(error, "tenants.acme.quota: ") == error, "%s", error);
    json_decref(d);
}

static void what_no_keyring_takes_is_no_document(void **state)
{
    static const char *const rows[] = {"", "[]", "{}", "{\"tenants\":{},\"x\":1}", "{\"tenants\":{\"a\":{}}}"};
    char error[DOCUMENT_ERROR_BYTES];

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        error[0] = '\0';
        check(document_parse(span_str(rows[i]), error) == NULL && error[0] != '\0', "%s", rows[i]);
    }
}

static void order_and_layout_stay(void **state)
{
    static const char *const texts[] = {
        "{\"tenants\":{\"b\":{\"keys\":[],\"comment\":\"x\"},\"a\":{\"comment\":\"\\\"\",\"keys\":[]}}}",
        "{\"tenants\": {\"b\": {\"keys\": [], \"comment\": \"x\"}}}",
        "{\n  \"tenants\": {\n    \"b\": {\n      \"comment\": \"\xC3\xBC\",\n      \"keys\": []\n    }\n  }\n}",
        "{\n    \"tenants\": {\n        \"b\": {\n            \"keys\": []\n        }\n    }\n}",
    };

    (void)state;
    for (size_t i = 0; i < LEN(texts); i++) {
        json_t *d = parse(texts[i]);
        char *text = document_text(d, span_str(texts[i]));
        assert_string_equal(text, texts[i]);
        free(text);
        json_decref(d);
    }
}

static void where_there_is_no_layout_it_is_one_for_people(void **state)
{
    json_t *d = document_new();

    (void)state;
    document_add_tenant(d, "a");
    char *text = document_text(d, SPAN(""));
    assert_string_equal(text, "{\n  \"tenants\": {\n    \"a\": {\n      \"keys\": []\n    }\n  }\n}");
    free(text);
    text = document_text(d, SPAN("{\n\t\"tenants\": {}\n}"));
    assert_string_equal(text, "{\n  \"tenants\": {\n    \"a\": {\n      \"keys\": []\n    }\n  }\n}");
    free(text);
    json_decref(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tenants_and_keys_are_found),
        cmocka_unit_test(a_tenant_is_made_once),
        cmocka_unit_test(what_no_keyring_takes_is_no_document),
        cmocka_unit_test(order_and_layout_stay),
        cmocka_unit_test(where_there_is_no_layout_it_is_one_for_people),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
