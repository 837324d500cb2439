/*
 * Numeric addresses and networks. Knows no names, ports or zones.
 */
#include "auth/address.h"

#include <arpa/inet.h>

static const uint8_t mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

struct address address_from_ipv4(const uint8_t bytes[4])
{
    struct address a;
    memcpy(a.bytes, mapped_prefix, sizeof(mapped_prefix));
    memcpy(a.bytes + sizeof(mapped_prefix), bytes, 4);
    return a;
}

struct address address_from_ipv6(const uint8_t bytes[16])
{
    struct address a;
    memcpy(a.bytes, bytes, sizeof(a.bytes));
    return a;
}

static bool is_ipv6_text(struct span text)
{
    return text.len > 0 && memchr(text.ptr, ':', text.len) != NULL;
}

bool address_parse(struct span text, struct address *out)
{
    char terminated[ADDRESS_TEXT_BYTES_MAX + 1];
    uint8_t bytes[16];

    if (text.len == 0 || text.len > ADDRESS_TEXT_BYTES_MAX || memchr(text.ptr, '\0', text.len) != NULL)
        return false;
    memcpy(terminated, text.ptr, text.len);
    terminated[text.len] = '\0';
    bool is_ipv6 = is_ipv6_text(text);
    if (inet_pton(is_ipv6 ? AF_INET6 : AF_INET, terminated, bytes) != 1)
        return false;
    *out = is_ipv6 ? address_from_ipv6(bytes) : address_from_ipv4(bytes);
    return true;
}

static char *format_octet(uint8_t octet, char *out)
{
    if (octet >= 100)
        *out++ = (char)('0' + octet / 100);
    if (octet >= 10)
        *out++ = (char)('0' + octet / 10 % 10);
    *out++ = (char)('0' + octet % 10);
    return out;
}

/* By hand: every line of the request log has one, and inet_ntop() goes through printf. */
static size_t format_ipv4(const uint8_t octets[4], char *out)
{
    char *at = format_octet(octets[0], out);

    for (size_t i = 1; i < 4; i++) {
        *at++ = '.';
        at = format_octet(octets[i], at);
    }
    return (size_t)(at - out);
}

size_t address_format(struct address a, char out[ADDRESS_TEXT_BYTES_MAX])
{
    char terminated[INET6_ADDRSTRLEN];

    if (memcmp(a.bytes, mapped_prefix, sizeof(mapped_prefix)) == 0)
        return format_ipv4(a.bytes + sizeof(mapped_prefix), out);
    inet_ntop(AF_INET6, a.bytes, terminated, sizeof(terminated));
    size_t len = strlen(terminated);
    memcpy(out, terminated, len);
    return len;
}

static bool prefix_bits_parse(struct span digits, unsigned width, unsigned *bits)
{
    uint64_t value;

    if (digits.len > 3 || (digits.len > 1 && digits.ptr[0] == '0') || !span_parse_u64(digits, &value) || value > width)
        return false;
    *bits = 128 - width + (unsigned)value;
    return true;
}

/* The bits of byte `index` that belong to a prefix of `bits`. */
static uint8_t prefix_mask(unsigned bits, unsigned index)
{
    if (bits >= 8 * (index + 1))
        return 0xFF;
    return bits <= 8 * index ? 0 : (uint8_t)(0xFF << (8 * (index + 1) - bits));
}

bool network_parse(struct span text, struct network *out)
{
    struct span digits;
    struct network n = {.bits = 128};
    struct span base = span_cut(text, '/', &digits);

    if (!address_parse(base, &n.base))
        return false;
    if (base.len < text.len && !prefix_bits_parse(digits, is_ipv6_text(base) ? 128 : 32, &n.bits))
        return false;
    for (unsigned i = 0; i < sizeof(n.base.bytes); i++) {
        if ((n.base.bytes[i] & ~prefix_mask(n.bits, i)) != 0)
            return false;
    }
    *out = n;
    return true;
}

bool network_contains(const struct network *n, struct address a)
{
    for (unsigned i = 0; i < sizeof(a.bytes); i++) {
        if (((n->base.bytes[i] ^ a.bytes[i]) & prefix_mask(n->bits, i)) != 0)
            return false;
    }
    return true;
}

struct address address_truncate(struct address a, unsigned ipv4_bits, unsigned ipv6_bits)
{
    bool is_ipv4 = memcmp(a.bytes, mapped_prefix, sizeof(mapped_prefix)) == 0;
    unsigned bits = is_ipv4 ? 96 + ipv4_bits : ipv6_bits;

    for (unsigned i = 0; i < sizeof(a.bytes); i++)
        a.bytes[i] &= prefix_mask(bits, i);
    return a;
}

bool networks_contain(const struct networks *n, struct address a)
{
    for (size_t i = 0; i != n->len; i++)
        if (network_contains(&n->list[i], a))
            return true;
    return false;
}

bool networks_equal(const struct networks *a, const struct networks *b)
{
    for (size_t i = 0; i != a->len && i != b->len; i++)
        if (a->list[i].bits != b->list[i].bits ||
            memcmp(a->list[i].base.bytes, b->list[i].base.bytes, sizeof(a->list[i].base.bytes)) != 0)
            return false;
    return a->len == b->len;
}
