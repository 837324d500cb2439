/* Every row, whatever it is about: bounds, types, names, and the environment. */
#include "tests/gateway/conf/fixture.h"

/* Where a table's settings are in the fixture, and how errors name them. */
static const struct place {
    const struct conf_table *table;
    const char *member, *shown;
} places[] = {{&conf_rows, "", ""},
              {&conf_listener_rows, "listen.", "listen[0]."},
              {&conf_stream_rows, "streams.s.", "streams.s."}};

struct visit {
    struct fixture *f;
    const struct conf_row *row;
    char member[128], shown[128];
    bool is_process;
};

static void each_row(struct fixture *f, void (*test)(struct visit *v))
{
    for (size_t p = 0; p < LEN(places); p++) {
        for (size_t i = 0; i < places[p].table->len; i++) {
            struct visit v = {.f = f, .row = &places[p].table->rows[i], .is_process = p == 0};
            snprintf(v.member, sizeof(v.member), "%s%s", places[p].member, v.row->path);
            snprintf(v.shown, sizeof(v.shown), "%s%s: ", places[p].shown, v.row->path);
            fixture_reset(f);
            test(&v);
        }
    }
}

static void expect_out_of_bounds(struct visit *v, json_int_t value)
{
    fixture_set(v->f, v->member, json_integer(value));
    fixture_refused(v->f, v->shown, v->shown, "must be a whole number from ");
}

/* At its bounds a value may break a rule about several settings, never the row's own. */
static void expect_in_bounds(struct visit *v, uint64_t value)
{
    fixture_set(v->f, v->member, json_integer((json_int_t)value));
    if (!fixture_load(v->f))
        check(strstr(v->f->error, "must be a whole number") == NULL, "%s", v->f->error);
    else if (v->is_process)
        check(conf_get_number(v->row, v->f->conf) == value, "%s is %llu", v->shown, (unsigned long long)value);
}

static void bounds_of(struct visit *v)
{
    if (v->row->type != CONF_NUMBER)
        return;
    check(v->row->min <= v->row->value && v->row->value <= v->row->max, "%s the default is in bounds", v->shown);
    expect_out_of_bounds(v, (json_int_t)v->row->min - 1);
    expect_in_bounds(v, v->row->min);
    expect_in_bounds(v, v->row->max);
    expect_out_of_bounds(v, (json_int_t)v->row->max + 1);
    expect_out_of_bounds(v, INT64_MAX);
    expect_out_of_bounds(v, INT64_MIN);
}

static void every_number_has_bounds(void **state)
{
    each_row(*state, bounds_of);
}

static bool may_be(enum conf_type type, const char *json)
{
    switch (type) {
    case CONF_NUMBER:
        return json[0] == '1' && json[1] == '\0';
    case CONF_BOOL:
        return json[0] == 't';
    case CONF_NAMES:
    case CONF_HEADERS:
    case CONF_NETWORKS:
        return json[0] == '[' || json[0] == 'n';
    case CONF_CHOICE:
    case CONF_RULE:
        return false;
    default:
        return json[0] == '"' || json[0] == 'n';
    }
}

static void types_of(struct visit *v)
{
    static const char *const values[] = {"1", "1.5", "true", "\"soon\"", "null", "{}", "[]"};

    for (size_t i = 0; i < LEN(values); i++) {
        if (may_be(v->row->type, values[i]))
            continue;
        fixture_set_text(v->f, v->member, values[i]);
        fixture_refused(v->f, values[i], v->shown, "must be ");
    }
}

static void every_setting_has_a_type(void **state)
{
    each_row(*state, types_of);
}

static void default_of(struct visit *v)
{
    check(v->row->help[0] != '\0', "%s says what it is", v->shown);
    if (!v->is_process || conf_is_text(v->row) || v->row->type == CONF_NAMES)
        return;
    fixture_accepted(v->f, v->shown);
    check(conf_get_number(v->row, v->f->conf) == v->row->value, "%s is at its default", v->shown);
}

static void what_is_not_set_is_at_its_default(void **state)
{
    each_row(*state, default_of);
}

static void variable_of(const struct conf_row *row, const char *value, char out[256])
{
    int len = snprintf(out, 256, "KGW_%s=%s", row->path, value);

    for (int i = 4; i < len && out[i] != '='; i++)
        out[i] = out[i] == '.' ? '_' : (char)(out[i] >= 'a' && out[i] <= 'z' ? out[i] - 32 : out[i]);
}

/* Another value than the default, that may stand in the environment; NULL: none may. */
static const char *other_value(const struct conf_row *row, char text[32])
{
    switch (row->type) {
    case CONF_NUMBER:
        snprintf(text, 32, "%llu",
                 (unsigned long long)(row->value == 0              ? 1
                                      : row->value * 2 <= row->max ? row->value * 2
                                                                   : row->min));
        return text;
    case CONF_BOOL:
        return row->value ? "false" : "true";
    case CONF_PATH:
    case CONF_FILE:
        return "file";
    case CONF_SOURCE:
        return "file:file";
    case CONF_TEXT:
        return strstr(row->path, "endpoint") != NULL ? "https://h"
               : strstr(row->path, "proxy") != NULL  ? "http://p"
               : strstr(row->path, "address")        ? "127.0.0.2:1"
               : strstr(row->path, "redis") != NULL  ? "redis://h"
               : strstr(row->path, "path") != NULL   ? "/p"
                                                     : "eu-west-1";
    default:
        return NULL;
    }
}

static void variable_overrides(struct visit *v)
{
    char variable[256], text[32];
    const char *value = v->is_process ? other_value(v->row, text) : NULL;

    if (value == NULL)
        return;
    variable_of(v->row, value, variable);
    v->f->environment = (char *[]){(char[]){"PATH=x"}, variable, NULL};
    if (!fixture_load(v->f)) /* by a rule about several settings, which names this one or its companion */
        check(strstr(v->f->error, "is missing beside") != NULL, "%s: %s", variable, v->f->error);
    else if (!conf_is_text(v->row))
        check(conf_get_number(v->row, v->f->conf) != v->row->value, "%s overrides", variable);
    else
        check(strstr(conf_get_text(v->row, v->f->conf), value + (v->row->type == CONF_SOURCE ? 5 : 0)) != NULL,
              "%s overrides, with %s", variable, conf_get_text(v->row, v->f->conf));
    v->f->environment = NULL;
}

static void the_environment_overrides_every_scalar(void **state)
{
    each_row(*state, variable_overrides);
}

static void variable_is_checked(struct visit *v)
{
    char variable[256], begin[256];

    if (!v->is_process || (v->row->type != CONF_NUMBER && v->row->type != CONF_BOOL))
        return;
    variable_of(v->row, "soon", variable);
    snprintf(begin, sizeof(begin), "%.*s in the environment: %s", (int)strcspn(variable, "="), variable, v->shown);
    v->f->environment = (char *[]){variable, NULL};
    fixture_refused(v->f, variable, begin, "must be ");
    v->f->environment = NULL;
}

static void a_variable_is_bounded_like_its_setting(void **state)
{
    each_row(*state, variable_is_checked);
}

static void every_variable_belongs_to_one_setting(void **state)
{
    char a[256], b[256];

    (void)state;
    for (size_t i = 0; i < conf_rows.len; i++) {
        for (size_t j = 0; j < i; j++) {
            variable_of(&conf_rows.rows[i], "", a);
            variable_of(&conf_rows.rows[j], "", b);
            assert_string_not_equal(a, b);
        }
    }
}

static void a_variable_that_is_no_setting_is_refused(void **state)
{
    static const struct {
        char variable[32];
        const char *begin;
    } rows[] = {{"KGW_AWS_REGOIN=x", "KGW_AWS_REGOIN: "},
                {"KGW_=x", "KGW_: "},
                {"KGW_aws_region=x", "KGW_aws_region: "},
                {"KGW_AWS.REGION=x", "KGW_AWS.REGION: "},
                {"KGW_KEYS", "KGW_KEYS: "},
                {"KGW_ADMIN_HOSTS=x", "KGW_ADMIN_HOSTS: "}};
    struct fixture *f = *state;

    for (size_t i = 0; i < LEN(rows); i++) {
        f->environment = (char *[]){(char *)(uintptr_t)rows[i].variable, NULL};
        fixture_refused(f, rows[i].variable, rows[i].begin, "names no setting");
    }
    f->environment = (char *[]){(char[]){"KGW_KEY=kgw_x"}, (char[]){"XKGW_Y=z"}, (char[]){"OTHER"}, NULL};
    fixture_accepted(f, "variables of others, and the one that `put` reads");
    f->environment = NULL;
}

static void what_is_no_setting_is_refused_by_its_path(void **state)
{
    static const struct {
        const char *path, *begin, *rest;
    } rows[] = {
        {"request_timeout", "request_timeout: ", "the nearest is request_timeout_ms"},
        {"aws.regoin", "aws.regoin: ", "the nearest is aws.region"},
        {"region", "region: ", "the nearest is aws.region"},
        {"head_timeout_ms", "head_timeout_ms: ", "the nearest is limits.head_timeout_ms"},
        {"listen.adress", "listen[0].adress: ", "the nearest is listen[0].address"},
        {"listen.tls.cert", "listen[0].tls.cert: ", "unknown setting"},
        {"streams.s.partition_keys", "streams.s.partition_keys: ", "the nearest is streams.s.partition_key"},
        {"stream", "stream: ", "the nearest is streams"},
        {"zzzzzzzzzz", "zzzzzzzzzz: ", "check-config --reference"},
        {"hook", "hook: ", "the nearest is hooks"},
        {"streams.s.assume_role", "streams.s.assume_role: ", "this version cannot do that yet"},
        {"streams.s.dedup", "streams.s.dedup: ", "unknown setting"},
        {"streams.s.envelop", "streams.s.envelop: ", "the nearest is streams.s.envelope"},
        {"streams.s.order", "streams.s.order: ", "unknown setting"},
        {"ordering_keys", "ordering_keys: ", "the nearest is lane.ordering_keys"},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < LEN(rows); i++) {
        fixture_reset(f);
        fixture_set(f, rows[i].path, json_true());
        fixture_refused(f, rows[i].path, rows[i].begin, rows[i].rest);
    }
}

static void a_dotted_name_is_no_way_around(void **state)
{
    struct fixture *f = *state;

    json_object_set_new(f->root, "aws.region", json_string("eu-west-1"));
    fixture_refused(f, "a dotted name", "aws.region: ", "unknown setting");
    fixture_reset(f);
    json_object_set_new(f->root, "a\x01\n\xC3\xA9", json_true());
    fixture_refused(f, "a name that cannot be printed", "a????: ", "unknown setting");
    fixture_reset(f);
    json_object_set_new(f->root, "aws", json_integer(1));
    fixture_refused(f, "a section that is none", "aws: ", "must be an object");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_number_has_bounds, fixture_begin, fixture_end),
        cmocka_unit_test_setup_teardown(every_setting_has_a_type, fixture_begin, fixture_end),
        cmocka_unit_test_setup_teardown(what_is_not_set_is_at_its_default, fixture_begin, fixture_end),
        cmocka_unit_test_setup_teardown(the_environment_overrides_every_scalar, fixture_begin, fixture_end),
        cmocka_unit_test_setup_teardown(a_variable_is_bounded_like_its_setting, fixture_begin, fixture_end),
        cmocka_unit_test(every_variable_belongs_to_one_setting),
        cmocka_unit_test_setup_teardown(a_variable_that_is_no_setting_is_refused, fixture_begin, fixture_end),
        cmocka_unit_test_setup_teardown(what_is_no_setting_is_refused_by_its_path, fixture_begin, fixture_end),
        cmocka_unit_test_setup_teardown(a_dotted_name_is_no_way_around, fixture_begin, fixture_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
