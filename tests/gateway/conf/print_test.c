/* The pages made of the rows, and what a reload may change. */
#include "gateway/base/file_read.h"
#include "tests/gateway/conf/fixture.h"

static void print(void (*page)(struct buf *out), struct buf *out)
{
    buf_init(out, 1 << 20);
    page(out);
    assert_false(out->failed);
}

static void the_example_is_a_configuration_of_defaults(void **state)
{
    struct fixture *f = *state;
    struct buf text;

    print(conf_print_example, &text);
    buf_append_char(&text, '\0');
    check(fixture_load_text(f, text.ptr), "%s", f->error);
    for (size_t i = 0; i < conf_rows.len; i++) {
        const struct conf_row *row = &conf_rows.rows[i];
        if (!conf_is_text(row) && row->type != CONF_NAMES)
            check(conf_get_number(row, f->conf) == row->value, "%s", row->path);
    }
    assert_int_equal(f->conf->streams_len, 1);
    buf_clear(&text);
}

static bool contains(const struct buf *text, const char *words)
{
    return memmem(text->ptr, text->len, words, strlen(words)) != NULL;
}

static void the_pages_have_every_setting(void **state)
{
    static const struct conf_table *const tables[] = {&conf_rows, &conf_listener_rows, &conf_stream_rows,
                                                      &conf_hook_rows};
    struct buf example, reference;
    char words[128];

    (void)state;
    print(conf_print_example, &example);
    print(conf_print_reference, &reference);
    for (size_t t = 0; t < LEN(tables); t++) {
        for (size_t i = 0; i < tables[t]->len; i++) {
            const char *path = tables[t]->rows[i].path, *dot = strchr(path, '.');
            snprintf(words, sizeof(words), "\"%s\": ", dot == NULL ? path : dot + 1);
            check(contains(&example, words), "the example has %s", path);
            snprintf(words, sizeof(words), "%s` | ", path);
            check(contains(&reference, words), "the reference has %s", path);
        }
    }
    buf_clear(&example);
    buf_clear(&reference);
}

static void the_pages_in_deploy_are_these(void **state)
{
    static const struct {
        const char *path;
        void (*page)(struct buf *out);
    } pages[] = {{KGW_DEPLOY "/config.example.json", conf_print_example},
                 {KGW_DEPLOY "/CONFIGURATION.md", conf_print_reference}};

    (void)state;
    for (size_t i = 0; i < LEN(pages); i++) {
        char why[FILE_READ_ERROR_BYTES];
        struct buf want, got;
        print(pages[i].page, &want);
        buf_init(&got, 1 << 20);
        check(file_read(pages[i].path, &got, why), "%s %s", pages[i].path, why);
        check(span_equal(buf_span(&want), buf_span(&got)), "%s is what check-config prints", pages[i].path);
        buf_clear(&want);
        buf_clear(&got);
    }
}

static void a_change_that_needs_a_restart_is_named(void **state)
{
    static const struct {
        const char *path, *json, *want;
    } rows[] = {
        {"aws.region", "\"eu-west-1\"", NULL},
        {"streams", "{}", NULL},
        {"streams.s.max_record_bytes", "1", NULL},
        {"streams.s.ordering", "\"key\"", NULL},
        {"streams.s.aggregate", "true", NULL},
        {"hooks", "{\"h\": {\"stream\": \"s\", \"tenant\": \"a\", \"scheme\": \"github\", \"secrets\": [\"env:A\"]}}",
         NULL},
        {"hook_timeout_ms", "2000", "hook_timeout_ms"},
        {"master_keys", "{\"m1\": \"file:file\"}", NULL},
        {"tenants_file", "\"file\"", NULL},
        {"redis.url", "\"redis://elsewhere\"", "redis.url"},
        {"workers", "3", "workers"},
        {"log.requests", "false", "log.requests"},
        {"log.path", "\"elsewhere\"", "log.path"},
        {"aws.ca_file", "\"file\"", "aws.ca_file"},
        {"aws.call_timeout_ms", "1999", "aws.call_timeout_ms"},
        {"lane.window", "3", "lane.window"},
        {"limits.batch_records", "1", "limits.batch_records"},
        {"admin.hosts", "[\"h\"]", "admin.hosts"},
        {"admin.hosts", "[]", NULL},
        {"listen", "[{\"address\": \"127.0.0.1:1\"}]", "listen"},
        {"listen.max_body_bytes", "4096", "listen"},
        {"listen", "[{\"address\": \"127.0.0.1:0\"}, {\"address\": \"[::1]:0\"}]", "listen"},
    };
    struct fixture *f = *state;

    fixture_accepted(f, "what runs");
    struct conf *running = f->conf;
    f->conf = NULL;
    for (size_t i = 0; i < LEN(rows); i++) {
        fixture_reset(f);
        fixture_set_text(f, rows[i].path, rows[i].json);
        fixture_accepted(f, rows[i].path);
        const char *got = conf_first_restart_difference(running, f->conf);
        check((got == NULL) == (rows[i].want == NULL) && (got == NULL || strcmp(got, rows[i].want) == 0), "%s: %s",
              rows[i].path, got == NULL ? "no difference" : got);
    }
    conf_free(&running);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_example_is_a_configuration_of_defaults, fixture_begin, fixture_end),
        cmocka_unit_test(the_pages_have_every_setting),
        cmocka_unit_test(the_pages_in_deploy_are_these),
        cmocka_unit_test_setup_teardown(a_change_that_needs_a_restart_is_named, fixture_begin, fixture_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
