/*
 * The tenants file as a tree that commands change: {"tenants": {NAME: {…, "keys": [ROW, …]}}}, its order kept. Whether
 * it says anything sensible is the keyring's business.
 */
#ifndef KGW_TENANTS_DOCUMENT_H
#define KGW_TENANTS_DOCUMENT_H

#include "auth/keyring.h"

#include <jansson.h>

#define DOCUMENT_ERROR_BYTES 512

json_t *document_new(void); /* without tenants; NULL: out of memory */
/* The tree of a text that keyring_parse() takes; NULL with a sentence in error[]. */
json_t *document_parse(struct span text, char error[DOCUMENT_ERROR_BYTES]);
/* Its text, laid out as `like`, or as people read it if `like` is empty. NULL: out of memory; free() it. */
char *document_text(const json_t *document, struct span like);
/* True if a keyring can be made of it; else a sentence in error[]. */
bool document_check(const json_t *document, char error[DOCUMENT_ERROR_BYTES]);

json_t *document_tenant(const json_t *document, const char *name); /* borrowed; NULL: none */
/* The tenant of that name, made if there is none. Borrowed; NULL: out of memory, or no UTF-8. */
json_t *document_add_tenant(json_t *document, const char *name);
json_t *document_keys(const json_t *tenant); /* its list; borrowed */
/* The row with that id and whose it is; borrowed. NULL: none. */
json_t *document_key(const json_t *document, const char *id, const char **tenant);

#endif
