/* `key create` on a store: keys that are kept, keys that are brought, and keys that are refused. */
#include "tests/gateway/cli/stored.h"

#include "auth/key.h"

#define STRONG "7dKq0ZtVb3XwRm9EyPf5GhSj2LcNu8Ao"
#define ID     "k3Jd0aQzT5wYb2Rn"

static void a_key_is_kept_with_its_tenant(void **state)
{
    struct run *r = *state;

    assert_int_equal(run_on(r, cli_tenant, "tenant set acme"), 0);
    json_t *made = answer_of(r, cli_key, "key create --tenant acme --streams orders,click* --comment x");
    struct keyring *k = stored(r);
    const struct key_row *row = keyring_find(k, span_str(member_of(made, "id")));
    uint8_t digest[SHA256_BYTES];

    assert_non_null(row);
    key_digest(span_str(member_of(made, "key")), digest);
    assert_memory_equal(row->digest, digest, sizeof(digest));
    assert_int_equal(row->streams_len, 2);
    assert_string_equal(member_of(made, "tenant"), "acme");
    assert_true(span_is(row->tenant->name, "acme"));
    keyring_release(&k);
    json_decref(made);
}

static void for_people_it_says_where(void **state)
{
    struct run *r = *state;

    assert_int_equal(run_on(r, cli_tenant, "tenant set acme"), 0);
    assert_int_equal(run_on(r, cli_key, "key create --tenant acme"), 0);
    assert_non_null(strstr(r->out, "\n  kgw_"));
    assert_non_null(strstr(r->out, "with tenant acme in "));
    assert_null(strstr(r->out, "sha256:"));
}

static void a_tenant_that_there_is_not_gets_no_key(void **state)
{
    struct run *r = *state;

    assert_int_equal(run_on(r, cli_tenant, "tenant set acme"), 0);
    assert_int_equal(run_on(r, cli_key, "key create --tenant acne"), 1);
    assert_non_null(strstr(r->err, "has no tenant acne; `tenant set acne` makes one"));
    assert_string_equal(r->out, "");
}

static void the_file_may_be_that_of_a_configuration(void **state)
{
    char line[1024];
    struct run *r = *state;

    scratch_write(&r->scratch, TENANTS, "{\"tenants\": {\"acme\": {\"keys\": []}}}");
    scratch_write(&r->scratch, "config.json",
                  "{\"tenants_file\": \"tenants.json\", \"aws\": {\"region\": \"us-east-1\"}, "
                  "\"streams\": {\"s\": {}}}");
    snprintf(line, sizeof(line), "key create --tenant acme --config %s", scratch_path(&r->scratch, "config.json"));
    check(run_command(r, cli_key, line) == 0, "%s", r->err);
    struct keyring *k = stored(r);
    assert_int_equal(keyring_keys(k), 1);
    keyring_release(&k);
    assert_int_equal(run_command(r, cli_key, "key create --tenant acme --config nowhere.json"), 1);
    assert_non_null(strstr(r->err, "nowhere.json"));
    assert_int_equal(run_command(r, cli_key, "key list --tenants env:KGW_NOT_THERE"), 1);
    assert_non_null(strstr(r->err, "KGW_NOT_THERE"));
}

/* A key with that secret and the checksum that belongs to it. */
static const char *key_of(const char *secret)
{
    static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    static char text[KEY_TEXT_BYTES_MAX + 1];
    int len = snprintf(text, sizeof(text), "kgw_" ID "_%s", secret);
    uint32_t crc = digest_crc32(span_of(text, (size_t)len));

    for (int i = KEY_CRC_BYTES; i > 0; i--, crc /= 62)
        text[len + i - 1] = alphabet[crc % 62];
    text[len + KEY_CRC_BYTES] = '\0';
    return text;
}

/* Runs the line with `text` on standard input. */
static int run_with_input(struct run *r, const char *line, const char *text)
{
    int kept = dup(STDIN_FILENO), file = open(scratch_write(&r->scratch, "in", text), O_RDONLY);

    assert_true(kept >= 0 && file >= 0 && dup2(file, STDIN_FILENO) == STDIN_FILENO);
    int status = run_on(r, cli_key, line);
    assert_int_equal(dup2(kept, STDIN_FILENO), STDIN_FILENO);
    close(kept);
    close(file);
    return status;
}

static void a_key_is_brought_on_standard_input_and_not_shown(void **state)
{
    struct run *r = *state;
    char text[128];
    uint8_t digest[SHA256_BYTES];

    assert_int_equal(run_on(r, cli_tenant, "tenant set acme"), 0);
    snprintf(text, sizeof(text), "%s\r\n", key_of(STRONG));
    check(run_with_input(r, "key create --tenant acme --import -", text) == 0, "%s", r->err);
    assert_null(strstr(r->out, STRONG));
    assert_non_null(strstr(r->out, ID));
    assert_string_equal(r->err, "");
    struct keyring *k = stored(r);
    key_digest(span_str(key_of(STRONG)), digest);
    assert_memory_equal(keyring_find(k, SPAN(ID))->digest, digest, sizeof(digest));
    keyring_release(&k);
    assert_int_equal(run_with_input(r, "key create --tenant acme --import - --json", text), 1);
    assert_non_null(strstr(r->err, "ids must be unique"));
}

static void an_argument_is_a_warning_worth(void **state)
{
    struct run *r = *state;
    char line[256];

    snprintf(line, sizeof(line), "key create --tenant acme --json --import %s", key_of(STRONG));
    assert_int_equal(run_command(r, cli_key, line), 0);
    assert_non_null(strstr(r->err, "warning: everybody on this machine can read arguments"));
    assert_null(strstr(r->out, "\"key\""));
    assert_non_null(strstr(r->out, "\"digest\":\"sha256:"));
}

static void a_weak_key_is_refused(void **state)
{
    static const struct {
        const char *text, *why; /* a secret, or a whole key */
    } rows[] = {
        {"", "shape"},
        {"password", "shape"},
        {"kgw_" ID "_" STRONG "000000", "checksum"},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "different characters"},
        {"7dKq0ZtVb3PassWord5GhSj2LcNu8AoX", "words"},
    };
    struct run *r = *state;

    assert_int_equal(run_on(r, cli_tenant, "tenant set acme"), 0);
    for (size_t i = 0; i < LEN(rows); i++) {
        const char *text = strlen(rows[i].text) == KEY_SECRET_BYTES ? key_of(rows[i].text) : rows[i].text;
        check(run_with_input(r, "key create --tenant acme --import -", text) == 1, "%s", text);
        check(strstr(r->err, rows[i].why) != NULL && strstr(r->err, "--import: the key is refused") != NULL, "%s",
              r->err);
        check(text[0] == '\0' || strstr(r->err, text) == NULL, "it is not quoted: %s", r->err);
        check(r->out[0] == '\0', "%s", r->out);
    }
    struct keyring *k = stored(r);
    assert_int_equal(keyring_keys(k), 0);
    keyring_release(&k);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, run_begin, run_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_key_is_kept_with_its_tenant),
        TEST(for_people_it_says_where),
        TEST(a_tenant_that_there_is_not_gets_no_key),
        TEST(the_file_may_be_that_of_a_configuration),
        TEST(a_key_is_brought_on_standard_input_and_not_shown),
        TEST(an_argument_is_a_warning_worth),
        TEST(a_weak_key_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
