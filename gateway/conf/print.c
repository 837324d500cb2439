/* The example and the reference, from the rows alone: what is printed cannot differ from what is read. */
#include "gateway/base/json_write.h"
#include "gateway/conf/rows.h"

#define INDENT "                "

static void append(struct buf *out, const char *text)
{
    buf_append(out, span_str(text));
}

/* "a,b" as a list */
static void append_words(struct buf *out, struct span words)
{
    append(out, "[");
    while (words.len != 0) {
        json_write_string(out, span_cut(words, ',', &words));
        append(out, words.len != 0 ? ", " : "");
    }
    append(out, "]");
}

static void append_default(struct buf *out, const struct conf_row *row, bool is_example)
{
    const char *text = row->text != NULL ? row->text : is_example ? row->example : NULL;

    if (row->type == CONF_NUMBER)
        buf_append_u64(out, row->value);
    else if (row->type == CONF_BOOL)
        append(out, row->value ? "true" : "false");
    else if (row->type == CONF_CHOICE)
        json_write_string(out, conf_choice_word(row, row->value));
    else if (row->type == CONF_NAMES || row->type == CONF_HEADERS || row->type == CONF_NETWORKS)
        append_words(out, span_str(row->text));
    else if (row->type == CONF_SOURCES && text != NULL) {
        append(out, "[");
        json_write_string(out, span_str(text));
        append(out, "]");
    } else if (text != NULL)
        json_write_string(out, span_str(text));
    else
        append(out, "null");
}

static size_t section_length(const char *path)
{
    const char *dot = strchr(path, '.');

    return dot == NULL ? 0 : (size_t)(dot - path);
}

/* Closes the section that ends before `path` and opens the one that begins there. */
static void change_section(struct buf *out, const char *before, const char *path, size_t depth)
{
    size_t old = section_length(before), new = section_length(path);
    bool is_same = old == new &&strncmp(before, path, old) == 0;

    if (old > 0 && !is_same) {
        append(out, "\n");
        buf_append(out, span_of(INDENT, 2 * depth));
        append(out, "}");
    }
    append(out, before[0] == '\0' ? "\n" : ",\n");
    if (new > 0 && !is_same) {
        buf_append(out, span_of(INDENT, 2 * depth));
        json_write_string(out, span_of(path, new));
        append(out, ": {\n");
    }
}

/* The members of one object, sections and all; rows of one section stand together. */
static void print_members(struct buf *out, const struct conf_table *t, size_t depth)
{
    const char *before = "";

    for (size_t i = 0; i != t->len; i++) {
        const struct conf_row *row = &t->rows[i];
        size_t section = section_length(row->path), skip = section == 0 ? 0 : section + 1;
        change_section(out, before, row->path, depth);
        buf_append(out, span_of(INDENT, 2 * (depth + (section > 0 ? 1 : 0))));
        json_write_string(out, span_str(row->path + skip));
        append(out, ": ");
        append_default(out, row, true);
        before = row->path;
    }
    if (section_length(before) > 0) {
        append(out, "\n");
        buf_append(out, span_of(INDENT, 2 * depth));
        append(out, "}");
    }
}

void conf_print_example(struct buf *out)
{
    append(out, "{\n  \"listen\": [\n    {");
    print_members(out, &conf_listener_rows, 3);
    append(out, "\n    }\n  ],\n  \"streams\": {\n    \"orders\": {");
    print_members(out, &conf_stream_rows, 3);
    append(out, "\n    }\n  },\n  \"hooks\": {\n    \"github-main\": {");
    print_members(out, &conf_hook_rows, 3);
    append(out, "\n    }\n  },\n  \"master_keys\": {},");
    print_members(out, &conf_rows, 1);
    append(out, "\n}\n");
}

/* A table's cells are separated by bars. */
static void append_cell(struct buf *out, struct span text)
{
    for (size_t i = 0; i != text.len; i++) {
        if (text.ptr[i] == '|')
            buf_append_char(out, '\\');
        buf_append_char(out, text.ptr[i]);
    }
}

static void append_allowed(struct buf *out, const struct conf_row *row)
{
    static const char *const kinds[] = {
        [CONF_BOOL] = "true, false",
        [CONF_TEXT] = "text",
        [CONF_PATH] = "path",
        [CONF_FILE] = "file",
        [CONF_SOURCE] = "secret",
        [CONF_NAMES] = "list of names",
        [CONF_RULE] = "rule",
        [CONF_HEADERS] = "list of headers",
        [CONF_NETWORKS] = "list of networks",
        [CONF_SOURCES] = "list of secrets",
    };

    if (row->type == CONF_NUMBER) {
        buf_append_u64(out, row->min);
        append(out, " to ");
        buf_append_u64(out, row->max);
        append(out, row->unit[0] == '\0' ? "" : " ");
        append(out, row->unit);
    } else if (row->type == CONF_CHOICE)
        append_cell(out, span_str(row->text));
    else
        append(out, kinds[row->type]);
}

static void print_row(struct buf *out, const char *prefix, const struct conf_row *row)
{
    append(out, "| `");
    append(out, prefix);
    append(out, row->path);
    append(out, "` | ");
    append_allowed(out, row);
    append(out, " | `");
    append_default(out, row, false);
    append(out, row->change == CONF_LIVE ? "` | reload | " : "` | restart | ");
    append_cell(out, span_str(row->help));
    append(out, " |\n");
}

static void print_table(struct buf *out, const char *title, const char *prefix, const struct conf_table *t)
{
    append(out, "\n## ");
    append(out, title);
    append(out, "\n\n| setting | allowed | default | changes at | what it is |\n|---|---|---|---|---|\n");
    for (size_t i = 0; i != t->len; i++)
        print_row(out, prefix, &t->rows[i]);
}

void conf_print_reference(struct buf *out)
{
    append(
        out,
        "# Configuration\n\nMade by `kinesis-gateway check-config --reference`; `--example` prints a file with every "
        "setting at its default.\n\n"
        "The configuration is one JSON file. Paths in it are relative to its folder. A setting that is one value can "
        "be given in the environment instead, where it wins: `KGW_` and the path in capitals, with `_` for dots, as "
        "`KGW_AWS_REGION`. What is unknown, given twice or out of bounds is refused, with its path. `null` is a "
        "text's default. A secret is never in the file: `\"env:NAME\"` or `\"file:PATH\"` says where it is.\n\n"
        "At SIGHUP the file is read again. What changes at a reload is taken over; a change of anything else is "
        "named in the log and waits for a restart.\n");
    print_table(out, "The process", "", &conf_rows);
    print_table(out, "Listeners: `listen`, a list of 1 to 16", "listen[].", &conf_listener_rows);
    print_table(out, "Streams: `streams`, by the names that callers use", "streams.NAME.", &conf_stream_rows);
    print_table(out, "Webhooks: `hooks`, by the names in their paths", "hooks.NAME.", &conf_hook_rows);
    append(out,
           "\n## Master keys: `master_keys`\n\n"
           "`{\"m1\": \"file:PATH\"}`: for each name, where the secret is from which keys for AWS SDKs are derived: "
           "`\"env:NAME\"` or `\"file:PATH\"`, at least 32 bytes. Changes at a reload.\n");
}
