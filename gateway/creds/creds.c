/* The choice is the configuration's alone: what happens to be in the environment never overrules it. */
#include "gateway/creds/creds.h"

const struct creds_source *creds_pick(const struct creds_conf *conf)
{
    return conf->access_key_id != NULL ? &creds_static : &creds_environment;
}
