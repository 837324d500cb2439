/*
 * Where a secret comes from: "env:NAME" or "file:PATH". A setting holds such a text, never the secret itself. Reads
 * files: not for a worker.
 */
#ifndef KGW_BASE_SECRET_SOURCE_H
#define KGW_BASE_SECRET_SOURCE_H

#include "auth/secret.h"

#define SECRET_SOURCE_BYTES_MAX   65536
#define SECRET_SOURCE_ERROR_BYTES 320

enum secret_source_kind { SECRET_SOURCE_INVALID, SECRET_SOURCE_ENVIRONMENT, SECRET_SOURCE_FILE };

/* *rest: the variable's name, [A-Za-z_][A-Za-z0-9_]*, or the path, not empty; a part of `source`. */
enum secret_source_kind secret_source_parse(struct span source, struct span *rest);
/*
 * Reads it into *out, without the line end (LF or CRLF) that files tend to have. False, and *out is unchanged, with a
 * sentence in error[]: malformed, not there, empty, or more than SECRET_SOURCE_BYTES_MAX bytes.
 */
bool secret_source_read(const char *source, struct secret *out, char error[SECRET_SOURCE_ERROR_BYTES]);

#endif
