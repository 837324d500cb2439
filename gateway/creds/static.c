/* Credentials from the places that the configuration names. They are read at every fetch, so a rotated file is enough.
 */
#include "gateway/base/secret_source.h"
#include "gateway/creds/creds.h"

#include <stdio.h>

enum part { ACCESS_KEY_ID, SECRET_ACCESS_KEY, SESSION_TOKEN, PARTS };

static bool read_part(const char *setting, const char *source, struct secret *out, char *error)
{
    char why[SECRET_SOURCE_ERROR_BYTES];

    if (source == NULL) {
        snprintf(error, CREDS_ERROR_BYTES, "%s: is missing beside aws.access_key_id", setting);
        return false;
    }
    if (secret_source_read(source, out, why))
        return true;
    snprintf(error, CREDS_ERROR_BYTES, "%s: %s", setting, why);
    return false;
}

static bool read_parts(const struct creds_conf *conf, struct secret parts[PARTS], char *error)
{
    return read_part("aws.access_key_id", conf->access_key_id, &parts[ACCESS_KEY_ID], error) &&
           read_part("aws.secret_access_key", conf->secret_access_key, &parts[SECRET_ACCESS_KEY], error) &&
           (conf->session_token == NULL ||
            read_part("aws.session_token", conf->session_token, &parts[SESSION_TOKEN], error));
}

static struct aws_creds *fetch(const struct creds_conf *conf, char error[CREDS_ERROR_BYTES])
{
    struct secret parts[PARTS] = {0};
    struct aws_creds *c = NULL;

    if (read_parts(conf, parts, error)) {
        c = aws_creds_new(secret_reveal(&parts[ACCESS_KEY_ID]), secret_reveal(&parts[SECRET_ACCESS_KEY]),
                          secret_reveal(&parts[SESSION_TOKEN]), INT64_MAX);
        if (c == NULL)
            snprintf(error, CREDS_ERROR_BYTES,
                     "aws.access_key_id, aws.secret_access_key or aws.session_token: what was read is no credential: "
                     "must be visible ASCII without spaces or further lines");
    }
    for (size_t i = 0; i != PARTS; i++)
        secret_clear(&parts[i]);
    return c;
}

const struct creds_source creds_static = {"static", fetch};
