/* See world.h. */
#include "tests/lib/world.h"

#include "auth/key.h"
#include "gateway/quota/quota.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SERVICE, PAGE, ANYBODY, KEYS };

static struct secret world_keys[KEYS]; /* made once; the same in every world */
static char world_key_ids[KEYS][KEY_ID_BYTES_MAX + 1];
static const char *world_members; /* of the tenant's row, besides its keys; or "" */

static void make_keys(void)
{
    uint8_t random[KEY_RANDOM_BYTES];

    for (size_t k = 0; k != KEYS && world_keys[k].len == 0; k++) {
        for (size_t i = 0; i != sizeof(random); i++)
            random[i] = (uint8_t)(i * 7 + 3 + k);
        assert(key_make(random, &world_keys[k], world_key_ids[k]));
    }
}

static void append_key(struct buf *json, size_t k, const char *members)
{
    uint8_t digest[SHA256_BYTES];

    key_digest(secret_reveal(&world_keys[k]), digest);
    buf_append(json, k == 0 ? SPAN("{\"id\":\"") : SPAN(",{\"id\":\""));
    buf_append(json, span_str(world_key_ids[k]));
    buf_append(json, SPAN("\",\"digest\":\"sha256:"));
    buf_append_hex(json, digest, sizeof(digest));
    buf_append(json, SPAN("\","));
    buf_append(json, span_str(members));
    buf_append_char(json, '}');
}

static struct keyring *make_keyring(void)
{
    char error[KEYRING_ERROR_BYTES];
    struct buf json;

    buf_init(&json, 4096);
    buf_append(&json, SPAN("{\"tenants\":{\"acme\":{"));
    buf_append(&json, span_str(world_members));
    buf_append(&json, world_members[0] == '\0' ? SPAN("\"keys\":[") : SPAN(",\"keys\":["));
    append_key(&json, SERVICE, "\"streams\":[\"orders\",\"re*\",\"clicks\"]");
    append_key(&json, PAGE,
               "\"streams\":[\"orders\",\"report\",\"pages*\",\"clicks\"],\"calls\":[\"beacon\"],\"origins\":["
               "\"https://shop.example\",\"https://*.shop.example\"]");
    append_key(&json, ANYBODY,
               "\"streams\":[\"orders\",\"pages*\"],\"calls\":[\"beacon\"],\"allow_no_origin\":true,"
               "\"per_address_requests_per_second\":1");
    buf_append(&json, SPAN("]}}}"));
    struct keyring *k = keyring_parse(buf_span(&json), error);
    assert(k != NULL);
    buf_clear(&json);
    return k;
}

void world_reload_without_streams(struct world *w)
{
    struct keyring *keyring = make_keyring();
    struct stream_table *streams = stream_table_new(NULL, 0);
    struct master_keys masters = {NULL, 0};
    struct snapshot *s = snapshot_new(&keyring, &streams, &masters);

    assert(s != NULL && front_set_snapshot(&w->front, s));
    snapshot_release(&s);
}

struct snapshot *world_snapshot(void)
{
#define UPSTREAM                                                                                                       \
    .region = SPAN("eu-west-1"), .host = SPAN("kinesis.eu-west-1.amazonaws.com"),                                      \
    .url = "https://kinesis.eu-west-1.amazonaws.com/", .record_bytes_max = RECORD_BYTES_DEFAULT,                       \
    .aggregate_bytes_max = 51200
    const struct stream_row rows[] = {
        {.put = {.name = SPAN("orders"), .stream_name = SPAN("orders-prod"), UPSTREAM, .retry_unknown = true}},
        {.put = {.name = SPAN("report"), .stream_name = SPAN("report"), UPSTREAM}},
        {.put = {.name = SPAN("clicks"), .stream_arn = SPAN(WORLD_ARN), UPSTREAM, .retry_unknown = true},
         .partition = {.source = PARTITION_JSON, .argument = SPAN("/user/id"), .reject_if_missing = true}},
        {.put = {.name = SPAN("rewrap"), .stream_name = SPAN("rewrap"), UPSTREAM, .retry_unknown = true},
         .has_envelope = true,
         .envelope_headers = SPAN("user-agent")},
        {.put = {.name = SPAN("secret"), .stream_name = SPAN("secret"), UPSTREAM}},
        {.put = {.name = SPAN("pages"), .stream_name = SPAN("pages"), UPSTREAM}, .beacon_batch = BEACON_BATCH_NDJSON},
        {.put = {.name = SPAN("pages-json"), .stream_name = SPAN("pages-json"), UPSTREAM},
         .beacon_batch = BEACON_BATCH_JSON},
        {.put = {.name = SPAN("pages-private"), .stream_name = SPAN("pages-private"), UPSTREAM},
         .partition = {.source = PARTITION_CLIENT_IP},
         .drops_on_privacy_signal = true,
         .address = STREAM_ADDRESS_TRUNCATED},
    };
    make_keys();
    struct keyring *keyring = make_keyring();
    struct stream_table *streams = stream_table_new(rows, sizeof(rows) / sizeof(rows[0]));
    struct master_keys masters = {NULL, 0};
    return snapshot_new(&keyring, &streams, &masters);
}

static void on_refresh(void *ctx, uint64_t serial)
{
    struct world *w = ctx;

    (void)serial;
    w->refreshes++;
    if (!w->gives_creds)
        return;
    struct aws_creds *fresh = aws_creds_new(SPAN("AKIDFRESH"), SPAN("fresh"), SPAN("token"), INT64_MAX);
    sender_set_creds(&w->sender, fresh);
    aws_creds_release(&fresh);
}

static void write_key(char out[128], const char *before, size_t k, const char *behind)
{
    struct span key = secret_reveal(&world_keys[k]);

    snprintf(out, 128, "%s%.*s%s", before, (int)key.len, key.ptr, behind);
}

void world_init(struct world *w)
{
    struct http_client_conf http = {.connections_max = 16};
    struct front_conf front = {.request_timeout_ms = 3000,
                               .request_timeout_ms_max = 30000,
                               .hook_timeout_ms = 2500,
                               .batch_records_max = 100000,
                               .log_requests = true,
                               .browser_path = "/v1/e"};
    struct sender_conf sender = {
        .call_timeout_ms = 2000,
        .window_min = 2,
        .calls_in_flight_max = 64,
        .call_records_max = 500,
        .call_bytes_max = 1u << 20,
        .large_calls_max = 8,
        .ordering_keys_max = 100000,
        .calls_max = 256,
        .queue_records_max = 1000,
        .queue_bytes_max = 16u << 20,
        .retry = {.backoff_base_ms = 50, .backoff_max_ms = 1000, .budget_percent = 10, .budget_burst = 100},
    };
    struct idempotency_memory_conf idempotency = {.ttl_s = 86400, .entries_max = 16000, .bytes_max = 64u << 20};
    char path[64];

    *w = (struct world){.gives_creds = true};
    world_members = "";
    w->loop = loop_new();
    w->http = http_client_new(w->loop, &http);
    w->net = fake_net_of(w->http);
    w->log_fd = memfd_create("log", MFD_CLOEXEC);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", w->log_fd);
    w->log = log_new(path);
    w->log_ring = log_ring_new(w->log, 1u << 16);
    random_seed(&w->random, 42);
    sender_init(&w->sender, w->loop, w->http, &sender, &w->random, &w->metrics);
    w->sender.refresh_creds = on_refresh;
    w->sender.refresh_ctx = w;
    struct aws_creds *creds = aws_creds_new(SPAN("AKIDEXAMPLE"), SPAN("wJalrXUtnFEMI"), SPAN(""), INT64_MAX);
    sender_set_creds(&w->sender, creds);
    aws_creds_release(&creds);
    front_init(&w->front, w->loop, &w->sender, &w->metrics, w->log_ring, &w->random, &front);
    w->idempotency = idempotency_memory_new(&idempotency, 7);
    w->addresses = address_limit_new(1024, 7);
    w->front.addresses = w->addresses;
    w->front.idempotency = idempotency_memory_store(w->idempotency);
    world_reload(w);
    write_key(w->key, "X-Api-Key: ", SERVICE, "\r\n");
    write_key(w->page, "key=", PAGE, "");
    write_key(w->anybody, "key=", ANYBODY, "");
}

void world_reload(struct world *w)
{
    struct snapshot *s = world_snapshot();

    assert(s != NULL && front_set_snapshot(&w->front, s));
    snapshot_release(&s);
}

void world_limit(struct world *w, const char *members, bool has_redis)
{
    struct pool_conf pool = {.has_store = has_redis, .lease_longest_us = 1000000, .tenants_max = 100};
    struct pool_conf share = {.lease_longest_us = 1000000, .tenants_max = 100};

    world_members = members;
    world_reload(w);
    fake_redis_init(&w->redis, w->loop);
    w->pool = pool_new(&pool);
    w->share = pool_new(&share);
    w->quota = quota_new(&(struct quota_conf){.loop = w->loop,
                                              .pool = w->pool,
                                              .share = w->share,
                                              .redis = has_redis ? &w->redis : NULL,
                                              .timeout_ms = 20,
                                              .workers = 1});
    w->front.quota = w->quota;
}

void world_share_keys(struct world *w)
{
    struct idempotency_redis_conf conf = {.loop = w->loop,
                                          .redis = &w->redis,
                                          .random = &w->random,
                                          .metrics = &w->metrics,
                                          .timeout_ms = 20,
                                          .ttl_s = 86400};

    fake_redis_init(&w->redis, w->loop);
    w->shared = idempotency_redis_new(&conf);
    w->front.idempotency = idempotency_redis_store(w->shared);
}

bool world_is_balanced(const struct world *w)
{
    int64_t sum = 0;

    for (int state = 0; state != RECORD_STATES; state++)
        sum += w->metrics.records[state];
    return sum == (int64_t)w->metrics.counters[COUNT_RECORDS_RECEIVED];
}

static bool is_settled(const struct world *w)
{
    for (int g = 0; g != GAUGES; g++)
        if (g != GAUGE_CLOCK_OFFSET_SECONDS && w->metrics.gauges[g] != 0)
            return false;
    return w->metrics.records[RECORD_IN_FLIGHT] == 0 && w->front.tickets_in_use == 0;
}

size_t world_log_lines(struct world *w)
{
    static char text[1u << 20];
    size_t lines = 0;

    log_ring_flush(w->log_ring);
    log_free(&w->log, 5000); /* its thread has written everything when this returns */
    ssize_t len = pread(w->log_fd, text, sizeof(text), 0);
    for (ssize_t i = 0; i < len; i++)
        lines += text[i] == '\n';
    return lines;
}

void world_clear(struct world *w)
{
    fake_loop_pass(w->loop, 60u * 1000000);
    if (w->shared != NULL) {
        assert(idempotency_redis_under_way(w->shared) == 0);
        idempotency_redis_free(&w->shared);
    }
    quota_free(&w->quota);
    pool_free(&w->pool);
    pool_free(&w->share);
    assert(is_settled(w) && world_is_balanced(w) && fake_loop_is_idle(w->loop));
    front_clear(&w->front);
    idempotency_memory_free(&w->idempotency);
    address_limit_free(&w->addresses);
    sender_clear(&w->sender);
    http_client_free(&w->http);
    loop_free(&w->loop);
    log_free(&w->log, 5000);
    close(w->log_fd);
}

struct fake_exchange *world_put(struct world *w, const char *stream, const char *query, struct span body)
{
    char line[1024];

    snprintf(line, sizeof(line), "POST /v1/streams/%s/record?%s", stream, query);
    struct fake_exchange *e = fake_request(line, w->key, body);
    front_request(&w->front, &e->exchange);
    return e;
}
