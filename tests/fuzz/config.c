/*
 * A configuration file, then, behind a NUL byte each, variables of the environment: a configuration, or a sentence.
 * What files it may name stand beside it.
 */
#include "gateway/conf/conf.h"
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define VARIABLES_MAX 16

static char folder[128], path[160];
static const char *const beside[] = {"tenants.json", "server.crt", "server.key", "secret"};

static void remove_folder(void)
{
    char name[160];

    for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++) {
        snprintf(name, sizeof(name), "%s/%s", folder, beside[i]);
        unlink(name);
    }
    unlink(path);
    rmdir(folder);
}

static void write_file(const char *name, struct span text)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    BELIEVE(fd >= 0 && (text.len == 0 || write(fd, text.ptr, text.len) == (ssize_t)text.len));
    close(fd);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const char *temporary = getenv("TMPDIR");
    char name[160];

    (void)argc;
    (void)argv;
    snprintf(folder, sizeof(folder), "%.64s/kgw-fuzz-XXXXXX", temporary == NULL ? P_tmpdir : temporary);
    BELIEVE(mkdtemp(folder) != NULL);
    snprintf(path, sizeof(path), "%s/conf.json", folder);
    for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++) {
        snprintf(name, sizeof(name), "%s/%s", folder, beside[i]);
        write_file(name, SPAN("{\"tenants\":{}}"));
    }
    atexit(remove_folder);
    return 0;
}

/* Strings of their own, so that reading past one is seen. */
static size_t split_variables(struct span rest, char *variables[VARIABLES_MAX + 1])
{
    size_t len = 0;

    while (rest.len > 0 && len < VARIABLES_MAX) {
        struct span one = span_cut(rest, '\0', &rest);
        variables[len++] = fuzz_string(one);
    }
    variables[len] = NULL;
    return len;
}

static void check_conf(const struct conf *c)
{
    BELIEVE(c->listeners_len > 0 && c->workers <= 256 && c->front.request_timeout_ms > 0);
    BELIEVE(c->front.request_timeout_ms <= c->front.request_timeout_ms_max);
    BELIEVE((c->tenants == CONF_TENANTS_FILE ? c->tenants_file : c->redis.url) != NULL && c->log_path != NULL);
    BELIEVE((c->log_ring_bytes & (c->log_ring_bytes - 1)) == 0);
    BELIEVE(conf_first_restart_difference(c, c) == NULL);
    for (size_t i = 0; i < c->streams_len; i++) {
        const struct stream_conf *s = &c->streams[i].put;
        BELIEVE(s->name.len > 0 && s->region.len > 0 && s->host.len > 0 && s->url != NULL);
    }
}

static void check_snapshot(const struct conf *c)
{
    char error[CONF_ERROR_BYTES] = "";
    struct snapshot *snapshot = conf_load_snapshot(c, 0, error);

    BELIEVE(snapshot != NULL || error[0] != '\0');
    snapshot_release(&snapshot);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *variables[VARIABLES_MAX + 1], error[CONF_ERROR_BYTES];
    struct span rest, text = span_cut(fuzz_span(data, size), '\0', &rest);
    size_t len = split_variables(rest, variables);

    write_file(path, text);
    memset(error, 'x', sizeof(error));
    struct conf *c = conf_load(path, variables, error);
    if (c == NULL) {
        size_t error_len = strnlen(error, sizeof(error));
        BELIEVE(error_len > 0 && error_len < sizeof(error));
    } else {
        check_conf(c);
        check_snapshot(c);
    }
    conf_free(&c);
    while (len > 0)
        free(variables[--len]);
    return 0;
}
