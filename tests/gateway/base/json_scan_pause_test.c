#include "gateway/base/json_scan.h"

#include "tests/auth/check.h"
#include "tests/gateway/base/json_text.h"

#define EVENTS_MAX 64

/* What a reading saw: the values in order, and how it ended. */
struct reading {
    struct json_value values[EVENTS_MAX];
    size_t len;
    bool is_json;
};

/* Is the verb to be called again? Then it has read what it may, and hardly more: the longest number here has 32 bytes.
 */
static bool goes_on(struct json_scan *s, size_t budget, const char **since)
{
    if (!s->is_paused)
        return false;
    assert_false(s->failed);
    assert_true((size_t)(s->at - *since) >= budget);
    assert_true((size_t)(s->at - *since) < budget + 32);
    *since = s->at;
    json_scan_set_budget(s, budget);
    return true;
}

static void add(struct reading *r, const struct json_value *value)
{
    assert_true(r->len != EVENTS_MAX);
    r->values[r->len++] = *value;
}

static void read_object(struct json_scan *s, size_t budget, const char **since, struct reading *r)
{
    struct json_value name, value;

    while (!json_scan_enter_object(s) && goes_on(s, budget, since))
        ;
    do {
        while (json_scan_next_member(s, &name, &value)) {
            add(r, &name);
            add(r, &value);
        }
    } while (goes_on(s, budget, since));
}

static void read_array(struct json_scan *s, size_t budget, const char **since, struct reading *r)
{
    struct json_value value;

    while (!json_scan_enter_array(s) && goes_on(s, budget, since))
        ;
    do {
        while (json_scan_next_element(s, &value))
            add(r, &value);
    } while (goes_on(s, budget, since));
}

static void read_value(struct json_scan *s, size_t budget, const char **since, struct reading *r)
{
    struct json_value value;
    bool ok;

    do
        ok = json_scan_value(s, &value);
    while (!ok && goes_on(s, budget, since));
    if (ok)
        add(r, &value);
}

typedef void read_fn(struct json_scan *s, size_t budget, const char **since, struct reading *r);

static void read_in_slices(struct span text, size_t budget, read_fn *read, struct reading *r)
{
    struct json_scan s;
    const char *since = text.ptr;

    r->len = 0;
    json_scan_init(&s, text);
    json_scan_set_budget(&s, budget);
    read(&s, budget, &since, r);
    do
        r->is_json = json_scan_end(&s);
    while (goes_on(&s, budget, &since));
    assert_true(r->is_json || s.failed);
}

static bool is_same(const struct reading *a, const struct reading *b)
{
    if (a->len != b->len || a->is_json != b->is_json)
        return false;
    for (size_t i = 0; i < a->len; i++) {
        const struct json_value *x = &a->values[i], *y = &b->values[i];
        if (x->type != y->type || x->has_escapes != y->has_escapes || x->raw.ptr != y->raw.ptr ||
            x->raw.len != y->raw.len)
            return false;
    }
    return true;
}

static void check_every_budget(struct span text, size_t budgets_max)
{
    static read_fn *const reads[] = {read_value, read_object, read_array};

    for (size_t i = 0; i < LEN(reads); i++) {
        struct reading whole, sliced;
        read_in_slices(text, SIZE_MAX, reads[i], &whole);
        for (size_t budget = 1; budget <= budgets_max; budget++) {
            read_in_slices(text, budget, reads[i], &sliced);
            check(is_same(&whole, &sliced), "%.*s, %zu bytes a slice", (int)text.len, text.ptr, budget);
        }
    }
}

static void pausing_with_every_budget_changes_nothing(void **state)
{
    static const struct span texts[] = {
        SPAN(""),
        SPAN("   "),
        SPAN("  []  "),
        SPAN(" { } x"),
        SPAN("1234567890.5e-10"),
        SPAN("\"a string of more than sixteen bytes, plain\""),
        SPAN("\"a string that does not end, of more than sixteen by"),
        SPAN("\"\\n\\u00e4\\ud834\\udd1e\\\\\\\"}]\\r\\n and so on and so on\""),
        SPAN("\"\303\244\303\244\346\227\245\346\234\254\360\235\204\236\346\227\245\346\227\245\303\244\""),
        SPAN("\"\303\244\303\244\346\227\245\346\234\254\360\235\204\236\346\227\""),
        SPAN("[1 , \"]\" ,[ ] ,{\"a]\" : [ \"}\" , { } ] } , null,true , false , -0.5 ] "),
        SPAN(" {\"name\" : \"v\" , \"n\\u0061me\":[1,[2,[3,{\"x\":{\"y\":[[]]}}]]] , \"\":{\"\":\"\"} } "),
        SPAN("{\"a\":[1,2,3],\"b\":}"),
        SPAN("{\"a\":[1,2,3}"),
        SPAN("[1,[2,3],4,]"),
        SPAN("[1,2,3]    ]"),
        SPAN("[\"\001\"]"),
        SPAN("[                                                            1                ]        "),
    };

    (void)state;
    for (size_t i = 0; i < LEN(texts); i++)
        check_every_budget(texts[i], texts[i].len + 1);
}

static void random_texts_read_the_same_in_slices(void **state)
{
    struct random r;
    struct buf text;

    (void)state;
    random_seed(&r, 26);
    buf_init(&text, 1 << 20);
    for (int i = 0; i < 2000; i++) {
        buf_reset(&text);
        buf_append(&text, i % 2 == 0 ? SPAN("[") : SPAN("{\"k\":"));
        json_text_append(&text, &r, 5);
        buf_append(&text, i % 2 == 0 ? SPAN("]") : SPAN("}"));
        for (int damage = i % 3; damage > 0 && text.len > 0; damage--)
            json_text_damage(&text, &r);
        check_every_budget(buf_span(&text), 20);
    }
    buf_clear(&text);
}

static void without_a_budget_nothing_is_read(void **state)
{
    struct json_scan s;
    struct json_value value;

    (void)state;
    json_scan_init(&s, SPAN("[1]"));
    json_scan_set_budget(&s, 0);
    for (int i = 0; i < 3; i++)
        assert_true(!json_scan_enter_array(&s) && s.is_paused && !s.failed);
    json_scan_set_budget(&s, 2);
    assert_true(json_scan_enter_array(&s) && json_scan_next_element(&s, &value) && span_is(value.raw, "1"));
    for (int i = 0; i < 3; i++)
        assert_true(!json_scan_next_element(&s, &value) && s.is_paused && !s.failed);
    assert_false(json_scan_end(&s));
    json_scan_set_budget(&s, 1);
    assert_true(!json_scan_next_element(&s, &value) && !s.is_paused);
    json_scan_set_budget(&s, 0); /* of nothing there is nothing to read */
    assert_true(json_scan_end(&s));
}

static void a_value_that_is_not_walked_to_its_end_is_no_end(void **state)
{
    struct json_scan s;
    struct json_value value;

    (void)state;
    json_scan_init(&s, SPAN("\"a    "));
    json_scan_set_budget(&s, 2);
    assert_true(!json_scan_value(&s, &value) && s.is_paused);
    json_scan_set_budget(&s, SIZE_MAX);
    assert_false(json_scan_end(&s));
    assert_true(!json_scan_value(&s, &value) && s.failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pausing_with_every_budget_changes_nothing),
        cmocka_unit_test(random_texts_read_the_same_in_slices),
        cmocka_unit_test(without_a_budget_nothing_is_read),
        cmocka_unit_test(a_value_that_is_not_walked_to_its_end_is_no_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
