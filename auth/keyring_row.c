/*
 * One key's row of a tenants file. Each member has a reader; what a row must be as a whole is checked at the end.
 */
#include "auth/keyring_parse.h"

#include "auth/key.h"
#include "auth/utc.h"

#define ALL_BUT_BEACON   (KEY_CALL_RECORD | KEY_CALL_RECORDS | KEY_CALL_AWS)
#define STREAM_BYTES_MAX 128
#define MASTER_BYTES_MAX 64
#define LIST_LEN_MAX     1000
#define ALLOWED_MEMBERS  "id, digest, derived, streams, calls, networks, not_before, expires, comment"

static struct span string_span(json_t *value)
{
    return json_is_string(value) ? span_of(json_string_value(value), json_string_length(value)) : (struct span){0};
}

/* An empty list would read as "none" and mean "all", so there is none. */
static bool list_is_usable(json_t *value, const struct keyring_place *at, const char *member)
{
    if (!json_is_array(value) || json_array_size(value) < 1 || json_array_size(value) > LIST_LEN_MAX)
        return keyring_refuse(at, member, "must be a list of 1 to %d strings (without it, nothing is restricted)",
                              LIST_LEN_MAX);
    return true;
}

static bool read_id(json_t *value, const struct keyring_place *at, struct arena *arena, struct key_row *row)
{
    struct span id = string_span(value);
    if (!key_id_is_valid(id))
        return keyring_refuse(at, "id", "must be %d to %d letters and digits", KEY_ID_BYTES_MIN, KEY_ID_BYTES_MAX);
    return arena_copy(arena, id, &row->id) || keyring_refuse_memory(at);
}

static bool read_digest(json_t *value, const struct keyring_place *at, struct arena *arena, struct key_row *row)
{
    (void)arena;
    if (!key_digest_parse(string_span(value), row->digest))
        return keyring_refuse(at, "digest", "must be \"sha256:\" and 64 hex digits");
    row->has_digest = true;
    return true;
}

static bool read_derived(json_t *value, const struct keyring_place *at, struct arena *arena, struct key_row *row)
{
    struct span name = string_span(value);
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

static bool read_streams(json_t *value, const struct keyring_place *at, struct arena *arena, struct key_row *row)
{
    if (!list_is_usable(value, at, "streams"))
        return false;
    size_t len = json_array_size(value);
    struct stream_pattern *patterns = arena_allocate(arena, len * sizeof(*patterns));
    if (patterns == NULL)
        return keyring_refuse_memory(at);
    for (size_t i = 0; i < len; i++) {
        if (!pattern_parse(string_span(json_array_get(value, i)), &patterns[i]))
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

static bool read_calls(json_t *value, const struct keyring_place *at, struct arena *arena, struct key_row *row)
{
    (void)arena;
    if (!list_is_usable(value, at, "calls"))
        return false;
    for (size_t i = 0; i < json_array_size(value); i++) {
        unsigned call = call_named(string_span(json_array_get(value, i)));
        if (call == 0)
            return keyring_refuse(at, "calls", "element %zu must be \"record\", \"records\", \"beacon\" or \"aws\"", i);
        row->calls |= call;
    }
    return true;
}

static bool read_networks(json_t *value, const struct keyring_place *at, struct arena *arena, struct key_row *row)
{
    if (!list_is_usable(value, at, "networks"))
        return false;
    size_t len = json_array_size(value);
    struct network *networks = arena_allocate(arena, len * sizeof(*networks));
    if (networks == NULL)
        return keyring_refuse_memory(at);
    for (size_t i = 0; i < len; i++) {
        if (!network_parse(string_span(json_array_get(value, i)), &networks[i]))
            return keyring_refuse(at, "networks",
                                  "element %zu must be an address or a network as \"10.0.0.0/8\" or \"2001:db8::/32\", "
                                  "with no bit set beyond its prefix",
                                  i);
    }
    row->networks = networks;
    row->networks_len = len;
    return true;
}

static bool read_time(json_t *value, const struct keyring_place *at, const char *member, int64_t *out)
{
    if (!utc_parse(string_span(value), SPAN("YYYY-MM-DDThh:mm:ssZ"), out))
        return keyring_refuse(at, member, "must be a time in UTC as \"2026-01-31T00:00:00Z\"");
    return true;
}

static bool read_not_before(json_t *value, const struct keyring_place *at, struct arena *arena, struct key_row *row)
{
    (void)arena;
    return read_time(value, at, "not_before", &row->not_before_s);
}

static bool read_expires(json_t *value, const struct keyring_place *at, struct arena *arena, struct key_row *row)
{
    (void)arena;
    return read_time(value, at, "expires", &row->expires_s);
}

static bool read_comment(json_t *value, const struct keyring_place *at, struct arena *arena, struct key_row *row)
{
    (void)arena;
    (void)row;
    return json_is_string(value) || keyring_refuse(at, "comment", "must be a string");
}

static const struct {
    const char *name;
    bool (*read)(json_t *value, const struct keyring_place *at, struct arena *arena, struct key_row *row);
} members[] = {
    {"id", read_id},           {"digest", read_digest},     {"derived", read_derived},       {"streams", read_streams},
    {"calls", read_calls},     {"networks", read_networks}, {"not_before", read_not_before}, {"expires", read_expires},
    {"comment", read_comment},
};

static bool member_read(const char *name, json_t *value, const struct keyring_place *at, struct arena *arena,
                        struct key_row *row)
{
    char printable[KEYRING_PRINTABLE_BYTES];

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        if (strcmp(members[i].name, name) == 0)
            return members[i].read(value, at, arena, row);
    }
    return keyring_refuse(at, keyring_printable(name, printable), "unknown member, allowed are " ALLOWED_MEMBERS);
}

/* What the members say together. */
static bool row_settle(json_t *json, const struct keyring_place *at, struct key_row *row)
{
    bool is_derived = json_object_get(json, "derived") != NULL;

    if (json_object_get(json, "id") == NULL)
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
    return true;
}

bool keyring_row_parse(json_t *json, const struct keyring_place *at, struct arena *arena, struct key_row *row)
{
    const char *name;
    json_t *value;

    *row = (struct key_row){.not_before_s = INT64_MIN, .expires_s = INT64_MAX};
    if (!json_is_object(json))
        return keyring_refuse(at, "", "must be an object with " ALLOWED_MEMBERS);
    json_object_foreach(json, name, value)
    {
        if (!member_read(name, value, at, arena, row))
            return false;
    }
    return row_settle(json, at, row);
}
