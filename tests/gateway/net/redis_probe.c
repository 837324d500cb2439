#include "tests/gateway/net/redis_probe.h"

#include "gateway/net/redis_command.h"
#include "gateway/net/redis_tls.h"
#include "tests/auth/check.h"

#include <signal.h>
#include <stdio.h>

#define LOOK_US     2000
#define PATIENCE_MS 30000
#define WORDS_MAX   16

static void on_change(void *ctx, const char *where, bool is_up, const char *reason)
{
    struct redis_probe *p = ctx;

    check(where[0] != '\0' && is_up == (reason == NULL), "a change says where, and why it is down");
    if (is_up)
        p->ups++;
    else
        p->downs++;
    p->reason = reason;
}

void redis_probe_init(struct redis_probe *p, const char *url)
{
    const char *error;

    signal(SIGPIPE, SIG_IGN);
    *p = (struct redis_probe){.loop = loop_new()};
    assert_non_null(p->loop);
    check(redis_url_parse(span_str(url), &p->url, &error), "%s: %s", url, error);
    p->conf = (struct redis_conf){REDIS_CONF_DEFAULTS, .url = &p->url, .on_change = on_change, .ctx = p};
    p->conf.late_ms = 200;
}

void redis_probe_connect(struct redis_probe *p)
{
    p->client = redis_client_new(p->loop, &p->conf);
    assert_non_null(p->client);
}

void redis_probe_open(struct redis_probe *p, const char *url)
{
    redis_probe_init(p, url);
    redis_probe_connect(p);
    assert_false(redis_is_available(p->client, SPAN("any")));
    redis_probe_wait_available(p, true, PATIENCE_MS);
}

void redis_probe_clear(struct redis_probe *p)
{
    redis_client_free(&p->client);
    assert_null(p->client);
    SSL_CTX_free(p->conf.tls);
    redis_url_clear(&p->url);
    loop_free(&p->loop);
}

/* Waiting */

struct wait {
    struct redis_probe *probe;
    bool (*is_so)(void *ctx);
    void *ctx;
    uint64_t until_us;
    struct timer timer;
    bool ok;
};

static void on_look(void *ctx)
{
    struct wait *w = ctx;

    w->ok = w->is_so(w->ctx);
    if (w->ok || loop_now_us(w->probe->loop) >= w->until_us)
        loop_stop(w->probe->loop);
    else
        loop_timer_start(w->probe->loop, &w->timer, LOOK_US);
}

bool redis_probe_until(struct redis_probe *p, bool (*is_so)(void *ctx), void *ctx, uint32_t limit_ms)
{
    struct wait w = {.probe = p, .is_so = is_so, .ctx = ctx};

    w.until_us = loop_now_us(p->loop) + (uint64_t)limit_ms * MS_IN_US;
    timer_init(&w.timer, on_look, &w);
    loop_timer_start(p->loop, &w.timer, 0);
    loop_run(p->loop);
    return w.ok;
}

static bool is_up(void *ctx)
{
    struct redis_probe *p = ctx;

    return redis_is_available(p->client, SPAN("any"));
}

static bool is_down(void *ctx)
{
    return !is_up(ctx);
}

void redis_probe_wait_available(struct redis_probe *p, bool is_available, uint32_t limit_ms)
{
    check(redis_probe_until(p, is_available ? is_up : is_down, p, limit_ms), "it is %s within %u ms; last reason: %s",
          is_available ? "available" : "unavailable", limit_ms, p->reason == NULL ? "none" : p->reason);
}

static bool never(void *ctx)
{
    (void)ctx;
    return false;
}

void redis_probe_turn(struct redis_probe *p)
{
    (void)redis_probe_until(p, never, NULL, 10);
}

/* Asking */

void redis_asked_note(struct redis_asked *d, const struct redis_answer *a)
{
    const struct redis_reply *r = a->reply;

    d->callbacks++;
    d->call = NULL;
    d->result = a->result;
    d->error = a->error;
    d->took_us = loop_now_us(d->probe->loop) - d->started_us;
    check((a->result == REDIS_REPLIED) == (r != NULL), "there is a reply if it was replied");
    check((a->reason == NULL) == (r != NULL && a->error == REDIS_ERROR_NONE),
          "there is a reason if it did not go well");
    if (r == NULL)
        return;
    d->type = r->type;
    d->integer = r->integer;
    d->elements_len = r->elements_len;
    struct span text = r->type == REDIS_TYPE_ARRAY && r->elements_len != 0 ? r->elements[0].text : r->text;
    snprintf(d->text, sizeof(d->text), "%.*s", (int)text.len, text.len == 0 ? "" : text.ptr);
}

static void on_answer(void *ctx, const struct redis_answer *a)
{
    redis_asked_note(ctx, a);
}

bool redis_asked_start(struct redis_probe *p, struct redis_asked *d, const char *words, uint32_t timeout_ms)
{
    struct span all[WORDS_MAX], rest = span_str(words);
    struct buf command;
    size_t len = 0;

    buf_init(&command, 1 << 20);
    while (rest.len != 0 && len != WORDS_MAX)
        all[len++] = span_cut(rest, ' ', &rest);
    redis_command_encode(&command, all, len);
    *d = (struct redis_asked){.probe = p, .started_us = loop_now_us(p->loop)};
    d->call = redis_call(p->client, len > 1 ? all[1] : SPAN(""), buf_span(&command), timeout_ms, on_answer, d);
    assert_int_equal(d->callbacks, 0);
    memset(command.ptr, 'x', command.len); /* it was copied */
    buf_clear(&command);
    return d->call != NULL;
}

static bool has_ended(void *ctx)
{
    return ((struct redis_asked *)ctx)->callbacks != 0;
}

void redis_asked_wait(struct redis_asked *d)
{
    check(redis_probe_until(d->probe, has_ended, d, PATIENCE_MS), "the call ends");
    assert_int_equal(d->callbacks, 1);
}

void redis_probe_ask(struct redis_probe *p, struct redis_asked *d, const char *words)
{
    check(redis_asked_start(p, d, words, 5000), "'%s' starts", words);
    redis_asked_wait(d);
    check(d->result == REDIS_REPLIED, "'%s' is answered: %d", words, d->result);
}
