/* The n-th allocation fails, for every n: nothing leaks, and the error is a sentence. */
#include "gateway/front/snapshot.h"
#include "tests/gateway/conf/fixture.h"
#include "tests/lib/failing_memory.h"

static const char rich[] =
    "{\"listen\": [{\"address\": \"0.0.0.0:0\", \"tls\": {\"certificate\": \"file\", \"key\": \"file\"}}],"
    " \"tenants_file\": \"tenants.json\", \"admin\": {\"hosts\": [\"h\"]}, \"log\": {\"path\": \"l\"},"
    " \"aws\": {\"region\": \"us-east-1\", \"endpoint\": \"https://h:1\", \"access_key_id\": \"file:file\","
    " \"secret_access_key\": \"env:S\"}, \"master_keys\": {\"m1\": \"file:file\"},"
    " \"hooks\": {\"h\": {\"stream\": \"s\", \"tenant\": \"acme\", \"scheme\": \"meta\", \"secrets\":"
    " [\"file:file\"], \"verify_token\": \"file:file\", \"request_origins\": [\"a\"]}},"
    " \"streams\": {\"s\": {\"name\": \"n\", \"partition_key\": {\"json\": \"/a\"}},"
    " \"t\": {\"arn\": \"arn:aws:kinesis:eu-west-1:111122223333:stream/x\"}}}";

static void *json_malloc(size_t bytes)
{
    return malloc(bytes); /* from here it is one of the calls that may fail */
}

/* False: there are fewer than n allocations, so there is no further n to try. */
static bool try_nth(struct fixture *f, const char *path, unsigned n)
{
    f->error[0] = '\0';
    failing_memory_begin(n);
    struct conf *c = conf_load(path, NULL, f->error);
    struct snapshot *s = c == NULL ? NULL : conf_load_snapshot(c, 0, f->error);
    bool has_failed = failing_memory_end();
    check((s == NULL) == (f->error[0] != '\0'), "n = %u: there is a result or a sentence: %s", n, f->error);
    check(has_failed || s != NULL, "n = %u: nothing failed, and it is refused: %s", n, f->error);
    snapshot_release(&s);
    conf_free(&c);
    return has_failed;
}

static void every_allocation_may_fail(void **state)
{
    struct fixture *f = *state;
    char path[SCRATCH_PATH_BYTES];
    unsigned n = 1;

    snprintf(path, sizeof(path), "%s", scratch_write(&f->scratch, "config.json", rich));
    json_set_alloc_funcs(json_malloc, free);
    while (try_nth(f, path, n))
        n++;
    check(n > 50, "many allocations were tried: %u", n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_allocation_may_fail, fixture_begin, fixture_end)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
