/* See control_house.h. */
#include "tests/gateway/control_house.h"

#include "tests/auth/check.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define LOOK_US     2000
#define PATIENCE_MS 20000
#define LOG_BYTES   (1u << 20)

static void path_of(const struct control_house *h, const char *name, char path[128])
{
    snprintf(path, 128, "%s/%s", h->folder, name);
}

static void write_file(const struct control_house *h, const char *name, const char *text)
{
    char path[128];

    path_of(h, name, path);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

void control_house_open(struct control_house *h, const char *settings)
{
    static char *const environment[] = {NULL};
    char path[128], text[1024], error[CONF_ERROR_BYTES];

    signal(SIGPIPE, SIG_IGN);
    *h = (struct control_house){.folder = "control-house-XXXXXX"};
    assert_non_null(mkdtemp(h->folder));
    snprintf(text, sizeof(text),
             "{\"listen\":[{\"address\":\"127.0.0.1:0\"}],\"log\":{\"path\":\"log\"},"
             "\"aws\":{\"region\":\"us-east-1\"},\"streams\":{\"orders\":{}}%s}",
             settings);
    write_file(h, "config.json", text);
    write_file(h, "tenants.json", "{\"tenants\":{}}");
    path_of(h, "config.json", path);
    h->conf = conf_load(path, environment, error);
    check(h->conf != NULL, "%s", error);
    h->control = (struct control){.conf = h->conf, .loop = loop_new(), .log = log_new(h->conf->log_path)};
    h->control.log_ring = log_ring_new(h->control.log, LOG_BYTES);
    assert_true(h->control.loop != NULL && h->control.log_ring != NULL);
}

void control_house_close(struct control_house *h)
{
    static const char *const files[] = {"config.json", "tenants.json", "log"};
    char path[128];

    snapshot_release(&h->control.snapshot);
    log_free(&h->control.log, 1000);
    loop_free(&h->control.loop);
    conf_free(&h->conf);
    for (size_t i = 0; i != LEN(files); i++) {
        path_of(h, files[i], path);
        unlink(path);
    }
    assert_int_equal(rmdir(h->folder), 0);
}

/* Waiting */

struct wait {
    struct control_house *house;
    bool (*is_so)(void *ctx);
    void *ctx;
    uint64_t until_us;
    struct timer timer;
    bool ok;
};

static void on_look(void *ctx)
{
    struct wait *w = ctx;
    struct loop *l = w->house->control.loop;

    w->ok = w->is_so(w->ctx);
    if (w->ok || loop_now_us(l) >= w->until_us)
        loop_stop(l);
    else
        loop_timer_start(l, &w->timer, LOOK_US);
}

bool control_house_until(struct control_house *h, bool (*is_so)(void *ctx), void *ctx, uint32_t limit_ms)
{
    struct loop *l = h->control.loop;
    struct wait w = {.house = h, .is_so = is_so, .ctx = ctx};

    w.until_us = loop_now_us(l) + (uint64_t)limit_ms * MS_IN_US;
    timer_init(&w.timer, on_look, &w);
    loop_timer_start(l, &w.timer, 0);
    loop_run(l);
    return w.ok;
}

unsigned control_house_logged(const struct control_house *h, const char *text)
{
    static char log[LOG_BYTES];
    char path[128];
    unsigned times = 0;

    path_of(h, "log", path);
    FILE *f = fopen(path, "r");
    if (f == NULL)
        return 0;
    log[fread(log, 1, sizeof(log) - 1, f)] = '\0';
    fclose(f);
    for (const char *at = log; (at = strstr(at, text)) != NULL; at++)
        times++;
    return times;
}

struct looked_for {
    const struct control_house *house;
    const char *text;
};

static bool is_logged(void *ctx)
{
    const struct looked_for *l = ctx;

    return control_house_logged(l->house, l->text) != 0;
}

void control_house_wait_logged(struct control_house *h, const char *text)
{
    check(control_house_until(h, is_logged, &(struct looked_for){h, text}, PATIENCE_MS), "it is logged: %s", text);
}
