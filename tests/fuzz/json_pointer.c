/*
 * A pointer (the first line) into a text (the rest) finds what a plain reading of RFC 6901 finds in jansson's tree.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/json_oracle.h"

#define TOKEN_BYTES_MAX 256 /* longer names are not found: a rule names no such member */

/* RFC 6901 section 4: first ~1, then ~0. */
static struct span decode_token(struct span token, char out[TOKEN_BYTES_MAX])
{
    size_t len = 0;

    for (size_t i = 0; i < token.len; i++) {
        char c = token.ptr[i];
        if (c == '~')
            c = token.ptr[++i] == '0' ? '~' : '/';
        BELIEVE(len < TOKEN_BYTES_MAX);
        out[len++] = c;
    }
    return span_of(out, len);
}

static json_t *element_of(json_t *array, struct span token)
{
    uint64_t index = 0;

    if (token.len == 0 || token.len > 9 || (token.len > 1 && token.ptr[0] == '0'))
        return NULL;
    for (size_t i = 0; i < token.len; i++) {
        if (token.ptr[i] < '0' || token.ptr[i] > '9')
            return NULL;
        index = 10 * index + (uint64_t)(token.ptr[i] - '0');
    }
    return json_array_get(array, index);
}

static json_t *find(json_t *json, struct span pointer)
{
    while (pointer.len > 0 && json != NULL) {
        char decoded[TOKEN_BYTES_MAX];
        const char *slash = pointer.len == 1 ? NULL : memchr(pointer.ptr + 1, '/', pointer.len - 1);
        size_t len = slash == NULL ? pointer.len : (size_t)(slash - pointer.ptr);
        struct span token = decode_token(span_of(pointer.ptr + 1, len - 1), decoded);
        json = json_is_object(json)  ? json_object_getn(json, token.ptr, token.len)
               : json_is_array(json) ? element_of(json, token)
                                     : NULL;
        pointer = span_of(pointer.ptr + len, pointer.len - len);
    }
    return json;
}

static bool is_valid(struct span pointer)
{
    if (pointer.len > 0 && pointer.ptr[0] != '/')
        return false;
    for (size_t i = 0; i < pointer.len; i++)
        if (pointer.ptr[i] == '~' &&
            (i + 1 == pointer.len || strchr("01", pointer.ptr[i + 1]) == NULL || pointer.ptr[i + 1] == '\0'))
            return false;
    return span_is_utf8(pointer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = fuzz_span(data, size);
    struct span pointer = fuzz_take_line(&text);
    struct json_value value;
    json_t *json;

    bool found = json_pointer_find(text, pointer, &value);
    BELIEVE(json_pointer_is_valid(pointer) == is_valid(pointer));
    BELIEVE(!found || (is_valid(pointer) && fuzz_is_within(value.raw, text)));
    enum oracle_verdict oracle = oracle_load(text, &json);
    if (oracle == ORACLE_ACCEPTS && is_valid(pointer) && pointer.len <= TOKEN_BYTES_MAX &&
        oracle_depth(json) <= JSON_SCAN_DEPTH_MAX) {
        json_t *expected = find(json, pointer);
        BELIEVE(found == (expected != NULL));
        BELIEVE(!found || oracle_is_same(expected, &value));
    }
    BELIEVE(oracle != ORACLE_REJECTS || !found);
    json_decref(json);
    fuzz_free(pointer);
    return 0;
}
