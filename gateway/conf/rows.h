/*
 * The table of settings. A row is all there is to a setting: the same row reads it from the file and from the
 * environment, bounds it, documents it and fills the example.
 */
#ifndef KGW_CONF_ROWS_H
#define KGW_CONF_ROWS_H

#include "gateway/conf/conf.h"

enum conf_type {
    CONF_NUMBER,   /* uint32_t or uint64_t */
    CONF_BOOL,     /* bool */
    CONF_CHOICE,   /* uint32_t: which of the words in `text` */
    CONF_TEXT,     /* const char *, like all that follow; NULL when null or empty */
    CONF_PATH,     /* a file's name, taken relative to the folder of the configuration; "-" stays */
    CONF_FILE,     /* the same, of a file that must be readable now */
    CONF_SOURCE,   /* where a secret is read from: "env:NAME" or "file:PATH" */
    CONF_NAMES,    /* const char *const *: a list of host names, NULL-terminated */
    CONF_RULE,     /* struct partition_rule; null, where the row has no text: PARTITION_OF_STREAM */
    CONF_HEADERS,  /* struct span: names of headers in lower case, separated by commas, like the default in `text` */
    CONF_NETWORKS, /* struct networks */
    CONF_SOURCES,  /* const char *const *: a list of what CONF_SOURCE is, NULL-terminated; never empty */
};

enum conf_change { CONF_LIVE, CONF_RESTART }; /* may a reload change it? */

struct conf_row {
    const char *path; /* within its table, at most one dot */
    enum conf_type type;
    size_t offset, size;      /* of the field, within its table's struct */
    uint64_t min, max, value; /* of numbers; value is the default, of booleans and choices too */
    const char *text;         /* texts: the default, NULL for none. Choices: the words, "first|second" */
    const char *example;      /* texts: what the example shows where the default is none */
    const char *unit;         /* of numbers; "" for a count */
    enum conf_change change;
    const char *help;
};

struct conf_table {
    const struct conf_row *rows;
    size_t len;
};

/* A stream's settings as written; streams.c works out of them where its records go. */
struct conf_stream {
    const char *name, *arn, *region, *endpoint;
    struct partition_rule partition;
    uint32_t partition_missing, on_unknown;          /* enum conf_missing, enum conf_unknown */
    uint32_t on_idempotency_failure;                 /* enum conf_idempotency */
    uint32_t ordering, on_gap, kpl_input;            /* enum conf_ordering, enum conf_gap, enum conf_kpl */
    uint32_t beacon_batch, privacy_signals, address; /* enum beacon_batch, conf_privacy, stream_address */
    uint32_t envelope;                               /* enum conf_envelope */
    struct span envelope_headers;
    uint64_t record_bytes_max;
    bool aggregate;
    uint32_t aggregate_buckets, aggregate_bytes_max;
};
/* A hook's settings as written; hooks.c puts together what they mean. */
struct conf_hook {
    const char *stream, *tenant, *scheme;
    const char *const *secrets;
    const char *verify_token;
    uint32_t tolerance_s, dedup_window_s;
    uint32_t dedup; /* enum conf_dedup */
    const char *dedup_id;
    struct partition_rule partition;
    uint32_t partition_missing; /* enum conf_missing */
    const char *texts[WEBHOOK_TEXTS];
    uint32_t encoding, algorithm; /* enum webhook_encoding, enum hmac_algorithm */
    const char *const *request_origins;
};
enum conf_dedup { CONF_DEDUP_ON, CONF_DEDUP_OFF };
enum conf_missing { CONF_MISSING_RANDOM, CONF_MISSING_REJECT };
enum conf_unknown { CONF_UNKNOWN_RETRY, CONF_UNKNOWN_REPORT };
enum conf_idempotency { CONF_IDEMPOTENCY_PROCESS, CONF_IDEMPOTENCY_REFUSE };
enum conf_ordering { CONF_ORDERING_NONE, CONF_ORDERING_KEY };
enum conf_gap { CONF_GAP_FAIL, CONF_GAP_CONTINUE };
enum conf_privacy { CONF_PRIVACY_IGNORE, CONF_PRIVACY_DROP };
enum conf_envelope { CONF_ENVELOPE_NONE, CONF_ENVELOPE_JSON };
enum conf_kpl { CONF_KPL_REFUSE, CONF_KPL_ALLOW };

extern const struct conf_table conf_rows;          /* of the whole process: struct conf */
extern const struct conf_table conf_listener_rows; /* of an element of "listen": struct conf_listener */
extern const struct conf_table conf_stream_rows;   /* of a member of "streams": struct conf_stream */
extern const struct conf_table conf_hook_rows;     /* of a member of "hooks": struct conf_hook */

const struct conf_row *conf_row_find(const struct conf_table *t, const char *path); /* NULL: none */
bool conf_table_has_section(const struct conf_table *t, const char *name);          /* is there a row "name.…"? */
void conf_set_defaults(const struct conf_table *t, void *base);
uint64_t conf_get_number(const struct conf_row *row, const void *base); /* of numbers, booleans and choices */
void conf_set_number(const struct conf_row *row, void *base, uint64_t value);
const char *conf_get_text(const struct conf_row *row, const void *base); /* of the types that are one text */
bool conf_is_text(const struct conf_row *row);
/* The n-th of "first|second"; empty past the last. */
struct span conf_choice_word(const struct conf_row *row, size_t n);

#endif
