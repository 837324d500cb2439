/*
 * The whole gateway in one process, with real threads and sockets: requests, scrapes, reloads and new keys all at once,
 * then a drain. For the thread sanitizer as much as for its assertions.
 */
#include "gateway/control.h"

#include "auth/key.h"
#include "gateway/base/random.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define CLIENTS  4
#define REQUESTS 60
#define RELOADS  15
#define WAIT_MS  30000

extern char **environ;

#define REQUEST_BYTES 16384

struct scene {
    char folder[64], path[128], key[128];
    uint16_t upstream_port, public_port, admin_port;
    int upstream_fd;
    atomic_uint stored, acknowledged, other;
};

static void write_file(const struct scene *s, const char *name, const char *text)
{
    char path[192], temporary[208];

    snprintf(path, sizeof(path), "%s/%s", s->folder, name);
    snprintf(temporary, sizeof(temporary), "%s.new", path);
    FILE *f = fopen(temporary, "w");
    fputs(text, f);
    fclose(f);
    rename(temporary, path); /* as whole as a deployment would do it */
}

static void write_tenants(const struct scene *s, const struct secret *key, const char *id, const char *comment)
{
    uint8_t digest[SHA256_BYTES];
    char hex[2 * SHA256_BYTES + 1] = "", text[512];

    key_digest(secret_reveal(key), digest);
    hex_encode(digest, sizeof(digest), hex);
    snprintf(text, sizeof(text),
             "{\"tenants\":{\"t\":{\"comment\":\"%s\",\"keys\":[{\"id\":\"%s\",\"digest\":\"sha256:%s\"}]}}}", comment,
             id, hex);
    write_file(s, "tenants.json", text);
}

/* An upstream that stores everything: one blocking thread a connection. */

static bool read_request(int fd, char bytes[REQUEST_BYTES])
{
    size_t len = 0;

    for (;;) {
        ssize_t got = recv(fd, bytes + len, REQUEST_BYTES - 1 - len, 0);
        if (got <= 0)
            return false;
        bytes[len += (size_t)got] = '\0';
        const char *end = strstr(bytes, "\r\n\r\n"), *length = strcasestr(bytes, "content-length: ");
        if (end != NULL && length != NULL && len == (size_t)(end + 4 - bytes) + strtoul(length + 16, NULL, 10))
            return true;
    }
}

/* PutRecord's answer, or PutRecords' with an item a record. How many records it is for. */
static unsigned write_answer(const char *request, char out[REQUEST_BYTES])
{
    static const char item[] = "{\"ShardId\":\"shardId-000000000000\",\"SequenceNumber\":\"4900\"}";
    char body[REQUEST_BYTES] = "";
    unsigned records = 0;

    for (const char *at = request; (at = strstr(at, "\"PartitionKey\"")) != NULL; at++) {
        if (records++ != 0)
            strcat(body, ",");
        strcat(body, item);
    }
    bool is_batch = strstr(request, "Kinesis_20131202.PutRecords\r\n") != NULL;
    const char *open = is_batch ? "{\"Records\":[" : "", *end = is_batch ? "]}" : "";
    snprintf(out, REQUEST_BYTES, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s%.8000s%s",
             strlen(open) + strlen(body) + strlen(end), open, body, end);
    return records;
}

static void *serve_upstream(void *ctx)
{
    struct scene *s = *(struct scene **)ctx;
    int fd = ((int *)ctx)[2];
    char request[REQUEST_BYTES], answer[REQUEST_BYTES];

    while (read_request(fd, request)) {
        atomic_fetch_add(&s->stored, write_answer(request, answer));
        if (send(fd, answer, strlen(answer), MSG_NOSIGNAL) < 0)
            break;
    }
    close(fd);
    free(ctx);
    return NULL;
}

static void *accept_upstream(void *ctx)
{
    struct scene *s = ctx;
    int fd;

    while ((fd = accept(s->upstream_fd, NULL, NULL)) >= 0) {
        pthread_t thread;
        void *argument = malloc(sizeof(s) + 2 * sizeof(int));
        *(struct scene **)argument = s;
        ((int *)argument)[2] = fd;
        pthread_create(&thread, NULL, serve_upstream, argument);
        pthread_detach(thread);
    }
    return NULL;
}

static void open_upstream(struct scene *s)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(a);

    s->upstream_fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(s->upstream_fd, (struct sockaddr *)&a, len), 0);
    assert_int_equal(listen(s->upstream_fd, 64), 0);
    getsockname(s->upstream_fd, (struct sockaddr *)&a, &len);
    s->upstream_port = ntohs(a.sin_port);
}

/* Clients */

static int dial(uint16_t port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0)
        return fd;
    close(fd);
    return -1;
}

/* One request on a connection of its own; returns the status, 0 if there was no answer. */
static int ask(uint16_t port, const char *request, char *answer, size_t answer_size)
{
    int fd = dial(port), status = 0;
    size_t len = 0;

    answer[0] = '\0';
    if (fd < 0)
        return 0;
    if (send(fd, request, strlen(request), MSG_NOSIGNAL) == (ssize_t)strlen(request)) {
        ssize_t got;
        while (len + 1 < answer_size && (got = recv(fd, answer + len, answer_size - 1 - len, 0)) > 0)
            answer[len += (size_t)got] = '\0';
        if (sscanf(answer, "HTTP/1.1 %d", &status) != 1)
            status = 0;
    }
    close(fd);
    return status;
}

static void *put_records(void *ctx)
{
    struct scene *s = ctx;
    char request[512], answer[4096];

    snprintf(request, sizeof(request),
             "POST /v1/streams/orders/record HTTP/1.1\r\nHost: gateway\r\nX-Api-Key: %s\r\nConnection: close\r\n"
             "Content-Length: 5\r\n\r\nevent",
             s->key);
    for (int i = 0; i != REQUESTS; i++) {
        int status = ask(s->public_port, request, answer, sizeof(answer));
        atomic_fetch_add(status == 200 ? &s->acknowledged : &s->other, 1);
    }
    return NULL;
}

static void *scrape(void *ctx)
{
    struct scene *s = ctx;
    static const char *const paths[] = {"/metrics", "/livez", "/readyz"};
    static char answer[65536];
    char request[128];

    for (int i = 0; i != 60; i++) {
        snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                 paths[i % 3]);
        if (ask(s->admin_port, request, answer, sizeof(answer)) != 200)
            atomic_fetch_add(&s->other, 1);
    }
    return NULL;
}

static uint16_t find_port(const struct scene *s, const char *listener)
{
    char path[128], text[65536], needle[64];
    unsigned port;

    snprintf(path, sizeof(path), "%s/log", s->folder);
    snprintf(needle, sizeof(needle), "\"listener\":\"%s\",\"address\":\"127.0.0.1:", listener);
    int fd = open(path, O_RDONLY);
    if (fd < 0)
        return 0;
    ssize_t len = read(fd, text, sizeof(text) - 1);
    close(fd);
    text[len < 0 ? 0 : len] = '\0';
    const char *found = strstr(text, needle);
    return found != NULL && sscanf(found + strlen(needle), "%u", &port) == 1 ? (uint16_t)port : 0;
}

static void wait_for_ports(struct scene *s)
{
    for (int waited = 0; (s->public_port == 0 || s->admin_port == 0) && waited < WAIT_MS; waited += 5) {
        s->public_port = find_port(s, "public");
        s->admin_port = find_port(s, "admin");
        poll(NULL, 0, 5);
    }
}

/* What happens to the gateway while it runs on the main thread. */
static void *drive(void *ctx)
{
    struct scene *s = ctx;
    pthread_t clients[CLIENTS], scraper;

    wait_for_ports(s);
    for (int i = 0; i != CLIENTS; i++)
        pthread_create(&clients[i], NULL, put_records, s);
    pthread_create(&scraper, NULL, scrape, s);
    for (int i = 0; i != RELOADS; i++) {
        kill(getpid(), SIGHUP);
        poll(NULL, 0, 10);
    }
    for (int i = 0; i != CLIENTS; i++)
        pthread_join(clients[i], NULL);
    pthread_join(scraper, NULL);
    kill(getpid(), SIGTERM);
    return NULL;
}

static void block_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static void test_requests_scrapes_and_reloads_at_once_and_then_a_drain(void **state)
{
    static struct scene s;
    struct secret key = {NULL, 0};
    uint8_t random[KEY_RANDOM_BYTES];
    char id[KEY_ID_BYTES_MAX + 1], text[1024], error[CONF_ERROR_BYTES];
    pthread_t upstream, driver;

    (void)state;
    block_signals();
    snprintf(s.folder, sizeof(s.folder), "control-test-XXXXXX");
    assert_non_null(mkdtemp(s.folder));
    do
        random_secret_bytes(random, sizeof(random));
    while (!key_make(random, &key, id));
    snprintf(s.key, sizeof(s.key), "%.*s", (int)key.len, secret_reveal(&key).ptr);
    write_tenants(&s, &key, id, "first");
    open_upstream(&s);
    snprintf(text, sizeof(text),
             "{\"listen\":[{\"address\":\"127.0.0.1:0\"}],\"admin\":{\"address\":\"127.0.0.1:0\"},\"workers\":3,"
             "\"log\":{\"path\":\"log\"},\"drain_delay_ms\":50,\"aws\":{\"region\":\"us-east-1\",\"endpoint\":"
             "\"http://127.0.0.1:%u\"},\"tenants_file\":\"tenants.json\",\"streams\":{\"orders\":{}}}",
             s.upstream_port);
    write_file(&s, "config.json", text);
    snprintf(s.path, sizeof(s.path), "%s/config.json", s.folder);
    setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
    struct conf *conf = conf_load(s.path, environ, error);
    if (conf == NULL)
        fail_msg("%s", error);
    pthread_create(&upstream, NULL, accept_upstream, &s);
    pthread_create(&driver, NULL, drive, &s);

    assert_int_equal(control_run(conf, s.path, environ), 0);
    pthread_join(driver, NULL);
    shutdown(s.upstream_fd, SHUT_RDWR);
    pthread_join(upstream, NULL);
    close(s.upstream_fd);
    conf_free(&conf);
    secret_clear(&key);
    assert_int_equal(atomic_load(&s.other), 0);
    assert_int_equal(atomic_load(&s.acknowledged), CLIENTS * REQUESTS);
    assert_int_equal(atomic_load(&s.stored), CLIENTS * REQUESTS);
    snprintf(text, sizeof(text), "%s/log", s.folder);
    unlink(text);
    unlink(s.path);
    snprintf(text, sizeof(text), "%s/tenants.json", s.folder);
    unlink(text);
    rmdir(s.folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests_scrapes_and_reloads_at_once_and_then_a_drain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
