/* The parts of `tenant usage`. Nobody else includes it. */
#ifndef KGW_CLI_USAGE_H
#define KGW_CLI_USAGE_H

#include "gateway/conf/conf.h"

/*
 * What tenants have used, as in quota/usage.h: an array, or the one tenant's object if `name` is not NULL. Each appends
 * to *page and gives the exit status, after a line on standard error if it is not CLI_DONE.
 */
int usage_from_redis(const char *command, const struct conf *c, const char *name, struct buf *page);
int usage_from_gateway(const char *command, const char *url, const char *name, struct buf *page);

/* Appends the page as a table. False: it is no such page. */
bool usage_append_table(struct span page, struct buf *out);

#endif
