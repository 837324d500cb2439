/*
 * Commands on a tenants file of the test's own.
 */
#ifndef KGW_TESTS_CLI_STORED_H
#define KGW_TESTS_CLI_STORED_H

#include "auth/keyring.h"
#include "gateway/tenants/file.h"
#include "tests/gateway/cli/run.h"

#include <jansson.h>

#define TENANTS "tenants.json"

/* Runs `key ARGUMENTS --tenants FILE`, `command` being cli_key or cli_tenant. */
static inline int run_on(struct run *r, int (*command)(int argc, char **argv), const char *arguments)
{
    char line[2048];

    snprintf(line, sizeof(line), "%.1400s --tenants %s", arguments, scratch_path(&r->scratch, TENANTS));
    return run_command(r, command, line);
}

/* The same with --json, which must succeed; its answer. */
static inline json_t *answer_of(struct run *r, int (*command)(int argc, char **argv), const char *arguments)
{
    char line[1024];

    snprintf(line, sizeof(line), "%.1000s --json", arguments);
    check(run_on(r, command, line) == 0, "%s: %s", line, r->err);
    json_t *answer = json_loads(r->out, 0, NULL);
    check(answer != NULL, "%s: %s", line, r->out);
    return answer;
}

static inline const char *member_of(json_t *answer, const char *name)
{
    const char *text = json_string_value(json_object_get(answer, name));
    return text == NULL ? "" : text;
}

static inline struct keyring *stored(struct run *r)
{
    char error[TENANTS_FILE_ERROR_BYTES];
    struct keyring *k = tenants_file_load(scratch_path(&r->scratch, TENANTS), error);

    check(k != NULL, "%s", error);
    return k;
}

#endif
