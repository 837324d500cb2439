/* The hooks' secrets: read afresh for each snapshot, and its own from then on. */
#include "gateway/base/secret_source.h"
#include "gateway/conf/conf.h"

#include <stdio.h>
#include <stdlib.h>

static bool refuse(char *error, const struct conf_hook_row *hook, const char *setting, const char *sentence)
{
    snprintf(error, CONF_ERROR_BYTES, "hooks.%.*s.%s: %s", (int)hook->row.name.len, hook->row.name.ptr, setting,
             sentence);
    return false;
}

static bool read_secret(const struct conf_hook_row *hook, size_t index, struct webhook_conf *to, char *error)
{
    char why[SECRET_SOURCE_ERROR_BYTES], setting[32];
    struct secret text = {0};

    snprintf(setting, sizeof(setting), "secrets[%zu]", index);
    if (!secret_source_read(hook->secrets[index], &text, why))
        return refuse(error, hook, setting, why);
    const char *wrong = webhook_conf_add_secret(to, secret_reveal(&text));
    secret_clear(&text);
    return wrong == NULL || refuse(error, hook, setting, wrong);
}

static bool read_secrets(const struct conf_hook_row *hook, struct webhook_conf *to, char *error)
{
    char why[SECRET_SOURCE_ERROR_BYTES];

    for (size_t i = 0; hook->secrets[i] != NULL; i++)
        if (!read_secret(hook, i, to, error))
            return false;
    return hook->verify_token == NULL || secret_source_read(hook->verify_token, &to->verify_token, why) ||
           refuse(error, hook, "verify_token", why);
}

struct hook_table *conf_load_hooks(const struct conf *c, char error[CONF_ERROR_BYTES])
{
    struct hook_row *rows = calloc(c->hooks_len + 1, sizeof(*rows));
    struct hook_table *table = NULL;
    size_t len = 0;
    bool ok = rows != NULL;

    for (; ok && len != c->hooks_len; len++) {
        rows[len] = c->hooks[len].row;
        ok = read_secrets(&c->hooks[len], &rows[len].webhook, error);
    }
    if (ok)
        table = hook_table_new(rows, len);
    if (rows == NULL || (ok && table == NULL))
        snprintf(error, CONF_ERROR_BYTES, "out of memory");
    for (size_t i = 0; i != len; i++)
        webhook_conf_clear_secrets(&rows[i].webhook);
    free(rows);
    return table;
}
