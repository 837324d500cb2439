/* Knows the file's bytes and its marks in the file system; what the bytes mean is the keyring's business. */
#include "gateway/tenants/file.h"

#include "gateway/base/file_read.h"

#include <stdio.h>

struct keyring *tenants_file_load(const char *path, char error[TENANTS_FILE_ERROR_BYTES])
{
    char why[FILE_READ_ERROR_BYTES], where[KEYRING_ERROR_BYTES];
    struct keyring *k = NULL;
    struct buf text;

    buf_init(&text, TENANTS_FILE_BYTES_MAX);
    if (!file_read(path, &text, why))
        snprintf(error, TENANTS_FILE_ERROR_BYTES, "%.200s: %s", path, why);
    else if ((k = keyring_parse(buf_span(&text), where)) == NULL)
        snprintf(error, TENANTS_FILE_ERROR_BYTES, "%.200s: %s", path, where);
    buf_wipe_clear(&text);
    return k;
}

static bool is_same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           is_same_time(a->st_mtim, b->st_mtim) && is_same_time(a->st_ctim, b->st_ctim);
}

void tenants_file_init(struct tenants_file *f, const char *path)
{
    *f = (struct tenants_file){.path = path};
    f->is_there = stat(path, &f->seen) == 0;
}

bool tenants_file_changed(struct tenants_file *f)
{
    struct tenants_file now;

    tenants_file_init(&now, f->path);
    bool changed = now.is_there != f->is_there || (now.is_there && !is_same(&now.seen, &f->seen));
    *f = now;
    return changed;
}
