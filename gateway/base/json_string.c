/* What a JSON string stands for, and RFC 6901 pointers over text that the scanner has checked. */
#include "gateway/base/json_scan.h"

static unsigned hex4(const char *digits)
{
    uint8_t bytes[2] = {0, 0};

    (void)hex_decode(span_of(digits, 4), bytes, 2);
    return (unsigned)bytes[0] << 8 | bytes[1];
}

/* Writes the character as UTF-8; returns its size. */
static size_t encode_utf8(unsigned c, char out[4])
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t len = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i != 0; i--) {
        out[i] = (char)(0x80 | (c & 0x3f));
        c >>= 6;
    }
    static const unsigned char lead[5] = {0, 0, 0xc0, 0xe0, 0xf0};
    out[0] = (char)(lead[len] | c);
    return len;
}

/* Reads one character, or one run's byte, of a raw string at *at; returns how many bytes it wrote to out. */
static size_t unescape_next(const char **at, char out[4])
{
    static const char plain[256] = {
        ['"'] = '"', ['\\'] = '\\', ['/'] = '/', ['b'] = '\b', ['f'] = '\f', ['n'] = '\n', ['r'] = '\r', ['t'] = '\t'};
    const char *p = *at;

    if (*p != '\\') {
        out[0] = *p;
        *at = p + 1;
        return 1;
    }
    if (p[1] != 'u') {
        out[0] = plain[(unsigned char)p[1]];
        *at = p + 2;
        return 1;
    }
    unsigned c = hex4(p + 2);
    p += 6;
    if (c >= 0xd800 && c <= 0xdbff) {
        c = 0x10000 + ((c - 0xd800) << 10) + (hex4(p + 2) - 0xdc00);
        p += 6;
    }
    *at = p;
    return encode_utf8(c, out);
}

void json_unescape(struct span raw, struct buf *out)
{
    const char *at = raw.ptr, *end = raw.ptr + raw.len;

    while (at != end) {
        const char *run = memchr(at, '\\', (size_t)(end - at));
        if (run == NULL)
            run = end;
        buf_append(out, span_of(at, (size_t)(run - at)));
        at = run;
        if (at != end) {
            char text[4];
            size_t len = unescape_next(&at, text);
            buf_append(out, span_of(text, len));
        }
    }
}

bool json_string_equals(const struct json_value *string, struct span text)
{
    if (string->type != JSON_TYPE_STRING)
        return false;
    if (!string->has_escapes)
        return span_equal(string->raw, text);
    const char *at = string->raw.ptr, *end = at + string->raw.len;
    while (at != end) {
        char c[4];
        size_t len = unescape_next(&at, c);
        if (text.len < len || memcmp(text.ptr, c, len) != 0)
            return false;
        text = span_of(text.ptr + len, text.len - len);
    }
    return text.len == 0;
}

bool json_pointer_is_valid(struct span pointer)
{
    if (pointer.len == 0)
        return true;
    if (pointer.ptr[0] != '/' || !span_is_utf8(pointer))
        return false;
    for (size_t i = 0; i != pointer.len; i++)
        if (pointer.ptr[i] == '~' && (i + 1 == pointer.len || (pointer.ptr[i + 1] != '0' && pointer.ptr[i + 1] != '1')))
            return false;
    return true;
}

/* Is the member's name what a reference token stands for? `~1` is '/', `~0` is '~' (RFC 6901 section 4). */
static bool name_is_token(const struct json_value *name, struct span token)
{
    char text[256];
    size_t len = 0;

    for (size_t i = 0; i != token.len; i++) {
        if (len == sizeof(text))
            return false;
        char c = token.ptr[i];
        if (c == '~')
            c = token.ptr[++i] == '1' ? '/' : '~';
        text[len++] = c;
    }
    return json_string_equals(name, span_of(text, len));
}

static bool find_member(struct span object, struct span token, struct json_value *out)
{
    struct json_scan s;
    struct json_value name, value;
    bool found = false;

    json_scan_init(&s, object);
    json_scan_enter_object(&s);
    while (json_scan_next_member(&s, &name, &value)) {
        if (!name_is_token(&name, token))
            continue;
        *out = value; /* of members with one name the last counts, as in most parsers */
        found = true;
    }
    return found && json_scan_end(&s);
}

static bool find_element(struct span array, struct span token, struct json_value *out)
{
    struct json_scan s;
    uint64_t index;

    if (!span_parse_u64(token, &index) || (token.len > 1 && token.ptr[0] == '0'))
        return false;
    json_scan_init(&s, array);
    json_scan_enter_array(&s);
    do {
        if (!json_scan_next_element(&s, out))
            return false;
    } while (index-- != 0);
    return true;
}

bool json_pointer_find(struct span text, struct span pointer, struct json_value *out)
{
    struct json_scan s;

    json_scan_init(&s, text);
    if (!json_pointer_is_valid(pointer) || !json_scan_value(&s, out) || !json_scan_end(&s))
        return false;
    while (pointer.len != 0) {
        struct span rest, token = span_cut(span_of(pointer.ptr + 1, pointer.len - 1), '/', &rest);
        bool found = out->type == JSON_TYPE_OBJECT  ? find_member(out->raw, token, out)
                     : out->type == JSON_TYPE_ARRAY ? find_element(out->raw, token, out)
                                                    : false;
        if (!found)
            return false;
        size_t used = 1 + token.len;
        pointer = span_of(pointer.ptr + used, pointer.len - used);
    }
    return true;
}
