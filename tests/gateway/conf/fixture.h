/*
 * A configuration that is right, to be made wrong in one place.
 */
#ifndef KGW_TESTS_CONF_FIXTURE_H
#define KGW_TESTS_CONF_FIXTURE_H

#include "gateway/conf/rows.h"
#include "tests/gateway/conf/scratch.h"

#include <jansson.h>

struct fixture {
    struct scratch scratch;
    json_t *root; /* what load() writes; one listener and one stream, "s" */
    struct conf *conf;
    char *const *environment;
    char error[CONF_ERROR_BYTES];
};

int fixture_begin(void **state); /* with a tenants file, and in it no tenants */
int fixture_end(void **state);
void fixture_reset(struct fixture *f);
/* Sets a member by its dotted path, as "aws.region", "listen.tls.key" (of the one listener) or "streams.s.arn". */
void fixture_set(struct fixture *f, const char *path, json_t *value);
void fixture_set_text(struct fixture *f, const char *path, const char *json);
/* f->conf, or NULL with f->error. */
bool fixture_load(struct fixture *f);
bool fixture_load_text(struct fixture *f, const char *json);
/* Loads, and checks that it is refused with an error that begins with `begin` and contains `rest` (NULL: anything). */
void fixture_refused(struct fixture *f, const char *what, const char *begin, const char *rest);
void fixture_accepted(struct fixture *f, const char *what);

#endif
