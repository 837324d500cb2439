/* A peer that says what no Redis says. */
#include "gateway/net/redis_link.h"

#include "tests/auth/check.h"
#include "tests/gateway/net/raw_server.h"
#include "tests/gateway/net/redis_probe.h"

#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define PONG "+PONG\r\n"

/* Answers the first PING, then says what it was told to after the next command. */
static void answer_then_say(struct raw_connection *c, void *ctx)
{
    char bytes[4096];

    if (read(c->fd, bytes, sizeof(bytes)) <= 0)
        return;
    raw_write(c, SPAN(PONG));
    if (read(c->fd, bytes, sizeof(bytes)) <= 0)
        return;
    raw_write(c, span_str(ctx));
    raw_wait_closed(c);
}

static void open_to(struct redis_probe *p, struct raw_server *s, raw_script *script, const void *ctx)
{
    char url[64];

    raw_server_start(s, NULL, script, (void *)(uintptr_t)ctx);
    snprintf(url, sizeof(url), "redis%s", s->url + 4);
    redis_probe_init(p, url);
    redis_probe_connect(p);
}

static void what_is_not_the_protocol_ends_the_connection(void **state)
{
    static const struct {
        const char *what, *says;
    } rows[] = {
        {"another protocol", "HTTP/1.1 400 Bad Request\r\n\r\n"},
        {"one answer too many", "+OK\r\n+OK\r\n"},
        {"an error too many", "+OK\r\n-ERR max number of clients reached\r\n"},
        {"arrays too deep", "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n"},
        {"an array too long", "*2000000000\r\n"},
    };

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        struct raw_server s;
        struct redis_probe p;
        struct redis_asked d;
        open_to(&p, &s, answer_then_say, rows[i].says);
        redis_probe_wait_available(&p, true, 10000);
        check(redis_asked_start(&p, &d, "GET key", 5000), "%s", rows[i].what);
        redis_asked_wait(&d);
        bool is_answered = rows[i].says[0] == '+';
        check(d.result == (is_answered ? REDIS_REPLIED : REDIS_LOST), "%s: %d", rows[i].what, d.result);
        redis_probe_wait_available(&p, false, 10000);
        redis_probe_clear(&p);
        raw_server_clear(&s);
    }
}

static void talk_at_once(struct raw_connection *c, void *ctx)
{
    raw_write(c, span_str(ctx));
    raw_wait_closed(c);
}

static void a_port_with_something_else_is_never_available(void **state)
{
    static const char *says[] = {"220 mail.example ESMTP\r\n",
                                 "\x15\x03\x01",
                                 "\r\n",
                                 "-DENIED Redis is running in protected mode\r\n",
                                 "+OK\r\n",
                                 ":1\r\n",
                                 ""};

    (void)state;
    for (size_t i = 0; i != LEN(says); i++) {
        struct raw_server s;
        struct redis_probe p;
        open_to(&p, &s, talk_at_once, says[i]);
        for (int turn = 0; turn != 10; turn++) {
            redis_probe_turn(&p);
            check(!redis_is_available(p.client, SPAN("key")) || says[i][0] == '+' || says[i][0] == ':', "'%s'",
                  says[i]);
        }
        redis_probe_clear(&p);
        raw_server_clear(&s);
    }
}

static void close_at_once(struct raw_connection *c, void *ctx)
{
    (void)ctx;
    raw_reset(c);
}

static void a_port_that_hangs_up_is_tried_with_growing_waits(void **state)
{
    struct raw_server s;
    struct redis_probe p;

    (void)state;
    open_to(&p, &s, close_at_once, NULL);
    for (int turn = 0; turn != 100; turn++)
        redis_probe_turn(&p);
    unsigned tries = atomic_load(&s.connections);
    check(tries >= 2 && tries <= 12, "in a second it is tried a few times: %u", tries);
    assert_int_equal(p.ups + p.downs, 0);
    redis_probe_clear(&p);
    raw_server_clear(&s);
}

/* A reply in pieces, one byte a write. */
static void drip(struct raw_connection *c, void *ctx)
{
    char bytes[4096];

    (void)ctx;
    while (read(c->fd, bytes, sizeof(bytes)) > 0)
        for (size_t i = 0; i != sizeof(PONG) - 1; i++)
            raw_write(c, span_of(&PONG[i], 1));
}

static void an_answer_may_come_in_pieces(void **state)
{
    struct raw_server s;
    struct redis_probe p;
    struct redis_asked d;

    (void)state;
    open_to(&p, &s, drip, NULL);
    redis_probe_wait_available(&p, true, 10000);
    redis_probe_ask(&p, &d, "PING");
    assert_string_equal(d.text, "PONG");
    redis_probe_clear(&p);
    raw_server_clear(&s);
}

/* Reads nothing more after the first PING; what is sent fills all buffers. */
static void read_no_more(struct raw_connection *c, void *ctx)
{
    char bytes[4096];
    struct raw_server *s = c->server;

    (void)ctx;
    if (read(c->fd, bytes, sizeof(bytes)) <= 0)
        return;
    raw_write(c, SPAN(PONG));
    while (!atomic_load(&s->is_stopping))
        (void)poll(NULL, 0, 5);
}

static void what_cannot_be_sent_is_bounded(void **state)
{
    static char big[400000];
    struct raw_server s;
    struct redis_probe p;
    static struct redis_asked d[64];
    size_t started = 0;

    (void)state;
    memset(big, 'x', sizeof(big) - 1);
    memcpy(big, "SET key ", 8);
    open_to(&p, &s, read_no_more, NULL);
    redis_probe_wait_available(&p, true, 10000);
    while (started != LEN(d) && redis_asked_start(&p, &d[started], big, 200)) {
        started++;
        if (started % 8 == 0)
            redis_probe_turn(&p);
    }
    check(started > 1 && started < LEN(d), "%zu of 400 kB each were taken", started);
    for (size_t i = 0; i != started; i++) {
        redis_asked_wait(&d[i]);
        check(d[i].result == REDIS_TIMED_OUT || d[i].result == REDIS_LOST, "the %zuth: %d", i, d[i].result);
    }
    redis_probe_wait_available(&p, false, 2000);
    redis_probe_clear(&p);
    raw_server_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_the_protocol_ends_the_connection),
        cmocka_unit_test(a_port_with_something_else_is_never_available),
        cmocka_unit_test(a_port_that_hangs_up_is_tried_with_growing_waits),
        cmocka_unit_test(an_answer_may_come_in_pieces),
        cmocka_unit_test(what_cannot_be_sent_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
