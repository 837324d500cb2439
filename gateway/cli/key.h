/* The parts of `key`. Nobody else includes it. */
#ifndef KGW_CLI_KEY_H
#define KGW_CLI_KEY_H

#include "auth/key.h"
#include "auth/secret.h"

#include <jansson.h>

int cli_key_create(int argc, char **argv);
int cli_key_list(int argc, char **argv); /* and show, by its own name in argv[0] */
int cli_key_revoke(int argc, char **argv);
int cli_key_rotate(int argc, char **argv);

/* A key and its row, before anybody knows them. Begins as zeros; cleared with made_key_clear(). */
struct made_key {
    const char *derived;  /* the master key that its secret is derived from; NULL: it has a digest */
    bool is_imported;     /* its owner has it: it is not shown */
    struct secret secret; /* the key, or the secret access key */
    char id[KEY_ID_BYTES_MAX + 1];
    char digest[KEY_DIGEST_TEXT_BYTES + 1];
    json_t *row; /* id and digest or derived, then the members it was completed with */
};

/* Each gives CLI_DONE, or the exit status after a line on standard error. */
int made_key_random(struct made_key *m);
/* Takes the key that somebody has: `text`, which is wiped, or "-" for standard input. A weak one is refused. */
int made_key_import(struct made_key *m, const char *command, char *text);
/* Makes the secret access key of the master key m->derived of a configuration. */
int made_key_derive(struct made_key *m, const char *command, const char *config);
/* Makes the row, with `members` behind its own. */
int made_key_complete(struct made_key *m, const char *command, const json_t *members);
/* Says what is wrong with a row as words about options; `tenant` is whose it would be. */
int made_key_check(const struct made_key *m, const char *command, const char *tenant);
void made_key_clear(struct made_key *m);

bool key_row_is_over(json_t *row, int64_t now_s);
/*
 * Ends the key of a row at ends_s, or earlier if it would end or not begin by then; at once if that is not later than
 * now. *expires_s is when. False: out of memory.
 */
bool key_row_end(json_t *row, int64_t now_s, int64_t ends_s, int64_t *expires_s);

/* What its owner and the operator are told. `place`: where its row is kept; NULL: nowhere so far. */
struct made_key_told {
    const char *tenant, *place;
    const char *old_id; /* the key it takes the place of, and until when that is good; NULL: none */
    int64_t old_expires_s;
    bool as_json;
};
int made_key_tell(const struct made_key *m, const struct made_key_told *told);

#endif
