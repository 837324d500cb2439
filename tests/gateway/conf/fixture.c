#include "tests/gateway/conf/fixture.h"

static const char right[] = "{\"listen\": [{\"address\": \"127.0.0.1:0\"}], \"tenants_file\": \"tenants.json\","
                            " \"aws\": {\"region\": \"us-east-1\"}, \"streams\": {\"s\": {\"name\": \"upstream\"}}}";

void fixture_reset(struct fixture *f)
{
    json_decref(f->root);
    f->root = json_loads(right, 0, NULL);
    assert_non_null(f->root);
}

int fixture_begin(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    scratch_begin(&f->scratch);
    scratch_write(&f->scratch, "tenants.json", "{\"tenants\": {}}");
    scratch_write(&f->scratch, "file", "0123456789abcdef0123456789abcdef\n");
    fixture_reset(f);
    *state = f;
    return 0;
}

int fixture_end(void **state)
{
    struct fixture *f = *state;

    conf_free(&f->conf);
    json_decref(f->root);
    scratch_end(&f->scratch);
    free(f);
    return 0;
}

void fixture_set(struct fixture *f, const char *path, json_t *value)
{
    struct span rest = span_str(path), name = span_cut(rest, '.', &rest);
    json_t *at = f->root;
    char member[64];

    for (;; name = span_cut(rest, '.', &rest)) {
        snprintf(member, sizeof(member), "%.*s", (int)name.len, name.ptr);
        if (rest.len == 0)
            break;
        if (json_object_get(at, member) == NULL)
            json_object_set_new(at, member, json_object());
        at = json_object_get(at, member);
        at = json_is_array(at) ? json_array_get(at, 0) : at;
    }
    assert_int_equal(json_object_set_new(at, member, value), 0);
}

void fixture_set_text(struct fixture *f, const char *path, const char *json)
{
    fixture_set(f, path, json_loads(json, JSON_DECODE_ANY, NULL));
}

bool fixture_load_text(struct fixture *f, const char *json)
{
    char path[SCRATCH_PATH_BYTES];

    snprintf(path, sizeof(path), "%s", scratch_write(&f->scratch, "config.json", json));
    conf_free(&f->conf);
    f->conf = conf_load(path, f->environment, f->error);
    check((f->conf == NULL) == (f->error[0] != '\0'), "an error has a sentence: %s", f->error);
    return f->conf != NULL;
}

bool fixture_load(struct fixture *f)
{
    char *text = json_dumps(f->root, JSON_INDENT(1));

    assert_non_null(text);
    bool ok = fixture_load_text(f, text);
    free(text);
    return ok;
}

void fixture_refused(struct fixture *f, const char *what, const char *begin, const char *rest)
{
    check(!fixture_load(f), "%s: is refused", what);
    check(strncmp(f->error, begin, strlen(begin)) == 0, "%s: the error begins with %s, not: %s", what, begin, f->error);
    check(rest == NULL || strstr(f->error, rest) != NULL, "%s: the error says %s, not: %s", what, rest, f->error);
}

void fixture_accepted(struct fixture *f, const char *what)
{
    check(fixture_load(f), "%s: is accepted, not: %s", what, f->error);
}
