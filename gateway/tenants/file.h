/*
 * The tenants file: read whole into a keyring, and watched for changes. Reads files: for the control thread and
 * commands.
 */
#ifndef KGW_TENANTS_FILE_H
#define KGW_TENANTS_FILE_H

#include "auth/keyring.h"

#include <sys/stat.h>

#define TENANTS_FILE_BYTES_MAX   ((size_t)64 << 20)
#define TENANTS_FILE_ERROR_BYTES 512

/* The keyring that the file describes; the caller owns one reference. NULL with "PATH: sentence" in error[]. */
struct keyring *tenants_file_load(const char *path, char error[TENANTS_FILE_ERROR_BYTES]);

/* What the file looked like when it was looked at last. Embedded in whoever watches. */
struct tenants_file {
    const char *path; /* borrowed */
    bool is_there;
    struct stat seen;
};

/* Looks at the file: before it is loaded, so that a change during the load is seen as one. */
void tenants_file_init(struct tenants_file *f, const char *path);
/*
 * True if it is another file or was written since the last look, or has come or gone; asking is a look. Follows links:
 * a link moved to another file is a change.
 */
bool tenants_file_changed(struct tenants_file *f);

#endif
