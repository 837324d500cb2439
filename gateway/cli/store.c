/* Which store a command works on. */
#include "gateway/base/secret_source.h"
#include "gateway/cli/common.h"
#include "gateway/conf/conf.h"

#include <unistd.h>

static struct tenants_store *open_store(const char *command, const char *where, const char *ca_file)
{
    char error[TENANTS_STORE_ERROR_BYTES];
    struct tenants_store *s = tenants_store_open(where, ca_file, error);

    if (s == NULL)
        cli_fail(CLI_FAILED, command, "%s", error);
    return s;
}

static struct tenants_store *open_source(const char *command, const char *setting, const char *source,
                                         const char *ca_file)
{
    char error[SECRET_SOURCE_ERROR_BYTES];
    struct secret where = {0};

    if (!secret_source_read(source, &where, error)) {
        cli_fail(CLI_FAILED, command, "%s: %s", setting, error);
        return NULL;
    }
    struct buf text;
    buf_init(&text, SECRET_SOURCE_BYTES_MAX + 1);
    buf_append(&text, secret_reveal(&where));
    buf_append_char(&text, '\0');
    struct tenants_store *s = text.failed ? NULL : open_store(command, text.ptr, ca_file);
    if (text.failed)
        cli_fail(CLI_FAILED, command, "out of memory");
    buf_wipe_clear(&text);
    secret_clear(&where);
    return s;
}

struct tenants_store *cli_store_open_configured(const char *command, const struct conf *c)
{
    const char *url = c->redis.url;
    struct span rest;

    if (c->tenants == CONF_TENANTS_FILE)
        return open_store(command, c->tenants_file, NULL);
    if (secret_source_parse(span_str(url), &rest) != SECRET_SOURCE_INVALID)
        return open_source(command, "redis.url", url, c->redis.ca_file);
    return open_store(command, url, c->redis.ca_file);
}

struct conf *cli_conf_load(const char *command, const char *config)
{
    char error[CONF_ERROR_BYTES];
    struct conf *c = conf_load(config, environ, error);

    if (c == NULL)
        cli_fail(CLI_FAILED, command, "%s", error);
    return c;
}

static struct tenants_store *open_configured(const char *command, const char *config)
{
    struct conf *c = cli_conf_load(command, config);
    struct tenants_store *s = c == NULL ? NULL : cli_store_open_configured(command, c);

    conf_free(&c);
    return s;
}

static bool has_password(const char *where)
{
    const char *at = strchr(where, '@');
    return strstr(where, "://") != NULL && at != NULL;
}

struct tenants_store *cli_store_open(const char *command, char *tenants, const char *config)
{
    if (tenants == NULL)
        return open_configured(command, config);
    if (strncmp(tenants, "env:", 4) == 0)
        return open_source(command, "--tenants", tenants, NULL);
    struct tenants_store *s = open_store(command, tenants, NULL);
    if (has_password(tenants)) {
        cli_fail(CLI_DONE, command, "warning: everybody on this machine can read arguments: use --tenants env:NAME");
        bytes_wipe(tenants, strlen(tenants));
    }
    return s;
}
