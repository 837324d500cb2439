/*
 * Reading a whole file, bounded. Blocks: for the control thread and for commands, never for a worker.
 */
#ifndef KGW_BASE_FILE_READ_H
#define KGW_BASE_FILE_READ_H

#include "auth/bytes.h"

#define FILE_READ_ERROR_BYTES 128

/*
 * Appends all of the file at `path` to `out`, which bounds it: a file larger than out->bytes_max is an error. False
 * with words in error[] that continue a sentence about the file ("cannot be read: …"); they never quote it.
 */
bool file_read(const char *path, struct buf *out, char error[FILE_READ_ERROR_BYTES]);
bool file_read_fd(int fd, struct buf *out, char error[FILE_READ_ERROR_BYTES]); /* the same; fd stays open */
bool file_is_readable(const char *path, char error[FILE_READ_ERROR_BYTES]);    /* opens it, and reads nothing */

#endif
