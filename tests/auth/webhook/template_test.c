/* Templates: what they are made of, and what they must not be. */
#include "auth/webhook/scheme.h"
#include "tests/auth/check.h"

static void a_template_is_taken_apart(void **state)
{
    struct span rest = SPAN("v0:{timestamp}:{body}!"), literal;
    enum webhook_placeholder place;

    (void)state;
    assert_true(webhook_template_next(&rest, &literal, &place));
    assert_true(span_is(literal, "v0:") && place == WEBHOOK_PLACE_TIMESTAMP);
    assert_true(webhook_template_next(&rest, &literal, &place));
    assert_true(span_is(literal, ":") && place == WEBHOOK_PLACE_BODY);
    assert_true(webhook_template_next(&rest, &literal, &place));
    assert_true(span_is(literal, "!") && place == WEBHOOK_PLACE_NONE);
}

static void templates_that_say_nothing_are_refused(void **state)
{
    static const struct {
        const char *template;
        bool ok;
    } rows[] = {
        {"{body}", true},
        {"{timestamp}.{body}", true},
        {"{id}{id}{id}{id}{body}{id}{id}{id}{id}", false}, /* too many parts */
        {"{method}{url}{body}", true},
        {"{id}{timestamp}{body}", true},
        {"{id}{body}", false}, /* where does the id end? */
        {"{timestamp}{body}{id}", false},
        {"", false},
        {"body", false},
        {"{timestamp}", false},
        {"{body}{body}", false},
        {"{Body}", false},
        {"{body", false},
        {"body}", false},
        {"{}{body}", false},
        {"{{body}}", false},
        {"{body}}", false},
    };
    unsigned places;

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++)
        check((webhook_template_check(span_str(rows[i].template), &places) == NULL) == rows[i].ok, "%s",
              rows[i].template);
    assert_null(webhook_template_check(SPAN("{id}.{body}"), &places));
    assert_int_equal(places, 1u << WEBHOOK_PLACE_ID | 1u << WEBHOOK_PLACE_BODY | 1u << WEBHOOK_PLACE_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_template_is_taken_apart),
        cmocka_unit_test(templates_that_say_nothing_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
