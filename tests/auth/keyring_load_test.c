/* How long a large keyring takes to load, and what it costs: under a second, in a build that is for use. */
#include "auth/keyring.h"

#include <malloc.h>
#include <stdio.h>
#include <time.h>

#include "tests/auth/check.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define HAS_ASAN
#endif

#ifdef HAS_ASAN
size_t __sanitizer_get_current_allocated_bytes(void); /* gcc brings no header for it */
#endif

#define TENANTS_LEN      1000
#define KEYS_OF_EACH_LEN 100
#define BYTES_MAX        ((size_t)64 << 20)

#if defined(__OPTIMIZE__) && !defined(HAS_ASAN) && !defined(__SANITIZE_THREAD__)
#define LOAD_MS_MAX 1000
#else
#define LOAD_MS_MAX 15000
#endif

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Of this process's heap, which under the sanitizer is its own; mallinfo2 would say 0 there. */
static size_t bytes_in_use(void)
{
#ifdef HAS_ASAN
    return __sanitizer_get_current_allocated_bytes();
#else
    struct mallinfo2 m = mallinfo2();
    return m.uordblks + m.hblkhd;
#endif
}

static void append_key(struct buf *json, unsigned number)
{
    char row[512];

    snprintf(row, sizeof(row),
             "%s{\"id\":\"%016X\",\"digest\":\"sha256:%064X\",\"streams\":[\"orders-prod\",\"clicks-%u*\"],"
             "\"calls\":[\"record\",\"records\"],\"networks\":[\"10.0.0.0/8\"],\"expires\":\"2030-01-01T00:00:00Z\","
             "\"comment\":\"the key of service number %u\"}",
             number % KEYS_OF_EACH_LEN == 0 ? "" : ",", number * 7919u, number, number, number);
    buf_append(json, span_str(row));
}

static void write_file(struct buf *json)
{
    char tenant[128];

    buf_append(json, SPAN("{\"tenants\":{"));
    for (unsigned i = 0; i < TENANTS_LEN; i++) {
        snprintf(tenant, sizeof(tenant), "%s\"tenant-%u\":{\"quota\":{\"records_per_second\":%u},\"keys\":[",
                 i == 0 ? "" : ",", i, i + 1);
        buf_append(json, span_str(tenant));
        for (unsigned j = 0; j < KEYS_OF_EACH_LEN; j++)
            append_key(json, i * KEYS_OF_EACH_LEN + j);
        buf_append(json, SPAN("]}"));
    }
    buf_append(json, SPAN("}}"));
}

static void a_hundred_thousand_keys_are_loaded_soon_and_small(void **state)
{
    char error[KEYRING_ERROR_BYTES];
    struct buf json;

    (void)state;
    buf_init(&json, BYTES_MAX);
    write_file(&json);
    assert_false(json.failed);
    size_t bytes = bytes_in_use();
    double began_ms = now_ms();
    struct keyring *k = keyring_parse(buf_span(&json), error);
    double took_ms = now_ms() - began_ms;
    check(k != NULL, "%s", error);
    bytes = bytes_in_use() - bytes;
    print_message("%zu keys from %zu bytes: %.0f ms, %.1f MB\n", keyring_keys(k), json.len, took_ms,
                  (double)bytes / 1e6);
    assert_int_equal(keyring_keys(k), TENANTS_LEN * KEYS_OF_EACH_LEN);
    check(took_ms < LOAD_MS_MAX, "%.0f ms", took_ms);
    check(bytes > 0 && bytes < BYTES_MAX, "%zu bytes", bytes);
    assert_int_equal(keyring_find_tenant(k, SPAN("tenant-999"))->quota.records_per_second, 1000);
    keyring_release(&k);
    buf_clear(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_hundred_thousand_keys_are_loaded_soon_and_small)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
