/* What a configuration is made of hangs on it, and goes with it. */
#include "gateway/conf/reader.h"

#include <stdlib.h>

struct block {
    struct block *next;
    max_align_t bytes[];
};

struct conf_memory {
    struct conf conf; /* first: what conf_new() hands out */
    struct block *blocks;
};

struct conf *conf_new(void)
{
    struct conf_memory *m = calloc(1, sizeof(*m));

    return m == NULL ? NULL : &m->conf;
}

void *conf_keep(struct conf *c, size_t bytes)
{
    struct conf_memory *m = (struct conf_memory *)c;
    struct block *b = calloc(1, sizeof(*b) + bytes);

    if (b == NULL)
        return NULL;
    b->next = m->blocks;
    m->blocks = b;
    return b->bytes;
}

const char *conf_keep_text(struct conf *c, struct span text)
{
    char *kept = conf_keep(c, text.len + 1);

    if (kept != NULL && text.len > 0)
        memcpy(kept, text.ptr, text.len);
    return kept;
}

const char *conf_keep_path(const struct conf_reader *r, struct span path)
{
    size_t before = path.len > 0 && path.ptr[0] == '/' ? 0 : r->folder.len;
    char *kept = conf_keep(r->conf, before + path.len + 1);

    if (kept == NULL)
        return NULL;
    if (before > 0)
        memcpy(kept, r->folder.ptr, before);
    if (path.len > 0)
        memcpy(kept + before, path.ptr, path.len);
    return kept;
}

void conf_free(struct conf **c)
{
    struct conf_memory *gone = (struct conf_memory *)*c;

    *c = NULL;
    if (gone == NULL)
        return;
    for (struct block *b = gone->blocks, *next; b != NULL; b = next) {
        next = b->next;
        free(b);
    }
    free(gone);
}
