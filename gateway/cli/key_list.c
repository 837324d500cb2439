/* Keys for the eyes of an operator: who they belong to and what they may do, never what they are. */
#include "gateway/base/json_write.h"
#include "gateway/cli/common.h"
#include "gateway/cli/table.h"

static void append_calls(struct buf *out, unsigned calls)
{
    static const char *const names[] = {"record", "records", "beacon", "aws"};
    bool is_first = true;

    for (size_t i = 0; i != sizeof(names) / sizeof(names[0]); i++) {
        if ((calls & 1u << i) == 0)
            continue;
        buf_append(out, is_first ? SPAN("") : SPAN(","));
        buf_append(out, span_str(names[i]));
        is_first = false;
    }
}

static void append_streams(struct buf *out, const struct key_row *key)
{
    for (size_t i = 0; i != key->streams_len; i++) {
        buf_append(out, i == 0 ? SPAN("") : SPAN(","));
        buf_append(out, key->streams[i].text);
        buf_append(out, key->streams[i].is_prefix ? SPAN("*") : SPAN(""));
    }
}

static void append_networks(struct buf *out, const struct key_row *key)
{
    for (size_t i = 0; i != key->networks_len; i++) {
        static const uint8_t mapped[12] = {[10] = 0xFF, [11] = 0xFF};
        const struct network *n = &key->networks[i];
        char text[ADDRESS_TEXT_BYTES_MAX];
        bool is_ipv4 = n->bits >= 96 && memcmp(n->base.bytes, mapped, sizeof(mapped)) == 0;
        buf_append(out, i == 0 ? SPAN("") : SPAN(","));
        buf_append(out, span_of(text, address_format(n->base, text)));
        buf_append_char(out, '/');
        buf_append_u64(out, is_ipv4 ? n->bits - 96 : n->bits);
    }
}

static void append_origins(struct buf *out, const struct key_row *key)
{
    for (size_t i = 0; i != key->origins_len; i++) {
        const struct origin_pattern *o = &key->origins[i];
        buf_append(out, i == 0 ? SPAN("") : SPAN(","));
        buf_append(out, o->scheme);
        buf_append(out, o->is_wildcard ? SPAN("://*.") : SPAN("://"));
        buf_append(out, o->host);
        buf_append(out, o->port.len == 0 ? SPAN("") : SPAN(":"));
        buf_append(out, o->port);
    }
}

static void append_kind(struct buf *out, const struct key_row *key)
{
    buf_append(out, key->has_digest ? SPAN("key") : SPAN("derived:"));
    buf_append(out, key->derived);
}

/* What a column says of a key; `none` stands where there is no restriction. */
enum column {
    ID,
    TENANT,
    KIND,
    CALLS,
    STREAMS,
    NETWORKS,
    ORIGINS,
    NOT_BEFORE,
    EXPIRES,
    TABLE_COLUMNS,
    ALLOW_NO_ORIGIN = TABLE_COLUMNS, /* these in JSON alone, where they are no texts */
    PER_ADDRESS,
    COLUMNS
};

static const struct {
    const char *name, *none;
} columns[COLUMNS] = {
    {"id", ""},
    {"tenant", ""},
    {"kind", ""},
    {"calls", ""},
    {"streams", "all"},
    {"networks", "any"},
    {"origins", "-"},
    {"not_before", "-"},
    {"expires", "never"},
    {"allow_no_origin", NULL},
    {"per_address_requests_per_second", NULL},
};

static void append_column(struct buf *out, const struct key_row *key, enum column c)
{
    switch (c) {
    case ID:
        buf_append(out, key->id);
        break;
    case TENANT:
        buf_append(out, key->tenant->name);
        break;
    case KIND:
        append_kind(out, key);
        break;
    case CALLS:
        append_calls(out, key->calls);
        break;
    case STREAMS:
        append_streams(out, key);
        break;
    case NETWORKS:
        append_networks(out, key);
        break;
    case ORIGINS:
        append_origins(out, key);
        break;
    case ALLOW_NO_ORIGIN:
        buf_append(out, key->allow_no_origin ? SPAN("true") : SPAN(""));
        break;
    case PER_ADDRESS:
        if (key->per_address_requests_per_second != 0)
            buf_append_u64(out, key->per_address_requests_per_second);
        break;
    case NOT_BEFORE:
        if (key->not_before_s != INT64_MIN)
            cli_append_time(out, key->not_before_s);
        break;
    default:
        if (key->expires_s != INT64_MAX)
            cli_append_time(out, key->expires_s);
    }
}

static bool is_wanted(const struct key_row *key, struct span id)
{
    return id.len == 0 || span_equal(key->id, id);
}

static void append_table(struct buf *out, const struct keyring *k, struct span id)
{
    struct cli_table table;

    cli_table_init(&table, TABLE_COLUMNS, out->bytes_max);
    for (size_t c = 0; c != TABLE_COLUMNS; c++)
        cli_table_cell(&table, span_str(columns[c].name));
    for (size_t i = 0; i != keyring_keys(k) && !table.cells.failed; i++) {
        for (size_t c = 0; c != TABLE_COLUMNS && is_wanted(keyring_key_at(k, i), id); c++) {
            size_t start = table.cells.len;
            append_column(&table.cells, keyring_key_at(k, i), (enum column)c);
            if (table.cells.len == start)
                buf_append(&table.cells, span_str(columns[c].none));
            cli_table_end_cell(&table);
        }
    }
    cli_table_append(&table, out);
}

/* Lists are written as such; nothing they hold needs an escape. */
static void append_list(struct buf *out, const struct key_row *key, enum column c)
{
    size_t start = out->len;

    buf_append(out, SPAN("[\""));
    append_column(out, key, c);
    if (out->len == start + 2) {
        out->len = start;
        buf_append(out, SPAN("[]"));
        return;
    }
    struct buf list;
    buf_init(&list, out->bytes_max);
    for (size_t i = start; i != out->len; i++)
        buf_append(&list, out->ptr[i] == ',' ? SPAN("\",\"") : span_of(out->ptr + i, 1));
    buf_append(&list, SPAN("\"]"));
    out->len = start;
    buf_append(out, buf_span(&list));
    out->failed = out->failed || list.failed;
    buf_clear(&list);
}

static void append_object(struct buf *out, const struct key_row *key)
{
    buf_append_char(out, '{');
    for (size_t c = 0; c != COLUMNS; c++) {
        size_t before = out->len;
        json_write_name(out, columns[c].name);
        size_t start = out->len;
        if (c == CALLS || c == STREAMS || c == NETWORKS || c == ORIGINS) {
            append_list(out, key, (enum column)c);
            if (c != CALLS && out->len == start + 2)
                out->len = before; /* not restricted: as in the file, no member */
            continue;
        }
        struct span quote = c < TABLE_COLUMNS ? SPAN("\"") : SPAN("");
        buf_append(out, quote);
        append_column(out, key, (enum column)c);
        buf_append(out, quote);
        if (out->len == start + 2 * quote.len)
            out->len = before;
    }
    buf_append_char(out, '}');
}

void cli_append_keys(struct buf *out, const struct keyring *k, struct span id, bool as_json)
{
    bool is_first = true;

    if (!as_json) {
        append_table(out, k, id);
        return;
    }
    buf_append(out, id.len == 0 ? SPAN("[") : SPAN(""));
    for (size_t i = 0; i != keyring_keys(k) && !out->failed; i++) {
        if (!is_wanted(keyring_key_at(k, i), id))
            continue;
        buf_append(out, is_first ? SPAN("") : SPAN(","));
        append_object(out, keyring_key_at(k, i));
        is_first = false;
    }
    buf_append(out, id.len == 0 ? SPAN("]\n") : SPAN("\n"));
}
