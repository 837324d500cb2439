/* Reads until the end, so that what has no size (a pipe, /proc) reads as well as what has. */
#include "gateway/base/file_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK_BYTES 16384

static bool refuse(char *error, const char *words)
{
    snprintf(error, FILE_READ_ERROR_BYTES, "%s", words);
    return false;
}

/* A directory opens and then fails to be read, with a sentence that helps nobody. */
static int open_to_read(const char *path, int flags, char *error)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | flags);

    if (fd < 0) {
        snprintf(error, FILE_READ_ERROR_BYTES, "cannot be opened: %m");
        return -1;
    }
    if (fstat(fd, &st) != 0 || S_ISDIR(st.st_mode)) {
        refuse(error, "is a directory, not a file");
        close(fd);
        return -1;
    }
    return fd;
}

bool file_read_fd(int fd, struct buf *out, char error[FILE_READ_ERROR_BYTES])
{
    char chunk[CHUNK_BYTES];
    ssize_t got;

    for (;;) {
        got = read(fd, chunk, sizeof(chunk));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        if ((size_t)got > out->bytes_max - out->len) {
            snprintf(error, FILE_READ_ERROR_BYTES, "is larger than %zu bytes", out->bytes_max);
            break;
        }
        buf_append(out, span_of(chunk, (size_t)got));
        if (out->failed) {
            refuse(error, "cannot be read: out of memory");
            break;
        }
    }
    if (got < 0)
        snprintf(error, FILE_READ_ERROR_BYTES, "cannot be read: %m");
    bytes_wipe(chunk, sizeof(chunk)); /* it may have been a secret */
    return got == 0;
}

bool file_read(const char *path, struct buf *out, char error[FILE_READ_ERROR_BYTES])
{
    int fd = open_to_read(path, 0, error);

    if (fd < 0)
        return false;
    bool ok = file_read_fd(fd, out, error);
    close(fd);
    return ok;
}

bool file_is_readable(const char *path, char error[FILE_READ_ERROR_BYTES])
{
    int fd = open_to_read(path, O_NONBLOCK, error); /* a pipe without a writer must not hang */

    if (fd < 0)
        return false;
    close(fd);
    return true;
}
