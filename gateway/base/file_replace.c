/*
 * A new file beside the old one takes its name when it is complete and on disk. What is in it is not known here.
 */
#include "gateway/base/file_replace.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define NEW_FILE_MODE 0640
#define LOCK_MODE     0640
#define LOCK_LOOK_MS  10

static bool refuse(char *error, const char *words)
{
    snprintf(error, FILE_REPLACE_ERROR_BYTES, "%s: %m", words);
    return false;
}

static bool write_all(int fd, struct span text)
{
    while (text.len > 0) {
        ssize_t written = write(fd, text.ptr, text.len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        text = span_of(text.ptr + written, text.len - (size_t)written);
    }
    return true;
}

/* Whoever could read or change the old file, and nobody else, can do so with the new one. */
static bool take_after(int fd, const struct stat *old, char *error)
{
    struct stat mine;

    if (fstat(fd, &mine) != 0)
        return refuse(error, "cannot be replaced");
    if ((mine.st_uid != old->st_uid || mine.st_gid != old->st_gid) && fchown(fd, old->st_uid, old->st_gid) != 0)
        return refuse(error, "cannot be replaced by a file of the same owner");
    return fchmod(fd, old->st_mode & 07777) == 0 || refuse(error, "cannot be replaced by a file of the same mode");
}

static bool fill(int fd, const char *path, struct span text, char *error)
{
    struct stat old;

    if (stat(path, &old) == 0 ? !take_after(fd, &old, error)
                              : fchmod(fd, NEW_FILE_MODE) != 0 && !refuse(error, "cannot be made"))
        return false;
    return (write_all(fd, text) && fsync(fd) == 0) || refuse(error, "cannot be written");
}

/* The new name outlives a crash once its folder is on disk. Some file systems cannot do that, and need not. */
static void sync_folder(const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');

    snprintf(folder, sizeof(folder), "%.*s", slash == NULL ? 1 : (int)(slash - path) + 1, slash == NULL ? "." : path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)fsync(fd);
    close(fd);
}

static bool replace(const char *path, struct span text, char *error)
{
    char temporary[PATH_MAX];

    if (snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path) >= (int)sizeof(temporary)) {
        errno = ENAMETOOLONG;
        return refuse(error, "cannot be replaced");
    }
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        return refuse(error, "cannot be replaced: its folder does not take a new file");
    bool ok = fill(fd, path, text, error);
    if (close(fd) != 0 && ok)
        ok = refuse(error, "cannot be written");
    if (ok && rename(temporary, path) != 0)
        ok = refuse(error, "cannot be replaced");
    if (!ok)
        unlink(temporary);
    else
        sync_folder(path);
    return ok;
}

bool file_replace(const char *path, struct span text, char error[FILE_REPLACE_ERROR_BYTES])
{
    char *real = realpath(path, NULL);

    if (real == NULL && errno != ENOENT)
        return refuse(error, "cannot be replaced");
    bool ok = replace(real == NULL ? path : real, text, error);
    free(real);
    return ok;
}

/* There is no flock() with an end, and waiting for ever would hang a script. */
static bool lock_within(int fd, int timeout_ms)
{
    for (int waited_ms = 0; flock(fd, LOCK_EX | LOCK_NB) != 0; waited_ms += LOCK_LOOK_MS) {
        if ((errno != EWOULDBLOCK && errno != EINTR) || waited_ms >= timeout_ms)
            return false;
        poll(NULL, 0, LOCK_LOOK_MS);
    }
    return true;
}

int file_lock(const char *path, int timeout_ms, char error[FILE_REPLACE_ERROR_BYTES])
{
    char name[PATH_MAX], *real = realpath(path, NULL);
    int len = snprintf(name, sizeof(name), "%s.lock", real == NULL ? path : real);

    free(real);
    if (len >= (int)sizeof(name))
        errno = ENAMETOOLONG;
    int fd = len < (int)sizeof(name) ? open(name, O_RDWR | O_CREAT | O_CLOEXEC, LOCK_MODE) : -1;
    if (fd < 0) {
        refuse(error, "cannot be locked");
        return -1;
    }
    if (!lock_within(fd, timeout_ms)) {
        refuse(error, errno == EWOULDBLOCK ? "is locked by another command" : "cannot be locked");
        close(fd);
        return -1;
    }
    return fd;
}
