/*
 * Where tenants and keys are kept, for commands that show and change them: the tenants file, or Redis. Blocks. One
 * thread at a time.
 */
#ifndef KGW_TENANTS_STORE_H
#define KGW_TENANTS_STORE_H

#include "gateway/tenants/document.h"

#define TENANTS_STORE_ERROR_BYTES 512

struct tenants_store;

enum tenants_saved { TENANTS_SAVED, TENANTS_OVERTAKEN, TENANTS_NOT_SAVED };

/* One kind of store. Errors are sentences that name the place, and hold no digest and no password. */
struct tenants_store_kind {
    const char *name;
    /* What is there, as a keyring; one reference is the caller's. */
    struct keyring *(*load)(struct tenants_store *s, char error[TENANTS_STORE_ERROR_BYTES]);
    /* What is there, or a document without tenants where nothing ever was. Either end_change or save ends it. */
    json_t *(*begin_change)(struct tenants_store *s, char error[TENANTS_STORE_ERROR_BYTES]);
    /*
     * Keeps the document, all of it or nothing, and lets gateways know. OVERTAKEN: what is there is not what
     * begin_change gave; nothing was kept. Tenants and keys are added or changed, never taken away.
     */
    enum tenants_saved (*save)(struct tenants_store *s, const json_t *document, char error[TENANTS_STORE_ERROR_BYTES]);
    void (*end_change)(struct tenants_store *s);
    void (*close)(struct tenants_store *s);
};

struct tenants_store {
    const struct tenants_store_kind *kind;
    char place[256]; /* a path, or a URL without its password: for people */
};

/*
 * `where`: redis://… or unix://…, else the path of a file. `ca_file`: the authorities of a Redis with TLS; NULL: the
 * system's. NULL with a sentence in error[].
 */
struct tenants_store *tenants_store_open(const char *where, const char *ca_file, char error[TENANTS_STORE_ERROR_BYTES]);
struct tenants_store *tenants_file_store_open(const char *path, char error[TENANTS_STORE_ERROR_BYTES]);
struct tenants_store *tenants_redis_store_open(const char *url, const char *ca_file,
                                               char error[TENANTS_STORE_ERROR_BYTES]);
void tenants_store_close(struct tenants_store **s); /* NULL-safe */

struct keyring *tenants_store_load(struct tenants_store *s, char error[TENANTS_STORE_ERROR_BYTES]);

/*
 * Changes the document; false with words about the store in error[]. May run again, on a new document, if another was
 * faster.
 */
typedef bool tenants_edit(json_t *document, void *ctx, char error[DOCUMENT_ERROR_BYTES]);
/*
 * Loads, edits, checks that a keyring can be made of it, saves. False with a sentence in error[], and nothing was
 * changed.
 */
bool tenants_store_change(struct tenants_store *s, tenants_edit *edit, void *ctx,
                          char error[TENANTS_STORE_ERROR_BYTES]);

#endif
