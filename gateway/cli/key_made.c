/* Keys that are made or brought, and the rows by which a gateway knows them. */
#include "auth/authn.h"
#include "auth/key_strength.h"
#include "gateway/base/file_read.h"
#include "gateway/base/random.h"
#include "gateway/cli/common.h"
#include "gateway/cli/key.h"
#include "gateway/conf/conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define IMPORT_BYTES_MAX 4096

static void keep_digest(struct made_key *m)
{
    uint8_t digest[SHA256_BYTES];

    key_digest(secret_reveal(&m->secret), digest);
    snprintf(m->digest, sizeof(m->digest), "sha256:");
    hex_encode(digest, sizeof(digest), m->digest + 7);
}

/* Every key is made whole; a derived one keeps only its id. */
int made_key_random(struct made_key *m)
{
    uint8_t random[KEY_RANDOM_BYTES];

    do
        random_secret_bytes(random, sizeof(random));
    while (!key_make(random, &m->secret, m->id));
    bytes_wipe(random, sizeof(random));
    keep_digest(m);
    return CLI_DONE;
}

static int read_import(struct made_key *m, const char *command, char *text)
{
    char why[FILE_READ_ERROR_BYTES];
    struct buf in;
    int status = CLI_DONE;

    buf_init(&in, IMPORT_BYTES_MAX);
    if (strcmp(text, "-") == 0) {
        if (!file_read_fd(STDIN_FILENO, &in, why))
            status = cli_fail(CLI_FAILED, command, "standard input %s", why);
    } else {
        buf_append(&in, span_str(text));
        bytes_wipe(text, strlen(text));
        cli_fail(CLI_DONE, command,
                 "warning: everybody on this machine can read arguments: use --import - and give "
                 "the key on standard input");
    }
    while (in.len > 0 && strchr("\r\n \t", in.ptr[in.len - 1]) != NULL)
        in.len--;
    if (status == CLI_DONE && !secret_set(&m->secret, buf_span(&in)))
        status = cli_fail(CLI_FAILED, command, "out of memory");
    buf_wipe_clear(&in);
    return status;
}

int made_key_import(struct made_key *m, const char *command, char *text)
{
    struct span id;
    int status = read_import(m, command, text);

    if (status != CLI_DONE)
        return status;
    const char *weakness = key_weakness(secret_reveal(&m->secret));
    if (weakness != NULL)
        return cli_fail(CLI_FAILED, command, "--import: the key is refused: %s", weakness);
    key_parse(secret_reveal(&m->secret), &id);
    memcpy(m->id, id.ptr, id.len);
    m->id[id.len] = '\0';
    m->is_imported = true;
    keep_digest(m);
    return CLI_DONE;
}

int made_key_derive(struct made_key *m, const char *command, const char *config)
{
    char error[CONF_ERROR_BYTES], text[AUTHN_DERIVED_SECRET_BYTES];
    struct master_keys masters;
    bool is_found = false;

    struct conf *c = conf_load(config, environ, error);
    bool is_loaded = c != NULL && conf_load_masters(c, &masters, error);
    conf_free(&c);
    if (!is_loaded)
        return cli_fail(CLI_FAILED, command, "%s", error);
    for (size_t i = 0; i != masters.len; i++) {
        if (!span_equal(masters.keys[i].name, span_str(m->derived)))
            continue;
        authn_derive_secret(secret_reveal(&masters.keys[i].secret), span_str(m->id), text);
        is_found = secret_set(&m->secret, span_of(text, sizeof(text)));
        bytes_wipe(text, sizeof(text));
    }
    master_keys_clear(&masters);
    return is_found ? CLI_DONE : cli_fail(CLI_FAILED, command, "--derived: %s has no such master key", config);
}

int made_key_complete(struct made_key *m, const char *command, const json_t *members)
{
    m->row = m->derived != NULL ? json_pack("{s:s, s:s}", "id", m->id, "derived", m->derived)
                                : json_pack("{s:s, s:s}", "id", m->id, "digest", m->digest);
    if (m->row == NULL || json_object_update(m->row, (json_t *)members) != 0)
        return cli_fail(CLI_USAGE, command, "--derived: is not UTF-8");
    return CLI_DONE;
}

/* A sentence about tenants.T.keys[0].not_before is one about --not-before. */
static int refuse_row(const char *command, char *error)
{
    char *member = strstr(error, ".keys[0].");

    if (member == NULL)
        return cli_fail(CLI_USAGE, command, "--tenant: %s", error);
    member += strlen(".keys[0].");
    for (char *c = member; *c != '\0' && *c != ':'; c++)
        *c = *c == '_' ? '-' : *c;
    return cli_fail(CLI_USAGE, command, "--%s", member);
}

int made_key_check(const struct made_key *m, const char *command, const char *tenant)
{
    char error[KEYRING_ERROR_BYTES];
    json_t *file = json_pack("{s:{s:{s:[O]}}}", "tenants", tenant, "keys", m->row);
    char *text = file == NULL ? NULL : json_dumps(file, JSON_COMPACT);

    json_decref(file);
    if (text == NULL)
        return cli_fail(CLI_USAGE, command, "--tenant, --derived or --comment: is not UTF-8");
    struct keyring *k = keyring_parse(span_str(text), error);
    free(text);
    if (k == NULL)
        return refuse_row(command, error);
    keyring_release(&k);
    return CLI_DONE;
}

void made_key_clear(struct made_key *m)
{
    secret_clear(&m->secret);
    json_decref(m->row);
    m->row = NULL;
}
