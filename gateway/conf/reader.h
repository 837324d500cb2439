/*
 * What the files that read a configuration share: where they are, where what is kept goes, and how they refuse.
 */
#ifndef KGW_CONF_READER_H
#define KGW_CONF_READER_H

#include "gateway/conf/rows.h"

#include "auth/address.h"

#include <jansson.h>

#define CONF_PREFIX_BYTES 160 /* of what stands before a row's path in an error */

struct conf_reader {
    struct conf *conf;  /* what is kept lives as long as it */
    struct span folder; /* of the file, with its last '/'; empty: the current one */
    char *error;        /* CONF_ERROR_BYTES */
};

/* Settings that share a table and a struct: "listen[0]." and "streams.clicks." before the row's own path. */
struct conf_place {
    const struct conf_table *table;
    void *base;
    const char *prefix;
    const char *const *others; /* names on this level that are read elsewhere; NULL-terminated, or NULL */
};

/* Writes "PREFIX""PATH: sentence". False, to be returned. */
bool conf_refuse(const struct conf_reader *r, const char *prefix, const char *path, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
bool conf_refuse_memory(const struct conf_reader *r);
/* A name as an error may show it: printable, and cut to a bearable length. */
#define CONF_PRINTABLE_BYTES 80
const char *conf_printable(const char *name, char out[CONF_PRINTABLE_BYTES]);

/* Memory that conf_free() frees. NULL: out of memory. */
struct conf *conf_new(void);
void *conf_keep(struct conf *c, size_t bytes);                /* zeroed */
const char *conf_keep_text(struct conf *c, struct span text); /* as a string */
/* `path` as it is if absolute, else in the file's folder; kept. */
const char *conf_keep_path(const struct conf_reader *r, struct span path);

/* Reads every member of `object` by the rows of `place`; unknown ones are refused. */
bool conf_read_object(const struct conf_reader *r, const struct conf_place *place, json_t *object);
bool conf_read_value(const struct conf_reader *r, const struct conf_place *place, const struct conf_row *row,
                     json_t *value);
/* The same from a text: for rows that are one number, a boolean or a text. */
bool conf_read_text(const struct conf_reader *r, const char *prefix, const struct conf_row *row, void *base,
                    struct span text);
/* "env:NAME" or "file:PATH", the latter made whole and readable; kept in *kept. */
bool conf_keep_source(const struct conf_reader *r, const char *prefix, const char *path, struct span text,
                      const char **kept);
/* Refuses a name that is no setting, naming the nearest that is one. */
bool conf_refuse_unknown(const struct conf_reader *r, const struct conf_place *place, const char *path);
bool conf_read_environment(const struct conf_reader *r, char *const *environ_);
bool conf_read_rule(const struct conf_reader *r, const struct conf_place *place, const struct conf_row *row,
                    json_t *value);
bool conf_read_headers(const struct conf_reader *r, const struct conf_place *place, const struct conf_row *row,
                       json_t *value);
bool conf_read_networks(const struct conf_reader *r, const struct conf_place *place, const struct conf_row *row,
                        json_t *value);
bool conf_is_header_name(struct span text); /* a token: RFC 9110 section 5.6.2 */

bool conf_read_listeners(const struct conf_reader *r, json_t *root);
bool conf_read_masters(const struct conf_reader *r, json_t *root);
bool conf_read_streams(const struct conf_reader *r, json_t *root); /* after aws.* was read */
bool conf_read_hooks(const struct conf_reader *r, json_t *root);   /* after streams were */
bool conf_check(const struct conf_reader *r);                      /* what settings must be together */

bool conf_is_name(struct span text, size_t bytes_max); /* [A-Za-z0-9_.-]{1,bytes_max} */
bool conf_is_region(struct span text);
/* "ADDRESS:PORT". */
struct conf_address {
    struct address ip;
    uint16_t port;
};
bool conf_address_parse(struct span text, struct conf_address *out);
bool conf_address_is_loopback(const struct conf_address *a);
bool conf_address_overlap(const struct conf_address *a,
                          const struct conf_address *b); /* could one get the other's calls? */

/* Where calls go: what an endpoint setting says, or the region's own. `host` and `url` as in struct stream_conf; kept.
 */
bool conf_endpoint_resolve(const struct conf_reader *r, const char *prefix, const char *path, const char *endpoint,
                           struct span region, struct stream_conf *out);

#endif
