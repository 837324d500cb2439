/* Members of one object have different names, as jansson keeps only the last of equal ones; numbers stay in its range.
 */
#include "tests/gateway/base/json_text.h"

static void append_space(struct buf *b, struct random *r)
{
    static const char spaces[] = " \t\r\n";

    while (random_below(r, 4) == 0)
        buf_append_char(b, spaces[random_below(r, 4)]);
}

static void append_digits(struct buf *b, struct random *r, size_t digits_max)
{
    for (size_t i = 1 + random_below(r, digits_max); i != 0; i--)
        buf_append_char(b, (char)('0' + random_below(r, 10)));
}

static void append_number(struct buf *b, struct random *r)
{
    if (random_below(r, 2) == 0)
        buf_append_char(b, '-');
    if (random_below(r, 4) == 0) {
        buf_append_char(b, '0');
    } else {
        buf_append_char(b, (char)('1' + random_below(r, 9)));
        if (random_below(r, 2) == 0)
            append_digits(b, r, 15);
    }
    if (random_below(r, 3) == 0) {
        buf_append_char(b, '.');
        append_digits(b, r, 8);
    }
    if (random_below(r, 3) == 0) {
        static const struct span exponents[] = {SPAN("e"), SPAN("E"), SPAN("e+"), SPAN("E-")};
        buf_append(b, exponents[random_below(r, 4)]);
        append_digits(b, r, 2);
    }
}

static void append_character(struct buf *b, struct random *r)
{
    static const struct span characters[] = {
        SPAN("a"),
        SPAN("Z"),
        SPAN("0"),
        SPAN(" "),
        SPAN("/"),
        SPAN("\177"),
        SPAN("\303\251"),
        SPAN("\342\202\254"),
        SPAN("\360\235\204\236"),
        SPAN("\\\""),
        SPAN("\\\\"),
        SPAN("\\/"),
        SPAN("\\b"),
        SPAN("\\f"),
        SPAN("\\n"),
        SPAN("\\r"),
        SPAN("\\t"),
        SPAN("\\u0000"),
        SPAN("\\u0041"),
        SPAN("\\u07fF"),
        SPAN("\\u0800"),
        SPAN("\\uFFFF"),
        SPAN("\\uD834\\uDD1E"),
        SPAN("\\udbff\\udfff"),
    };

    buf_append(b, characters[random_below(r, sizeof(characters) / sizeof(characters[0]))]);
}

static void append_string(struct buf *b, struct random *r)
{
    buf_append_char(b, '"');
    for (size_t i = random_below(r, 6); i != 0; i--)
        append_character(b, r);
    buf_append_char(b, '"');
}

static void append_name(struct buf *b, struct random *r, size_t index)
{
    static const struct span endings[] = {SPAN("\\u0041"), SPAN("\303\251"), SPAN("\\/"), SPAN(""), SPAN("\\\"")};

    append_space(b, r);
    buf_append_char(b, '"');
    buf_append_u64(b, index);
    buf_append(b, endings[random_below(r, 5)]);
    buf_append_char(b, '"');
    append_space(b, r);
    buf_append_char(b, ':');
}

static void append_scalar(struct buf *b, struct random *r)
{
    static const struct span words[] = {SPAN("true"), SPAN("false"), SPAN("null")};
    uint64_t kind = random_below(r, 5);

    if (kind < 3)
        buf_append(b, words[kind]);
    else if (kind == 3)
        append_number(b, r);
    else
        append_string(b, r);
}

void json_text_append(struct buf *b, struct random *r, unsigned depth_max)
{
    append_space(b, r);
    if (depth_max == 0 || random_below(r, 3) == 0) {
        append_scalar(b, r);
        append_space(b, r);
        return;
    }
    bool is_object = random_below(r, 2) == 0;
    size_t len = random_below(r, 5);
    buf_append_char(b, is_object ? '{' : '[');
    append_space(b, r);
    for (size_t i = 0; i != len; i++) {
        if (i != 0)
            buf_append_char(b, ',');
        if (is_object)
            append_name(b, r, i);
        json_text_append(b, r, depth_max - 1);
    }
    buf_append_char(b, is_object ? '}' : ']');
    append_space(b, r);
}

void json_text_damage(struct buf *b, struct random *r)
{
    static const char likely[] = "{}[]\",:\\u0129-+.eEtfn /\n\t\x01\x7f\xc3\x80\xff";
    size_t at = random_below(r, b->len);
    char c = random_below(r, 4) == 0 ? (char)random_next(r) : likely[random_below(r, sizeof(likely) - 1)];

    switch (random_below(r, 4)) {
    case 0:
        b->ptr[at] = c;
        return;
    case 1:
        memmove(b->ptr + at, b->ptr + at + 1, b->len - at - 1);
        b->len--;
        return;
    case 2:
        buf_append_char(b, '\0');
        memmove(b->ptr + at + 1, b->ptr + at, b->len - at - 1);
        b->ptr[at] = c;
        return;
    default:
        b->len = at;
    }
}
