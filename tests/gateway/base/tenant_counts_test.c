#include "gateway/base/tenant_counts.h"

#include "tests/auth/check.h"
#include "tests/lib/failing_memory.h"

#include <pthread.h>
#include <stdio.h>

#define ROLL 40

static void the_first_get_a_row_each_and_keep_it(void **state)
{
    struct tenant_roll *r = tenant_roll_new(2);

    (void)state;
    assert_int_equal(tenant_roll_rows(r), 1);
    assert_int_equal(tenant_roll_row(r, SPAN("b")), 1);
    assert_int_equal(tenant_roll_row(r, SPAN("a")), 2);
    for (int i = 0; i != 3; i++) {
        assert_int_equal(tenant_roll_row(r, SPAN("c")), TENANT_ROW_OTHER);
        assert_int_equal(tenant_roll_row(r, SPAN("a")), 2);
        assert_int_equal(tenant_roll_row(r, SPAN("b")), 1);
    }
    assert_int_equal(tenant_roll_rows(r), 3);
    tenant_roll_free(&r);
    assert_null(r);
    tenant_roll_free(&r);
}

static void with_no_names_and_for_a_tenant_called_so_it_is_other(void **state)
{
    struct tenant_roll *none = tenant_roll_new(0), *some = tenant_roll_new(3);

    (void)state;
    assert_int_equal(tenant_roll_row(none, SPAN("a")), TENANT_ROW_OTHER);
    assert_int_equal(tenant_roll_row(some, SPAN("other")), TENANT_ROW_OTHER);
    assert_int_equal(tenant_roll_row(some, SPAN("others")), 1);
    assert_int_equal(tenant_roll_rows(some), 2);
    tenant_roll_free(&none);
    tenant_roll_free(&some);
}

static size_t count_lines(const struct buf *text, const char *start)
{
    size_t found = 0;

    for (struct span rest = buf_span(text); rest.len != 0;)
        found += span_starts_with(span_cut(rest, '\n', &rest), span_str(start));
    return found;
}

static bool has_line(const struct buf *text, const char *want)
{
    for (struct span rest = buf_span(text); rest.len != 0;)
        if (span_is(span_cut(rest, '\n', &rest), want))
            return true;
    return false;
}

static void the_text_has_each_metric_once_and_every_row_in_it(void **state)
{
    struct tenant_roll *r = tenant_roll_new(5);
    struct tenant_counts *one = tenant_counts_new(r), *sum = tenant_counts_new(r);
    struct buf text;

    (void)state;
    one->counts[tenant_roll_row(r, SPAN("acme"))][TENANT_REFUSED_DAY] = 3;
    one->counts[TENANT_ROW_OTHER][TENANT_ADMITTED_BYTES] = UINT64_MAX / 2;
    tenant_counts_add(sum, one);
    tenant_counts_add(sum, one);
    buf_init(&text, 2 * TENANT_TEXT_BYTES_MAX);
    tenant_counts_format(sum, &text);
    assert_false(text.failed);
    static const char *const lines[] = {
        "# TYPE kgw_tenant_quota_refused_total counter",
        "kgw_tenant_quota_refused_total{tenant=\"acme\",limit=\"records_per_day\"} 6",
        "kgw_tenant_quota_refused_total{tenant=\"other\",limit=\"records_per_day\"} 0",
        "kgw_tenant_admitted_bytes_total{tenant=\"other\"} 18446744073709551614",
        "kgw_tenant_quota_outage_total{tenant=\"acme\",policy=\"closed\",decision=\"refused\"} 0",
    };
    for (size_t i = 0; i != LEN(lines); i++)
        check(has_line(&text, lines[i]), "%s", lines[i]);
    assert_int_equal(count_lines(&text, "# TYPE"), 7);
    assert_int_equal(count_lines(&text, "# HELP"), 7);
    assert_int_equal(count_lines(&text, "kgw_tenant_"), 2 * TENANT_COUNTERS);
    buf_clear(&text);
    tenant_counts_free(&one);
    tenant_counts_free(&sum);
    tenant_roll_free(&r);
}

static void a_row_of_the_longest_name_and_numbers_has_room(void **state)
{
    struct tenant_roll *r = tenant_roll_new(1);
    struct tenant_counts *c = tenant_counts_new(r);
    char name[TENANT_NAME_BYTES_MAX];
    struct buf text;

    (void)state;
    memset(name, 'n', sizeof(name));
    assert_int_equal(tenant_roll_row(r, span_of(name, sizeof(name))), 1);
    memset(c->counts, 0xFF, c->rows * sizeof(c->counts[0]));
    buf_init(&text, c->rows * TENANT_TEXT_BYTES_MAX);
    tenant_counts_format(c, &text);
    assert_false(text.failed);
    buf_clear(&text);
    tenant_counts_free(&c);
    tenant_roll_free(&r);
}

struct asker {
    pthread_t thread;
    struct tenant_roll *roll;
    size_t first, rows[2 * ROLL];
};

static void *ask(void *ctx)
{
    struct asker *a = ctx;

    for (size_t i = 0; i != 2 * ROLL; i++) {
        size_t which = (a->first + i) % (2 * ROLL);
        char name[16];
        int len = snprintf(name, sizeof(name), "tenant-%zu", which);
        a->rows[which] = tenant_roll_row(a->roll, span_of(name, (size_t)len));
    }
    return NULL;
}

static void all_threads_see_the_same_rows(void **state)
{
    static struct asker askers[4];
    struct tenant_roll *r = tenant_roll_new(ROLL);
    size_t named = 0;

    (void)state;
    for (size_t i = 0; i != LEN(askers); i++) {
        askers[i] = (struct asker){.roll = r, .first = i * 17};
        assert_int_equal(pthread_create(&askers[i].thread, NULL, ask, &askers[i]), 0);
    }
    for (size_t i = 0; i != LEN(askers); i++)
        pthread_join(askers[i].thread, NULL);
    for (size_t which = 0; which != 2 * ROLL; which++) {
        for (size_t i = 1; i != LEN(askers); i++)
            check(askers[i].rows[which] == askers[0].rows[which], "tenant %zu", which);
        named += askers[0].rows[which] != TENANT_ROW_OTHER;
    }
    assert_int_equal(named, ROLL);
    assert_int_equal(tenant_roll_rows(r), ROLL + 1);
    tenant_roll_free(&r);
}

static void without_memory_there_is_none(void **state)
{
    (void)state;
    failing_memory_begin(1);
    assert_null(tenant_roll_new(5));
    assert_true(failing_memory_end());
    struct tenant_roll *r = tenant_roll_new(5);
    failing_memory_begin(1);
    assert_null(tenant_counts_new(r));
    assert_true(failing_memory_end());
    tenant_roll_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_get_a_row_each_and_keep_it),
        cmocka_unit_test(with_no_names_and_for_a_tenant_called_so_it_is_other),
        cmocka_unit_test(the_text_has_each_metric_once_and_every_row_in_it),
        cmocka_unit_test(a_row_of_the_longest_name_and_numbers_has_room),
        cmocka_unit_test(all_threads_see_the_same_rows),
        cmocka_unit_test(without_memory_there_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
