/*
 * Where the gateway's own AWS credentials come from: one source a file, each ending in a const struct. The
 * configuration picks one; if that one fails, it is an error and no other is tried. Sources read files and the
 * environment: for the control thread and commands.
 */
#ifndef KGW_CREDS_CREDS_H
#define KGW_CREDS_CREDS_H

#include "auth/aws_creds.h"

#define CREDS_ERROR_BYTES 384

/* Each is where a secret is read from, "env:NAME" or "file:PATH", or NULL. */
struct creds_conf {
    const char *access_key_id; /* NULL: credentials come from the environment's AWS_… variables */
    const char *secret_access_key, *session_token;
};

struct creds_source {
    const char *name;
    /* Reads afresh. The caller owns one reference. NULL with a sentence in error[] that names what is missing. */
    struct aws_creds *(*fetch)(const struct creds_conf *conf, char error[CREDS_ERROR_BYTES]);
};

extern const struct creds_source creds_static;      /* the sources that the configuration names */
extern const struct creds_source creds_environment; /* AWS_ACCESS_KEY_ID and its companions */

const struct creds_source *creds_pick(const struct creds_conf *conf); /* never NULL */

#endif
