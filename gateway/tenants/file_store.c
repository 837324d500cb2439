/*
 * The tenants file as a store. A lock beside it makes changes follow one another, so none is ever overtaken; gateways
 * see the new file for themselves.
 */
#include "gateway/base/file_read.h"
#include "gateway/base/file_replace.h"
#include "gateway/tenants/file.h"
#include "gateway/tenants/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LOCK_TIMEOUT_MS 10000

struct file_store {
    struct tenants_store store;
    char *path;
    int lock;        /* -1: no change is under way */
    struct buf text; /* as it was read: the layout to keep */
};

static struct file_store *file_of(struct tenants_store *s)
{
    return (struct file_store *)s;
}

static void *refuse(struct file_store *f, const char *why, char *error)
{
    snprintf(error, TENANTS_STORE_ERROR_BYTES, "%.200s: %.300s", f->path, why);
    return NULL;
}

static struct keyring *load(struct tenants_store *s, char error[TENANTS_STORE_ERROR_BYTES])
{
    return tenants_file_load(file_of(s)->path, error);
}

static void end_change(struct tenants_store *s)
{
    struct file_store *f = file_of(s);

    if (f->lock >= 0)
        close(f->lock);
    f->lock = -1;
    buf_wipe_clear(&f->text);
}

static json_t *read_document(struct file_store *f, char *error)
{
    char why[FILE_READ_ERROR_BYTES], where[DOCUMENT_ERROR_BYTES];

    if (access(f->path, F_OK) != 0) { /* the first tenant's command makes the file */
        json_t *empty = document_new();
        return empty != NULL ? empty : refuse(f, "out of memory", error);
    }
    if (!file_read(f->path, &f->text, why))
        return refuse(f, why, error);
    json_t *document = document_parse(buf_span(&f->text), where);
    return document != NULL ? document : refuse(f, where, error);
}

static json_t *begin_change(struct tenants_store *s, char error[TENANTS_STORE_ERROR_BYTES])
{
    struct file_store *f = file_of(s);
    char why[FILE_REPLACE_ERROR_BYTES];

    if ((f->lock = file_lock(f->path, LOCK_TIMEOUT_MS, why)) < 0)
        return refuse(f, why, error);
    json_t *document = read_document(f, error);
    if (document == NULL)
        end_change(s);
    return document;
}

/* A text file ends with a line end, but for one that did not. */
static enum tenants_saved save(struct tenants_store *s, const json_t *document, char error[TENANTS_STORE_ERROR_BYTES])
{
    struct file_store *f = file_of(s);
    char *text = document_text(document, buf_span(&f->text)), why[FILE_REPLACE_ERROR_BYTES] = "out of memory";
    bool has_line_end = f->text.len == 0 || f->text.ptr[f->text.len - 1] == '\n';
    struct buf out;

    buf_init(&out, TENANTS_FILE_BYTES_MAX);
    buf_append(&out, span_str(text));
    buf_append(&out, has_line_end ? SPAN("\n") : SPAN(""));
    bool ok = text != NULL && !out.failed && file_replace(f->path, buf_span(&out), why);
    if (!ok)
        refuse(f, text != NULL && out.failed ? "it would become too large" : why, error);
    free(text);
    buf_wipe_clear(&out);
    return ok ? TENANTS_SAVED : TENANTS_NOT_SAVED;
}

static void close_store(struct tenants_store *s)
{
    end_change(s);
    free(file_of(s)->path);
    free(s);
}

static const struct tenants_store_kind kind = {"file", load, begin_change, save, end_change, close_store};

struct tenants_store *tenants_file_store_open(const char *path, char error[TENANTS_STORE_ERROR_BYTES])
{
    struct file_store *f = calloc(1, sizeof(*f));

    if (f == NULL || (f->path = strdup(path)) == NULL) {
        free(f);
        snprintf(error, TENANTS_STORE_ERROR_BYTES, "out of memory");
        return NULL;
    }
    f->store.kind = &kind;
    snprintf(f->store.place, sizeof(f->store.place), "%.250s", path);
    f->lock = -1;
    buf_init(&f->text, TENANTS_FILE_BYTES_MAX);
    return &f->store;
}
