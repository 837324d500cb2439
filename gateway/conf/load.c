/* The order in which a configuration comes together: the file, the environment over it, then what depends on both. */
#include "gateway/base/file_read.h"
#include "gateway/conf/reader.h"

#include <stdio.h>

#define CONF_FILE_BYTES_MAX ((size_t)16 << 20)

static const char *const others[] = {"hooks", "listen", "master_keys", "streams", NULL};

static struct span folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? SPAN("") : span_of(path, (size_t)(slash - path) + 1);
}

/* jansson quotes what it stumbled over, which may be what should not be in a log: only its own words are told. */
static void syntax_error(const char *path, const json_error_t *e, char *error)
{
    const char *near = strstr(e->text, " near '");
    int len = near == NULL ? (int)strlen(e->text) : (int)(near - e->text);
    bool is_duplicate = json_error_code(e) == json_error_duplicate_key;

    if (is_duplicate)
        len = (int)strlen(e->text);
    snprintf(error, CONF_ERROR_BYTES, "%.200s: line %d, column %d: %.*s", path, e->line, e->column, len, e->text);
}

static json_t *read_json(const char *path, char *error)
{
    char why[FILE_READ_ERROR_BYTES];
    json_t *root = NULL;
    json_error_t e;
    struct buf text;

    buf_init(&text, CONF_FILE_BYTES_MAX);
    if (!file_read(path, &text, why))
        snprintf(error, CONF_ERROR_BYTES, "%.200s %s", path, why);
    else if ((root = json_loadb(text.ptr == NULL ? "" : text.ptr, text.len, JSON_REJECT_DUPLICATES, &e)) == NULL)
        syntax_error(path, &e, error);
    else if (!json_is_object(root)) {
        snprintf(error, CONF_ERROR_BYTES, "%.200s: must be a JSON object of settings", path);
        json_decref(root);
        root = NULL;
    }
    buf_wipe_clear(&text);
    return root;
}

static bool read_all(const struct conf_reader *r, json_t *root, char *const *environ_)
{
    struct conf_place place = {&conf_rows, r->conf, "", others};

    return conf_read_object(r, &place, root) && conf_read_environment(r, environ_) && conf_read_listeners(r, root) &&
           conf_check(r) && conf_read_masters(r, root) && conf_read_streams(r, root) && conf_read_hooks(r, root);
}

struct conf *conf_load(const char *path, char *const *environ_, char error[CONF_ERROR_BYTES])
{
    struct conf_reader r = {.folder = folder_of(path), .error = error};

    error[0] = '\0';
    json_t *root = read_json(path, error);
    if (root == NULL)
        return NULL;
    r.conf = conf_new();
    if (r.conf == NULL) {
        conf_refuse_memory(&r);
        json_decref(root);
        return NULL;
    }
    conf_set_defaults(&conf_rows, r.conf);
    if (!read_all(&r, root, environ_))
        conf_free(&r.conf);
    json_decref(root);
    return r.conf;
}
