/*
 * Hex and base64 (RFC 4648 sections 4 and 8). Payloads of megabytes pass through here: encoding looks up two characters
 * for twelve bits, checking compares sixteen characters at a time.
 */
#include "auth/bytes.h"

#include <endian.h>

/* Eight digits at once: each half of a byte into a byte of its own, and those past 9 moved on to the letters. */
static void hex_encode_four(const uint8_t from[4], char out[8])
{
    uint32_t word;

    memcpy(&word, from, sizeof(word));
    uint64_t bits = be32toh(word);
    bits = (bits << 16 | bits) & 0x0000ffff0000ffffu;
    bits = (bits << 8 | bits) & 0x00ff00ff00ff00ffu;
    bits = (bits << 4 | bits) & 0x0f0f0f0f0f0f0f0fu;
    uint64_t is_letter = (bits + 0x0606060606060606u) >> 4 & 0x0101010101010101u;
    bits = htobe64(bits + 0x3030303030303030u + is_letter * ('a' - '0' - 10));
    memcpy(out, &bits, sizeof(bits));
}

void hex_encode(const void *bytes, size_t len, char *out)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *from = bytes;

    for (; len >= 4; from += 4, len -= 4, out += 8)
        hex_encode_four(from, out);
    for (; len > 0; from++, len--) {
        *out++ = digits[*from >> 4];
        *out++ = digits[*from & 15];
    }
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool hex_decode(struct span text, void *out, size_t out_len)
{
    uint8_t *to = out;

    if (text.len % 2 != 0 || text.len / 2 != out_len)
        return false;
    for (size_t i = 0; i < out_len; i++) {
        int high = hex_value(text.ptr[2 * i]), low = hex_value(text.ptr[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        to[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* The 4096 pairs of characters, in order: pair n is for the twelve bits n. */
/* clang-format off */
#define FOLLOWED(c) \
    c "A" c "B" c "C" c "D" c "E" c "F" c "G" c "H" c "I" c "J" c "K" c "L" c "M" c "N" c "O" c "P" \
    c "Q" c "R" c "S" c "T" c "U" c "V" c "W" c "X" c "Y" c "Z" c "a" c "b" c "c" c "d" c "e" c "f" \
    c "g" c "h" c "i" c "j" c "k" c "l" c "m" c "n" c "o" c "p" c "q" c "r" c "s" c "t" c "u" c "v" \
    c "w" c "x" c "y" c "z" c "0" c "1" c "2" c "3" c "4" c "5" c "6" c "7" c "8" c "9" c "+" c "/"
static const char pairs[2 * 4096 + 1] =
    FOLLOWED("A") FOLLOWED("B") FOLLOWED("C") FOLLOWED("D") FOLLOWED("E") FOLLOWED("F") FOLLOWED("G") FOLLOWED("H")
    FOLLOWED("I") FOLLOWED("J") FOLLOWED("K") FOLLOWED("L") FOLLOWED("M") FOLLOWED("N") FOLLOWED("O") FOLLOWED("P")
    FOLLOWED("Q") FOLLOWED("R") FOLLOWED("S") FOLLOWED("T") FOLLOWED("U") FOLLOWED("V") FOLLOWED("W") FOLLOWED("X")
    FOLLOWED("Y") FOLLOWED("Z") FOLLOWED("a") FOLLOWED("b") FOLLOWED("c") FOLLOWED("d") FOLLOWED("e") FOLLOWED("f")
    FOLLOWED("g") FOLLOWED("h") FOLLOWED("i") FOLLOWED("j") FOLLOWED("k") FOLLOWED("l") FOLLOWED("m") FOLLOWED("n")
    FOLLOWED("o") FOLLOWED("p") FOLLOWED("q") FOLLOWED("r") FOLLOWED("s") FOLLOWED("t") FOLLOWED("u") FOLLOWED("v")
    FOLLOWED("w") FOLLOWED("x") FOLLOWED("y") FOLLOWED("z") FOLLOWED("0") FOLLOWED("1") FOLLOWED("2") FOLLOWED("3")
    FOLLOWED("4") FOLLOWED("5") FOLLOWED("6") FOLLOWED("7") FOLLOWED("8") FOLLOWED("9") FOLLOWED("+") FOLLOWED("/");

/* 64 + the value of a character of the alphabet, 0 for every other byte. */
static const uint8_t values[256] = {
      0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,
      0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,
      0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0, 126,   0,   0,   0, 127,
    116, 117, 118, 119, 120, 121, 122, 123, 124, 125,   0,   0,   0,   0,   0,   0,
      0,  64,  65,  66,  67,  68,  69,  70,  71,  72,  73,  74,  75,  76,  77,  78,
     79,  80,  81,  82,  83,  84,  85,  86,  87,  88,  89,   0,   0,   0,   0,   0,
      0,  90,  91,  92,  93,  94,  95,  96,  97,  98,  99, 100, 101, 102, 103, 104,
    105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115,   0,   0,   0,   0,   0,
};
/* clang-format on */

/* Reads eight bytes and encodes the first six. */
static inline void encode_six(const uint8_t *p, char *out)
{
    uint64_t bits;

    memcpy(&bits, p, sizeof(bits));
    bits = be64toh(bits);
    memcpy(out, pairs + 2 * (bits >> 52), 2);
    memcpy(out + 2, pairs + 2 * (bits >> 40 & 0xFFF), 2);
    memcpy(out + 4, pairs + 2 * (bits >> 28 & 0xFFF), 2);
    memcpy(out + 6, pairs + 2 * (bits >> 16 & 0xFFF), 2);
}

void base64_encode(struct span bytes, char *out)
{
    const uint8_t *p = (const uint8_t *)bytes.ptr;
    size_t left = bytes.len;

    for (; left >= 8; p += 6, left -= 6, out += 8)
        encode_six(p, out);
    for (; left >= 3; p += 3, left -= 3, out += 4) {
        unsigned bits = (unsigned)p[0] << 16 | (unsigned)p[1] << 8 | p[2];
        memcpy(out, pairs + 2 * (bits >> 12), 2);
        memcpy(out + 2, pairs + 2 * (bits & 0xFFF), 2);
    }
    if (left == 0)
        return;
    unsigned bits = (unsigned)p[0] << 16 | (left == 2 ? (unsigned)p[1] << 8 : 0);
    memcpy(out, pairs + 2 * (bits >> 12), 2);
    memcpy(out + 2, pairs + 2 * (bits & 0xFFF), 2);
    out[3] = '=';
    if (left == 1)
        out[2] = '=';
}

typedef int8_t lanes __attribute__((vector_size(16)));

/* All bits set in the lanes that hold a character of the alphabet. '/' stands right before the digits. */
static lanes lanes_in_alphabet(lanes c)
{
    lanes letter = c | 0x20;
    return ((letter >= 'a') & (letter <= 'z')) | ((c >= '/') & (c <= '9')) | (c == '+');
}

static bool in_alphabet(const char *p, size_t len)
{
    lanes all = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
    uint64_t halves[2];
    uint8_t bytes = 64;

    for (; len >= sizeof(lanes); p += sizeof(lanes), len -= sizeof(lanes)) {
        lanes c;
        memcpy(&c, p, sizeof(c));
        all &= lanes_in_alphabet(c);
    }
    for (; len > 0; p++, len--)
        bytes &= values[(uint8_t)*p];
    memcpy(halves, &all, sizeof(halves));
    return (halves[0] & halves[1]) == UINT64_MAX && bytes != 0;
}

/* How many bytes the last four characters stand for, 1 to 3; 0 if they are not a proper end. */
static size_t last_quad_size(const char *quad)
{
    if (quad[3] != '=')
        return in_alphabet(quad, 4) ? 3 : 0;
    size_t size = quad[2] == '=' ? 1 : 2;
    if (!in_alphabet(quad, size + 1))
        return 0;
    unsigned stray = size == 1 ? 0x0F : 0x03;
    return (values[(uint8_t)quad[size]] & stray) == 0 ? size : 0;
}

bool base64_check(struct span text, size_t *decoded_bytes)
{
    *decoded_bytes = 0;
    if (text.len == 0)
        return true;
    if (text.len % 4 != 0)
        return false;
    size_t last = last_quad_size(text.ptr + text.len - 4);
    if (last == 0 || !in_alphabet(text.ptr, text.len - 4))
        return false;
    *decoded_bytes = text.len / 4 * 3 - 3 + last;
    return true;
}

size_t base64_decoded_size(struct span text)
{
    if (text.len < 4)
        return 0;
    const char *end = text.ptr + text.len;
    return text.len / 4 * 3 - (end[-1] != '=' ? 0 : end[-2] != '=' ? 1 : 2);
}

static unsigned quad_bits(const char *quad)
{
    const uint8_t *c = (const uint8_t *)quad;
    return (unsigned)(values[c[0]] & 63) << 18 | (unsigned)(values[c[1]] & 63) << 12 |
           (unsigned)(values[c[2]] & 63) << 6 | (values[c[3]] & 63);
}

static void decode_quad(const char *quad, size_t size, uint8_t *to)
{
    unsigned bits = quad_bits(quad);

    to[0] = (uint8_t)(bits >> 16);
    if (size > 1)
        to[1] = (uint8_t)(bits >> 8);
    if (size > 2)
        to[2] = (uint8_t)bits;
}

bool base64_decode(struct span text, void *out, size_t *out_len)
{
    uint8_t *to = out;
    size_t left;

    if (!base64_check(text, out_len))
        return false;
    for (left = *out_len; left > 3; left -= 3, text.ptr += 4, to += 3)
        decode_quad(text.ptr, 3, to);
    if (left > 0)
        decode_quad(text.ptr, left, to); /* '=' counts as zeros */
    return true;
}
