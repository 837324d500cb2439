/*
 * A folder of a test's own, with files in it; gone at the end.
 */
#ifndef KGW_TESTS_CONF_SCRATCH_H
#define KGW_TESTS_CONF_SCRATCH_H

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/auth/check.h"

#define SCRATCH_PATH_BYTES 512

struct scratch {
    char folder[128], path[SCRATCH_PATH_BYTES]; /* path: of the file named last */
};

static inline const char *scratch_path(struct scratch *s, const char *name)
{
    snprintf(s->path, sizeof(s->path), "%s/%s", s->folder, name);
    return s->path;
}

static inline const char *scratch_write(struct scratch *s, const char *name, const char *text)
{
    FILE *f = fopen(scratch_path(s, name), "w");

    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
    return s->path;
}

static inline void scratch_begin(struct scratch *s)
{
    const char *parent = getenv("TMPDIR");

    snprintf(s->folder, sizeof(s->folder), "%s/kgw-test-XXXXXX", parent == NULL ? P_tmpdir : parent);
    assert_non_null(mkdtemp(s->folder));
}

static inline void scratch_end(struct scratch *s)
{
    DIR *d = opendir(s->folder);

    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d)) != NULL;)
        if (e->d_name[0] != '.')
            unlink(scratch_path(s, e->d_name));
    closedir(d);
    assert_int_equal(rmdir(s->folder), 0);
}

#endif
