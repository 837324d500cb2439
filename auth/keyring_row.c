/*
 * One key's row of a tenants file. Each member has a reader; what a row must be as a whole is checked at the end.
 */
#include "auth/keyring_parse.h"

#include "auth/key.h"
#include "auth/utc.h"

#include <stdio.h>

#define ALL_BUT_BEACON   (KEY_CALL_RECORD | KEY_CALL_RECORDS | KEY_CALL_AWS)
#define STREAM_BYTES_MAX 128
#define MASTER_BYTES_MAX 64
#define LIST_LEN_MAX     1000

struct span keyring_element_at(const struct keyring_value *list, size_t i)
{
    if (list->elements != NULL)
        return list->elements[i];
    json_t *element = json_array_get(list->tree, i);
    return json_is_string(element) ? span_of(json_string_value(element), json_string_length(element))
                                   : (struct span){0};
}

bool keyring_list_is_usable(const struct keyring_value *value, const struct keyring_place *at, const char *member)
{
    if (value->kind != KEYRING_LIST || value->len < 1 || value->len > LIST_LEN_MAX)
        return keyring_refuse(at, member, "must be a list of 1 to %d strings (without it, nothing is restricted)",
                              LIST_LEN_MAX);
    return true;
}

static bool read_id(const struct keyring_value *value, const struct keyring_place *at, struct arena *arena,
                    struct key_row *row)
{
    struct span id = value->text;
    if (!key_id_is_valid(id))
        return keyring_refuse(at, "id", "must be %d to %d letters and digits", KEY_ID_BYTES_MIN, KEY_ID_BYTES_MAX);
    return arena_copy(arena, id, &row->id) || keyring_refuse_memory(at);
}

static bool read_digest(const struct keyring_value *value, const struct keyring_place *at, struct arena *arena,
                        struct key_row *row)
{
    (void)arena;
    if (!key_digest_parse(value->text, row->digest))
        return keyring_refuse(at, "digest", "must be \"sha256:\" and 64 hex digits");
    row->has_digest = true;
    return true;
}

static bool read_derived(const struct keyring_value *value, const struct keyring_place *at, struct arena *arena,
                         struct key_row *row)
{
    struct span name = value->text;
    if (!keyring_is_name(name, MASTER_BYTES_MAX))
        return keyring_refuse(at, "derived", "must be the name of a master key: 1 to %d of [A-Za-z0-9_.-]",
                              MASTER_BYTES_MAX);
    return arena_copy(arena, name, &row->derived) || keyring_refuse_memory(at);
}

/* A pattern in the file's text: what is kept is copied when it is known to be one. */
static bool pattern_parse(struct span text, struct stream_pattern *out)
{
    bool is_prefix = text.len > 0 && text.ptr[text.len - 1] == '*';
    if (is_prefix)
        text.len--;
    *out = (struct stream_pattern){text, is_prefix};
    return (text.len == 0 && is_prefix) || keyring_is_name(text, STREAM_BYTES_MAX);
}

static bool read_streams(const struct keyring_value *value, const struct keyring_place *at, struct arena *arena,
                         struct key_row *row)
{
    if (!keyring_list_is_usable(value, at, "streams"))
        return false;
    size_t len = value->len;
    struct stream_pattern *patterns = arena_allocate(arena, len * sizeof(*patterns));
    if (patterns == NULL)
        return keyring_refuse_memory(at);
    for (size_t i = 0; i < len; i++) {
        if (!pattern_parse(keyring_element_at(value, i), &patterns[i]))
            return keyring_refuse(at, "streams",
                                  "element %zu must be a stream's name, 1 to %d of [A-Za-z0-9_.-], or a prefix "
                                  "followed by one '*' at the end",
                                  i, STREAM_BYTES_MAX);
        if (!arena_copy(arena, patterns[i].text, &patterns[i].text))
            return keyring_refuse_memory(at);
    }
    row->streams = patterns;
    row->streams_len = len;
    return true;
}

static unsigned call_named(struct span name)
{
    static const struct {
        struct span name;
        enum key_call call;
    } calls[] = {
        {{"record", 6}, KEY_CALL_RECORD},
        {{"records", 7}, KEY_CALL_RECORDS},
        {{"beacon", 6}, KEY_CALL_BEACON},
        {{"aws", 3}, KEY_CALL_AWS},
    };

    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        if (span_equal(calls[i].name, name))
            return calls[i].call;
    }
    return 0;
}

static bool read_calls(const struct keyring_value *value, const struct keyring_place *at, struct arena *arena,
                       struct key_row *row)
{
    (void)arena;
    if (!keyring_list_is_usable(value, at, "calls"))
        return false;
    for (size_t i = 0; i < value->len; i++) {
        unsigned call = call_named(keyring_element_at(value, i));
        if (call == 0)
            return keyring_refuse(at, "calls", "element %zu must be \"record\", \"records\", \"beacon\" or \"aws\"", i);
        row->calls |= call;
    }
    return true;
}

static bool read_networks(const struct keyring_value *value, const struct keyring_place *at, struct arena *arena,
                          struct key_row *row)
{
    if (!keyring_list_is_usable(value, at, "networks"))
        return false;
    size_t len = value->len;
    struct network *networks = arena_allocate(arena, len * sizeof(*networks));
    if (networks == NULL)
        return keyring_refuse_memory(at);
    for (size_t i = 0; i < len; i++) {
        if (!network_parse(keyring_element_at(value, i), &networks[i]))
            return keyring_refuse(at, "networks",
                                  "element %zu must be an address or a network as \"10.0.0.0/8\" or \"2001:db8::/32\", "
                                  "with no bit set beyond its prefix",
                                  i);
    }
    row->networks = networks;
    row->networks_len = len;
    return true;
}

static bool read_time(const struct keyring_value *value, const struct keyring_place *at, const char *member,
                      int64_t *out)
{
    if (!utc_parse(value->text, SPAN("YYYY-MM-DDThh:mm:ssZ"), out))
        return keyring_refuse(at, member, "must be a time in UTC as \"2026-01-31T00:00:00Z\"");
    return true;
}

static bool read_not_before(const struct keyring_value *value, const struct keyring_place *at, struct arena *arena,
                            struct key_row *row)
{
    (void)arena;
    return read_time(value, at, "not_before", &row->not_before_s);
}

static bool read_expires(const struct keyring_value *value, const struct keyring_place *at, struct arena *arena,
                         struct key_row *row)
{
    (void)arena;
    return read_time(value, at, "expires", &row->expires_s);
}

static bool read_comment(const struct keyring_value *value, const struct keyring_place *at, struct arena *arena,
                         struct key_row *row)
{
    (void)arena;
    (void)row;
    return value->kind == KEYRING_STRING || keyring_refuse(at, "comment", "must be a string");
}

static const struct {
    struct span name;
    bool (*read)(const struct keyring_value *value, const struct keyring_place *at, struct arena *arena,
                 struct key_row *row);
} readers[] = {
    {{"id", 2}, read_id},
    {{"digest", 6}, read_digest},
    {{"derived", 7}, read_derived},
    {{"streams", 7}, read_streams},
    {{"calls", 5}, read_calls},
    {{"networks", 8}, read_networks},
    {{"origins", 7}, keyring_read_origins},
    {{"allow_no_origin", 15}, keyring_read_allow_no_origin},
    {{"per_address_requests_per_second", 31}, keyring_read_per_address},
    {{"not_before", 10}, read_not_before},
    {{"expires", 7}, read_expires},
    {{"comment", 7}, read_comment},
};

static bool member_read(const struct keyring_member *member, const struct keyring_place *at, struct arena *arena,
                        struct key_row *row)
{
    char name[KEYRING_PRINTABLE_BYTES + 8], printable[KEYRING_PRINTABLE_BYTES];

    for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
        if (span_equal(readers[i].name, member->name))
            return readers[i].read(&member->value, at, arena, row);
    }
    snprintf(name, sizeof(name), "%.*s", (int)(member->name.len < sizeof(name) ? member->name.len : sizeof(name)),
             member->name.ptr);
    return keyring_refuse(at, keyring_printable(name, printable), "unknown member, allowed are " KEYRING_ROW_ALLOWED);
}

/* What the members say together. */
static bool row_settle(const struct keyring_place *at, struct key_row *row)
{
    bool is_derived = row->derived.len > 0;

    if (row->id.len == 0)
        return keyring_refuse(at, "id", "is missing: %d to %d letters and digits", KEY_ID_BYTES_MIN, KEY_ID_BYTES_MAX);
    if (row->has_digest == is_derived)
        return keyring_refuse(at, "", "must have exactly one of digest and derived");
    if (row->calls == 0)
        row->calls = is_derived ? KEY_CALL_AWS : ALL_BUT_BEACON;
    if (is_derived && row->calls != KEY_CALL_AWS)
        return keyring_refuse(at, "calls", "a derived key signs AWS calls only: must be [\"aws\"]");
    if ((row->calls & KEY_CALL_BEACON) != 0 && row->calls != KEY_CALL_BEACON)
        return keyring_refuse(at, "calls",
                              "a key that may be in a URL must not be good for other calls: must be "
                              "[\"beacon\"], or without it");
    if (row->not_before_s >= row->expires_s)
        return keyring_refuse(at, "expires", "must be later than not_before");
    return keyring_settle_browser(at, row);
}

bool keyring_row_parse(const struct keyring_member *members, size_t members_len, const struct keyring_place *at,
                       struct arena *arena, struct key_row *row)
{
    *row = (struct key_row){.not_before_s = INT64_MIN, .expires_s = INT64_MAX};
    for (size_t i = 0; i < members_len; i++)
        if (!member_read(&members[i], at, arena, row))
            return false;
    return row_settle(at, row);
}
