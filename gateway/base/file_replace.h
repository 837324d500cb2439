/*
 * Changing a file that others read: whole, and one writer at a time. Blocks: for commands, never for a worker.
 */
#ifndef KGW_BASE_FILE_REPLACE_H
#define KGW_BASE_FILE_REPLACE_H

#include "auth/bytes.h"

#define FILE_REPLACE_ERROR_BYTES 320

/*
 * Puts `text` in the place of the file at `path`, or makes it (mode 0640). A reader finds the old file or the new one,
 * also after a crash; the new one has the old one's mode and owner. A link is followed: what it points to is replaced.
 * False, and the old file stands unharmed, with words in error[] that continue a sentence about the file.
 */
bool file_replace(const char *path, struct span text, char error[FILE_REPLACE_ERROR_BYTES]);

/*
 * Takes the lock that writers of the file share: PATH.lock beside it, made if missing and left there. Waits up to
 * timeout_ms. The descriptor, whose closing gives the lock back; -1 with words in error[].
 */
int file_lock(const char *path, int timeout_ms, char error[FILE_REPLACE_ERROR_BYTES]);

#endif
