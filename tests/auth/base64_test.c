#include "tests/auth/check.h"

static void base64_round_trips_at_every_length(void **state)
{
    uint8_t bytes[200], back[300];
    char text[300];
    size_t len, checked;

    (void)state;
    for (size_t n = 0; n <= sizeof(bytes); n++) {
        for (size_t i = 0; i < n; i++)
            bytes[i] = (uint8_t)(i * 37 + n * 11);
        struct span encoded = span_of(text, base64_encoded_size(n));
        base64_encode(span_of((const char *)bytes, n), text);
        check(base64_check(encoded, &checked) && checked == n, "%zu bytes are checked", n);
        check(base64_decode(encoded, back, &len) && len == n && memcmp(back, bytes, n) == 0, "%zu bytes", n);
    }
}

static void base64_is_strict(void **state)
{
    static const struct {
        const char *what, *text;
        int size; /* -1: refused */
    } rows[] = {
        {"nothing", "", 0},
        {"one byte", "AA==", 1},
        {"two bytes", "AAA=", 2},
        {"three bytes", "+/09", 3},
        {"many", "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=", 26},
        {"no padding", "AA", -1},
        {"one character", "A", -1},
        {"three characters", "AAA", -1},
        {"five characters", "AAAAA", -1},
        {"three pads", "A===", -1},
        {"only pads", "====", -1},
        {"a pad inside", "AA=A", -1},
        {"a pad in the middle", "AA==AAAA", -1},
        {"stray bits after one byte", "AB==", -1},
        {"the highest stray bit after one byte", "AI==", -1},
        {"stray bits after two bytes", "AAB=", -1},
        {"the highest stray bit after two bytes", "AAC=", -1},
        {"white space", "AA A", -1},
        {"a line end", "AAAA\n", -1},
        {"the URL alphabet", "-_AA", -1},
        {"a control character", "AAA\x01", -1},
        {"a byte past ASCII", "AAAAAAAAAAAAAAA\xC1", -1},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        uint8_t out[64];
        size_t len, size;
        bool checked = base64_check(span_str(rows[i].text), &size);
        bool decoded = base64_decode(span_str(rows[i].text), out, &len);
        check(checked == decoded && decoded == (rows[i].size >= 0), "%s", rows[i].what);
        check(!decoded || (len == (size_t)rows[i].size && size == len), "%s", rows[i].what);
    }
}

static void base64_knows_its_alphabet_at_every_place(void **state)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char text[40];
    size_t size;

    (void)state;
    for (size_t at = 0; at < sizeof(text); at++) {
        for (int c = 0; c < 256; c++) {
            memset(text, 'A', sizeof(text));
            text[at] = (char)c;
            bool is_member = (c != 0 && strchr(alphabet, c) != NULL) || (c == '=' && at == sizeof(text) - 1);
            check(base64_check(span_of(text, sizeof(text)), &size) == is_member, "byte %d at %zu", c, at);
        }
    }
}

/* Sixteen characters and twelve bytes are steps: one byte that is wrong is seen in each, at every length. */
static void base64_sees_one_wrong_byte_at_every_length(void **state)
{
    char text[72];
    size_t size;

    (void)state;
    for (size_t len = 4; len <= sizeof(text); len += 4)
        for (size_t at = 0; at < len; at++)
            for (size_t pads = 0; pads <= 2; pads++) {
                memset(text, 'A', len);
                memset(text + len - pads, '=', pads);
                check(base64_check(span_of(text, len), &size) && size == len / 4 * 3 - pads, "%zu of zeros", len);
                text[at] = at % 2 == 0 ? '=' : '-';
                bool is_pad = text[at] == '=' && at >= len - 2 && (at == len - 1 || pads != 0);
                check(base64_check(span_of(text, len), &size) == is_pad, "%c at %zu of %zu", text[at], at, len);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_round_trips_at_every_length),
        cmocka_unit_test(base64_is_strict),
        cmocka_unit_test(base64_knows_its_alphabet_at_every_place),
        cmocka_unit_test(base64_sees_one_wrong_byte_at_every_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
